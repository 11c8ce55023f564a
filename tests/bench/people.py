"""People with a browser and a mailbox: open the form, send it, follow the link in the mail."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlencode

from tests.bench.data import LANGUAGE

HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|stamp)" value="([^"]+)"')
PATIENCE = 180  # seconds for one answer
LOST = 0  # the status of an answer that never came: the server's process was killed
TRIES = 6


@dataclass
class Answer:
    status: int
    began: float
    seconds: float
    text: str = ""
    cookie: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """What the form on the page sends along: the CSRF token, and when it was opened."""
        return dict(HIDDEN.findall(self.text))


def ask(url: str, fields: dict[str, str] | None = None, cookie: str = "") -> Answer:
    request = urllib.request.Request(url, urlencode(fields).encode() if fields else None, {"Cookie": cookie})
    began = time.monotonic()
    status, text, cookie = LOST, "", ""
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except (OSError, HTTPException):
        status = LOST
    return Answer(status, began, time.monotonic() - began, text, cookie)


@dataclass
class Person:
    """Somebody who does not give up: where no answer comes, the page is opened and the button pressed again."""

    number: int
    prefix: str = "client"
    posts: list[Answer] = field(default_factory=list)  # of the form
    others: list[Answer] = field(default_factory=list)
    form: Answer | None = None

    @property
    def email(self) -> str:
        return f"{self.prefix}{self.number}@example.org"

    @property
    def answers(self) -> list[Answer]:
        return [*self.posts, *self.others]

    def open(self, url: str) -> Answer:
        for _ in range(TRIES):
            answer = ask(url)
            self.others.append(answer)
            if answer.status != LOST:
                break
            time.sleep(0.5)
        return answer

    def press(self, url: str, fields: dict[str, str], page: Answer | None, noted: list[Answer]) -> bool:
        """Send a form that was opened before, or is opened now; say whether it was taken."""
        for _ in range(TRIES):
            page = page or self.open(url)
            noted.append(ask(url, {**page.hidden, **fields}, page.cookie))
            if noted[-1].status != LOST:
                break
            page = None
        return noted[-1].status == HTTPStatus.OK

    def register(self, url: str) -> bool:
        fields = {"name": f"Client {self.number}", "email": self.email, "country": "FR", "language": LANGUAGE}
        return self.press(url, fields, self.form, self.posts)

    def act(self, link: str, act: str) -> bool:
        """Press a button on the page that the link in a mail opens."""
        return self.press(link, {"act": act}, None, self.others)
