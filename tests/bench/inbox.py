"""The mailboxes of all people of a storm: one real SMTP server that can be away, and can kill who writes to it."""

from __future__ import annotations

import email
import email.policy
import re
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.base.smtp import Session, SmtpServer

LINK = re.compile(r"http\S+/registration/[\w-]+/")


class Watched(Session):
    """Says what it has taken before the client hears of it."""

    def say(self, line: str) -> None:
        if line == "250 Taken":
            self.server.on_taken()
        super().say(line)


class Inbox:
    """What came in over every time the server was up, in the order of coming."""

    def __init__(self) -> None:
        self.ids: list[str] = []  # Message-IDs, second copies among them
        self.links: dict[str, str] = {}  # by address
        self.before_answer: Callable[[], bool] | None = None  # called for each mail until it says that it is done
        self.lock = threading.Lock()
        self.server: SmtpServer | None = None
        self.start()
        self.port = self.server.port

    def start(self, port: int = 0) -> None:
        self.server = SmtpServer(port)
        self.server.RequestHandlerClass = Watched
        self.server.on_taken = self.on_taken

    def come_back(self) -> None:
        self.start(self.port)

    def go_away(self) -> None:
        if self.server:
            self.server.stop()
            self.server = None

    def on_taken(self) -> None:
        """Note the mails that are new; the raw ones would fill the memory."""
        with self.lock:
            while self.server and self.server.raw:
                self.note(self.server.raw.pop(0))
        if self.before_answer and self.before_answer():
            self.before_answer = None

    def note(self, raw: bytes) -> None:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self.ids.append(str(mail["Message-ID"]))
        body = mail.get_body(("plain",))
        if body and (found := LINK.search(body.get_content())):
            self.links[str(mail["To"])] = found[0]

    def link_to(self, address: str, seconds: float) -> str:
        """The link in the latest mail to somebody; wait for the first mail."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if link := self.links.get(address):
                return link
            time.sleep(0.1)
        return ""

    @property
    def second_copies(self) -> int:
        return sum(count - 1 for count in Counter(self.ids).values())
