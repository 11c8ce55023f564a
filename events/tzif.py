"""What the tz database says of a zone: its changes of offset and the rule that goes on for ever.

Only `zoneinfo` and the files it reads are used, and in its order (the system's first, then the
tzdata package), so that what is written here never differs from what `zoneinfo` computes.
"""

import re
import struct
import zoneinfo
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import metadata, resources
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

HEADER = struct.Struct(">4s c 15x 6L")
NAME = r"<[^>]+>|[A-Za-z]+"
OFFSET = r"[+-]?\d[\d:]*"
DAY = rf"M(\d+)\.(\d)\.(\d)(?:/({OFFSET}))?"
RULE = re.compile(rf"({NAME})({OFFSET})(?:({NAME})({OFFSET})?,{DAY},{DAY})?")


class Change(NamedTuple):
    """The moment at which a zone goes from one offset (in seconds) to another, or only to another name."""

    at: int
    before: int
    after: int
    name: str

    @property
    def local(self) -> datetime:
        """The time that the clocks show when they are changed."""
        return datetime.fromtimestamp(self.at + self.before, UTC).replace(tzinfo=None)


class YearDay(NamedTuple):
    """A day `Mm.w.d/time` of POSIX: week 5 is the last one, weekday 0 is Sunday."""

    month: int
    week: int
    weekday: int
    seconds: int

    def first_of_seven(self, year: int) -> int:
        """Day of the month with which the seven candidates begin, without the time's overflow."""
        return monthrange(year, self.month)[1] - 6 if self.week == 5 else self.week * 7 - 6

    def moment(self, year: int) -> datetime:
        """Local time of the change; its hours may lead into a neighbouring day (RFC 8536 3.3.1)."""
        first = datetime(year, self.month, self.first_of_seven(year), tzinfo=UTC)
        ahead = (self.weekday - first.isoweekday()) % 7
        return first + timedelta(days=ahead, seconds=self.seconds)


class Turn(NamedTuple):
    """One of the two yearly changes of a zone with summer time."""

    day: YearDay
    before: int
    after: int
    name: str

    def change(self, year: int) -> Change:
        at = int(self.day.moment(year).timestamp()) - self.before
        return Change(at, self.before, self.after, self.name)


class Zone(NamedTuple):
    """A zone as its TZif file holds it."""

    first_offset: int
    first_name: str
    changes: list[Change]
    known_until: float  # the rule holds after this moment
    turns: tuple[Turn, ...]  # the two of the rule, or none

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the 64-bit block and the footer of a TZif file (RFC 8536 section 3)."""
        start = HEADER.size + _block_size(data, 0, 4)
        _, _, _, _, _, times, types, letters = HEADER.unpack_from(data, start)
        body = start + HEADER.size
        after_times = body + times * 9
        moments = struct.unpack_from(f">{times}q", data, body)
        kinds = data[body + times * 8 : after_times]
        names = data[after_times + types * 6 : after_times + types * 6 + letters]
        infos = [
            (offset, names[index:].split(b"\0")[0].decode())
            for offset, _, index in struct.iter_unpack(">l?B", data[after_times : after_times + types * 6])
        ]
        steps = [infos[0], *(infos[kind] for kind in kinds)]
        changes = [
            Change(at, before, after, name)
            for at, ((before, _), (after, name)) in zip(moments, pairwise(steps), strict=True)
        ]
        footer = data[body + _block_size(data, start, 8) :].strip().decode()
        known_until = moments[-1] if moments else float("-inf")
        return cls(*infos[0], changes, known_until, _turns(footer))

    def yearly(self, years: range) -> Iterator[Change]:
        """Give the changes that the rule alone would make in these years."""
        for year in years:
            for turn in self.turns:
                yield turn.change(year)


@cache
def known_zones() -> frozenset[str]:
    """Names of the IANA zones (`localtime` is a Debian file, and means another zone elsewhere)."""
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


def read(zone: str) -> Zone:
    """Read the zone of this IANA name; an unknown name is a `ZoneInfoNotFoundError`."""
    if zone not in known_zones():
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {zone}")
    for root in map(Path, zoneinfo.TZPATH):
        if (root / zone).is_file():
            return Zone.parse((root / zone).read_bytes())
    packaged = resources.files("tzdata").joinpath("zoneinfo", *zone.split("/"))
    return Zone.parse(packaged.read_bytes())


def tzdata_version() -> str:
    """Tell the version of the tz database in use: 2026f of a system, 2026.6 of the package, or "system"."""
    for root in map(Path, zoneinfo.TZPATH):
        if (root / "tzdata.zi").is_file():
            with (root / "tzdata.zi").open() as lines:
                return lines.readline().removeprefix("# version").strip()
        if (root / "Etc" / "UTC").is_file():
            return "system"
    return metadata.version("tzdata")


def _block_size(data: bytes, start: int, width: int) -> int:
    """Size of the block behind a header (RFC 8536 3.1), with times of 4 or 8 octets."""
    _, _, is_ut, is_std, leaps, times, types, letters = HEADER.unpack_from(data, start)
    size: int = times * (width + 1) + types * 6 + letters + leaps * (width + 4) + is_std + is_ut
    return size


def _turns(footer: str) -> tuple[Turn, ...]:
    """Read the rule of a TZif footer (RFC 8536 3.3). No zone's rule counts days from New Year."""
    found = RULE.fullmatch(footer)
    if found is None:
        raise ValueError(f"Not a rule that a VTIMEZONE can tell: {footer}")
    standard_name, standard, summer_name, summer, *days = found.groups()
    if summer_name is None:
        return ()
    winter_offset = -_seconds(standard)
    summer_offset = winter_offset + 3600 if summer is None else -_seconds(summer)
    return (
        Turn(_day(*days[:4]), winter_offset, summer_offset, summer_name.strip("<>")),
        Turn(_day(*days[4:]), summer_offset, winter_offset, standard_name.strip("<>")),
    )


def _day(month: str, week: str, weekday: str, time: str | None) -> YearDay:
    return YearDay(int(month), int(week), int(weekday), _seconds(time or "2"))


def _seconds(text: str) -> int:
    """Seconds in `[+-]hh[:mm[:ss]]`."""
    parts = [int(part) for part in text.lstrip("+-").split(":")]
    total = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return -total if text.startswith("-") else total
