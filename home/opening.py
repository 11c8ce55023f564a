"""Is a Cité open now? Computed in the Cité's own time zone, and never guessed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from home.models.cite import Weekday

if TYPE_CHECKING:
    from home.models import Cite, OpeningException

AHEAD = 60  # days for which coming exceptions are shown


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it is lived: local date, its intervals, and the exception that made them, if any."""

    date: dt.date
    weekday: Weekday
    intervals: tuple[tuple[dt.time, dt.time], ...]
    exception: OpeningException | None
    is_today: bool
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Status:
    """What a visitor asks first; times are local to the Cité."""

    is_open: bool
    closes: dt.time | None = None
    opens_today: dt.time | None = None
    opens_on: dt.date | None = None
    opens: dt.time | None = None


def day_of(cite: Cite, date: dt.date, today: dt.date) -> Day:
    """Hours of one date: those of an exception if one covers it, else those of the week."""
    weekday = Weekday(date.isoweekday())
    exceptions = [row for row in cite.exceptions.all() if row.covers(date)]
    opening = [row for row in exceptions if not row.is_closed]  # a day may have two, or one within closed weeks
    exception = next(iter(opening or exceptions), None)
    week_rows = [row for row in cite.intervals.all() if row.weekday == weekday]
    rows = [(row.opens, row.closes) for row in (opening if exception else week_rows)]
    is_known = exception is not None or str(weekday.value) not in cite.days_not_known
    return Day(date, weekday, tuple(sorted(rows)), exception, date == today, is_known)


def week(cite: Cite, now: dt.datetime | None = None) -> list[Day]:
    """Monday to Sunday of the week that today is in, as it is lived there."""
    today = (now or timezone.now()).astimezone(cite.zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    return [day_of(cite, monday + dt.timedelta(days=offset), today) for offset in range(7)]


def status(cite: Cite, now: dt.datetime | None = None) -> Status | None:
    """Open or closed at this moment, and what comes next; None where the hours are not known."""
    if not cite.are_hours_known:
        return None
    local = (now or timezone.now()).astimezone(cite.zone)
    today, clock = local.date(), local.time()
    day = day_of(cite, today, today)
    if not day.is_known:
        return None
    intervals = day.intervals
    for opens, closes in intervals:
        if opens <= clock < closes:
            return Status(is_open=True, closes=closes)
    later = next((opens for opens, _closes in intervals if opens > clock), None)
    if later:
        return Status(is_open=False, opens_today=later)
    return next_opening(cite, today)


def next_opening(cite: Cite, today: dt.date) -> Status:
    for offset in range(1, 15):
        day = day_of(cite, today + dt.timedelta(days=offset), today)
        if day.intervals:
            return Status(is_open=False, opens_on=day.date, opens=day.intervals[0][0])
        if not day.is_known:
            break  # it may open on that day
    return Status(is_open=False)


def coming_exceptions(cite: Cite, now: dt.datetime | None = None) -> list[OpeningException]:
    """Exceptions that are on or near; past ones expire by themselves."""
    today = (now or timezone.now()).astimezone(cite.zone).date()
    limit = today + dt.timedelta(days=AHEAD)
    return [row for row in cite.exceptions.all() if row.last_on >= today and row.first_on <= limit]
