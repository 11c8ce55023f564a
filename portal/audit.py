"""Every promise the data must keep, checked against the data itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from events.availability import taken
from events.entries import is_entry_stale
from events.models import Admission, CalendarEntry, Event
from events.models.registration import Way
from portal.base.models import OutgoingMail
from portal.base.pages import WordsPage

if TYPE_CHECKING:
    from collections.abc import Iterator

STUCK = dt.timedelta(hours=1)  # a mail that is due for so long is not being tried


def overbooked() -> Iterator[str]:
    rows = Admission.objects.annotate(on_site=taken(Way.ON_SITE), online=taken(Way.ONLINE))
    for admission in rows.select_related("event"):
        if admission.on_site > admission.seats_on_site or admission.online > admission.seats_online:
            yield f"event {admission.event_id} ({admission.event}) is overbooked"


def stuck_mails() -> Iterator[str]:
    for mail in OutgoingMail.objects.due(timezone.now() - STUCK):
        yield f"mail {mail.pk} ({mail.key}) is stuck: {mail.last_error or 'never tried'}"


def pages_without_facts() -> Iterator[str]:
    for model in WordsPage.__subclasses__():
        for page in model.objects.filter(**{model.fact_field: None}):
            yield f"page {page.pk} ({page}) has no facts"


def stale_calendars() -> Iterator[str]:
    for event in Event.objects.exclude(first_published_at=None).exclude(last_dates=None):
        if is_entry_stale(event):
            yield f"event {event.pk} ({event}): its stored calendar entries are not what would be rendered now"


def calendars_without_events() -> Iterator[str]:
    for entry in CalendarEntry.objects.filter(event__first_published_at=None):
        yield f"calendar entry {entry.pk} belongs to an event that was never public"


CHECKS = (overbooked, stuck_mails, pages_without_facts, stale_calendars, calendars_without_events)


def problems() -> list[str]:
    """One line a broken promise."""
    return [line for check in CHECKS for line in check()]
