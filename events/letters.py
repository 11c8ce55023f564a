"""What a mail about events says, beside what every letter has."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import charset
from typing import TYPE_CHECKING, NamedTuple

from portal.base.languages import Text
from portal.base.letters import Letter as BaseLetter
from portal.base.letters import Way, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail import EmailMultiAlternatives

    from events.itip import CalendarMessage

__all__ = ["BASE64", "About", "Change", "Letter", "Way", "lines_of", "message_of"]

# Servers on the way may write 8bit anew; calendars want their octets as they were.
BASE64 = charset.Charset("utf-8")
BASE64.body_encoding = charset.BASE64


class Change(NamedTuple):
    """What a fact was, and what it is now; a time perhaps by the reader's own clock as well."""

    label: str
    old: str
    new: str
    old_own: str = ""
    new_own: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """The event that a mail is about: its title, in the language there is, when, where, and its address if any."""

    title: Text
    lines: Sequence[str]
    url: str = ""


@dataclass(slots=True)
class Letter(BaseLetter):
    """A mail about events, with what concerns them."""

    intro: str = ""  # the organisers' own opening lines
    quote: str = ""  # the organisers' own message
    changes: list[Change] = field(default_factory=list)
    about: About | None = None
    ways: list[Way] = field(default_factory=list)  # further addresses
    reply_to: str = ""
    invitation: CalendarMessage | None = None  # what the reader's calendar takes in by itself
    calendar: bytes = b""  # of the event, to attach where there is no invitation


def message_of(letter: Letter, to: str) -> EmailMultiAlternatives:
    letter.intro, letter.quote = lines_of(letter.intro), lines_of(letter.quote)
    message = written(letter, to, "events/emails/letter")
    message.reply_to = [letter.reply_to] if letter.reply_to else []
    if letter.invitation:
        # The last alternative, no attachment, and no file beside it, of which some programs would make a second entry.
        # No charset: it would come out twice.
        kind = f"text/calendar; method={letter.invitation.method}"
        message.attach_alternative(letter.invitation.body.decode(), kind)
        vars(message)["encoding"] = BASE64
    elif letter.calendar:
        message.attach("event.ics", letter.calendar.decode(), "text/calendar")
    return message


def lines_of(text: str) -> str:
    """People's own words with line feeds alone, and without blanks around them; forms send CRLF."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
