"""What organisers decide: who comes in, who does not, and who is added by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.availability import ways_of
from events.models.registration import Channel, RegistrationState
from events.organisations import organisation_key
from events.registration import (
    ARRIVAL_MAILS,
    Applicant,
    RegistrationRefused,
    acting_on,
    come_in,
    enter,
    require_taking_place,
)
from events.seating import mail, note, seating

if TYPE_CHECKING:
    from events.models.registration import Registration

S = RegistrationState
STATE_MAILS = {S.PENDING: "registration_pending", S.OFFERED: "registration_offered", **ARRIVAL_MAILS}


def approve(registration_id: int, *, user: Any) -> Registration:
    """Let somebody in: to a seat if there is one, else onto the waiting list by the time of registering.

    Raises RegistrationRefused if the registration is not one to be decided, or the event does not take place.
    """
    with acting_on(registration_id) as (seats, row):
        if row.state not in {S.AWAITING, S.REFUSED}:
            raise RegistrationRefused(undecidable(row))
        require_taking_place(seats)
        if row.state == S.REFUSED and seats.active(row.email) is not None:
            raise RegistrationRefused(_("%(name)s has registered again since.") % {"name": row.name})
        state = S.CONFIRMED if seats.take_seat(row) else S.WAITING
        line = seats.move(row, state, "approved", user=user, seat=row.seat)
        mail(row, "registration_approved", line)
    return row


def refuse(registration_id: int, *, user: Any, why: str = "") -> Registration:
    """Decline a registration that awaits approval or waits; `why` is for the person and goes into the mail.

    Raises RegistrationRefused if the registration is not one to be decided.
    """
    with acting_on(registration_id) as (seats, row):
        if row.state not in {S.AWAITING, S.WAITING}:
            raise RegistrationRefused(undecidable(row))
        line = seats.move(row, S.REFUSED, "refused", user=user, why=why)
        mail(row, "registration_refused", line, why=why)
    return row


def seat_by_hand(registration_id: int, *, user: Any) -> Registration:
    """Give a free seat to somebody on the waiting list, whoever is before; the audit line says who did it.

    Raises RegistrationRefused if there is no free seat, or the person does not wait.
    """
    with acting_on(registration_id) as (seats, row):
        if row.state not in {S.WAITING, S.OFFERED}:
            raise RegistrationRefused(undecidable(row))
        if not seats.take_seat(row):
            raise RegistrationRefused(
                _("There is no seat left for %(name)s. Raise the seats first.") % {"name": row.name}
            )
        line = seats.move(row, S.CONFIRMED, "seated by hand", user=user, seat=row.seat)
        mail(row, "registration_confirmed", line)
    return row


def add_by_hand(event_id: int, applicant: Applicant, *, user: Any) -> Registration:
    """Register somebody who has written or called, also outside the window; the address is taken to be right.

    Raises RegistrationRefused if the address is registered already, the event does not take place, or not in this way.
    """
    key = organisation_key(applicant.organisation)
    with seating(event_id) as seats:
        known = seats.active(applicant.email)
        if known is not None:
            state = known.get_state_display()
            raise RegistrationRefused(_("This address is registered already: %(state)s.") % {"state": state})
        require_taking_place(seats)
        if applicant.way not in ways_of(seats.event, seats.admission):
            raise RegistrationRefused(_("Nobody can take part in this way. Please choose the other."))
        row = enter(seats, applicant, key, channel=Channel.ORGANISER, user=user)
        come_in(seats, row, is_approved=True, user=user)
    return row


def resend(registration_id: int, *, user: Any) -> Registration:
    """Mail the link and how things stand once more."""
    with acting_on(registration_id) as (_seats, row):
        if not row.is_active:
            raise RegistrationRefused(undecidable(row))
        row.bounced_at = None
        row.save()
        mail(row, STATE_MAILS[S(row.state)], note(row, "mail sent again", user=user))
    return row


def undecidable(row: Registration) -> str:
    state = row.get_state_display()
    return _("%(name)s: not possible in the state “%(state)s”.") % {"name": row.name, "state": state}
