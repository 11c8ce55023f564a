"""What programs that share no code make of a calendar: for each UID the start, the end, title and description.

Times are moments in UTC, whole days are dates with the end left out.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.events.ical_lines import Component, Property, parse
from tests.events.ical_zones import onsets

LAST_YEAR = 2037


class Reading(NamedTuple):
    start: dt.date
    end: dt.date
    title: str
    description: str


Readings = dict[str, Reading]


def moment(time: dt.date) -> dt.date:
    return time.astimezone(dt.UTC) if isinstance(time, dt.datetime) else time


def by_us(data: bytes) -> Readings:
    """Our own reading (`ical_lines`), that takes offsets from the VTIMEZONEs alone."""
    calendar = parse(data)[0][0]
    zones = {zone.value("TZID"): zone for zone in calendar.named("VTIMEZONE")}
    changes = {name: onsets(zone, LAST_YEAR) for name, zone in zones.items()}

    def time(event: Component, name: str) -> dt.date:
        return _time(event.all(name)[0], changes)

    def text(event: Component, name: str) -> str:
        return "".join(found.text for found in event.all(name))

    return {
        event.value("UID"): Reading(
            time(event, "DTSTART"), time(event, "DTEND"), text(event, "SUMMARY"), text(event, "DESCRIPTION")
        )
        for event in calendar.named("VEVENT")
    }


def _time(found: Property, changes: dict[str, list[tuple[int, int, int]]]) -> dt.date:
    if found.parameters.get("VALUE") == ["DATE"]:
        return dt.date.fromisoformat(found.value)
    local = dt.datetime.fromisoformat(found.value.removesuffix("Z")).replace(tzinfo=dt.UTC)
    if found.value.endswith("Z"):
        return local
    known = changes[found.parameters["TZID"][0]]
    shown = [at + before for at, before, _after in known]
    return local - dt.timedelta(seconds=known[max(bisect_right(shown, local.timestamp()) - 1, 0)][2])


def by_icalendar(data: bytes) -> Readings:
    """As khal reads: by the names of the zones, by the VTIMEZONEs where they say nothing."""
    return {
        str(event["UID"]): Reading(
            moment(event["DTSTART"].dt), moment(event["DTEND"].dt), str(event["SUMMARY"]), str(event["DESCRIPTION"])
        )
        for event in icalendar.Calendar.from_ical(data).walk("VEVENT")
    }


def by_vobject(data: bytes) -> Readings:
    """By the VTIMEZONEs, with dateutil's rules."""
    return {
        event.uid.value: Reading(
            moment(event.dtstart.value), moment(event.dtend.value), event.summary.value, event.description.value
        )
        for event in vobject.readOne(data.decode()).vevent_list
    }


def by_ical(data: bytes) -> Readings:
    """As Home Assistant reads: by the names of the zones."""
    events = IcsCalendarStream.calendar_from_ics(data.decode()).events
    return {
        str(event.uid): Reading(moment(event.dtstart), moment(event.dtend), event.summary, event.description)
        for event in events
    }


READERS: dict[str, Callable[[bytes], Readings]] = {
    "our own": by_us,
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "ical": by_ical,
}
