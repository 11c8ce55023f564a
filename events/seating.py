"""Who has a seat and who is next: the one place where that is decided, with the event's row locked.

Every rule works inside `seating(event_id)`: it locks the event, first does what is overdue, lets the rule decide,
and then offers to the waiting list what has become free. Seats have numbers, and the database refuses one number
twice; so a rule that forgot the lock would fail and not overbook.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from events.models.admission import Admission, QuotaBy, Way
from events.models.event import Event, State
from events.models.registration import TRANSITIONS, AuditLine, Registration, RegistrationState
from portal.base.outbox import queue_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

S = RegistrationState
SOON = dt.timedelta(hours=48)  # an event that begins within this is soon, and everything is held for less
PENDING_HOLD, PENDING_HOLD_SOON = dt.timedelta(hours=24), dt.timedelta(hours=2)
OFFER_HOLD, OFFER_HOLD_SOON = dt.timedelta(hours=36), dt.timedelta(hours=4)
UNDO_HOLD = dt.timedelta(minutes=10)


class IllegalTransition(Exception):
    """A rule tried to go where no registration may go; a fault of ours, not of the person."""


def locked(event_id: int) -> Event:
    """The event's row, locked until the transaction ends (SQLite locks the whole database at its begin)."""
    return Event.objects.select_for_update(of=("self",)).get(pk=event_id)


@contextmanager
def seating(event_id: int) -> Iterator[Seating]:
    """The seats of an event, locked; what the block frees is offered when it ends, what it raises undoes all.

    Raises Event.DoesNotExist.
    """
    with turn(), transaction.atomic():
        seats = Seating(locked(event_id))
        seats.settle()
        yield seats
        seats.promote()


writers = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Let the threads of this process come one after another where the database is SQLite.

    There a writer waits by asking again and again, and of many some never have luck. Inside a transaction it has its
    turn already.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with writers:
        yield


def held_until(event: Event, now: dt.datetime, usual: dt.timedelta, soon: dt.timedelta) -> dt.datetime:
    """Until when something is held: for `usual`, for `soon` if the event begins within 48 hours; not past its begin."""
    begins = event.begins_at if event.has_exact_date else None
    if begins is None or begins <= now:
        return now + usual
    return min(now + (soon if begins - now <= SOON else usual), begins)


class Seating:
    """The seats of one event while its row is locked."""

    def __init__(self, event: Event, *, now: dt.datetime | None = None) -> None:
        self.event = event
        self.now = now or timezone.now()
        found = Admission.objects.filter(event=event).first()
        self.admission = found or Admission(event_id=event.pk)
        if found:
            found.event = event

    def go_by(self, admission: Admission) -> None:
        """The rules, or the numbers of seats, have just been changed under the lock."""
        admission.event = self.event
        self.admission = admission
        for counted in ("taken", "limits", "taken_by_key"):
            self.__dict__.pop(counted, None)

    # --- what there is
    @cached_property
    def taken(self) -> dict[str, set[int]]:
        """The numbers of the seats that are taken, by way."""
        taken: dict[str, set[int]] = {way: set() for way in Way}
        for way, seat in self.event.registrations.seated().values_list("way", "seat"):
            taken[way].add(seat)
        return taken

    def free(self, way: str) -> int:
        return max(0, self.admission.seats_for(way) - len(self.taken[way]))

    @property
    def is_seating(self) -> bool:
        """Whether seats are given at all: the event takes place, has a date, and has not begun."""
        takes_place = self.event.live and self.event.state in {State.PLANNED, State.CONFIRMED}
        if not takes_place or not self.event.has_exact_date or self.event.begins_at is None:
            return False
        return self.now < max(self.event.begins_at, self.admission.closes_at or self.event.begins_at)

    # --- quotas
    @cached_property
    def limits(self) -> dict[str, int]:
        return dict(self.admission.quotas.values_list("key", "seats")) if self.admission.pk else {}

    @cached_property
    def taken_by_key(self) -> Counter[str]:
        rows = self.event.registrations.seated().values_list(self.key_field, flat=True)
        return Counter(rows)

    @property
    def key_field(self) -> str:
        return "country" if self.admission.quota_by == QuotaBy.COUNTRY else "organisation_key"

    def limit_of(self, key: str) -> int | None:
        return self.limits.get(key, self.admission.quota_each)

    def has_quota(self, row: Registration, also: Counter[str] | None = None) -> bool:
        """Whether the row's country or organisation may have one more seat; `also` counts seats about to be given."""
        if not self.admission.has_quota(self.now):
            return True
        key = getattr(row, self.key_field)
        limit = self.limit_of(key)
        return limit is None or self.taken_by_key[key] + (also or Counter())[key] < limit

    # --- seats
    def take_seat(self, row: Registration) -> bool:
        """Give the row the lowest free number of its way, if there is one for it. The caller saves."""
        if row.seat is not None:
            return True
        if not self.is_seating or not self.free(row.way) or not self.has_quota(row):
            return False
        taken = self.taken[row.way]
        row.seat = next(number for number in range(1, self.admission.seats_for(row.way) + 1) if number not in taken)
        self.note_seat(row)
        return True

    def note_seat(self, row: Registration) -> None:
        assert row.seat is not None  # noqa: S101 - for the type checker; callers have just set it
        self.taken[row.way].add(row.seat)
        if self.admission.has_quota(self.now):
            # Counted before the row is saved, so that the count is not made twice.
            self.taken_by_key[getattr(row, self.key_field)] += 1

    def release(self, row: Registration) -> None:
        """Take the row's seat back. The caller saves."""
        if row.seat is not None:
            if self.admission.has_quota(self.now):
                self.taken_by_key[getattr(row, self.key_field)] -= 1
            self.taken[row.way].discard(row.seat)
            row.seat = None

    # --- rows
    def get(self, pk: int) -> Registration:
        """One of the event's registrations, as it is now."""
        row = self.event.registrations.get(pk=pk)
        row.event = self.event
        return row

    def active(self, email: str) -> Registration | None:
        row = self.event.registrations.active().filter(email=email).first()
        if row is not None:
            row.event = self.event
        return row

    def move(
        self, row: Registration, state: str, what: str, *, user: Any = None, who: str = "", **data: Any
    ) -> AuditLine:
        """Bring a registration into another state, with its audit line; the only way to do so.

        Raises IllegalTransition.
        """
        if state not in TRANSITIONS[row.state]:
            message = f"registration {row.pk}: {row.state} -> {state}"
            raise IllegalTransition(message)
        before, row.state = row.state, state
        if state not in {S.PENDING, S.OFFERED, S.CANCELLED}:
            row.held_until = None
        if state != S.CANCELLED:
            row.state_before = ""
        if state == S.CONFIRMED:
            row.told = told_to(row)  # the mail that follows tells it
        row.show_in_calendar(self.now, before=before)
        row.save()
        return note(row, what, user=user, who=who, **{"from": before, "to": str(state), **data})

    # --- what is due
    def settle(self) -> None:
        """End what is overdue, then offer what is free."""
        for row in self.event.registrations.overdue(self.now).order_by("held_until", "pk"):
            row.event = self.event
            self.end(row)
        self.promote()

    def end(self, row: Registration) -> None:
        """The time of a held seat or rank is up."""
        before = row.state
        self.release(row)
        row.held_until = None
        if before == S.CANCELLED:
            row.state_before = ""
            row.save()
            return
        line = self.move(row, S.EXPIRED, "expired", who="system")
        if before == S.OFFERED:
            mail(row, "offer_expired", line)

    def promote(self) -> None:
        for way in Way:
            for row in self.next_in_line(way, self.free(way)):
                self.offer(row)

    def next_in_line(self, way: str, free: int) -> list[Registration]:
        """Who would be offered `free` seats: the first in line whose quota is not filled and whose mail arrives."""
        if free <= 0 or not self.is_seating:
            return []
        line = self.event.registrations.in_line().filter(way=way, bounced_at=None)
        if not self.admission.has_quota(self.now):
            return list(line[:free])
        found: list[Registration] = []
        also: Counter[str] = Counter()
        for row in line:
            if len(found) == free:
                break
            if self.has_quota(row, also):
                also[getattr(row, self.key_field)] += 1
                found.append(row)
        return found

    def offer(self, row: Registration) -> None:
        row.event = self.event
        self.take_seat(row)
        row.held_until = held_until(self.event, self.now, OFFER_HOLD, OFFER_HOLD_SOON)
        line = self.move(row, S.OFFERED, "offered", who="system", until=row.held_until.isoformat())
        mail(row, "registration_offered", line)


def told_to(row: Registration) -> dict[str, str]:
    """What a mail of now tells this person of the event."""
    return row.event.told(with_link=row.way == Way.ONLINE and row.state == S.CONFIRMED)


def note(row: Registration, what: str, *, user: Any = None, who: str = "", **data: Any) -> AuditLine:
    return AuditLine.objects.create(
        event=row.event,
        registration=row,
        user=user,
        who=who or ("organiser" if user else "registrant"),
        what=what,
        data=data,
    )


def mail(row: Registration, kind: str, line: AuditLine | str, *, at: dt.datetime | None = None, **params: Any) -> None:
    """Queue a mail to a registrant, once for its cause: an audit line, or a text that says it; to leave `at` a time."""
    cause = line if isinstance(line, str) else str(line.pk)
    queue_mail(
        key=f"{kind}:{row.uuid}:{cause}",
        kind=kind,
        to=row.email,
        language=row.language,
        params={"registration": row.pk, **params},
        about=row.uuid,
        at=at,
    )
