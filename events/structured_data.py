"""An event as search engines read it (schema.org/Event): what its page says, and nothing that nobody has said.

No price, since none is stored; no previous date, since the one before a move is not kept; never the link to take
part. An event without an exact date is left out: Google refuses a month, and a made-up day would be a lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.entries import last_times, with_letters
from events.models.event import CALLED_OFF, Kind, State
from events.plain_text import one_line
from portal.base.open_data import absolute
from portal.base.structured_data import known

if TYPE_CHECKING:
    import datetime as dt

    from events.availability import Availability
    from events.models import Event
    from portal.base.languages import Text
    from portal.base.pages import Entry

SCHEMA = "https://schema.org/"
TYPES = {
    Kind.MEETING: "BusinessEvent",
    Kind.ASSEMBLY: "BusinessEvent",
    Kind.CONFERENCE: "Event",
    Kind.TRAINING: "EducationEvent",
    Kind.SCHOOL: "EducationEvent",
    Kind.WEBINAR: "EducationEvent",
    Kind.VISIT: "EducationEvent",
}
STATUS = {State.CANCELLED: "EventCancelled", State.POSTPONED: "EventPostponed"}
WITH_SEATS = {"open", "few", "full", "invited"}  # when the page tells how many seats there are
NETWORK = "Réseau international des Cités des métiers"
LONGEST_SUMMARY = 500


def structured_event(
    event: Event, *, title: Text, summary: Text, url: str, seats: Availability | None, host: Entry | None
) -> dict[str, Any] | None:
    """What the page at `url` says of an event; None of one that is not public or has no date."""
    days = first_and_last(event)
    if not event.is_shown or days is None:
        return None
    return known(
        {
            "@type": TYPES[Kind(event.kind)],
            "name": name(event, title),
            "description": one_line(summary.text, longest=LONGEST_SUMMARY),
            "url": url,
            "startDate": days[0].isoformat(),
            "endDate": days[1].isoformat(),
            "eventStatus": SCHEMA + STATUS.get(State(event.state), "EventScheduled"),
            "eventAttendanceMode": attendance_mode(event),
            "location": locations(event, url),
            "organizer": organizer(event, host),
            "inLanguage": event.languages,
            **numbers(seats),
        }
    )


def first_and_last(event: Event) -> tuple[dt.date, dt.date] | None:
    """Begin and end: moments with the place's distance from UTC, or whole days.

    An event that was called off or postponed keeps the date that was published, as schema.org wants it.
    """
    start, end = event.local_start, event.local_end
    if start and end:
        return start, end
    if event.has_exact_date and event.starts_on and event.last_day:
        return event.starts_on, event.last_day
    is_off = event.state == State.POSTPONED or event.state in CALLED_OFF
    return last_times(event) if is_off and event.last_dates else None


def name(event: Event, title: Text) -> str:
    """Give the title; in a list of search results nothing else would say that nobody will meet."""
    text = one_line(with_letters(title).text)
    return _("Demonstration: %(title)s") % {"title": text} if event.is_demonstration else text


def attendance_mode(event: Event) -> str | None:
    if event.is_hybrid:
        return f"{SCHEMA}MixedEventAttendanceMode"
    if event.is_online:
        return f"{SCHEMA}OnlineEventAttendanceMode"
    return f"{SCHEMA}OfflineEventAttendanceMode" if event.has_place or event.country else None


def locations(event: Event, url: str) -> Any:
    """The place, the page that leads online, or both in a list."""
    online = {"@type": "VirtualLocation", "url": url}
    if event.has_place or (event.country and not event.is_online):
        return [place(event), online] if event.is_online else place(event)
    return online if event.is_online else None


def place(event: Event) -> dict[str, Any]:
    address = known(
        {
            "streetAddress": one_line(event.address),
            "addressLocality": one_line(event.city),
            "addressCountry": event.country,
        }
    )
    has_position = event.latitude is not None and event.longitude is not None
    position = {"@type": "GeoCoordinates", "latitude": event.latitude, "longitude": event.longitude}
    return known(
        {
            "@type": "Place",
            "name": one_line(event.place_name or event.city or event.country_name),
            "address": {"@type": "PostalAddress", **address} if address else None,
            "geo": position if has_position else None,
        }
    )


def organizer(event: Event, host: Entry | None) -> dict[str, Any] | None:
    """The Cité that invites, unless its page is not public; else the network."""
    if host is not None:
        return {"@type": "Organization", "name": one_line(host.fact.official_name), "url": absolute(host.url)}
    return None if event.cite_id else {"@type": "Organization", "name": NETWORK, "url": absolute("/")}


def numbers(seats: Availability | None) -> dict[str, int]:
    """Seats on site and online together, where one registers here."""
    if seats is None or seats.status not in WITH_SEATS:
        return {}
    return {"maximumAttendeeCapacity": seats.seats, "remainingAttendeeCapacity": seats.left}
