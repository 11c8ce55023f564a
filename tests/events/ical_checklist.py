"""The calendar checklist (research, section 3: A octets, B calendar, C event, D time, G privacy), own implementation.

`problems(data)` is empty for a feed that every client reads; each problem begins with the number of its check.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import chain
from zoneinfo import available_timezones

from tests.events.ical_events import event_problems, uid_problems
from tests.events.ical_lines import Component, logical_lines, octet_problems, parse
from tests.events.ical_zones import zone_problems

HEADER = {
    "VERSION", "PRODID", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC",
    "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "X-WR-TIMEZONE", "COLOR", "SOURCE", "URL", "LAST-MODIFIED", "CATEGORIES",
}  # fmt: skip
FEED_ONLY = {"NAME", "X-WR-CALNAME", "X-PUBLISHED-TTL", "REFRESH-INTERVAL", "SOURCE"}
REFRESH = {"PT5M", "PT15M", "PT30M", *(f"PT{hours}H" for hours in range(1, 25)), "P1D"}
TOKEN = re.compile(r"/(?:my|registration|my-registrations|invitation|delegation)/|(?<![\w-])[\w-]{32}(?![\w-])")
ADDRESS = re.compile(r"[\w.+%-]+@([\w-]+(?:\.[\w-]+)+)")


def problems(
    data: bytes, *, kind: str = "feed", allowed_domains: Collection[str] = (), now: datetime | None = None
) -> list[str]:
    """Tell what is wrong with a feed, a "private" one, or the file of a "single" event."""
    components, found = parse(data)
    found = [*octet_problems(data), *found]
    if [component.name for component in components] != ["VCALENDAR"]:
        return [*found, "B01 not one VCALENDAR"]
    calendar = components[0]
    events = calendar.named("VEVENT")
    return [
        *found,
        *_calendar_problems(calendar),
        *(_single_problems(calendar) if kind == "single" else _feed_problems(calendar)),
        *(_private_problems(data) if kind == "private" else ()),
        *uid_problems(events),
        *chain.from_iterable(event_problems(event, now or datetime.now(UTC)) for event in events),
        *zone_problems(calendar),
        *_privacy_problems(data, set(allowed_domains)),
        *_size_problems(data, events),
    ]


def _calendar_problems(calendar: Component) -> Iterator[str]:
    names = [found.name for found in calendar.properties]
    if names[:2] != ["VERSION", "PRODID"] or calendar.value("VERSION") != "2.0":
        yield "B02 VERSION and PRODID are not first"
    if calendar.value("CALSCALE") != "GREGORIAN":
        yield "B03 no CALSCALE"
    yield from (f"B04 or B13 {name} on the calendar" for name in names if name in {"METHOD", "UID"})
    yield from (f"C16 {name} twice" for name, count in Counter(names).items() if count > 1)
    yield from (f"C17 {name} is unknown" for name in names if name not in HEADER | {"UID"})
    kinds = {child.name for child in calendar.children}
    yield from (f"B11 {kind}" for kind in sorted(kinds - {"VEVENT", "VTIMEZONE"}))
    if not kinds:
        yield "B12 no component"


def _feed_problems(calendar: Component) -> Iterator[str]:
    for check, first, second in (
        ("B05", "NAME", "X-WR-CALNAME"),
        ("B06", "DESCRIPTION", "X-WR-CALDESC"),
        ("B07", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
    ):
        if calendar.value(first) != calendar.value(second) or not (calendar.value(first) or check == "B06"):
            yield f"{check} {first} is missing or not {second}"
    for check, name, allowed in (
        ("B07", "REFRESH-INTERVAL", REFRESH),
        ("B08", "X-WR-TIMEZONE", available_timezones()),
    ):
        if calendar.value(name) not in allowed:
            yield f"{check} {name}:{calendar.value(name)}"
    for name, value in (("REFRESH-INTERVAL", "DURATION"), ("SOURCE", "URI")):
        yield from (
            f"B07 or B10 {name} without VALUE" for p in calendar.all(name) if p.parameters != {"VALUE": [value]}
        )


def _single_problems(calendar: Component) -> Iterator[str]:
    yield from (f"B14 {found.name} in one event's file" for found in calendar.properties if found.name in FEED_ONLY)
    if len(calendar.named("VEVENT")) != 1:
        yield "B14 not one event"


def _private_problems(data: bytes) -> Iterator[str]:
    for line in logical_lines(data):
        if line.startswith("SOURCE") or TOKEN.search(line):
            yield f"G04 {line.partition(':')[0]} may open something"


def _privacy_problems(data: bytes, allowed_domains: set[str]) -> Iterator[str]:
    for line in logical_lines(data):
        for domain in ADDRESS.findall(line):
            if domain.lower() not in allowed_domains:
                yield f"G01 an address at {domain}"


def _size_problems(data: bytes, events: list[Component]) -> Iterator[str]:
    if len(data) > 1_000_000 or len(events) > 1000:
        yield f"F24 {len(data)} octets, {len(events)} events"
