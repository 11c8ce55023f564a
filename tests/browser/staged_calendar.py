"""Events for calendar programs, next year; `manage.py shell` runs this in the server's database."""

import datetime as dt
from typing import Any

from django.utils import timezone

from events.models import Event
from events.publication import change_state
from tests.events.publishing import change
from tests.factories import make_event

NEXT_YEAR = timezone.localdate().year + 1
LISBON = {"timezone": "Europe/Lisbon", "city": "Lisboa", "country": "PT"}
REUNION = {"timezone": "Indian/Reunion", "city": "Saint-Denis", "country": "RE"}
WHOLE_DAYS = {"precision": "day", "start_time": None, "end_time": None}
PLANS: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {
    "Paris, winter": ((1, 14), {}),
    "Paris, March": ((3, 20), {}),
    "Paris, summer": ((7, 14), {}),
    "Lisboa, winter": ((1, 14), LISBON),
    "Lisboa, summer": ((7, 14), LISBON),
    "Réunion, winter": ((1, 14), REUNION),
    "Réunion, summer": ((7, 14), REUNION),
    "Paris, overnight": ((5, 5), {"start_time": dt.time(22), "end_time": dt.time(2), "ends_on": (5, 6)}),
    "Three days": ((10, 24), {**WHOLE_DAYS, "ends_on": (10, 26)}),
    "One day": ((2, 28), WHOLE_DAYS),
    "Fraise, framboise; 😀 été": ((6, 1), {}),
}


def stage_calendar() -> None:
    for name, ((month, day), facts) in PLANS.items():
        own = {"start_time": dt.time(9, 30), "is_demonstration": True, **facts}
        if "ends_on" in own:
            own["ends_on"] = dt.date(NEXT_YEAR, *own["ends_on"])
        make_event(name, starts_on=dt.date(NEXT_YEAR, month, day), **own)


def change_two() -> None:
    """One event moves by an hour, one does not take place."""
    moved, cancelled = (Event.objects.get(name=name) for name in ("Lisboa, winter", "Réunion, summer"))
    change(moved, start_time=dt.time(10, 30), end_time=dt.time(18))
    change_state(cancelled.pk, "cancelled")
