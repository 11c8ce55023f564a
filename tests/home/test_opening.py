"""Open or closed, in the Cité's own time, and never guessed."""

import datetime as dt

import pytest
import time_machine

from home.models import OpeningException, OpeningInterval
from home.opening import Status, coming_exceptions, day_of, status, week
from tests.factories import make_cite

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 11, 23)
NINE, NOON, TWO, FIVE = dt.time(9), dt.time(12), dt.time(14), dt.time(17)
WORKING_DAYS = range(1, 6)


def utc(day, hour, minute=0, second=0):
    return dt.datetime(2026, 11, day, hour, minute, second, tzinfo=dt.UTC)


def interval(weekday, opens=NINE, closes=NOON):
    return OpeningInterval(weekday=weekday, opens=opens, closes=closes)


def closed(first, last=None, **fields):
    return OpeningException(first_on=first, last_on=last or first, **fields)


def make(intervals=(), exceptions=(), **fields):
    """A Cité in Lisbon, which is on UTC in winter."""
    cite = make_cite(**{"are_hours_known": True, "timezone": "Europe/Lisbon", **fields})
    cite.intervals = list(intervals)
    cite.exceptions = list(exceptions)
    cite.save()
    return cite


def morning_and_afternoon(days=WORKING_DAYS):
    return [interval(day, *times) for day in days for times in ((NINE, NOON), (TWO, FIVE))]


def test_status_of_unknown_hours_is_not_closed():
    cite = make([interval(1)], are_hours_known=False)

    assert status(cite, utc(23, 10)) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(23, 8, 59, 59), Status(is_open=False, opens_today=NINE)),
        (utc(23, 9), Status(is_open=True, closes=NOON)),
        (utc(23, 11, 59, 59), Status(is_open=True, closes=NOON)),
        (utc(23, 12), Status(is_open=False, opens_today=TWO)),
        (utc(23, 14), Status(is_open=True, closes=FIVE)),
        (utc(23, 17), Status(is_open=False, opens_on=dt.date(2026, 11, 24), opens=NINE)),
        (utc(27, 17), Status(is_open=False, opens_on=dt.date(2026, 11, 30), opens=NINE)),
        (utc(28, 10), Status(is_open=False, opens_on=dt.date(2026, 11, 30), opens=NINE)),
    ],
)
def test_status_follows_the_intervals_of_the_day(now, expected):
    cite = make(reversed(morning_and_afternoon()))

    assert status(cite, now) == expected


def test_status_is_open_in_the_zone_of_the_cite():
    cite = make([interval(1, dt.time(8))], timezone="Indian/Reunion")

    morning = utc(23, 5)  # 9:00 there, 6:00 in Paris

    assert status(cite, morning) == Status(is_open=True, closes=NOON)


def test_status_on_another_day_than_here():
    cite = make([interval(2, dt.time(8), dt.time(10))], timezone="Pacific/Noumea")

    still_monday_here = utc(23, 22)  # Tuesday, 9:00 there

    assert status(cite, still_monday_here) == Status(is_open=True, closes=dt.time(10))


@pytest.mark.parametrize(("day", "hour"), [(24, 7), (26, 8)])
def test_status_moves_with_summer_time(day, hour):
    cite = make([interval(weekday) for weekday in range(1, 8)], timezone="Europe/Paris")

    nine = dt.datetime(2026, 10, day, hour, tzinfo=dt.UTC)  # winter time begins on the 25th
    found = [status(cite, moment) for moment in (nine - dt.timedelta(seconds=1), nine)]

    assert found == [Status(is_open=False, opens_today=NINE), Status(is_open=True, closes=NOON)]


def test_status_asks_the_clock_where_nobody_says_when():
    cite = make(morning_and_afternoon())

    with time_machine.travel(utc(23, 10), tick=False):
        assert status(cite) == Status(is_open=True, closes=NOON)


def test_status_without_any_interval_promises_nothing():
    assert status(make(), utc(23, 10)) == Status(is_open=False)


def test_status_looks_two_weeks_ahead():
    cite = make([interval(1)], [closed(MONDAY, dt.date(2026, 12, 6))])

    found = [status(cite, utc(day, 10)) for day in (23, 22)]

    assert found == [Status(is_open=False, opens_on=dt.date(2026, 12, 7), opens=NINE), Status(is_open=False)]


# --- days that nobody knows


@pytest.mark.parametrize("day", [24, 26])
def test_status_on_a_day_that_nobody_knows_is_not_closed(day):
    cite = make(morning_and_afternoon([1, 3, 5]), days_not_known=["2", "4"])

    assert status(cite, utc(day, 10)) is None


def test_status_does_not_skip_a_day_that_nobody_knows():
    cite = make(morning_and_afternoon([1, 3]), days_not_known=["2"])

    monday_evening, wednesday_noon = status(cite, utc(23, 18)), status(cite, utc(25, 12))

    # It may well be open on Tuesday.
    assert monday_evening == Status(is_open=False)
    assert wednesday_noon == Status(is_open=False, opens_today=TWO)


def test_status_is_known_on_an_unknown_day_with_an_exception():
    cite = make([interval(1)], [closed(dt.date(2026, 11, 24), opens=TWO, closes=FIVE)], days_not_known=["2"])

    found = status(cite, utc(23, 18)), status(cite, utc(24, 15))

    assert found == (
        Status(is_open=False, opens_on=dt.date(2026, 11, 24), opens=TWO),
        Status(is_open=True, closes=FIVE),
    )


# --- exceptions


def test_status_is_closed_by_an_exception_from_its_first_to_its_last_day():
    cite = make(morning_and_afternoon(), [closed(dt.date(2026, 11, 24), dt.date(2026, 11, 25))])

    found = [status(cite, utc(day, 10)) for day in (23, 24, 25, 26)]

    wait = Status(is_open=False, opens_on=dt.date(2026, 11, 26), opens=NINE)
    assert found == [Status(is_open=True, closes=NOON), wait, wait, Status(is_open=True, closes=NOON)]


def test_status_is_that_of_an_exception_with_other_hours():
    cite = make(morning_and_afternoon(), [closed(MONDAY, opens=dt.time(10), closes=dt.time(11))])

    found = [status(cite, utc(23, hour)) for hour in (9, 10, 14)]

    tomorrow = Status(is_open=False, opens_on=dt.date(2026, 11, 24), opens=NINE)
    assert found == [Status(is_open=False, opens_today=dt.time(10)), Status(is_open=True, closes=dt.time(11)), tomorrow]


def test_exceptions_of_one_day_are_its_morning_and_its_afternoon():
    cite = make(
        exceptions=[
            closed(MONDAY, opens=TWO, closes=FIVE),
            closed(MONDAY, opens=NINE, closes=NOON),
        ]
    )

    day = day_of(cite, MONDAY, MONDAY)

    assert day.intervals == ((NINE, NOON), (TWO, FIVE))


def test_exception_within_closed_weeks_opens_its_day():
    weeks = closed(dt.date(2026, 11, 2), dt.date(2026, 11, 30))
    cite = make(morning_and_afternoon(), [weeks, closed(MONDAY, opens=TWO, closes=FIVE)])

    day = day_of(cite, MONDAY, MONDAY)

    assert (day.intervals, day.exception.opens) == (((TWO, FIVE),), TWO)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (-2, -1, False),
        (-1, 0, True),
        (0, 0, True),
        (60, 70, True),
        (61, 70, False),
        (-100, 100, True),
    ],
)
def test_coming_exceptions_are_those_of_the_next_two_months(first, last, expected):
    days = [MONDAY + dt.timedelta(days=number) for number in (first, last)]
    cite = make(exceptions=[closed(*days)])

    found = coming_exceptions(cite, utc(23, 10))

    assert [(row.first_on, row.last_on) for row in found] == ([tuple(days)] if expected else [])


# --- the week


def test_week_is_the_one_that_today_is_in_there():
    cite = make([interval(1), interval(7, TWO, FIVE)], [closed(dt.date(2026, 11, 25))], days_not_known=["4"])

    days = week(cite, utc(29, 23, 59))

    assert [(day.date.day, day.weekday.value, day.intervals, day.is_today, day.is_known) for day in days] == [
        (23, 1, ((NINE, NOON),), False, True),
        (24, 2, (), False, True),
        (25, 3, (), False, True),
        (26, 4, (), False, False),
        (27, 5, (), False, True),
        (28, 6, (), False, True),
        (29, 7, ((TWO, FIVE),), True, True),
    ]
    assert [day.date.day for day in days if day.exception] == [25]


def test_week_turns_at_midnight_there():
    cite = make(timezone="Indian/Reunion")

    found = [week(cite, utc(29, hour))[0].date for hour in (19, 20)]

    assert found == [MONDAY, dt.date(2026, 11, 30)]
