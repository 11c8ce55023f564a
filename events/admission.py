"""Changing who may come in: under the event's lock, said at once, with an audit line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from events.models.admission import Admission
from events.models.registration import AuditLine, Way
from events.registration import locked

if TYPE_CHECKING:
    import datetime as dt


class AdmissionRefused(Exception):
    """The change would contradict what was promised; the message is meant for the organiser."""


@transaction.atomic
def change_admission(
    event_id: int,
    *,
    seats_on_site: int,
    seats_online: int,
    opens_at: dt.datetime | None,
    closes_at: dt.datetime | None,
    user: Any = None,
) -> Admission:
    """Set seats and window (aware datetimes) of an event.

    Raises AdmissionRefused if more seats are taken already, with their number.
    """
    event = locked(event_id)
    if opens_at and closes_at and closes_at <= opens_at:
        raise AdmissionRefused(_("Registration must close after it opens."))
    for way, seats in ((Way.ON_SITE, seats_on_site), (Way.ONLINE, seats_online)):
        occupied = event.registrations.occupying().filter(way=way).count()
        if seats < occupied:
            raise AdmissionRefused(
                _("%(occupied)s people have a seat already (%(way)s); fewer seats are not possible.")
                % {"occupied": occupied, "way": way.label}
            )
    admission, _created = Admission.objects.update_or_create(
        event=event,
        defaults={
            "seats_on_site": seats_on_site,
            "seats_online": seats_online,
            "opens_at": opens_at,
            "closes_at": closes_at,
        },
    )
    AuditLine.objects.create(
        event=event,
        user=user,
        who="organiser" if user else "system",
        what="admission",
        data={
            "seats_on_site": seats_on_site,
            "seats_online": seats_online,
            "opens_at": opens_at and opens_at.isoformat(),
            "closes_at": closes_at and closes_at.isoformat(),
        },
    )
    return admission
