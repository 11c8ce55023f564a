"""When an event is and whether there are seats, in whole sentences of the reader's language.

Times are those of the place, always with its town and its distance from UTC: never a bare "CET".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.dates import Precision
from portal.base import when

if TYPE_CHECKING:
    from events.availability import Availability
    from events.models import Event

NEAR = dt.timedelta(days=300)  # within this, a row shows the day of the week; beyond it, the year


@dataclass(frozen=True, slots=True)
class When:
    """`day` and `time` are sentences for the event's page; `short` is for a list; `block` for its date block."""

    day: str
    time: str = ""
    short: str = ""
    top: str = ""
    big: str = ""
    small: str = ""
    machine: str = ""  # for <time datetime>
    start: dt.datetime | None = None  # aware, in the event's zone, where the time is known
    is_exact: bool = True


class Saying(NamedTuple):
    """What a status component shows."""

    kind: str
    text: str


def when_of(event: Event) -> When:
    if event.starts_on is None or event.precision == Precision.UNKNOWN:
        return When(day=_("Date not known") if event.is_over else _("Date to be confirmed"), big="?", is_exact=False)
    if event.precision == Precision.YEAR:
        year = str(event.starts_on.year)
        return When(day=year, big=year, machine=year, is_exact=False)
    if event.precision == Precision.MONTH:
        return When(
            day=when.month_and_year(event.starts_on),
            top=when.short_month(event.starts_on),
            big=str(event.starts_on.year),
            machine=f"{event.starts_on:%Y-%m}",
            is_exact=False,
        )
    start, end = event.local_start, event.local_end
    if start and end:
        return timed(event, start, end)
    return whole_days(event.starts_on, event.ends_on or event.starts_on)


def whole_days(first: dt.date, last: dt.date) -> When:
    top, big, small = block(first)
    text = when.full_day(first) if first == last else when.days(first, last)
    short = "" if first == last else text
    return When(day=text, short=short, top=top, big=big, small=small, machine=f"{first:%Y-%m-%d}")


def timed(event: Event, start: dt.datetime, end: dt.datetime) -> When:
    """Both aware, in the event's zone."""
    top, big, small = block(start.date())
    words = {
        "start": when.clock(start),
        "end": when.clock(end),
        "first": when.full_day(start.date()),
        "last": when.full_day(end.date()),
        "city": city(event),
        "offset": when.offset(start),
    }
    one_day = start.date() == end.date()
    if one_day:
        day, time = words["first"], _("From %(start)s to %(end)s in %(city)s (%(offset)s)") % words
    else:
        day = when.days(start.date(), end.date())
        time = _("From %(first)s, %(start)s, to %(last)s, %(end)s, in %(city)s (%(offset)s)") % words
    return When(
        day=day,
        time=time,
        short=f"{words['start']}–{words['end']}" if one_day else day,
        top=top,
        big=big,
        small=small,
        machine=start.isoformat(),
        start=start,
    )


def block(day: dt.date) -> tuple[str, str, str]:
    """Month, day, and weekday or year, for the date block."""
    near = abs(day - timezone.now().date()) < NEAR
    small = when.short_weekday(day) if near else str(day.year)
    return when.short_month(day), str(day.day), small


def city(event: Event) -> str:
    """Name the town whose clock counts: the event's, else the one that its time zone is named after."""
    return event.city or when.city_of(event.zone)


def moment(at: dt.datetime, event: Event) -> str:
    """Write a moment as the place's clock shows it: Tuesday, 12 January 2027, 12:00 in Genoa (UTC+1)."""
    local = at.astimezone(event.zone)
    return _("%(day)s, %(time)s in %(city)s (%(offset)s)") % {
        "day": when.full_day(local.date()),
        "time": when.clock(local),
        "city": city(event),
        "offset": when.offset(local),
    }


def seats_saying(seats: Availability, event: Any = None) -> Saying | None:
    if seats.status in {"open", "few"}:
        return left(seats)
    if seats.status == "early":
        return early(seats, event)
    words = {
        "full": Saying("wait", _("Full: waiting list")),
        "invited": Saying("none", _("By invitation only")),
        "interest": Saying("few", _("You can ask to be told the date")),
        "closed": Saying("none", _("Registration has closed")),
        "postponed": Saying("few", _("Postponed")),
        "cancelled": Saying("off", _("Cancelled")),
    }
    return words.get(seats.status)


def left(seats: Availability) -> Saying:
    if seats.status == "few":
        text = ngettext("Only %(left)s seat left", "Only %(left)s seats left", seats.left)
    else:
        text = ngettext("%(left)s seat left", "%(left)s seats left", seats.left)
    return Saying("few" if seats.status == "few" else "ok", text % {"left": seats.left})


def early(seats: Availability, event: Any) -> Saying:
    if seats.opens_at is None:
        return Saying("none", _("Registration has not opened yet"))
    if event is None:
        return Saying("none", _("Registration opens on %(day)s") % {"day": when.long_day(seats.opens_at.date())})
    return Saying("none", _("Registration opens on %(moment)s") % {"moment": moment(seats.opens_at, event)})
