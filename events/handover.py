"""Giving a seat to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.links import renew_link
from events.models.registration import RegistrationState, first_step
from events.private_calendars import end_calendars
from events.registration import RegistrationRefused, acting_on, again
from events.seating import mail, note, told_to

if TYPE_CHECKING:
    import datetime as dt

    from events.models.registration import AuditLine, Registration
    from events.seating import Seating

S = RegistrationState


def hand_over(registration_id: int, *, name: str, email: str, user: Any = None, who: str = "") -> Registration:
    """Give a confirmed seat to a colleague, whose link is a new one; the old link opens nothing any more.

    A colleague who waits, or has not confirmed the address yet, gets the seat for that registration; one who has
    a seat already keeps that, and this one is free. Whoever hands over sees no difference.

    Raises RegistrationRefused if there is no confirmed seat, or the deadline has passed.
    """
    with acting_on(registration_id) as (seats, row):
        require_giving(seats, row, user=user)
        if email == row.email:
            row.name = name
            row.save()
            note(row, "changed", user=user, who=who, fields=["name"])
            return row
        giver, colleague = row.email, seats.active(email)
        line = note(row, "handed over", user=user, who=who)
        tell_giver(row, line)
        if colleague is None:
            give_to_newcomer(row, name, email, seats.now)
            row.delegation = None  # the coordinator named somebody else
            row.told = told_to(row)
            row.save()
            end_calendars(row, giver)
            mail(row, "registration_received", line)
            return row
        seat, way = row.seat, row.way
        seats.release(row)
        renew_link(row)
        seats.move(row, S.CANCELLED, "handed over", user=user, who=who)
        end_calendars(row, giver)
        give_to_known(seats, colleague, way, seat)
        return colleague


def require_giving(seats: Seating, row: Registration, *, user: Any) -> None:
    if row.state != S.CONFIRMED:
        raise RegistrationRefused(_("Only a confirmed seat can be handed over."))
    if seats.event.is_over or (user is None and seats.admission.is_late(seats.now)):
        raise RegistrationRefused(_("It is too late to hand over the seat; please write to the organisers."))


def tell_giver(row: Registration, cause: AuditLine | str) -> None:
    """Mail who has the registration until now; call it before that changes.

    The row will be another person's when the mail is made, so the mail remembers what the giver's calendar needs.
    """
    mail(row, "registration_handed_over", cause, name=row.name, was=row.state, steps=row.calendar_steps + 1)


def give_to_newcomer(row: Registration, name: str, email: str, now: dt.datetime) -> None:
    """The seat stays, the person is another one: nothing that the first one told of himself goes over."""
    row.name, row.email = name, email
    row.calendar_steps = max(row.calendar_steps + 1, first_step(row.event, email))
    row.show_in_calendar(now)
    row.access_needs, row.diet, row.interpretation = "", "", []
    row.email_confirmed_at = row.bounced_at = None
    row.answers.all().delete()
    renew_link(row)


def give_to_known(seats: Seating, colleague: Registration, way: str, seat: int | None) -> None:
    """The seat goes to the registration that the colleague has, unless that has one."""
    if colleague.seat is not None:
        again(colleague)
        return
    colleague.way, colleague.seat = way, seat
    seats.note_seat(colleague)
    if colleague.state == S.PENDING:
        colleague.save()
        again(colleague)
    else:
        line = seats.move(colleague, S.CONFIRMED, "received", seat=seat, who="registrant")
        mail(colleague, "registration_confirmed", line)
