"""Two days before an event begins, everybody who has a seat is reminded: "I cannot come" frees it for others."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from events.dates import EXACT
from events.models.event import State
from events.models.registration import Registration, RegistrationState
from events.seating import locked, mail
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Iterable

BEFORE = dt.timedelta(hours=48)  # whole days begin at local midnight
FRESH = dt.timedelta(hours=24)  # who was told the date so shortly before that is not told again
KIND = "registration_reminder"
# Mails that tell the date to somebody who has a seat.
TELLING = (
    *("registration_confirmed", "registration_approved", "registration_received", "registration_again"),
    *("event_changed",),
)


def queue_reminders(now: dt.datetime | None = None) -> int:
    """Queue the reminders that are due, once for a registration and a begin; return how many."""
    now = now or timezone.now()
    queued = 0
    for event_id, rows in groupby(to_remind(now), key=lambda row: row.event_id):
        queued += remind(event_id, list(rows))
    return queued


def to_remind(now: dt.datetime) -> list[Registration]:
    """Who is to be reminded now, by event; two queries."""
    rows = list(
        Registration.objects.filter(
            state=RegistrationState.CONFIRMED,
            erased_at=None,
            event__live=True,
            event__state__in=(State.PLANNED, State.CONFIRMED),
            event__precision__in=EXACT,
            event__starts_on__isnull=False,
            event__begins_at__gt=now,
            event__begins_at__lte=now + BEFORE,
        )
        .select_related("event")
        .order_by("event_id", "pk")
    )
    return without_told(rows) if rows else []


def without_told(rows: list[Registration]) -> list[Registration]:
    """Those who were not reminded of this begin, and not told the date in another way shortly before."""
    mails = OutgoingMail.objects.filter(kind__in=(KIND, *TELLING), about__in=[row.uuid for row in rows])
    keys, told_at = set(), {}
    for key, about, kind, created_at in mails.order_by("created_at").values_list("key", "about", "kind", "created_at"):
        if kind == KIND:
            keys.add(key)
        else:
            told_at[about] = created_at
    return [
        row
        for row in rows
        if f"{KIND}:{row.uuid}:{cause(row)}" not in keys
        and (row.uuid not in told_at or told_at[row.uuid] <= begin(row) - BEFORE - FRESH)
    ]


@transaction.atomic
def remind(event_id: int, rows: Iterable[Registration]) -> int:
    """Queue the mails, unless the event has changed since it was looked at; then the next run sees it anew."""
    event = locked(event_id)
    queued = 0
    for row in rows:
        if begin(row) == event.begins_at and row.event.state == event.state and event.live:
            mail(row, KIND, cause(row), begins=begin(row).isoformat())
            queued += 1
    return queued


def begin(row: Registration) -> dt.datetime:
    begins = row.event.begins_at
    if begins is None:
        message = f"event {row.event_id} has no date"
        raise ValueError(message)
    return begins


def cause(row: Registration) -> str:
    """An event that is moved is worth another reminder."""
    return f"{begin(row):%Y%m%dT%H%M}"
