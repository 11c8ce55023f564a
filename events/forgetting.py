"""What is known of people is forgotten when its time is over: each day, event by event, under its lock.

`due` says what will go, `forget_due` does it; both ask the same functions, so that a dry run tells the truth. What
went is marked in the row, so that a run that was interrupted goes on where it stopped. See events.retention for
how long each thing is kept.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from events.dates import EXACT
from events.erasure import erase_in, forget_group, forget_guest, forget_logistics, forget_mails
from events.models.event import Event, State
from events.models.registration import AuditLine, Channel, Delegation, Invitation, Registration, RegistrationState
from events.private_calendars import unused, unused_until
from events.retention import (
    EVIDENCE_YEARS,
    LOGISTICS_DAYS,
    MAIL_DAYS,
    QUIET_DAYS,
    UNCONFIRMED_DAYS,
    evidence_until,
    last_day,
    logistics_until,
    quiet_until,
    takes_place,
)
from events.seating import seating
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from events.seating import Seating
    from portal.base.models.outbox import OutgoingMailQuerySet

    Row = Registration | Delegation | Invitation

S = RegistrationState
BATCH = 100  # rows in one transaction: other people register meanwhile
HAS_LOGISTICS = Q(logistics_erased_at=None) | ~Q(access_needs="") | ~Q(diet="") | ~Q(interpretation="")
logger = logging.getLogger(__name__)


class What(StrEnum):
    """Why something goes; the words are for reports."""

    UNCONFIRMED = "the address was never confirmed"
    LOGISTICS = "access needs, diet, interpretation and answers for the days themselves"
    NO_PART = "registrations of people who did not take part"
    EVIDENCE = "evidence that people took part"
    GROUPS = "who registered groups"
    GUESTS = "who was invited"
    QUIET = "no date is known, and nothing has changed for a year"
    MAILS = "mails about no single registration"
    CALENDARS = "private calendars that nobody asks for"


class ForgettingFailed(Exception):
    """Some events' data could not be forgotten; the log says why."""


class Judged(NamedTuple):
    """What is to be forgotten of a row, and since which day."""

    row: Row
    what: What
    day: dt.date


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the report; names nobody."""

    event_id: int | None
    what: What
    rows: int
    day: dt.date  # the earliest

    def __str__(self) -> str:
        where = f"event {self.event_id}" if self.event_id else "all events"
        return f"{where}: {self.rows} x {self.what}, due since {self.day:%Y-%m-%d}"


# --- which events to look at


def candidates(now: dt.datetime) -> list[int]:
    """Events of which something may be due, a few more than there are; found by three queries."""
    found: set[int] = set()
    for model, may_be_due in (
        (Registration, people(now)),
        (Delegation, has_ended(now) | is_quiet(now) | Q(confirmed_at=None, created_at__lte=begun(now))),
        (Invitation, is_gone(now) | is_quiet(now)),
    ):
        rows = model._default_manager.filter(may_be_due, erased_at=None).order_by()
        found.update(rows.values_list("event_id", flat=True).distinct())
    return sorted(found)


def people(now: dt.datetime) -> Q:
    took_part = Q(state=S.CONFIRMED, event__state__in=(State.PLANNED, State.CONFIRMED))
    unconfirmed = Q(state__in=(S.PENDING, S.EXPIRED), email_confirmed_at=None, created_at__lte=begun(now))
    return (is_gone(now) & (~took_part | HAS_LOGISTICS)) | has_ended(now) | is_quiet(now) | unconfirmed


def begun(now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(days=UNCONFIRMED_DAYS - 1)


def is_gone(now: dt.datetime) -> Q:
    """Events of which logistics may be due; by a day or two too many, since days are local."""
    return Q(event__ends_at__lte=now - dt.timedelta(days=LOGISTICS_DAYS - 2))


def has_ended(now: dt.datetime) -> Q:
    """Events of which evidence may be due."""
    is_old = Q(event__ends_at__lte=now - dt.timedelta(days=365 * EVIDENCE_YEARS - 2))
    has_day = Q(event__admission__keep_until__lte=now.date() + dt.timedelta(days=1))
    never_was = Q(event__state__in=(State.CANCELLED, State.WITHDRAWN))
    return is_old | has_day | (is_gone(now) & never_was)


def is_quiet(now: dt.datetime) -> Q:
    undated = ~Q(event__precision__in=EXACT) | Q(event__starts_on=None) | Q(event__state=State.POSTPONED)
    return undated & Q(created_at__lte=now - dt.timedelta(days=QUIET_DAYS - 1))


# --- what is due of an event


def judged(event: Event, now: dt.datetime) -> list[Judged]:
    """What is due of an event, each row once."""
    today = now.astimezone(event.zone).date()
    rows: list[tuple[Row, Iterable[tuple[What, dt.date | None]]]] = [
        *((row, ends_of(event, row)) for row in kept(event.registrations).select_related("delegation")),
        *((group, ends_of_group(event, group)) for group in kept(event.delegations)),
        *((guest, ends_of_guest(event, guest)) for guest in kept(event.invitations)),
    ]
    found = []
    for row, ends in rows:
        reached = ((what, day) for what, day in ends if day is not None and day <= today)
        if first := next(reached, None):
            row.event = event
            found.append(Judged(row, *first))
    return found


def kept(rows: Any) -> Any:
    return rows.filter(erased_at=None).order_by("pk")


def ends_of(event: Event, row: Registration) -> Iterator[tuple[What, dt.date | None]]:
    """What becomes of a registration, and when; what takes most comes first."""
    if is_unconfirmed(row):
        yield What.UNCONFIRMED, days_after(event, row.created_at, UNCONFIRMED_DAYS)
    if last_day(event) is None:
        yield What.QUIET, quiet_until(event, row.changed_at)
    elif row.state == S.CONFIRMED:
        yield (What.EVIDENCE if takes_place(event) else What.NO_PART), evidence_until(event)
        if has_logistics(row):
            yield What.LOGISTICS, logistics_until(event)
    else:
        yield What.NO_PART, logistics_until(event)


def ends_of_group(event: Event, group: Delegation) -> Iterator[tuple[What, dt.date | None]]:
    if group.confirmed_at is None:
        yield What.UNCONFIRMED, days_after(event, group.created_at, UNCONFIRMED_DAYS)
    elif last_day(event) is None:
        yield What.QUIET, quiet_until(event, group.confirmed_at)
    else:
        yield What.GROUPS, evidence_until(event)


def ends_of_guest(event: Event, guest: Invitation) -> Iterator[tuple[What, dt.date | None]]:
    """An invitation is no evidence: who came in by it has a registration."""
    if last_day(event) is None:
        yield What.QUIET, quiet_until(event, guest.created_at)
    else:
        yield What.GUESTS, logistics_until(event)


def is_unconfirmed(row: Registration) -> bool:
    """Whether nobody has ever said that the address is right: the person, who registered the group, or an organiser."""
    if row.state not in {S.PENDING, S.EXPIRED} or row.email_confirmed_at or row.channel == Channel.ORGANISER:
        return False
    return row.delegation is None or row.delegation.confirmed_at is None


def has_logistics(row: Registration) -> bool:
    return row.logistics_erased_at is None or bool(row.access_needs or row.diet or row.interpretation)


def days_after(event: Event, at: dt.datetime, days: int) -> dt.date:
    return at.astimezone(event.zone).date() + dt.timedelta(days=days)


def old_mails(now: dt.datetime) -> OutgoingMailQuerySet:
    """Mails about no single registration that are old, and still say to whom they went."""
    limit = now - dt.timedelta(days=MAIL_DAYS)
    return OutgoingMail.objects.filter(about=None, created_at__lte=limit).exclude(to="").order_by("pk")


# --- the report, and the act


def due(now: dt.datetime | None = None) -> list[Due]:
    """What `forget_due` would forget at this moment; nothing is changed."""
    now = now or timezone.now()
    report = []
    for event in Event.objects.filter(pk__in=candidates(now)).select_related("admission", "project").order_by("pk"):
        report += summary(event.pk, judged(event, now))
    return report + summary_of_mails(old_mails(now)) + summary_of_calendars(now)


def forget_due() -> list[Due]:
    """Forget what is due, and say what went. One event that fails stops no other.

    Raises ForgettingFailed at the end if one did.
    """
    now = timezone.now()
    report, failed = [], []
    for event_id in candidates(now):
        gone: list[Judged] = []
        try:
            while batch := forget_batch(event_id, now):
                gone += batch
        except Exception:
            logger.exception("event %s: what is due is not forgotten", event_id)
            failed.append(str(event_id))
        report += summary(event_id, gone)
    report += forget_old_mails(now)
    report += forget_calendars(now)
    for line in report:
        logger.info("forgotten: %s", line)
    if failed:
        raise ForgettingFailed(", ".join(failed))
    return report


def forget_batch(event_id: int, now: dt.datetime) -> list[Judged]:
    """Forget some of what is due of an event, with an audit line that counts it."""
    with seating(event_id) as seats:
        batch = judged(seats.event, now)[:BATCH]
        for found in batch:
            forget(seats, found)
        if batch:
            counts = Counter(found.what.name.lower() for found in batch)
            AuditLine.objects.create(event=seats.event, who="system", what="forgotten", data=counts)
    return batch


def forget(seats: Seating, found: Judged) -> None:
    row = found.row
    if isinstance(row, Delegation):
        forget_group(row)
    elif isinstance(row, Invitation):
        forget_guest(row)
    elif found.what == What.LOGISTICS:
        forget_logistics(row)
        row.save(update_fields=["access_needs", "diet", "interpretation", "logistics_erased_at"])
        forget_mails(row.uuid, but_to=row.email)
    else:
        erase_in(seats, row, who="system")


def forget_old_mails(now: dt.datetime) -> list[Due]:
    """Empty old mails about no single registration; their keys hold a digest of the address."""
    report = summary_of_mails(old_mails(now))
    while report and (found := list(old_mails(now).values_list("pk", flat=True)[:BATCH])):
        with transaction.atomic():
            mails = OutgoingMail.objects.filter(pk__in=found)
            mails.waiting().update(withheld_at=now)
            mails.update(to="", params={}, last_error="", key=Concat(Value("forgotten:"), Cast("pk", CharField())))
    return report


def forget_calendars(now: dt.datetime) -> list[Due]:
    report = summary_of_calendars(now)
    if report:
        unused(now).end(now)
    return report


def summary(event_id: int, found: list[Judged]) -> list[Due]:
    days: dict[What, list[dt.date]] = {}
    for row in found:
        days.setdefault(row.what, []).append(row.day)
    return [Due(event_id, what, len(days[what]), min(days[what])) for what in What if what in days]


def summary_of_mails(mails: OutgoingMailQuerySet) -> list[Due]:
    first = mails.first()
    if first is None:
        return []
    return [Due(None, What.MAILS, mails.count(), first.created_at.date() + dt.timedelta(days=MAIL_DAYS))]


def summary_of_calendars(now: dt.datetime) -> list[Due]:
    first = unused_until(now)
    return [Due(None, What.CALENDARS, unused(now).count(), first)] if first else []
