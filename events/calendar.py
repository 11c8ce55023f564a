"""Calendars (RFC 5545 3.4) joined from stored VEVENTs: feeds, and the file of one event.

Pure: the same input gives the same bytes, in every process. Feeds and files have no METHOD, which would want an
ORGANIZER whom calendars then write to; no calendar has a UID, which makes vdirsyncer take all events for one.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from icalendar import Calendar
from icalendar.parser import Parameters
from icalendar.prop import vDuration

from events.content_lines import CalendarError, absolute, add_text, written
from events.plain_text import clean, one_line
from events.tzif import tzdata_version
from events.vevent import Entry, Mailbox, content_digest, vevent
from events.vtimezone import vtimezone

__all__ = [
    "SERIALIZER_VERSION",
    "CalendarError",
    "Entry",
    "Mailbox",
    "calendar",
    "clean",
    "content_digest",
    "message",
    "single",
    "tzdata_version",
    "vevent",
    "zones_of",
]

# Raise it when the bytes change for the same entry: what is stored is then written anew.
SERIALIZER_VERSION = 3
PRODID = "-//Reseau international des Cites des metiers//Portal//EN"
END = b"END:VCALENDAR\r\n"
SHORTEST_REFRESH, LONGEST_REFRESH = timedelta(minutes=5), timedelta(days=1)
# Times stand near the beginning, where nobody's words come before them, and are never folded.
TIMES_WITHIN = 400
LOCAL_TIMES = (b"\r\nDTSTART;TZID=", b"\r\nDTEND;TZID=")


def zones_of(bodies: Iterable[bytes]) -> list[str]:
    """Name the zones of stored VEVENTs, which their calendar must define."""
    zones = set()
    # A plain search in a plain loop: a feed has a thousand of them, and a pattern takes thrice as long.
    for body in bodies:
        for name in LOCAL_TIMES:
            found = body.find(name, 0, TIMES_WITHIN)
            if found >= 0:
                zones.add(body[found + len(name) : body.index(b":", found)])
    return sorted(zone.decode() for zone in zones)


def calendar(  # noqa: PLR0913 all but the first by name
    bodies: Iterable[bytes],
    *,
    name: str,
    description: str,
    language: str,
    site_zone: str,
    source_url: str = "",
    refresh: timedelta = timedelta(hours=6),
    zones: Iterable[str] | None = None,
) -> bytes:
    """Join stored VEVENTs, in the order given, into a feed; only a public one tells its `source_url`.

    Their `zones` are looked for in the VEVENTs unless the caller knows them.
    """
    events = list(map(bytes, bodies))
    named = zones_of(events) if zones is None else sorted(set(zones))
    begin = _feed_header(name, description, language, site_zone, source_url, refresh)
    # A calendar needs one component (RFC 5545 3.6); Thunderbird drops a feed without.
    return _joined(begin, named if events else [site_zone], events)


def single(body: bytes) -> bytes:
    """Make the file of one event: no name, for which Outlook would open a new calendar."""
    return _joined(_begin(_header(Calendar())), zones_of([body]), [body])


@lru_cache(maxsize=256)
def _feed_header(
    name: str, description: str, language: str, site_zone: str, source_url: str, refresh: timedelta
) -> bytes:
    header = _header(Calendar())
    _add_names(header, one_line(name), clean(description), language)
    _add_refresh(header, refresh)
    header.add("x-wr-timezone", site_zone)
    if source_url:
        header.add("source", absolute(source_url), parameters=Parameters({"VALUE": "URI"}))
    return _begin(header)


def message(body: bytes, method: str) -> bytes:
    """Make a calendar message of one VEVENT that names organizer and attendee: only mails carry it (RFC 5546)."""
    header = _header(Calendar())
    header.add("method", method)
    return _joined(_begin(header), zones_of([body]), [body])


def _header(component: Calendar) -> Calendar:
    component.add("version", "2.0")
    component.add("prodid", PRODID)
    component.add("calscale", "GREGORIAN")
    return component


def _add_names(component: Calendar, name: str, description: str, language: str) -> None:
    """Name the feed as RFC 7986 has it, which can say the language, and as clients before it read it."""
    add_text(component, "name", name, language)
    add_text(component, "x-wr-calname", name)
    add_text(component, "description", description, language)
    add_text(component, "x-wr-caldesc", description)


def _add_refresh(component: Calendar, refresh: timedelta) -> None:
    if not SHORTEST_REFRESH <= refresh <= LONGEST_REFRESH:
        raise CalendarError(f"Clients would be told to ask every {refresh}")
    component.add("refresh-interval", vDuration(refresh), parameters=Parameters({"VALUE": "DURATION"}))
    component.add("x-published-ttl", vDuration(refresh))


def _begin(header: Calendar) -> bytes:
    return written(header).removesuffix(END)


def _joined(begin: bytes, zones: list[str], events: list[bytes]) -> bytes:
    return b"".join([begin, *map(vtimezone, zones), *events, END])
