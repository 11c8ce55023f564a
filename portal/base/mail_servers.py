"""Through which server a mail goes, and whether invitations can be sent at all.

An invitation is an alternative of type text/calendar beside text and HTML (RFC 6047): calendars take it in by
themselves. SMTP carries it, and so does Amazon SES, which takes whole messages; the interfaces of all other services
know text, HTML and attachments, and Anymail refuses to send less than was meant.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import get_connection

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from django.core.mail.backends.base import BaseEmailBackend

CARRIERS = {
    *(f"django.core.mail.backends.{name}.EmailBackend" for name in ("smtp", "filebased", "console", "locmem")),
    "anymail.backends.amazon_ses.EmailBackend",
}


class InvitationLevel(enum.Enum):
    """What becomes of an invitation."""

    CARRIED = "the server of all mails carries it"
    APART = "a server of its own carries it"
    LINK = "the mail has a link and a file in its place"


def invitation_level() -> InvitationLevel:
    if settings.INVITATION_EMAIL.get("backend") in CARRIERS:
        return InvitationLevel.APART
    return InvitationLevel.CARRIED if settings.EMAIL_BACKEND in CARRIERS else InvitationLevel.LINK


def carries_invitations() -> bool:
    return invitation_level() is not InvitationLevel.LINK


def connection_for(message: EmailMessage) -> BaseEmailBackend:
    """The server for a mail, not opened yet: a mail with an invitation may have one of its own."""
    if invitation_level() is InvitationLevel.APART and method_of(message):
        return get_connection(**settings.INVITATION_EMAIL)
    return get_connection()


def method_of(message: EmailMessage) -> str:
    """What a mail asks of the reader's calendar, REQUEST or CANCEL (RFC 5546); empty for a mail that asks nothing."""
    for _content, mimetype in getattr(message, "alternatives", ()):
        kind, _semicolon, method = mimetype.partition("; method=")
        if kind == "text/calendar":
            return str(method)
    return ""
