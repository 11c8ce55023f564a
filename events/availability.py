"""How many seats there are: always counted from the registrations, never a number that could drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from events.models.admission import Admission, Way
from events.models.event import State

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from events.models.event import Event

FEW, FEW_SHARE = 5, 0.1  # "few" are at most five seats, or a tenth of them


@dataclass(frozen=True, slots=True)
class Availability:
    """Seats of one event at this moment, and whether one may register.

    `status` is one of: none (no registration here), unconfirmed (date to be confirmed), interest (the same, but
    one may leave an address), early, open, few, full (one may join the waiting list), invited (invited guests
    only), closed, over, postponed, cancelled.
    """

    status: str
    seats: int = 0
    left_on_site: int = 0
    left_online: int = 0
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    ways: tuple[str, ...] = ()  # in which one can take part at all, seats left or not
    needs_approval: bool = False

    @property
    def left(self) -> int:
        return self.left_on_site + self.left_online

    @property
    def can_register(self) -> bool:
        return self.status in {"open", "few"}

    @property
    def takes_people(self) -> bool:
        """Whether anybody may fill in the form, if only to wait."""
        return self.status in {"open", "few", "full", "interest"}

    def left_for(self, way: str) -> int:
        return self.left_online if way == Way.ONLINE else self.left_on_site

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
    return {pk: availability_annotated(event, admissions.get(pk), now) for pk, event in rows.items()}


def availability_annotated(event: Event, admission: Any, now: dt.datetime) -> Availability:
    if admission is None:
        return availability(event, None, now)
    return availability(event, admission, now, admission.taken_on_site, admission.taken_online)


def taken(way: str) -> Count:
    """Seats that registrations of this way hold, to annotate admissions with."""
    return Count(
        "event__registrations",
        filter=Q(event__registrations__seat__isnull=False, event__registrations__way=way),
    )


def availability(
    event: Event, admission: Admission | None, now: dt.datetime, taken_on_site: int = 0, taken_online: int = 0
) -> Availability:
    """What `admission`, if there is one, says at this moment, with so many seats taken."""
    if closed := why_without_seats(event):
        return Availability(closed)
    if not event.has_exact_date:
        if admission is not None and admission.takes_interest:
            return Availability("interest", ways=ways_of(event, admission), needs_approval=admission.needs_approval)
        return Availability("unconfirmed")
    if admission is None or not admission.seats:
        return Availability("none")
    admission.event = event
    on_site = max(0, admission.seats_on_site - taken_on_site)
    online = max(0, admission.seats_online - taken_online)
    return Availability(
        status=status(admission, on_site + online, now),
        seats=admission.seats,
        left_on_site=on_site,
        left_online=online,
        opens_at=admission.opens_at,
        closes_at=admission.deadline,
        ways=ways_of(event, admission),
        needs_approval=admission.needs_approval,
    )


def why_without_seats(event: Event) -> str:
    """The status of an event that seats no longer matter for; empty for one that takes place."""
    if event.state in {State.CANCELLED, State.WITHDRAWN}:
        return "cancelled"
    if event.state == State.POSTPONED:
        return "postponed"
    return "over" if event.is_over else ""


def ways_of(event: Event, admission: Admission) -> tuple[str, ...]:
    """The ways that have seats; before seats are set, those that the event's place speaks of."""
    if admission.seats:
        return tuple(way for way in Way if admission.seats_for(way))
    if event.is_online and not event.has_place:
        return (Way.ONLINE,)
    return (Way.ON_SITE, Way.ONLINE) if event.is_online else (Way.ON_SITE,)


def status(admission: Admission, left: int, now: dt.datetime) -> str:
    if admission.is_early(now):
        return "early"
    if admission.is_late(now):
        return "closed"
    if admission.by_invitation:
        return "invited"
    if not left:
        return "full"
    return "few" if left <= max(FEW, admission.seats * FEW_SHARE) and left < admission.seats else "open"
