import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from events.dates import check_dates, is_skipped, window
from events.models import Event
from home.models import Project

PARIS = ZoneInfo("Europe/Paris")
SUMMER_BEGINS = dt.date(2027, 3, 28)
WINTER_BEGINS = dt.date(2027, 10, 31)


def event(first=None, last=None, opens=None, closes=None, **fields):
    return Event(
        starts_on=first, ends_on=last, start_time=opens, end_time=closes, **{"timezone": "Europe/Paris", **fields}
    )


def utc(*moment):
    return dt.datetime(*moment, tzinfo=dt.UTC)


def day(month, number, year=2027):
    return dt.date(year, month, number)


NINE, FIVE = dt.time(9), dt.time(17)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event(day(1, 14), None, NINE, FIVE), (utc(2027, 1, 14, 8), utc(2027, 1, 14, 16))),
        (event(day(3, 27), SUMMER_BEGINS, NINE, FIVE), (utc(2027, 3, 27, 8), utc(2027, 3, 28, 15))),
        (event(day(1, 14), None, NINE, FIVE, timezone="Indian/Reunion"), (utc(2027, 1, 14, 5), utc(2027, 1, 14, 13))),
        (event(day(1, 14), None, NINE, FIVE, timezone="Asia/Tokyo"), (utc(2027, 1, 14, 0), utc(2027, 1, 14, 8))),
        # Clocks show 2:30 twice on this day; the first of them is meant.
        (event(WINTER_BEGINS, None, dt.time(2, 30), NINE), (utc(2027, 10, 31, 0, 30), utc(2027, 10, 31, 8))),
        (event(day(1, 14), precision="day"), (utc(2027, 1, 13, 23), utc(2027, 1, 14, 23))),
        (event(day(1, 14), day(1, 16), precision="day"), (utc(2027, 1, 13, 23), utc(2027, 1, 16, 23))),
        (event(SUMMER_BEGINS, precision="day"), (utc(2027, 3, 27, 23), utc(2027, 3, 28, 22))),
        # Times that are left over from before are not looked at.
        (event(day(1, 14), None, NINE, FIVE, precision="day"), (utc(2027, 1, 13, 23), utc(2027, 1, 14, 23))),
        (event(day(2, 10, 2028), precision="month"), (utc(2028, 1, 31, 23), utc(2028, 2, 29, 23))),
        (event(day(2, 10), day(4, 3), precision="month"), (utc(2027, 1, 31, 23), utc(2027, 4, 30, 22))),
        (event(day(5, 3), precision="year"), (utc(2026, 12, 31, 23), utc(2027, 12, 31, 23))),
        (event(day(5, 3), day(1, 1, 2028), precision="year"), (utc(2026, 12, 31, 23), utc(2028, 12, 31, 23))),
        # A draft with gaps counts as whole days.
        (event(day(1, 14), None, NINE, None), (utc(2027, 1, 13, 23), utc(2027, 1, 14, 23))),
        (event(day(1, 14), precision="unknown"), (None, None)),
        (event(), (None, None)),
    ],
)  # fmt: skip
def test_window_is_as_wide_as_the_date_is_vague(given, expected):
    found = window(given)

    assert found == expected


@pytest.mark.parametrize("given", [event(precision="unknown"), event(day(1, 14), precision="unknown"), event()])
def test_window_without_a_date_is_that_of_the_project(given):
    given.project = Project(starts_on=dt.date(2018, 9, 1), ends_on=dt.date(2020, 8, 31))

    found = window(given)

    assert found == (utc(2018, 8, 31, 22), utc(2020, 8, 31, 22))


@pytest.mark.parametrize("project", [Project(), Project(starts_on=dt.date(2018, 9, 1))])
def test_window_of_a_project_without_both_dates_is_unknown(project):
    found = window(event(precision="unknown", project=project))

    assert found == (None, None)


@pytest.mark.parametrize(
    ("date", "time", "zone", "expected"),
    [
        (SUMMER_BEGINS, dt.time(1, 59), PARIS, False),
        (SUMMER_BEGINS, dt.time(2), PARIS, True),
        (SUMMER_BEGINS, dt.time(2, 59), PARIS, True),
        (SUMMER_BEGINS, dt.time(3), PARIS, False),
        (WINTER_BEGINS, dt.time(2, 30), PARIS, False),
        (SUMMER_BEGINS, dt.time(2, 30), ZoneInfo("Indian/Reunion"), False),
        # Samoa left out a whole day.
        (dt.date(2011, 12, 30), dt.time(12), ZoneInfo("Pacific/Apia"), True),
    ],
)
def test_is_skipped_where_clocks_jump(date, time, zone, expected):
    assert is_skipped(date, time, zone) is expected


@pytest.mark.parametrize(
    "given",
    [
        event(day(1, 14), None, NINE, FIVE),
        event(day(1, 14), day(1, 14), NINE, FIVE),
        event(day(1, 14), day(1, 15), FIVE, NINE),
        event(day(1, 14), precision="day"),
        event(day(1, 14), None, FIVE, NINE, precision="day"),
        event(day(1, 14), precision="month"),
        event(day(1, 14), precision="year"),
        event(precision="unknown"),
        event(WINTER_BEGINS, None, dt.time(2, 30), NINE),
        event(day(1, 1, 1900), precision="day", timezone="Pacific/Kiritimati"),
        event(day(12, 31, 2199), precision="day", timezone="America/Los_Angeles"),
    ],
)
def test_check_dates_takes_what_can_be(given):
    assert check_dates(given) is None


GIVE_DAY = {"starts_on": ["Give the first day, or choose “to be confirmed”."]}
GIVE_TIMES = {"start_time": ["Give both times, or choose “whole days”."]}
END_FIRST = {"end_time": ["The end must be after the start."]}
SKIPPED = "Clocks skip this time on that day: summer time begins."
YEAR = ["Is this year right?"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event(), GIVE_DAY),
        (event(day(1, 14), None, NINE, FIVE, timezone=""), {"timezone": ["Choose the time zone of the place."]}),
        (event(precision="day"), GIVE_DAY),
        (event(None, None, NINE, FIVE), GIVE_DAY),
        (event(precision="month"), GIVE_DAY),
        (event(day(1, 14), day(1, 13), precision="day"), {"ends_on": ["The last day must not be before the first."]}),
        (event(day(1, 14)), GIVE_TIMES),
        (event(day(1, 14), None, NINE), GIVE_TIMES),
        (event(day(1, 14), None, None, FIVE), GIVE_TIMES),
        (event(day(1, 14), None, FIVE, NINE), END_FIRST),
        (event(day(1, 14), None, NINE, NINE), END_FIRST),
        (event(SUMMER_BEGINS, None, dt.time(2, 30), FIVE), {"start_time": [SKIPPED]}),
        (event(day(3, 27), SUMMER_BEGINS, NINE, dt.time(2, 30)), {"end_time": [SKIPPED]}),
        (event(dt.date.min, precision="day"), {"starts_on": YEAR}),
        (event(day(1, 1, 27), precision="day"), {"starts_on": YEAR}),
        (event(dt.date.max, precision="day"), {"starts_on": YEAR}),
        (event(day(1, 14), dt.date.max, precision="day"), {"ends_on": YEAR}),
        (event(dt.date.max, None, NINE, FIVE, timezone="America/Los_Angeles"), {"starts_on": YEAR}),
    ],
)
def test_check_dates_says_by_field_what_cannot_be(given, expected):
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        check_dates(given)

    with translation.override("en"):
        assert refused.value.message_dict == expected
