"""Our own VTIMEZONE (RFC 5545 3.6.5), with yearly rules as Google writes them.

The icalendar library lists the changes as RDATEs, of which ical.js reads the first only and
Outlook none: every summer event would be an hour off. Hence one RRULE for each of the two yearly
changes, from 1970 on where the rule has not changed since FIRST_YEAR. Where it has, the changes
up to the present rule stand one by one; where they do not end (Ramadan in Gaza), up to LAST_YEAR.
Times are right from FIRST_YEAR to LAST_YEAR, and later where a rule holds.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain, count, pairwise

from events.tzif import Change, Turn, YearDay, Zone, read

FIRST_YEAR = 2015
LAST_YEAR = 2037
COMMON_YEAR = 2001
WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


@cache
def vtimezone(zone: str) -> bytes:
    """Write the VTIMEZONE of an IANA zone, with CRLF, ready to be joined; the same in every process."""
    observances = chain.from_iterable(_observances(read(zone)))
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}", *observances, "END:VTIMEZONE"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _observances(zone: Zone) -> Iterator[list[str]]:
    actual, last_exception = _changes(zone)
    if zone.turns and last_exception is None:
        yield from _rules(zone, since=-1)
        return
    yield _observance("STANDARD", _at_first(zone))
    end = _start_of(LAST_YEAR + 1) - 1
    told_until = min(end, last_exception or end)
    for change, following in pairwise([*actual, None]):
        if change and change.at <= told_until:
            yield _observance(_kind(change, following), change)
    if told_until < end:
        yield from _rules(zone, since=told_until)


def _changes(zone: Zone) -> tuple[list[Change], int | None]:
    """All changes since FIRST_YEAR, and when the last one was that the yearly rule does not make, or makes wrongly."""
    last_year = max([LAST_YEAR, *(change.local.year for change in zone.changes[-1:])])
    ruled = set(zone.yearly(range(FIRST_YEAR, last_year + 1)))
    told = {change for change in zone.changes if change.at >= _start_of(FIRST_YEAR) and change.after != change.before}
    actual = told | {change for change in ruled if change.at > zone.known_until}
    return sorted(actual), max((change.at for change in actual ^ ruled), default=None)


def _at_first(zone: Zone) -> Change:
    """Give the offset with which FIRST_YEAR begins, as if it had held since 1970."""
    offset, name = zone.first_offset, zone.first_name
    for change in zone.changes:
        if change.at < _start_of(FIRST_YEAR):
            offset, name = change.after, change.name
    return Change(-offset, offset, offset, name)


def _kind(change: Change, following: Change | None) -> str:
    """Call it summer time where the clocks are put forward and later back, as most readers expect.

    The tz database has it the other way round for Dublin, where winter is the exception by law.
    """
    is_summer = following is not None and following.after < change.after > change.before
    return "DAYLIGHT" if is_summer else "STANDARD"


def _rules(zone: Zone, *, since: int) -> Iterator[list[str]]:
    for turn in zone.turns:
        kind = "DAYLIGHT" if turn.after > turn.before else "STANDARD"
        for month, rule in _rrules(turn.day):
            yield _observance(kind, _first(turn, month, since), f"RRULE:FREQ=YEARLY;{rule}")


def _first(turn: Turn, month: int, since: int) -> Change:
    changes = (turn.change(year) for year in count(1970))
    return next(change for change in changes if change.at > since and change.local.month == month)


def _rrules(day: YearDay) -> Iterator[tuple[int, str]]:
    """Tell the day as one RRULE, or as two where its hours lead into another month in some years (Cairo)."""
    overflow = day.seconds // 86400
    weekday = WEEKDAYS[(day.weekday + overflow) % 7]
    if not overflow:
        week = -1 if day.week == 5 else day.week
        yield day.month, f"BYMONTH={day.month};BYDAY={week}{weekday}"
        return
    days = defaultdict(list)
    first = date(COMMON_YEAR, day.month, day.first_of_seven(COMMON_YEAR))
    for moved in (first + timedelta(days=overflow + ahead) for ahead in range(7)):
        days[moved.month].append(str(moved.day))
    for month, in_month in days.items():
        yield month, f"BYMONTH={month};BYDAY={weekday};BYMONTHDAY={','.join(in_month)}"


def _observance(kind: str, change: Change, *rule: str) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{change.local:%Y%m%dT%H%M%S}",
        *rule,
        f"TZOFFSETFROM:{_offset(change.before)}",
        f"TZOFFSETTO:{_offset(change.after)}",
        f"TZNAME:{change.name}",
        f"END:{kind}",
    ]


def _offset(seconds: int) -> str:
    """Write a UTC-OFFSET (RFC 5545 3.3.14), with seconds only where there are some."""
    hours, rest = divmod(abs(seconds), 3600)
    odd_seconds = f"{rest % 60:02}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02}{rest // 60:02}{odd_seconds}"


def _start_of(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
