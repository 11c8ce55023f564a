"""When an event is, in sentences: as exactly as it is known, and with the clock of its place."""

import datetime as dt

import pytest
import time_machine
from django.utils import translation

from events.availability import Availability
from events.models import Event
from events.when import Saying, moment, seats_saying, when_of

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _english_november():
    with translation.override("en"), time_machine.travel(NOW, tick=False):
        yield


def event(**fields: object) -> Event:
    """An unsaved event with its derived times, as `save` would compute them."""
    from events.dates import window

    defaults = {"precision": "time", "timezone": "Europe/Rome", "city": "Genoa", "kind": "training"}
    made = Event(**{**defaults, **fields})
    made.begins_at, made.ends_at = window(made)
    return made


def test_when_of_one_evening():
    found = when_of(event(starts_on=dt.date(2027, 1, 14), start_time=dt.time(18), end_time=dt.time(20)))

    assert (found.day, found.time, found.short) == (
        "Thursday, 14 January 2027",
        "From 18:00 to 20:00 in Genoa (UTC+1)",
        "18:00–20:00",
    )
    assert (found.top, found.big, found.small, found.machine) == ("Jan", "14", "Thu", "2027-01-14T18:00:00+01:00")


def test_when_of_several_days_with_times():
    found = when_of(
        event(
            starts_on=dt.date(2027, 7, 14),
            ends_on=dt.date(2027, 7, 16),
            start_time=dt.time(9, 30),
            end_time=dt.time(17),
        )
    )

    assert found.day.replace("\u2009", "") == found.short.replace("\u2009", "") == "14–16 Jul 2027"
    assert found.time == "From Wednesday, 14 July 2027, 09:30, to Friday, 16 July 2027, 17:00, in Genoa (UTC+2)"


def test_when_of_an_online_event_names_the_town_of_its_zone():
    found = when_of(event(city="", starts_on=dt.date(2027, 1, 14), start_time=dt.time(18), end_time=dt.time(20)))

    assert found.time == "From 18:00 to 20:00 in Rome (UTC+1)"


def test_when_of_a_whole_day():
    found = when_of(event(precision="day", starts_on=dt.date(2027, 1, 14)))

    assert (found.day, found.time, found.short, found.start) == ("Thursday, 14 January 2027", "", "", None)
    assert found.machine == "2027-01-14"


def test_when_of_a_day_long_ago_shows_its_year():
    assert when_of(event(precision="day", starts_on=dt.date(2019, 1, 24))).small == "2019"


@pytest.mark.parametrize(
    ("fields", "day", "big", "machine"),
    [
        ({"precision": "month", "starts_on": dt.date(2019, 1, 1)}, "January 2019", "2019", "2019-01"),
        ({"precision": "year", "starts_on": dt.date(2019, 1, 1)}, "2019", "2019", "2019"),
        ({"precision": "unknown"}, "Date to be confirmed", "?", ""),
    ],
)
def test_when_of_an_inexact_date_says_no_more_than_is_known(fields, day, big, machine):
    found = when_of(event(**fields))

    assert (found.day, found.time, found.big, found.machine, found.is_exact) == (day, "", big, machine, False)


def test_when_of_something_over_promises_no_confirmation():
    past = event(precision="unknown")
    past.ends_at = NOW - dt.timedelta(days=1)

    assert when_of(past).day == "Date not known"


def test_moment_is_told_by_the_clock_of_the_place():
    at = dt.datetime(2027, 1, 12, 11, tzinfo=dt.UTC)

    assert moment(at, event()) == "Tuesday, 12 January 2027, 12:00 in Genoa (UTC+1)"


@pytest.mark.parametrize(
    ("seats", "saying"),
    [
        (Availability("open", seats=60, left_on_site=12), Saying("ok", "12 seats left")),
        (Availability("open", seats=60, left_on_site=7, left_online=5), Saying("ok", "12 seats left")),
        (Availability("few", seats=60, left_on_site=3), Saying("few", "Only 3 seats left")),
        (Availability("few", seats=60, left_on_site=1), Saying("few", "Only 1 seat left")),
        (Availability("full", seats=60), Saying("wait", "Full: waiting list")),
        (Availability("invited", seats=60), Saying("none", "By invitation only")),
        (Availability("interest"), Saying("few", "You can ask to be told the date")),
        (Availability("closed", seats=60), Saying("none", "Registration has closed")),
        (Availability("early", seats=60), Saying("none", "Registration has not opened yet")),
        (
            Availability("early", seats=60, opens_at=dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC)),
            Saying("none", "Registration opens on 1 December 2026"),
        ),
        (Availability("postponed"), Saying("few", "Postponed")),
        (Availability("cancelled"), Saying("off", "Cancelled")),
        (Availability("over"), None),
        (Availability("none"), None),
        (Availability("unconfirmed"), None),
    ],
)
def test_seats_saying_has_a_word_for_each_status(seats, saying):
    assert seats_saying(seats) == saying


def test_seats_saying_tells_the_opening_to_the_minute_on_the_events_page():
    early = Availability("early", seats=60, opens_at=dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC))

    assert seats_saying(early, event()) == Saying(
        "none", "Registration opens on Tuesday, 1 December 2026, 09:00 in Genoa (UTC+1)"
    )
