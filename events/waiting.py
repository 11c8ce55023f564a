"""The waiting list as people and organisers see it, and what the clock does to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from events.models.event import Event
from events.models.registration import Registration, RegistrationState
from events.seating import note, seating

if TYPE_CHECKING:
    import datetime as dt

    from portal.base.models import OutgoingMail

S = RegistrationState
logger = logging.getLogger(__name__)


def position(row: Registration) -> int:
    """1 for the next in line of the same way; 0 for somebody who does not wait."""
    if row.state != S.WAITING:
        return 0
    before = Q(ranked_at__lt=row.ranked_at) | Q(ranked_at=row.ranked_at, pk__lt=row.pk)
    return 1 + Registration.objects.filter(event=row.event_id, way=row.way, state=S.WAITING).filter(before).count()


def waiting_count(event: Event, way: str = "") -> int:
    """How many people wait, those who have not confirmed the address yet left out."""
    found = event.registrations.filter(state=S.WAITING)
    return (found.filter(way=way) if way else found).count()


def settle_all(now: dt.datetime | None = None) -> int:
    """End what is overdue and offer what is free, event by event; return how many events were looked at.

    One event that fails stops none of the others; the first failure is raised at the end.
    """
    now = now or timezone.now()
    overdue = Q(registrations__held_until__lte=now)
    has_line = Q(registrations__state=S.WAITING) & (Q(ends_at=None) | Q(ends_at__gt=now))
    found = list(Event.objects.filter(overdue | has_line).values_list("pk", flat=True).distinct())
    failures = []
    for pk in found:
        try:
            with seating(pk):
                pass
        except Exception as error:
            logger.exception("the waiting list of event %s", pk)
            failures.append(error)
    if failures:
        raise failures[0]
    return len(found)


def skip_returned(registration_id: int, mail: OutgoingMail) -> bool:
    """A mail came back: an offer goes on to the next, and no other goes there until the address is put right.

    Returns whether that was news.
    """
    row = Registration.objects.filter(pk=registration_id, email=mail.to).first()
    if row is None:
        return False
    with seating(row.event_id) as seats:
        row = seats.get(registration_id)
        if row.email != mail.to or row.bounced_at or not row.is_active:
            return False
        row.bounced_at = seats.now
        if row.state == S.OFFERED:
            seats.release(row)
            seats.move(row, S.WAITING, "offer returned", who="system")
        else:
            row.save()
            note(row, "mail returned", who="system")
    return True
