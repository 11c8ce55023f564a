"""Who waits, and whom a mail did not reach: what the first page of the admin and its lists say of events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from events.models import Registration
from events.models.registration import RegistrationState
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.models import Event
    from portal.base.models.outbox import OutgoingMailQuerySet

RECENT = dt.timedelta(days=30)


def head_counts(events: Iterable[Event]) -> dict[int, dict[str, int]]:
    """How many wait for a seat and for a decision, by event, in one query."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    states = (RegistrationState.WAITING, RegistrationState.AWAITING)
    found = Registration.objects.filter(event__in=events, state__in=states).order_by()
    for event, state, number in found.values_list("event", "state").annotate(Count("pk")):
        counts[event][state] = number
    return counts


def returned_since(since: dt.datetime) -> OutgoingMailQuerySet:
    """Mails that did not reach the person, or were complained of, since then."""
    late = Q(bounced_at__gte=since) | Q(complained_at__gte=since) | Q(gave_up_at__gte=since)
    return OutgoingMail.objects.filter(late)
