"""How many seats there are: always counted from the registrations, never a number that could drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from events.models.admission import Admission
from events.models.event import State
from events.models.registration import OCCUPYING, Way

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from events.models.event import Event

FEW, FEW_SHARE = 5, 0.1  # "few" are at most five seats, or a tenth of them


@dataclass(frozen=True, slots=True)
class Availability:
    """Seats of one event at this moment, and whether one may register.

    `status` is one of: none (no registration here), unconfirmed (date to be confirmed), early, open, few,
    full, closed, over, postponed, cancelled.
    """

    status: str
    seats: int = 0
    left_on_site: int = 0
    left_online: int = 0
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None

    @property
    def left(self) -> int:
        return self.left_on_site + self.left_online

    @property
    def can_register(self) -> bool:
        return self.status in {"open", "few"}

    @property
    def percent_taken(self) -> int:
        return round(100 * (self.seats - self.left) / self.seats) if self.seats else 0


def availability_of(events: Iterable[Event]) -> dict[int, Availability]:
    """Availability by event, in one query for however many events."""
    rows = {event.pk: event for event in events}
    found = Admission.objects.filter(event__in=list(rows)).annotate(
        taken_on_site=taken(Way.ON_SITE), taken_online=taken(Way.ONLINE)
    )
    admissions = {admission.event_id: admission for admission in found}
    now = timezone.now()
    return {pk: availability(event, admissions.get(pk), now) for pk, event in rows.items()}


def taken(way: str) -> Count:
    """Seats that registrations of this way hold, to annotate admissions with."""
    return Count(
        "event__registrations",
        filter=Q(event__registrations__state__in=OCCUPYING, event__registrations__way=way),
    )


def availability(event: Event, admission: Any, now: dt.datetime) -> Availability:
    """`admission`, if there is one, carries `taken_on_site` and `taken_online`."""
    if event.state in {State.CANCELLED, State.WITHDRAWN}:
        return Availability("cancelled")
    if event.state == State.POSTPONED:
        return Availability("postponed")
    if event.is_over:
        return Availability("over")
    if not event.has_exact_date:
        return Availability("unconfirmed")
    if admission is None or not admission.seats:
        return Availability("none")
    admission.event = event
    on_site = max(0, admission.seats_on_site - admission.taken_on_site)
    online = max(0, admission.seats_online - admission.taken_online)
    return Availability(
        status=status(admission, on_site + online, now),
        seats=admission.seats,
        left_on_site=on_site,
        left_online=online,
        opens_at=admission.opens_at,
        closes_at=admission.deadline,
    )


def status(admission: Admission, left: int, now: dt.datetime) -> str:
    if admission.is_early(now):
        return "early"
    if admission.is_late(now):
        return "closed"
    if not left:
        return "full"
    return "few" if left <= max(FEW, admission.seats * FEW_SHARE) and left < admission.seats else "open"
