"""The demo in a folder that is thrown away, many events for the feed, and events with few seats for the storm."""

import datetime as dt
import shutil
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connections
from django.utils import timezone, translation
from wagtail.models import Locale

from events.calendar import content_digest, vevent
from events.dates import window
from events.entries import end_of, entry_of
from events.feeds import MAX_EVENTS, PAST
from events.listing import ALL, NEVER, kind_scope
from events.models import CalendarEntry, Event, EventPage, Feed
from tests.factories import admit, make_event
from tests.server import code_fingerprint, prepared

LANGUAGE = "fr"
DESCRIPTION = (
    "Deux jours d’échanges entre les équipes : accueillir sans rendez-vous, orienter sans conseiller à la place "
    "des personnes, tenir un espace ouvert à tous. Événement inventé pour mesurer."
)
PLACES = (
    ("Europe/Paris", "Paris", "FR"),
    ("Europe/Lisbon", "Porto", "PT"),
    ("Europe/Rome", "Torino", "IT"),
    ("Europe/Brussels", "Bruxelles", "BE"),
)


def copy_demo(var: Path) -> None:
    """Copy a migrated database with the demo, which is made once for the same code."""
    shutil.copytree(prepared(code_fingerprint()), var, dirs_exist_ok=True)
    # Importing the admin has read it already, when the folder was empty.
    storage: Any = staticfiles_storage
    storage.hashed_files, storage.manifest_hash = storage.load_manifest()


def fill_feed() -> int:
    """Add as many events as one feed has room for; return their number."""
    known = CalendarEntry.objects.filter(language=LANGUAGE, ends_at__gte=timezone.now() - PAST).count()
    places = islice(cycle(PLACES), MAX_EVENTS - known)
    events = Event.objects.bulk_create(invented(number, *place) for number, place in enumerate(places))
    CalendarEntry.objects.bulk_create(entry for event in events for entry in stored_entries(event))
    for scope in (ALL, kind_scope("meeting")):
        Feed.objects.get_or_create(scope=scope, defaults={"changed_at": NEVER})[0].events.add(*events)
    connections.close_all()
    return len(events)


def invented(number: int, zone: str, city: str, country: str) -> Event:
    event = Event(
        name=f"Rencontre inventée n° {number}",
        kind="meeting",
        state="confirmed",
        precision="time",
        starts_on=timezone.localdate() + dt.timedelta(days=7 + number // 3),
        start_time=dt.time(9, number % 60),
        end_time=dt.time(17),
        timezone=zone,
        place_name="Cité des métiers",
        city=city,
        country=country,
        original_language=LANGUAGE,
        live=True,
        first_published_at=timezone.now(),
    )
    event.begins_at, event.ends_at = window(event)
    event.remember_dates()
    return event


def stored_entries(event: Event) -> list[CalendarEntry]:
    """One for each language, as the table has them; all with the French bytes, since only those are asked for."""
    now = timezone.now().replace(microsecond=0)
    words = EventPage(title=event.name, summary=DESCRIPTION, locale=french())
    with translation.override(LANGUAGE):
        entry = entry_of(event, {LANGUAGE: words}, now, now)
    fields: dict[str, Any] = {
        "body": vevent(entry, LANGUAGE),
        "timezone": event.timezone,
        "digest": content_digest(entry, LANGUAGE),
        "created_at": now,
        "modified_at": now,
        "ends_at": end_of(event),
    }
    return [CalendarEntry(event=event, language=code, **fields) for code, _name in settings.LANGUAGES]


def french() -> Locale:
    return Locale.objects.get(language_code=LANGUAGE)


def event_with_seats(seats: int) -> Event:
    """A published event that takes so many registrations, at once."""
    event: Event = make_event("Peu de places")
    admit(event, seats_on_site=seats)
    return event
