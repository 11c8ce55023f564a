"""Changing who may come in: under the event's lock, said at once, with an audit line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.models.admission import Admission, Quota, Way
from events.models.registration import AuditLine
from events.seating import seating

if TYPE_CHECKING:
    from events.models.event import Event
    from events.seating import Seating

# What else may be set, beside seats and window.
RULES = (
    *("needs_approval", "by_invitation", "takes_interest", "quota_by", "quota_each", "quota_until"),
    *("asks_access", "asks_diet", "asks_interpretation", "keep_until", "mail_intro"),
)


class AdmissionRefused(Exception):
    """The change would contradict what was promised; the message is meant for the organiser."""


def change_admission(
    event_id: int,
    *,
    seats_on_site: int,
    seats_online: int,
    opens_at: dt.datetime | None,
    closes_at: dt.datetime | None,
    quotas: dict[str, int] | None = None,
    user: Any = None,
    **rules: Any,
) -> Admission:
    """Set seats and window (aware datetimes) of an event, and those of RULES that are given.

    `quotas` are seats by ISO country or organisation key, in place of those that were set before. Seats that become
    free are offered to the waiting list at once.

    Raises AdmissionRefused if more seats are taken already, with their number.
    """
    if opens_at and closes_at and closes_at <= opens_at:
        raise AdmissionRefused(_("Registration must close after it opens."))
    with seating(event_id) as seats:
        for way, wanted in ((Way.ON_SITE, seats_on_site), (Way.ONLINE, seats_online)):
            require_seats(seats, way, wanted)
        fields = {
            "seats_on_site": seats_on_site,
            "seats_online": seats_online,
            "opens_at": opens_at,
            "closes_at": closes_at,
            **{name: rules[name] for name in RULES if name in rules},
        }
        admission, _created = Admission.objects.update_or_create(event=seats.event, defaults=fields)
        if quotas is not None:
            admission.quotas.all().delete()
            Quota.objects.bulk_create(
                Quota(admission=admission, key=key, seats=number) for key, number in quotas.items()
            )
        AuditLine.objects.create(
            event=seats.event,
            user=user,
            who="organiser" if user else "system",
            what="admission",
            data={name: as_json(value) for name, value in fields.items()}
            | ({} if quotas is None else {"quotas": quotas}),
        )
        close_gaps(seats.event, admission)
        seats.go_by(admission)
    return admission


def as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def require_seats(seats: Seating, way: Way, wanted: int) -> None:
    occupied = len(seats.taken[way])
    if wanted < occupied:
        raise AdmissionRefused(
            _("%(occupied)s people have a seat already (%(way)s); fewer seats are not possible.")
            % {"occupied": occupied, "way": way.label}
        )


def close_gaps(event: Event, admission: Admission) -> None:
    """Give those whose seat has a number beyond the last one a free number below."""
    for way in Way:
        last = admission.seats_for(way)
        rows = {row.seat: row for row in event.registrations.seated().filter(way=way)}
        free = iter(sorted(set(range(1, last + 1)) - set(rows)))
        for number in sorted(number for number in rows if number > last):
            rows[number].seat = next(free)
            rows[number].save(update_fields=["seat"])
