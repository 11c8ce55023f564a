"""When an event is, as exactly as it is known: to the minute, the day, the month, the year, or not at all."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from events.models import Event

    Window = tuple[dt.datetime | None, dt.datetime | None]


class Precision(models.TextChoices):
    TIME = "time", _("date and time")
    DAY = "day", _("whole days")
    MONTH = "month", _("month only, to be confirmed")
    YEAR = "year", _("year only, to be confirmed")
    UNKNOWN = "unknown", _("to be confirmed")


EXACT = (Precision.TIME, Precision.DAY)
SITE_ZONE = "Europe/Paris"  # where the network is at home: whose day is today, and the zone of a feed without events
YEARS = range(1900, 2200)  # a slip of the finger beyond them would leave what dates can be computed with


def window(event: Event) -> Window:
    """The time between which the event lies, aware, in UTC; (None, None) where nothing is known.

    All-day dates run from local midnight to local midnight after the last day. An event without a date lies
    somewhere within its project.
    """
    if event.precision == Precision.UNKNOWN or event.starts_on is None:
        return project_window(event)
    first, last = event.starts_on, event.ends_on or event.starts_on
    if event.precision == Precision.TIME and event.start_time and event.end_time:
        return utc(first, event.start_time, event.zone), utc(last, event.end_time, event.zone)
    if event.precision == Precision.MONTH:
        first, last = first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1])
    elif event.precision == Precision.YEAR:
        first, last = dt.date(first.year, 1, 1), dt.date(last.year, 12, 31)
    return days(first, last, event.zone)


def project_window(event: Event) -> Window:
    project = event.project
    if project is None or project.starts_on is None or project.ends_on is None:
        return None, None
    return days(project.starts_on, project.ends_on, event.zone)


def days(first: dt.date, last: dt.date, zone: ZoneInfo) -> Window:
    return utc(first, dt.time(), zone), utc(last + dt.timedelta(days=1), dt.time(), zone)


def utc(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, time, zone).astimezone(dt.UTC)


def is_skipped(date: dt.date, time: dt.time, zone: ZoneInfo) -> bool:
    """Whether clocks jump over this local time when summer time begins."""
    local = dt.datetime.combine(date, time, zone)
    return local.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None)


def check_dates(event: Event) -> None:
    """Raise ValidationError, by field, for dates that contradict each other; a draft may have gaps."""
    if not event.timezone:  # a draft may lack what is required
        raise ValidationError({"timezone": _("Choose the time zone of the place.")})
    if event.precision != Precision.UNKNOWN and event.starts_on is None and not event.may_have_gaps:
        raise ValidationError({"starts_on": _("Give the first day, or choose “to be confirmed”.")})
    check_year("starts_on", event.starts_on)
    check_year("ends_on", event.ends_on)
    if event.ends_on and event.starts_on and event.ends_on < event.starts_on:
        raise ValidationError({"ends_on": _("The last day must not be before the first.")})
    if event.precision == Precision.TIME:
        check_times(event)


def check_year(field: str, day: dt.date | None) -> None:
    if day and day.year not in YEARS:
        raise ValidationError({field: _("Is this year right?")})


def check_clock(field: str, date: dt.date, time: dt.time, zone: ZoneInfo) -> None:
    if is_skipped(date, time, zone):
        raise ValidationError({field: _("Clocks skip this time on that day: summer time begins.")})


def check_times(event: Event) -> None:
    if event.start_time is None or event.end_time is None:
        if event.may_have_gaps:
            return
        raise ValidationError({"start_time": _("Give both times, or choose “whole days”.")})
    if event.starts_on is None:
        return
    check_clock("start_time", event.starts_on, event.start_time, event.zone)
    check_clock("end_time", event.ends_on or event.starts_on, event.end_time, event.zone)
    begins, ends = window(event)
    if begins and ends and ends <= begins:
        raise ValidationError({"end_time": _("The end must be after the start.")})
