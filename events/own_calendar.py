"""An event as one registration has it in its own calendar: a seat, an offer, a place in line, or nothing any more.

The same entry goes into the private feed and, with an organiser and the attendee, into invitations. UID and times are
those of the public feeds. It names nobody else, and holds no link that opens the registration: a calendar's address
may leak.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from events.entries import entry_of
from events.models import CalendarEntry
from events.models.admission import Way
from events.models.registration import SHOWN, RegistrationState
from events.vevent import Entry
from portal.base.pages import published_words_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from events.models import Registration

S = RegistrationState


def own_entry(row: Registration, language: str, *, since: dt.datetime | None = None) -> Entry | None:
    """What the registration's calendar is told in this language; None where it never had anything to show.

    `since` is when the reader chose this language, which changes all that is shown.
    """
    return own_entries([row], language, since=since)[0]


def own_entries(rows: Sequence[Registration], language: str, *, since: dt.datetime | None = None) -> list[Entry | None]:
    """The entries of many registrations, in as many queries as of one."""
    prefetch_related_objects([row.event for row in rows], "sessions")
    events = {row.event_id: row.event for row in rows}
    words = published_words_of(list(events.values()))
    stored = CalendarEntry.objects.filter(language=language, event__in=events)
    changed = dict(stored.values_list("event_id", "modified_at"))
    with translation.override(language):
        return [
            told(row, words[row.event_id], (changed.get(row.event_id), row.calendar_changed_at, since))
            if is_told(row)
            else None
            for row in rows
        ]


def is_told(row: Registration) -> bool:
    """Whether the registration ever had anything to show."""
    has_shown = row.calendar_changed_at is not None
    return has_shown and bool(row.event.last_dates) and row.event.first_published_at is not None


def told(row: Registration, words: dict[str, Any], changes: Iterable[dt.datetime | None]) -> Entry:
    """The entry in the active language; it changed last when the event or its words did, or the registration."""
    entry = entry_of(row.event, words, row.created_at, max(moment for moment in changes if moment))
    status = own_status(row, entry.status)
    return replace(
        entry,
        sequence=row.event.sequence + row.calendar_steps,
        status=status,
        title_prefix=title_prefix(row) if status != "CANCELLED" else "",
        **(link_to_take_part(row) if status != "CANCELLED" else {}),
    )


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
