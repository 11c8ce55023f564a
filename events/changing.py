"""What somebody changes in the own registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.models.registration import RegistrationState
from events.organisations import organisation_key
from events.registration import RegistrationRefused, acting_on, availability_in, keep_answers
from events.seating import mail, note, told_to

if TYPE_CHECKING:
    from events.models.registration import Registration

S = RegistrationState
PERSONAL = ("name", "organisation", "country", "language", "access_needs", "diet", "interpretation")


def change(registration_id: int, *, answers: dict[int, Any], **fields: Any) -> Registration:
    """Change what somebody has told of himself: `fields` are some of PERSONAL, `answers` are by question.

    Raises RegistrationRefused if the seats of the new country or organisation are taken.
    """
    key = organisation_key(fields["organisation"]) if "organisation" in fields else None
    with acting_on(registration_id) as (seats, row):
        require_active(row)
        before = {name: getattr(row, name) for name in fields}
        old_key = getattr(row, seats.key_field)
        for name in PERSONAL:
            if name in fields:
                setattr(row, name, fields[name])
        if key is not None:
            row.organisation_key = key
        if row.seat and getattr(row, seats.key_field) != old_key and not seats.has_quota(row):
            raise RegistrationRefused(_("The seats of this country or organisation are all taken."))
        row.save()
        keep_answers(row, answers)
        changed = sorted(name for name, value in before.items() if value != getattr(row, name))
        note(row, "changed", fields=changed)
    return row


def require_active(row: Registration) -> None:
    if not row.is_active or row.event.is_over:
        raise RegistrationRefused(_("This registration is not in force any more."))


def switch(registration_id: int, way: str, *, user: Any = None) -> Registration:
    """Take part in the other way, if there is a seat for it; who waits goes to the other list with the same rank.

    Raises RegistrationRefused if there is no seat left.
    """
    with acting_on(registration_id) as (seats, row):
        require_active(row)
        if row.way == way:
            return row
        had_seat = row.seat is not None
        if way not in availability_in(seats).ways:
            raise RegistrationRefused(_("There is no other way of taking part in this event."))
        seats.release(row)
        row.way = way
        may_have_seat = had_seat or row.state == S.WAITING
        if not (may_have_seat and seats.take_seat(row)) and had_seat:
            raise RegistrationRefused(_("There is no seat left for this way of taking part; you keep yours."))
        if row.seat and row.state in {S.WAITING, S.OFFERED}:
            line = seats.move(row, S.CONFIRMED, "switched", user=user, way=way, seat=row.seat)
        else:
            row.told = told_to(row)
            row.show_in_calendar(seats.now)
            row.save()
            line = note(row, "switched", user=user, way=way, seat=row.seat)
        if row.state == S.CONFIRMED:
            mail(row, "registration_confirmed", line)
    return row
