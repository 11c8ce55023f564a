"""Calendar entries are stored when an event or its words change; feeds only join them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events.calendar import Entry, content_digest, vevent, zones_of
from events.dates import Precision
from events.listing import list_event
from events.models.calendar import CalendarEntry
from events.models.event import State
from events.plain_text import one_line
from portal.base import when
from portal.base.languages import Text
from portal.base.pages import choose, published_words

if TYPE_CHECKING:
    from events.models.event import Event, Session
    from events.models.pages import EventPage

STATUS = {State.PLANNED: "TENTATIVE", State.CONFIRMED: "CONFIRMED"}


def store_entries(event: Event, *, without: EventPage | None = None) -> int:
    """Render an event for each language's calendars; return how many entries changed.

    An event without an exact date is in no calendar, but one that had a date stays, cancelled, with the date
    it had. Call it with the event's row locked.
    """
    if not event.last_dates or not event.first_published_at:
        return 0
    words = {language: page for language, page in published_words(event).items() if page != without}
    stored = {entry.language: entry for entry in event.calendar_entries.all()}
    changed = sum(store_entry(event, words, code, stored.get(code)) for code, _name in settings.LANGUAGES)
    list_event(event, has_changed=changed > 0)
    return changed


def store_entry(event: Event, words: dict[str, Any], language: str, stored: CalendarEntry | None) -> bool:
    now = timezone.now().replace(microsecond=0)
    created = stored.created_at if stored else now
    with translation.override(language):
        entry = entry_of(event, words, created, created)
    digest = content_digest(entry, language)
    if stored and stored.digest == digest:
        return False
    # Clients skip an entry whose LAST-MODIFIED did not rise, also within the same second.
    modified = max(now, stored.modified_at + dt.timedelta(seconds=1)) if stored else now
    with translation.override(language):
        body = vevent(entry_of(event, words, created, modified), language)
    CalendarEntry.objects.update_or_create(
        event=event,
        language=language,
        defaults={
            "body": body,
            "timezone": "".join(zones_of([body])),
            "digest": digest,
            "created_at": created,
            "modified_at": modified,
            "ends_at": end_of(event),
        },
    )
    return True


def status_of(event: Event) -> str:
    if not event.live or not event.has_exact_date:
        return "CANCELLED"
    return STATUS.get(event.state, "CANCELLED")


def entry_of(event: Event, words: dict[str, Any], created: dt.datetime, modified: dt.datetime) -> Entry:
    """What calendars in the active language are told of an event."""
    begins, ends = last_times(event)
    title, description = told_words(event, words)
    return Entry(
        uid=str(event.uuid),
        sequence=event.sequence,
        created=created,
        modified=modified,
        status=status_of(event),
        start=begins,
        end=ends,
        title=title.text,
        title_language=title.language,
        description=description.text,
        description_language=description.language,
        url=settings.SITE_URL + event.get_absolute_url(),
        cancelled_prefix=_("Cancelled: "),
        **(told_facts(event) if event.is_shown else {}),
        **(told_half_days(event) if status_of(event) != "CANCELLED" else {}),
    )


def told_half_days(event: Event) -> dict[str, Any]:
    """When the half-days are. One entry stays one: an invitation has one UID, and half-days often have no hours yet."""
    days = {session.on for session in event.half_days}
    is_spread = bool(days) and (max(days) - min(days)).days >= len(days)
    return {"timetable": [half_day_said(session) for session in event.half_days], "is_spread": is_spread}


def half_day_said(session: Session) -> str:
    hours = str(session.get_part_display())
    if session.opens:
        hours = "–".join(when.clock(time) for time in (session.opens, session.closes) if time)
    said = {"day": when.weekday_and_day(session.on), "hours": hours, "title": str(session.label)}
    return (_("%(day)s, %(hours)s: %(title)s") if said["title"] else _("%(day)s, %(hours)s")) % said


def told_facts(event: Event) -> dict[str, Any]:
    place = ", ".join(part for part in (event.place_name, event.address, event.city, event.country_name) if part)
    has_position = event.latitude is not None and event.longitude is not None
    return {
        "location": place or (_("Online") if event.is_online else ""),
        "latitude": event.latitude if has_position else None,
        "longitude": event.longitude if has_position else None,
        "categories": (str(event.get_kind_display()),),
        "contact": event.contact_name,
    }


def told_words(event: Event, words: dict[str, Any]) -> tuple[Text, Text]:
    """Title and description; of an event that is hidden or was published by mistake nothing is said any more."""
    if not event.is_shown:
        return Text(_("Event"), ""), Text("", "")
    page = choose(words, event.original_language)
    if page is None:
        return with_letters(event.working_title), Text("", "")
    return with_letters(Text(page.title, page.language)), Text(page.summary, page.language)


def with_letters(title: Text) -> Text:
    """Stand in for a title of which nothing is left as plain text, since no entry goes without one."""
    return title if one_line(title.text) else Text(_("Event"), "")


def last_times(event: Event) -> tuple[dt.date, dt.date]:
    """The last exact dates that were published: aware datetimes in the event's zone, or whole days."""
    dates = event.last_dates
    first, last = dt.date.fromisoformat(dates["starts_on"]), dt.date.fromisoformat(dates["ends_on"])
    if dates["precision"] == Precision.DAY:
        return first, last
    zone = ZoneInfo(dates["timezone"])
    opens, closes = dt.time.fromisoformat(dates["start_time"]), dt.time.fromisoformat(dates["end_time"])
    return dt.datetime.combine(first, opens, zone), dt.datetime.combine(last, closes, zone)


def end_of(event: Event) -> dt.datetime:
    ends = last_times(event)[1]
    if isinstance(ends, dt.datetime):
        return ends.astimezone(dt.UTC)
    zone = ZoneInfo(event.last_dates["timezone"])
    return dt.datetime.combine(ends + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)


def is_entry_stale(event: Event) -> bool:
    """Whether a stored entry differs from what would be rendered now, or one is missing."""
    words = published_words(event)
    stored = {entry.language: entry for entry in event.calendar_entries.all()}
    for code, _name in settings.LANGUAGES:
        if code not in stored:
            return True
        with translation.override(code):
            entry = entry_of(event, words, stored[code].created_at, stored[code].modified_at)
        if vevent(entry, code) != bytes(stored[code].body):
            return True
    return False
