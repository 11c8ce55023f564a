"""The rules of coming in and of going: each locks the event, decides, writes, and leaves its mail in the outbox."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from events.availability import Availability, availability
from events.links import new_digest
from events.models.admission import Way
from events.models.event import CALLED_OFF
from events.models.registration import Answer, Channel, Registration, RegistrationState, first_step
from events.organisations import organisation_key
from events.seating import (
    PENDING_HOLD,
    PENDING_HOLD_SOON,
    UNDO_HOLD,
    Seating,
    held_until,
    mail,
    note,
    seating,
    told_to,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.models.event import Event
    from events.models.registration import Delegation, Invitation

S = RegistrationState
MAX_PENDING = 3  # registrations that one address has begun and not confirmed, over all events


class RegistrationRefused(Exception):
    """The rule says no; the message is meant for the person."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come in, cleaned by the form: the e-mail address is in lower case.

    `answers` are by the question's number.
    """

    name: str
    email: str
    country: str
    language: str
    organisation: str = ""
    way: str = Way.ON_SITE
    access_needs: str = ""
    diet: str = ""
    interpretation: tuple[str, ...] = ()
    answers: dict[int, Any] = field(default_factory=dict)


def pending_until(event: Event, now: dt.datetime | None = None) -> dt.datetime:
    """Until when a seat or rank is held for somebody who registers now and has to confirm the address."""
    return held_until(event, now or timezone.now(), PENDING_HOLD, PENDING_HOLD_SOON)


def register(event_id: int, applicant: Applicant, *, invitation: Invitation | None = None) -> Registration | None:
    """Note the applicant, with a seat or a rank, and mail how to confirm the address.

    An address that is registered already gets its link again. An invited guest's address is known to be right, so
    that registration comes in at once. Returns None where nothing was done, about which nobody is told: the
    address has begun too many registrations.

    Raises RegistrationRefused, for a known address just as for any other: nobody learns here who takes part.
    """
    key = organisation_key(applicant.organisation)
    with seating(event_id) as seats:
        state = availability_in(seats)
        refusal = why_refused(state, applicant.way, invited=invitation is not None)
        row = seats.active(applicant.email)
        if row is not None:
            if state.status not in {"none", "cancelled", "over"}:
                again(row)
        elif not refusal and (invitation or not has_begun_too_many(applicant.email)):
            row = enter(seats, applicant, key, channel=Channel.INVITATION if invitation else Channel.FORM)
            if invitation:
                come_in(seats, row, is_approved=True)
            else:
                mail(row, "registration_pending", "registered")
    if refusal:
        raise RegistrationRefused(refusal)
    return row


def availability_in(seats: Seating) -> Availability:
    """How things stand under the lock."""
    if not seats.event.is_shown:
        return Availability("none")
    taken_on_site, taken_online = (len(seats.taken[way]) for way in (Way.ON_SITE, Way.ONLINE))
    return availability(seats.event, seats.admission, seats.now, taken_on_site, taken_online)


def has_begun_too_many(email: str) -> bool:
    begun = Registration.objects.filter(email=email, state=S.PENDING, held_until__gt=timezone.now())
    return begun.count() >= MAX_PENDING


def again(row: Registration) -> None:
    """Mail the link again, once an hour at most."""
    kind = "registration_pending" if row.state == S.PENDING else "registration_again"
    mail(row, kind, f"again:{timezone.now():%Y%m%d%H}")


def enter(
    seats: Seating,
    applicant: Applicant,
    key: str,
    *,
    channel: str = Channel.FORM,
    delegation: Delegation | None = None,
    user: Any = None,
) -> Registration:
    """Write a new registration that is pending, with a seat if there is one to give before approval."""
    row = Registration(
        uuid=uuid.uuid4(),
        event=seats.event,
        state=S.PENDING,
        name=applicant.name,
        email=applicant.email,
        organisation=applicant.organisation,
        organisation_key=key,
        country=applicant.country,
        language=applicant.language,
        way=applicant.way,
        channel=channel,
        delegation=delegation,
        access_needs=applicant.access_needs,
        diet=applicant.diet,
        ranked_at=seats.now,
        held_until=pending_until(seats.event, seats.now),
    )
    row.interpretation = list(applicant.interpretation)
    row.told = told_to(row)
    row.calendar_steps = first_step(seats.event, row.email)
    take_back_own_seat(seats, row)
    if not seats.admission.needs_approval or channel == Channel.INVITATION:
        seats.take_seat(row)
    row.token_digest = new_digest(row)
    row.save()
    keep_answers(row, applicant.answers)
    note(row, "registered", user=user, way=applicant.way, seat=row.seat, channel=str(channel))
    return row


def take_back_own_seat(seats: Seating, row: Registration) -> None:
    """Somebody who cancelled and at once registers again has the seat that is kept for the undo."""
    kept = seats.event.registrations.seated().filter(email=row.email, state=S.CANCELLED, way=row.way).first()
    if kept is not None:
        seat = kept.seat
        kept.seat, kept.held_until, kept.state_before = None, None, ""
        kept.save()
        if not seats.admission.needs_approval:
            row.seat = seat
        else:
            seats.taken[row.way].discard(seat or 0)


def keep_answers(row: Registration, answers: dict[int, Any]) -> None:
    """Store what was answered; an empty answer is none."""
    row.answers.exclude(question__in=answers).filter(question__withdrawn=False).delete()
    for question, value in answers.items():
        if value in ("", [], None):
            row.answers.filter(question=question).delete()
        else:
            Answer.objects.update_or_create(registration=row, question_id=question, defaults={"value": value})


def come_in(seats: Seating, row: Registration, *, is_approved: bool = False, user: Any = None) -> None:
    """Whose address is right gets the seat, or goes before the organisers, or onto the waiting list."""
    if row.channel in {Channel.FORM, Channel.INVITATION}:
        row.email_confirmed_at = row.email_confirmed_at or seats.now
    if seats.admission.needs_approval and not is_approved:
        seats.release(row)
        line = seats.move(row, S.AWAITING, "address confirmed", user=user)
    elif seats.take_seat(row):
        line = seats.move(row, S.CONFIRMED, "confirmed", user=user, seat=row.seat)
    else:
        line = seats.move(row, S.WAITING, "waiting", user=user)
    is_named_by_other = row.delegation is not None and row.delegation.email != row.email
    mail(row, "registration_received" if is_named_by_other else ARRIVAL_MAILS[S(row.state)], line)


ARRIVAL_MAILS = {
    S.AWAITING: "registration_awaiting",
    S.CONFIRMED: "registration_confirmed",
    S.WAITING: "registration_waiting",
}


def why_refused(seats: Availability, way: str, *, invited: bool = False) -> str:
    """A sentence for the person; empty where one may register, if only for the waiting list."""
    if seats.status == "invited" and invited:
        return ""
    if seats.takes_people:
        if way in seats.ways:
            return ""
        return _("Nobody can take part in this way. Please choose the other.")
    reasons = {
        "early": _("Registration has not opened yet."),
        "closed": _("Registration has closed."),
        "over": _("This event is over."),
        "cancelled": _("This event has been cancelled."),
        "postponed": _("This event has been postponed; its new date is not known yet."),
        "unconfirmed": _("The date of this event is to be confirmed; nobody can register yet."),
        "invited": _("Only people who were invited can register for this event."),
    }
    return reasons.get(seats.status, _("There is no registration for this event here."))


# --- what somebody does with the own registration
@contextmanager
def acting_on(registration_id: int) -> Iterator[tuple[Seating, Registration]]:
    """The seats of a registration's event, locked, and the registration as it is then."""
    event_id = Registration.objects.values_list("event_id", flat=True).get(pk=registration_id)
    with seating(event_id) as seats:
        yield seats, seats.get(registration_id)


def confirm(registration_id: int) -> Registration:
    """The address is right: the registration comes in. A second call changes nothing.

    Raises RegistrationRefused if the event does not take place.
    """
    with acting_on(registration_id) as (seats, row):
        if row.state == S.PENDING:
            require_taking_place(seats)
            come_in(seats, row)
    return row


def require_taking_place(seats: Seating) -> None:
    """Nobody comes in any more where nothing takes place."""
    if seats.event.is_over or seats.event.state in CALLED_OFF:
        refusal = why_refused(Availability("over" if seats.event.is_over else "cancelled"), Way.ON_SITE)
        raise RegistrationRefused(refusal)


def accept(registration_id: int) -> Registration:
    """Take the seat that is offered. A second call changes nothing.

    Raises RegistrationRefused if the offer has ended, or the event does not take place.
    """
    with acting_on(registration_id) as (seats, row):
        if row.state == S.OFFERED:
            require_taking_place(seats)
            line = seats.move(row, S.CONFIRMED, "offer accepted", seat=row.seat)
            mail(row, "registration_confirmed", line)
    if row.state != S.CONFIRMED:
        raise RegistrationRefused(_("This offer has ended; the seat went to the next person on the list."))
    return row


def cancel(registration_id: int, *, user: Any = None, why: str = "") -> Registration:
    """Give the seat or the rank back; a second call changes nothing, nor does a registrant's once the event is over.

    A registrant has ten minutes to undo it, in which the seat is kept; an organiser's act is final.
    """
    with acting_on(registration_id) as (seats, row):
        if row.is_active and not (user is None and row.event.is_over):
            if user is None and row.state in {S.CONFIRMED, S.WAITING, S.AWAITING}:
                row.state_before, row.held_until = row.state, seats.now + UNDO_HOLD
            else:
                seats.release(row)
                row.held_until = None
            line = seats.move(row, S.CANCELLED, "cancelled", user=user, **({"why": why} if why else {}))
            mail(row, "registration_cancelled", line, by="organiser" if user else "registrant", why=why)
    return row


def undo(registration_id: int) -> Registration:
    """Take a cancellation back. A second call changes nothing.

    Raises RegistrationRefused if the ten minutes are over, the address has registered anew, or the event does not
    take place.
    """
    with acting_on(registration_id) as (seats, row):
        if row.can_undo and seats.active(row.email) is None:
            require_taking_place(seats)
            line = seats.move(row, row.state_before, "undone")
            mail(row, ARRIVAL_MAILS[S(row.state)], line)
    if not row.is_active:
        raise RegistrationRefused(_("It is too late to undo this. You can register again."))
    return row
