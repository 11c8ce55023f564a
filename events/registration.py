"""The rules of coming in: each locks the event, decides, writes, and leaves its mail in the outbox."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from events.availability import Availability, availability_of
from events.links import new_digest
from events.models.event import Event
from events.models.registration import AuditLine, Registration, RegistrationState, Way
from portal.base.outbox import queue_mail


class RegistrationRefused(Exception):
    """The rule says no; the message is meant for the person."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come in, cleaned by the form: the e-mail address is in lower case."""

    name: str
    email: str
    country: str
    language: str
    organisation: str = ""
    way: str = Way.ON_SITE


def locked(event_id: int) -> Event:
    """The event's row, locked until the transaction ends (SQLite locks the whole database at its begin)."""
    return Event.objects.select_for_update(of=("self",)).get(pk=event_id)


def register(event_id: int, applicant: Applicant) -> Registration:
    """Give the applicant a seat, or refuse; an address that is registered already gets its link again.

    Raises RegistrationRefused, for a known address just as for any other: nobody learns here who takes part.
    """
    with transaction.atomic():
        event = locked(event_id)
        seats = availability_of([event])[event.pk] if event.is_shown else Availability("none")
        refusal = why_refused(seats, applicant.way)
        registration = event.registrations.active().filter(email=applicant.email).first()
        if registration is not None and seats.status not in {"none", "cancelled", "over"}:
            mail(registration, "registration_again", key=f"again:{registration.uuid}:{timezone.now():%Y%m%d%H}")
        elif registration is None and not refusal:
            registration = take_seat(event, applicant)
    if refusal or registration is None:
        raise RegistrationRefused(refusal)
    return registration


def take_seat(event: Event, applicant: Applicant) -> Registration:
    registration = Registration(
        uuid=uuid.uuid4(),
        event=event,
        state=RegistrationState.CONFIRMED,
        told=event.told(),
        name=applicant.name,
        email=applicant.email,
        organisation=applicant.organisation,
        country=applicant.country,
        language=applicant.language,
        way=applicant.way,
    )
    registration.token_digest = new_digest(registration)
    registration.save()
    note(registration, "registered", way=applicant.way)
    mail(registration, "registration_confirmed", key=f"confirmed:{registration.uuid}")
    return registration


def why_refused(seats: Availability, way: str) -> str:
    """A sentence for the person; empty where there is a seat."""
    left = seats.left_online if way == Way.ONLINE else seats.left_on_site
    if seats.can_register and left > 0:
        return ""
    if seats.can_register:
        return _("There is no seat left for this way of taking part. Please choose the other.")
    reasons = {
        "early": _("Registration has not opened yet."),
        "closed": _("Registration has closed."),
        "over": _("This event is over."),
        "cancelled": _("This event has been cancelled."),
        "postponed": _("This event has been postponed; its new date is not known yet."),
        "unconfirmed": _("The date of this event is to be confirmed; nobody can register yet."),
        "none": _("There is no registration for this event here."),
    }
    return reasons.get(seats.status, _("The last seat has just been taken."))


@transaction.atomic
def cancel(registration_id: int, *, user: Any = None) -> Registration:
    """Give the seat back; a second call changes nothing, nor does a registrant's once the event is over."""
    event_id = Registration.objects.values_list("event_id", flat=True).get(pk=registration_id)
    locked(event_id)
    registration = Registration.objects.select_related("event").get(pk=registration_id)
    if not registration.is_active or (user is None and registration.event.is_over):
        return registration
    registration.state = RegistrationState.CANCELLED
    registration.save(update_fields=["state", "changed_at"])
    note(registration, "cancelled", user=user)
    mail(registration, "registration_cancelled", key=f"cancelled:{registration.uuid}")
    return registration


def note(registration: Registration, what: str, *, user: Any = None, **data: Any) -> None:
    AuditLine.objects.create(
        event=registration.event,
        registration=registration,
        user=user,
        who="organiser" if user else "registrant",
        what=what,
        data=data,
    )


def mail(registration: Registration, kind: str, *, key: str) -> None:
    queue_mail(
        key=key,
        kind=kind,
        to=registration.email,
        language=registration.language,
        params={"registration": registration.pk},
    )
