"""The private calendar feed: what one registration, or all of an address, has to show; in the subscription's language.

Nothing is kept ready: there are few entries, and what they say depends on the person. No rate limit: to a client
that is refused, calendars are broken.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.calendar import Entry, calendar, vevent
from events.dates import SITE_ZONE
from events.entries import end_of
from events.feeds import MAX_EVENTS, PAST, room_for
from events.models import CalendarSubscription, Registration
from events.own_calendar import is_told, own_entries
from events.private_calendars import name_of, subscription_for
from portal.base.conditional import PRIVATE_HEADERS, feed_response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

SECOND = dt.timedelta(seconds=1)


@csrf_exempt
@require_safe
def my_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar; with 410 once it was revoked, or is of nobody any more."""
    found = subscription_for(token)
    if found is None:
        raise Http404
    rows = registrations_of(found)
    with translation.override(found.language):
        if not rows:
            return gone(found.language)
        entries = entries_of(rows, found, timezone.now())
        body = written(entries, found)
    changed_at = note_use(found, body, [entry.modified for entry in entries])
    return for_one_person(
        feed_response(request, body, filename="my-registrations.ics", last_modified=changed_at, public=False)
    )


def registrations_of(found: CalendarSubscription) -> list[Registration]:
    """All that the calendar is of, whether or not there is something to show; none if it has ended."""
    if found.revoked_at is not None:
        return []
    if found.registration is not None:
        row = found.registration
        return [row] if row.link_version == found.registration_version and row.erased_at is None else []
    return list(Registration.objects.filter(email=found.email, erased_at=None).select_related("event"))


def gone(language: str) -> HttpResponse:
    """To calendars 410 says that they need not ask again; the sentence is for who looks why."""
    said = _(
        "This calendar address is not in force any more. Remove it from your calendar; "
        "the link in our mails lets you make another."
    )
    response = HttpResponse(f"{said}\n", status=HTTPStatus.GONE, content_type="text/plain; charset=utf-8")
    response["Content-Language"] = language
    return for_one_person(response)


def for_one_person(response: HttpResponse) -> HttpResponse:
    """Also a 304 says so, which Django makes of a few headers alone."""
    for name, value in PRIVATE_HEADERS:
        response[name] = value
    return response


# --- what is in it


def entries_of(rows: Iterable[Registration], found: CalendarSubscription, now: dt.datetime) -> list[Entry]:
    """One entry an event, the soonest first, from as long ago as in public feeds."""
    by_event: dict[int, list[Registration]] = {}
    for row in rows:
        if is_told(row) and end_of(row.event) >= now - PAST:
            by_event.setdefault(row.event_id, []).append(row)
    shown = sorted((shown_of(group) for group in by_event.values()), key=lambda row: (end_of(row.event), row.event_id))
    entries = own_entries(shown[:MAX_EVENTS], found.language, since=found.language_chosen_at)
    pairs = zip(shown, entries, strict=False)
    return [going_on(entry, row, by_event[row.event_id]) for row, entry in pairs if entry]


def shown_of(group: list[Registration]) -> Registration:
    """Of several registrations for one event the one in force, else the one that changed last."""
    return max(group, key=lambda row: (row.is_active, row.calendar_changed_at, row.pk))


def going_on(entry: Entry, row: Registration, group: list[Registration]) -> Entry:
    """The entry as the continuation of those that stood in its place: nothing that should rise falls."""
    others = [other for other in group if other is not row]
    if not others:
        return entry
    seen = max(other.calendar_steps for other in others) + 1
    moments = [other.calendar_changed_at for other in others if other.calendar_changed_at]
    return replace(
        entry,
        created=min(each.created_at for each in group),
        sequence=entry.sequence + max(0, seen - row.calendar_steps),
        modified=max(entry.modified, max(moments) + SECOND),
    )


def written(entries: list[Entry], found: CalendarSubscription) -> bytes:
    """The calendar in the active language; it tells no address where it came from."""
    bodies = [vevent(entry, found.language) for entry in entries]
    return calendar(
        bodies[: room_for(bodies)],
        name=name_of(found),
        description=_("The events that you registered for, with what became of your registration."),
        language=found.language,
        site_zone=SITE_ZONE,
    )


def note_use(found: CalendarSubscription, body: bytes, modified: list[dt.datetime]) -> dt.datetime:
    """Note that a device has asked, once a day, and since when the calendar is as it is, which is told.

    Seen from the bytes, because also what leaves the calendar changes it, and nothing else remembers when.
    """
    now = timezone.now()
    digest, before = sha256(body).hexdigest(), found.body_changed_at
    if before is None or found.body_digest != digest:
        found.body_changed_at = max([now.replace(microsecond=0), *modified, *([before + SECOND] if before else [])])
    if found.body_digest != digest or found.last_used_on != now.date():
        CalendarSubscription.objects.in_force().filter(pk=found.pk).update(
            last_used_on=now.date(), body_digest=digest, body_changed_at=found.body_changed_at
        )
    return found.body_changed_at or now
