"""The agenda as a month: under each day what takes place then, by the dates of the events' own zones."""

from __future__ import annotations

import datetime as dt
from calendar import Calendar, monthrange
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max, Min
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.dates import EXACT, SITE_ZONE, Precision
from events.models.event import CALLED_OFF, Kind, State
from portal.base import when
from portal.base.pages import with_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest, QueryDict

    from events.models.event import Event, EventQuerySet
    from portal.base.pages import Entry

YEAR = 12  # months; what is further away is for no search engine
PLACED = (*EXACT, Precision.MONTH)
TONES = {
    Kind.MEETING: "choose",
    Kind.TRAINING: "train",
    Kind.SCHOOL: "train",
    Kind.CONFERENCE: "job",
    Kind.WEBINAR: "change",
    Kind.VISIT: "create",
    Kind.ASSEMBLY: "choose",
}


@dataclass(frozen=True, slots=True)
class Item:
    """An event on one of its days."""

    entry: Entry
    number: int = 1  # which of its days
    days: int = 1

    @property
    def event(self) -> Any:
        return self.entry.fact

    @property
    def is_off(self) -> bool:
        return self.event.state in CALLED_OFF

    @property
    def tone(self) -> str:
        return TONES.get(self.event.kind, "choose")

    @property
    def warning(self) -> str:
        """What one must know before the title."""
        if self.is_off:
            return _("Cancelled")
        return _("Postponed") if self.event.state == State.POSTPONED else ""

    @property
    def note(self) -> str:
        kind = capfirst(self.event.get_kind_display())
        if self.days == 1:
            return kind
        return f"{kind} · " + _("day %(number)s of %(days)s") % {"number": self.number, "days": self.days}


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    title: str
    is_today: bool
    items: list[Item]


class Step(NamedTuple):
    """The way to another month; search engines go no further than a year."""

    title: str
    url: str
    is_far: bool


@dataclass(frozen=True, slots=True)
class Month:
    """What a month shows; a day of a week that lies in another month is None."""

    value: str
    title: str
    weekdays: list[tuple[str, str]]  # name and short name
    weeks: list[list[Day | None]]
    some_day: list[Item]  # of which the day is not known yet
    previous: Step | None
    next: Step | None
    is_far: bool

    @property
    def is_empty(self) -> bool:
        return not self.some_day and not any(day and day.items for week in self.weeks for day in week)


def this_month() -> dt.date:
    return today().replace(day=1)


def today() -> dt.date:
    return timezone.now().astimezone(ZoneInfo(SITE_ZONE)).date()


def month_of(first: dt.date, events: EventQuerySet, request: HttpRequest) -> Month:
    """Three queries, however many events."""
    days, some_day = placed(with_words(within(events, first), request), first)
    earliest, latest = reach(events)
    return Month(
        value=written(first),
        title=when.month_and_year(first),
        weekdays=weekdays(first),
        weeks=laid_out(first, days),
        some_day=some_day,
        previous=step(moved(first, -1), request.GET) if first > earliest else None,
        next=step(moved(first, 1), request.GET) if first < latest else None,
        is_far=is_far(first),
    )


# --- which events
def within(events: EventQuerySet, first: dt.date) -> EventQuerySet:
    """Those that a day of this month belongs to, or that take place on some day of it, the earliest first."""
    listed = events.filter(precision__in=PLACED, starts_on__lte=last_of(first))
    listed = listed.annotate(last_on=Coalesce("ends_on", "starts_on")).filter(last_on__gte=first)
    return listed.order_by("begins_at", "pk")


def reach(events: EventQuerySet) -> tuple[dt.date, dt.date]:
    """The months between which there is something to see: a year from now, and as far as there are events."""
    found = events.filter(precision__in=PLACED).aggregate(
        first=Min("starts_on"), last=Max(Coalesce("ends_on", "starts_on"))
    )
    ends = [moved(this_month(), -YEAR), moved(this_month(), YEAR), found["first"], found["last"]]
    months = [day.replace(day=1) for day in ends if day]
    return min(months), max(months)


def placed(entries: Iterable[Entry], first: dt.date) -> tuple[dict[dt.date, list[Item]], list[Item]]:
    """The events by day, each on all of its days; and those of which the day is not known."""
    days: dict[dt.date, list[Item]] = defaultdict(list)
    some_day = []
    for entry in entries:
        if entry.fact.precision == Precision.MONTH:
            some_day.append(Item(entry))
            continue
        begin, end = days_of(entry.fact)
        number = (end - begin).days + 1
        for day in between(max(begin, first), min(end, last_of(first))):
            days[day].append(Item(entry, (day - begin).days + 1, number))
    return days, some_day


def days_of(event: Event) -> tuple[dt.date, dt.date]:
    """Its first and last day; what ends at midnight does not belong to the day that begins then."""
    first, last = event.starts_on, event.last_day
    if first is None or last is None:
        raise ValueError(event)
    is_night = event.precision == Precision.TIME and event.end_time == dt.time() and last > first
    return first, last - dt.timedelta(days=1) if is_night else last


def between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


# --- how a month is laid out
def weeks(first: dt.date) -> list[list[int]]:
    """The numbers of the days; 0 where a week begins or ends in another month."""
    return Calendar(when.first_weekday()).monthdayscalendar(first.year, first.month)


def weekdays(first: dt.date) -> list[tuple[str, str]]:
    """Monday to Sunday, or as the reader's week is, read from a week that lies in the month."""
    whole = next(week for week in weeks(first) if all(week))
    days = [first.replace(day=number) for number in whole]
    return [(when.weekday(day), when.short_weekday(day)) for day in days]


def laid_out(first: dt.date, days: dict[dt.date, list[Item]]) -> list[list[Day | None]]:
    now = today()

    def day(number: int) -> Day:
        date = first.replace(day=number)
        return Day(date, when.full_day(date), date == now, days.get(date, []))

    return [[day(number) if number else None for number in week] for week in weeks(first)]


# --- other months
def last_of(first: dt.date) -> dt.date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def moved(first: dt.date, months: int) -> dt.date | None:
    """So many months later or, below nothing, earlier; None where the calendar ends."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1) if dt.MINYEAR <= year <= dt.MAXYEAR else None


def is_far(first: dt.date) -> bool:
    now = this_month()
    return abs((first.year - now.year) * 12 + first.month - now.month) > YEAR


def written(first: dt.date) -> str:
    return first.isoformat()[: len("2027-02")]


def step(first: dt.date | None, chosen: QueryDict) -> Step | None:
    """The way to a month; the filters stay."""
    if first is None:
        return None
    query = chosen.copy()
    query["month"] = written(first)
    for name in ("when", "page"):
        query.pop(name, None)
    return Step(when.month_and_year(first), f"?{query.urlencode()}", is_far(first))
