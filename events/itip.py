"""What a mail tells the reader's calendar of one registration: a seat, a change of it, its end (RFC 5546).

A message has one attendee, the reader, and the event's UID, so that it meets the entry of the feeds. Its SEQUENCE is
that of the own entry, which rises with each change of date, place and status: what comes late or twice does no harm.

ORGANIZER is the mailbox that the mail is from, a mailbox of the portal: calendars send answers there, and nobody
reads them yet. To read them, ORGANIZER and From of each message become an address of the registration's own,
rsvp+TOKEN@ a domain of which the mails come in; `organizer` is the one place that says it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from events.calendar import CalendarError, Mailbox, message, vevent
from events.own_calendar import own_entry

if TYPE_CHECKING:
    from events.calendar import Entry
    from events.models import Registration

REQUEST, CANCEL = "REQUEST", "CANCEL"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CalendarMessage:
    """A calendar with METHOD, to be an alternative of a mail's text."""

    method: str
    body: bytes


def request(row: Registration, language: str) -> CalendarMessage | None:
    """The seat, for the calendar of who has it; also what is changed of it. None where calendars know nothing."""
    entry = own_entry(row, language)
    if entry is None or entry.status == "CANCELLED":
        return None
    return made(REQUEST, entry, Mailbox(row.email, row.name), language)


def cancellation(row: Registration, language: str, reader: Mailbox, steps: int) -> CalendarMessage | None:
    """Take the seat out of the calendar of who had it.

    `reader` and `steps` are those of that person, since another one may have the registration by now.
    """
    entry = own_entry(row, language)
    if entry is None:
        return None
    ended = replace(
        entry,
        status="CANCELLED",
        sequence=row.event.sequence + steps,
        title_prefix="",
        conference_url="",
        conference_label="",
    )
    return made(CANCEL, ended, reader, language)


def made(method: str, entry: Entry, reader: Mailbox, language: str) -> CalendarMessage | None:
    """The message; a mail that cannot have one goes without it rather than not at all."""
    inviting = organizer()
    if inviting.address.casefold() == reader.address.casefold():
        return None  # nobody can be invited by himself
    # A message that is sent again has the same SEQUENCE and a newer DTSTAMP (RFC 5546 section 2.1.5).
    meant = replace(entry, organizer=inviting, attendee=reader, stamp=timezone.now())
    try:
        return CalendarMessage(method, message(vevent(meant, language), method))
    except CalendarError:
        logger.error("event %s: a calendar message cannot be made", entry.uid)  # noqa: TRY400 no secrets
        return None


def organizer() -> Mailbox:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Mailbox(address, name)
