import datetime as dt

import pytest
import time_machine

from events.availability import Availability, availability, availability_of
from events.models import Admission, Event
from events.registration import cancel, register
from tests.events.publishing import change
from tests.factories import admit, applicant, make_event

NOW = dt.datetime(2027, 1, 10, 8, tzinfo=dt.UTC)
OPENED, CLOSING = NOW - dt.timedelta(hours=1), NOW + dt.timedelta(hours=1)
STARTS = dt.datetime(2027, 1, 14, 8, tzinfo=dt.UTC)


def event(**fields):
    facts = {
        "state": "confirmed",
        "starts_on": dt.date(2027, 1, 14),
        "start_time": dt.time(9),
        "end_time": dt.time(17),
        "begins_at": STARTS,
        "ends_at": STARTS + dt.timedelta(hours=8),
    }
    return Event(pk=1, live=True, timezone="Europe/Paris", **{**facts, **fields})


def admission(on_site=10, online=0, **window):
    return Admission(seats_on_site=on_site, seats_online=online, **window)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("is_admitting", [True, False])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event(state="cancelled"), "cancelled"),
        (event(state="withdrawn"), "cancelled"),
        (event(state="cancelled", ends_at=NOW), "cancelled"),
        (event(state="postponed"), "postponed"),
        (event(ends_at=NOW), "over"),
        (event(ends_at=NOW, precision="month"), "over"),
        (event(precision="month"), "unconfirmed"),
        (event(precision="year"), "unconfirmed"),
        (event(precision="unknown"), "unconfirmed"),
        (event(starts_on=None), "unconfirmed"),
    ],
)
def test_availability_of_what_does_not_take_place_tells_no_seats(given, expected, is_admitting):
    found = availability(given, admission() if is_admitting else None, NOW)

    assert found == Availability(expected)


@pytest.mark.parametrize("row", [None, admission(0, 0)])
@time_machine.travel(NOW, tick=False)
def test_availability_without_seats_is_none(row):
    assert availability(event(), row, NOW) == Availability("none")


SECOND = dt.timedelta(seconds=1)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("row", "taken", "expected"),
    [
        (admission(), (0, 0), "open"),
        (admission(opens_at=OPENED, closes_at=CLOSING), (0, 0), "open"),
        (admission(opens_at=NOW), (0, 0), "open"),
        (admission(opens_at=NOW + SECOND), (0, 0), "early"),
        (admission(closes_at=NOW), (0, 0), "closed"),
        (admission(closes_at=NOW + SECOND), (0, 0), "open"),
        (admission(), (4, 0), "open"),
        (admission(), (5, 0), "few"),
        (admission(), (9, 0), "few"),
        (admission(), (10, 0), "full"),
        (admission(), (11, 0), "full"),
        # Of many seats a tenth is few.
        (admission(100), (89, 0), "open"),
        (admission(100), (90, 0), "few"),
        # Where nobody has registered there are not few seats, however few there are.
        (admission(3), (0, 0), "open"),
        (admission(3), (1, 0), "few"),
        (admission(10, 10), (10, 0), "open"),
        (admission(10, 10), (10, 6), "few"),
        (admission(10, 10), (12, 8), "few"),
        (admission(10, 10), (10, 10), "full"),
        # Full or not, before and after the window nobody can register; nor can who was not invited.
        (admission(by_invitation=True), (0, 0), "invited"),
        (admission(by_invitation=True), (10, 0), "invited"),
        (admission(opens_at=CLOSING), (10, 0), "early"),
        (admission(closes_at=OPENED), (10, 0), "closed"),
    ],
)
def test_availability_says_how_things_stand(row, taken, expected):
    assert availability(event(), row, NOW, *taken).status == expected


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("facts", "row", "ways"),
    [
        ({}, admission(), ("on-site",)),
        ({"is_online": True}, admission(0, 5), ("online",)),
        ({"is_online": True}, admission(5, 5), ("on-site", "online")),
        # Before there are seats, the ways that the place speaks of.
        ({"precision": "month"}, admission(0, 0, takes_interest=True), ("on-site",)),
        ({"precision": "month", "is_online": True}, admission(0, 0, takes_interest=True), ("online",)),
        (
            {"precision": "month", "is_online": True, "city": "Paris"},
            admission(0, 0, takes_interest=True),
            ("on-site", "online"),
        ),
    ],
)
def test_availability_names_the_ways(facts, row, ways):
    found = availability(event(**facts), row, NOW)

    assert found.ways == ways
    assert found.takes_people


@pytest.mark.parametrize(
    ("now", "expected"),
    [(STARTS - dt.timedelta(days=1, seconds=1), "open"), (STARTS - dt.timedelta(days=1), "closed")],
)
def test_availability_ends_a_day_before_the_start_where_nobody_said_when(now, expected):
    with time_machine.travel(now, tick=False):
        found = availability(event(), admission(), now)

    assert found == Availability(
        expected, seats=10, left_on_site=10, closes_at=dt.datetime(2027, 1, 13, 8, tzinfo=dt.UTC), ways=("on-site",)
    )


@time_machine.travel(STARTS + dt.timedelta(hours=1), tick=False)
def test_availability_of_a_running_event_is_open_as_long_as_somebody_said_so():
    now, end = STARTS + dt.timedelta(hours=1), STARTS + dt.timedelta(hours=8)

    found = availability(event(), admission(closes_at=end), now)

    assert found == Availability("open", seats=10, left_on_site=10, closes_at=end, ways=("on-site",))


@pytest.mark.parametrize(
    ("given", "left", "can_register", "percent"),
    [
        (Availability("open", 10, 7, 0), 7, True, 30),
        (Availability("few", 9, 2, 1), 3, True, 67),
        (Availability("full", 9), 0, False, 100),
        (Availability("early", 9, 9), 9, False, 0),
        (Availability("none"), 0, False, 0),
    ],
)
def test_availability_counts_both_ways_together(given, left, can_register, percent):
    assert (given.left, given.can_register, given.percent_taken) == (left, can_register, percent)


@pytest.mark.django_db
def test_availability_of_events_counts_seats_by_way_and_forgets_cancelled_ones():
    lonely, both = make_event("lonely"), make_event("both")
    admit(both, 10, 5)
    rows = [
        register(both.pk, applicant(f"{number}@example.org", way=way))
        for number, way in enumerate(["on-site"] * 3 + ["online"] * 2)
    ]
    cancel(rows[0].pk)

    found = availability_of([lonely, both])

    assert found == {
        lonely.pk: Availability("none"),
        both.pk: Availability(
            "open", 15, 8, 3, closes_at=both.begins_at - dt.timedelta(days=1), ways=("on-site", "online")
        ),
    }


@pytest.mark.django_db
def test_availability_follows_an_event_that_is_moved():
    event = make_event()
    admit(event)

    moved = change(event, starts_on=event.starts_on + dt.timedelta(days=7))

    assert availability_of([moved])[event.pk].closes_at == moved.begins_at - dt.timedelta(days=1)
    assert moved.begins_at > event.begins_at


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_availability_of_many_events_is_one_query(number, django_assert_num_queries):
    events = [make_event(f"event {index}") for index in range(number)]
    for event in events:
        admit(event)
        register(event.pk, applicant())

    with django_assert_num_queries(1):
        found = availability_of(events)

    assert [row.left for row in found.values()] == [9] * number


@pytest.mark.django_db
def test_availability_of_nothing_is_nothing():
    assert availability_of([]) == {}
