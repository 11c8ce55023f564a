"""Taking out of a registration what would tell whose it was; what is left is a count."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from events.models.admission import Retention
from events.models.registration import AuditLine, Delegation, RegistrationState
from events.private_calendars import end_calendars
from events.registration import acting_on
from events.retention import takes_place
from events.seating import note, seating
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from uuid import UUID

    from events.models.registration import Invitation, Linked, Registration
    from events.seating import Seating

S = RegistrationState


def erase(registration_id: int, *, user: Any = None, who: str = "") -> Registration:
    """Delete what is known of a person at this event, at once and for good; a seat or rank becomes free.

    State, way, country and channel stay, which name nobody. A second call changes nothing.
    """
    with acting_on(registration_id) as (seats, row):
        if row.erased_at is None:
            forget_elsewhere(row)
            for other in [row, *seats.event.registrations.filter(email=row.email).exclude(pk=row.pk)]:
                other.event = seats.event
                erase_in(seats, other, user=user, who=who)
                note(other, "erased", user=user, who=who)
    return row


def erase_group(delegation_id: int) -> Delegation:
    """Delete what is known of who registered a group. A second call changes nothing.

    The colleagues stay registered, unless the group was never confirmed: then nobody has told them, and they go too.
    """
    event_id = Delegation.objects.values_list("event_id", flat=True).get(pk=delegation_id)
    with seating(event_id) as seats:
        group = Delegation.objects.get(pk=delegation_id)
        if group.erased_at is None:
            for row in group.registrations.filter(state=S.PENDING) if group.confirmed_at is None else ():
                row.event = seats.event
                erase_in(seats, row, who="registrant")
            forget_group(group)
            AuditLine.objects.create(event=seats.event, who="registrant", what="group erased")
    return group


def forget_elsewhere(row: Registration) -> None:
    """Take the person off the guest list, and out of what coordinators of groups have said of colleagues."""
    for invitation in row.event.invitations.filter(email=row.email):
        forget_guest(invitation)
    for group in row.event.delegations.filter(erased_at=None):
        others = [other for other in group.others if other["email"] != row.email]
        if others != group.others:
            group.others = others
            group.save()


def erase_in(seats: Seating, row: Registration, *, user: Any = None, who: str = "") -> None:
    """The same, inside a rule that has the event locked.

    Only a seat at an event that took place stays one, and is counted. All other registrations end: none in force
    is without an address.
    """
    if row.state == S.CONFIRMED and row.event.is_over and takes_place(row.event):
        row.held_until = None
    else:
        seats.release(row)
        row.held_until = None
        if row.is_active:
            seats.move(row, S.CANCELLED, "cancelled", user=user, who=who)
    forget_person(row)


def forget_person(row: Registration) -> None:
    """Empty the row of everything personal and save it."""
    email = row.email
    forget_logistics(row)
    row.answers.all().delete()
    row.name = row.email = row.organisation = row.organisation_key = ""
    row.state_before = ""
    row.delegation = None
    row.erased_at = timezone.now()
    forget_link(row)
    row.save()
    end_calendars(row, email)
    forget_mails(row.uuid)


def forget_group(group: Delegation) -> None:
    """Empty a group of who registered it, and of the colleagues who were registered already."""
    group.name = group.email = group.organisation = ""
    group.others = []
    forget_linked(group)


def forget_guest(invitation: Invitation) -> None:
    invitation.name = invitation.email = ""
    forget_linked(invitation)


def forget_linked(row: Delegation | Invitation) -> None:
    row.erased_at = timezone.now()
    forget_link(row)
    row.save()
    forget_mails(row.uuid)


def forget_logistics(row: Registration) -> None:
    """Empty the row of what only the days of the event needed. The caller saves."""
    row.access_needs, row.diet, row.interpretation = "", "", []
    row.answers.filter(question__retention=Retention.LOGISTICS).delete()
    row.logistics_erased_at = row.logistics_erased_at or timezone.now()


def forget_link(row: Linked) -> None:
    """The link opens nothing any more, and no key makes another. The caller saves."""
    row.link_version += 1
    row.token_digest = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def forget_mails(uuid: UUID, *, but_to: str = "") -> None:
    """Mails about a row that were not sent never will be; of the others only kind and state are left.

    `but_to` spares those to this address: the others went to people whose seat it was before.
    """
    mails = OutgoingMail.objects.filter(about=uuid).exclude(to="")
    if but_to:
        mails = mails.exclude(to=but_to)
    mails.waiting().update(withheld_at=timezone.now())
    mails.update(to="", params={}, last_error="")
