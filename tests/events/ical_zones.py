"""What a VTIMEZONE says (RFC 5545 3.6.5), worked out from its text alone: part D of the checklist."""

import re
from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from tests.events.ical_lines import Component

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = 86400
TIMES = ("DTSTART", "DTEND")
NEXT_CENTURY = range(4_102_444_800, 4_102_444_800 + 400 * DAY, 3 * DAY)
RULE_AFTER_2086 = {"Asia/Gaza", "Asia/Hebron"}  # until then each year's Ramadan counts
Onset = tuple[int, int, int]  # the moment in UTC, the offset before it and the offset after it


def onsets(zone: Component, last_year: int) -> list[Onset]:
    """All changes that the observances tell, up to the end of this year."""
    found = []
    for observance in zone.children:
        before, after = (offset(observance.value(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        moments = (int(local.replace(tzinfo=UTC).timestamp()) for local in _local_onsets(observance, last_year))
        found.extend((moment - before, before, after) for moment in moments)
    return sorted(found)


def offset(text: str) -> int:
    sign, hours, minutes, seconds = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", text).groups()
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    return -total if sign == "-" else total


def offset_at(changes: list[Onset], moment: int) -> int:
    index = bisect_right(changes, (moment, 10**6, 0))
    return changes[index - 1][2] if index else changes[0][1]


def disagreements(zone: Component, name: str, years: range) -> Iterator[str]:
    """Compare with `zoneinfo` every third day, and a minute and an hour round each change that either knows."""
    info = ZoneInfo.no_cache(name)
    changes = onsets(zone, years[-1])
    start, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (years[0], years[-1] + 1))
    moments = set(range(start, end, 3 * DAY))
    for change in [*(at for at, _, _ in changes if start <= at < end), *_changes_of(info, range(start, end, 3 * DAY))]:
        moments.update(change + around for around in (-3600, -60, -1, 0, 60, 3600))
    for moment in sorted(moments):
        expected = _offset_of(info, moment)
        if offset_at(changes, moment) != expected:
            yield f"{name} {datetime.fromtimestamp(moment, UTC)}: {offset_at(changes, moment)} for {expected}"


def zone_problems(calendar: Component) -> Iterator[str]:
    kinds = [child.name for child in calendar.children]
    if kinds != sorted(kinds, reverse=True):
        yield "D04 a VTIMEZONE behind an event"
    events, zones = calendar.named("VEVENT"), calendar.named("VTIMEZONE")
    told = Counter(zone.value("TZID") for zone in zones)
    times = [found for event in events for name in TIMES for found in event.all(name)]
    used = {zone for found in times for zone in found.parameters.get("TZID", [])}
    yield from (f"D04 {zone} has no VTIMEZONE" for zone in sorted(used - set(told)))
    yield from (f"D04 {zone} twice" for zone, count in told.items() if count > 1)
    if events:
        yield from (f"D04 {zone} is not used" for zone in sorted(set(told) - used))
    elif list(told) != [calendar.value("X-WR-TIMEZONE")]:
        yield "B12 an empty feed, and not with the zone of the site"
    years = [int(found.value[:4]) for found in times] or [datetime.now(UTC).year]
    for zone in zones:
        yield from _one_zone_problems(zone, range(min(years), max(years) + 1))


def _one_zone_problems(zone: Component, years: range) -> Iterator[str]:
    name = zone.value("TZID")
    for observance in zone.children:
        missing = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} - {found.name for found in observance.properties}
        if missing or observance.name not in {"STANDARD", "DAYLIGHT"}:
            yield f"D05 {name} {observance.name} without {sorted(missing)}"
            return
    if name not in available_timezones() or not zone.children:
        yield f"D03 or D05 {name}"
        return
    yield from (f"D06 {disagreement}" for disagreement in disagreements(zone, name, years))
    has_rule = any(observance.value("RRULE") for observance in zone.children)
    if not has_rule and name not in RULE_AFTER_2086 and any(_changes_of(ZoneInfo(name), NEXT_CENTURY)):
        yield f"D08 {name} without a yearly rule"


def _changes_of(info: ZoneInfo, moments: range) -> Iterator[int]:
    offsets = [_offset_of(info, moment) for moment in moments]
    for index in range(1, len(offsets)):
        if offsets[index] != offsets[index - 1]:
            low, high = moments[index - 1], moments[index]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset_of(info, middle) == offsets[index - 1] else (low, middle)
            yield high


def _offset_of(info: ZoneInfo, moment: int) -> int:
    return int(datetime.fromtimestamp(moment, info).utcoffset().total_seconds())


def _local_onsets(observance: Component, last_year: int) -> Iterator[datetime]:
    first = datetime.strptime(observance.value("DTSTART"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local by definition
    if not observance.value("RRULE"):
        yield first
        return
    rule = dict(part.split("=") for part in observance.value("RRULE").split(";"))
    assert rule.pop("FREQ") == "YEARLY"
    for year in range(first.year, last_year + 1):
        for day in _days(rule, year):
            if day >= first.date():
                yield datetime.combine(day, first.time())


def _days(rule: dict[str, str], year: int) -> Iterator[date]:
    """Days of a year by BYMONTH, BYDAY (with a number or without) and BYMONTHDAY, which is all that we write."""
    assert set(rule) <= {"BYMONTH", "BYDAY", "BYMONTHDAY"}
    month = int(rule["BYMONTH"])
    number, weekday = re.fullmatch(r"(-?\d)?([A-Z]{2})", rule["BYDAY"]).groups()
    first, length = date(year, month, 1), monthrange(year, month)[1]
    days = [first + timedelta(days=ahead) for ahead in range(length)]
    days = [day for day in days if day.weekday() == WEEKDAYS.index(weekday)]
    if number:
        days = [days[int(number) - 1 if int(number) > 0 else int(number)]]
    if "BYMONTHDAY" in rule:
        allowed = {int(day) for day in rule["BYMONTHDAY"].split(",")}
        days = [day for day in days if day.day in allowed]
    yield from days
