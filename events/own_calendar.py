"""An event as one registration has it in its own calendar: a seat, an offer, a place in line, or nothing any more.

The same entry goes into the private feed and, with an organiser and the attendee, into invitations. UID and times are
those of the public feeds. It names nobody else, and holds no link that opens the registration: a calendar's address
may leak.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext as _

from events.entries import entry_of
from events.models.admission import Way
from events.models.registration import SHOWN, RegistrationState
from events.vevent import Entry, vevent
from portal.base.pages import published_words

if TYPE_CHECKING:
    from events.models import Registration

S = RegistrationState


def own_entry(row: Registration, language: str, *, since: dt.datetime | None = None) -> Entry | None:
    """What the registration's calendar is told in this language; None where it never had anything to show.

    `since` is when the reader chose this language, which changes all that is shown.
    """
    event = row.event
    if row.calendar_changed_at is None or not event.last_dates or not event.first_published_at:
        return None
    with translation.override(language):
        entry = entry_of(event, published_words(event), row.created_at, last_change(row, language, since))
        status = own_status(row, entry.status)
        return replace(
            entry,
            sequence=event.sequence + row.calendar_steps,
            status=status,
            title_prefix=title_prefix(row) if status != "CANCELLED" else "",
            **(link_to_take_part(row) if status != "CANCELLED" else {}),
        )


def own_vevent(row: Registration, language: str, *, since: dt.datetime | None = None) -> bytes | None:
    """The entry, written (RFC 5545 3.6.1)."""
    entry = own_entry(row, language, since=since)
    return vevent(entry, language) if entry else None


def last_change(row: Registration, language: str, since: dt.datetime | None) -> dt.datetime:
    """When the entry changed last: the event or its words did, or the registration, or the reader's choice."""
    stored = row.event.calendar_entries.filter(language=language).values_list("modified_at", flat=True).first()
    return max(moment for moment in (stored, row.calendar_changed_at, since) if moment)


def own_status(row: Registration, of_event: str) -> str:
    """The event's status for who has a seat; nothing is more certain than the place in line."""
    shown = SHOWN.get(row.state, "CANCELLED")
    return of_event if shown == "CONFIRMED" or of_event == "CANCELLED" else shown


def title_prefix(row: Registration) -> str:
    prefixes = {
        S.AWAITING: _("Awaiting approval: "),
        S.WAITING: _("Waiting list: "),
        S.OFFERED: _("Seat offered: "),
    }
    return prefixes.get(S(row.state), "")


def link_to_take_part(row: Registration) -> dict[str, Any]:
    """Only for who has a seat online: the link is theirs alone."""
    if row.state != S.CONFIRMED or row.way != Way.ONLINE or not row.event.online_link:
        return {}
    return {"conference_url": row.event.online_link, "conference_label": _("Link to take part")}
