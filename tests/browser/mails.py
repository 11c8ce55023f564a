"""The mails that the portal has written to somebody, as files."""

from __future__ import annotations

import email
import re
import time
from email.message import EmailMessage
from email.policy import default

from tests.server import PortalServer

END = b"-" * 79
WAIT = 60


def mails_to(server: PortalServer, address: str) -> list[EmailMessage]:
    """In the order in which they were sent."""
    files = sorted(server.mail_dir.glob("*"), key=lambda file: file.stat().st_mtime_ns)
    parts = [part.strip(b"\n") for file in files for part in file.read_bytes().split(END)]
    found = [email.message_from_bytes(part, policy=default) for part in parts if part.strip()]
    return [mail for mail in found if address in str(mail["To"])]


def wait_for_mails(server: PortalServer, address: str, count: int = 1) -> list[EmailMessage]:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        found = mails_to(server, address)
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{address} has {len(found)} mails after {WAIT} s, not {count}")


def words_of(mail: EmailMessage) -> str:
    """The text of a mail that has HTML beside it."""
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content()


def manage_link(mail: EmailMessage) -> str:
    """The only address of a registration that a mail has."""
    (link,) = re.findall(r"\S+/registration/\S+", words_of(mail))
    return link
