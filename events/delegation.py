"""Registering several colleagues at once: all or nothing, and one address to confirm."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.handover import give_to_newcomer, tell_giver
from events.links import new_digest, renew_link
from events.models.registration import Channel, Delegation, RegistrationState
from events.organisations import organisation_key
from events.private_calendars import end_calendars
from events.registration import (
    Applicant,
    RegistrationRefused,
    again,
    availability_in,
    come_in,
    enter,
    has_begun_too_many,
    pending_until,
    require_taking_place,
    why_refused,
)
from events.seating import Seating, mail, note, seating
from portal.base.outbox import queue_mail

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from events.models.registration import Registration

S = RegistrationState
MAX_COLLEAGUES = 20


def register_group(event_id: int, coordinator: Applicant, colleagues: Sequence[tuple[str, str]]) -> Delegation | None:
    """Note several colleagues (name, and e-mail address in lower case), with seats or ranks, all of them or nobody.

    The coordinator confirms one address for all; whether he takes part is for him to say by being among the
    colleagues. Someone who is registered already keeps that registration, and nobody is told here. Returns None
    where nothing was done, about which nobody is told either.

    Raises RegistrationRefused, with the number of seats if they are too few.
    """
    key = organisation_key(coordinator.organisation)
    with seating(event_id) as seats:
        refusal = why_refused(availability_in(seats), coordinator.way) or too_few(seats, coordinator.way, colleagues)
        if refusal:
            raise RegistrationRefused(refusal)
        if has_begun_too_many(coordinator.email):
            return None
        group = Delegation(
            uuid=uuid.uuid4(),
            event=seats.event,
            name=coordinator.name,
            email=coordinator.email,
            organisation=coordinator.organisation,
            country=coordinator.country,
            language=coordinator.language,
            held_until=pending_until(seats.event, seats.now),
        )
        group.token_digest = new_digest(group)
        known = {email for _name, email in colleagues if seats.active(email)}
        group.others = [{"name": name, "email": email} for name, email in colleagues if email in known]
        group.save()
        rows = [
            enter(
                seats,
                replace(coordinator, name=name, email=email),
                key,
                channel=Channel.DELEGATION,
                delegation=group,
            )
            for name, email in colleagues
            if email not in known
        ]
        if len({row.seat is None for row in rows}) > 1:
            raise RegistrationRefused(_("There are not enough seats for all of you under the quota."))
        mail_coordinator(group, "delegation_pending", "registered")
    return group


def too_few(seats: Seating, way: str, colleagues: Sequence[tuple[str, str]]) -> str:
    """A sentence if some of the group would have a seat and others not; nobody waits while the others travel."""
    free = seats.free(way)
    if seats.admission.needs_approval or not seats.is_seating or free == 0 or free >= len(colleagues):
        return ""
    return ngettext(
        "There is only %(free)s seat left. A group is registered together or not at all.",
        "There are only %(free)s seats left. A group is registered together or not at all.",
        free,
    ) % {"free": free}


def confirm_group(delegation_id: int) -> Delegation:
    """The coordinator's address is right: the colleagues come in and are told. A second call changes nothing.

    Raises RegistrationRefused if the time for it is over, or the event does not take place.
    """
    group = Delegation.objects.get(pk=delegation_id)
    with seating(group.event_id) as seats:
        group = Delegation.objects.get(pk=delegation_id)
        if group.confirmed_at is not None:
            return group
        if group.held_until is None or group.held_until <= seats.now:
            raise RegistrationRefused(_("It is too late to confirm this. Please register the group again."))
        require_taking_place(seats)
        group.confirmed_at, group.held_until = seats.now, None
        group.save()
        for row in group.registrations.filter(state=S.PENDING).order_by("pk"):
            row.event = seats.event
            come_in(seats, row)
        for other in group.others:
            known = seats.active(other["email"])
            if known is not None:
                again(known)
        mail_coordinator(group, "delegation_confirmed", "confirmed")
    return group


def replace_colleague(delegation_id: int, place: str, *, name: str, email: str) -> None:
    """Put another person in the place of a colleague, who keeps the seat or the rank.

    `place` is a registration's uuid, or the address of one whom the coordinator named and who was registered
    already.

    Raises RegistrationRefused if the registration is over, or registration has closed.
    """
    group = Delegation.objects.get(pk=delegation_id)
    with seating(group.event_id) as seats:
        if seats.event.is_over or seats.admission.is_late(seats.now):
            raise RegistrationRefused(_("It is too late to change the group; please write to the organisers."))
        row = group.registrations.filter(uuid=place).first() if is_uuid(place) else None
        if row is None or not row.is_active:
            if row is not None:  # who declined makes room
                row.delegation = None
                row.save(update_fields=["delegation"])
            add_colleague(seats, group, name, email, instead=place)
            return
        row = seats.get(row.pk)
        known = seats.active(email)
        if known is not None and known.pk != row.pk:
            give_way(seats, group, row)
            # The coordinator sees the name as typed, and not that it was known.
            group.others = [*group.others, {"name": name, "email": email}]
            group.save()
            if group.confirmed_at:
                again(known)
            return
        put_in_place(group, row, name, email, seats.now)


def give_way(seats: Seating, group: Delegation, row: Registration) -> None:
    """The place of a colleague goes to somebody who has one: its seat or rank is free again."""
    if group.confirmed_at:
        tell_giver(row, "replaced")
        renew_link(row)
    seats.release(row)
    row.held_until, row.delegation = None, None
    seats.move(row, S.CANCELLED, "replaced", who="coordinator")
    end_calendars(row, row.email)


def put_in_place(group: Delegation, row: Registration, name: str, email: str, now: dt.datetime) -> None:
    """Another person has the registration now; before the group is confirmed nobody was told, and nobody is."""
    line = note(row, "replaced", who="coordinator")
    if email == row.email:
        row.name = name
        row.save()
        return
    if group.confirmed_at:
        tell_giver(row, line)
    former = row.email
    give_to_newcomer(row, name, email, now)
    row.save()
    end_calendars(row, former)
    if group.confirmed_at:
        mail(row, "registration_received", line)


def add_colleague(seats: Seating, group: Delegation, name: str, email: str, *, instead: str = "") -> None:
    """One more colleague, in the place of one who declined or was known; with a seat if there is one."""
    group.others = [other for other in group.others if other["email"] != instead]
    if seats.active(email) is not None:
        group.others = [*group.others, {"name": name, "email": email}]
        group.save()
        return
    group.save()
    newcomer = Applicant(
        name=name,
        email=email,
        country=group.country,
        language=group.language,
        organisation=group.organisation,
        way=way_of(group),
    )
    refusal = why_refused(availability_in(seats), newcomer.way)
    if refusal:
        raise RegistrationRefused(refusal)
    key = organisation_key(group.organisation)
    row = enter(seats, newcomer, key, channel=Channel.DELEGATION, delegation=group)
    if group.confirmed_at:
        come_in(seats, row)


def way_of(group: Delegation) -> str:
    first: Registration | None = group.registrations.first()
    return first.way if first else "on-site"


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def mail_coordinator(group: Delegation, kind: str, cause: str) -> None:
    queue_mail(
        key=f"{kind}:{group.uuid}:{cause}",
        kind=kind,
        to=group.email,
        language=group.language,
        params={"delegation": group.pk},
        about=group.uuid,
    )
