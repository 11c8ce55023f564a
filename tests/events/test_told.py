import datetime as dt

import pytest
import time_machine
from django.utils import translation

from events.letters import Change
from events.models import Event
from events.told import as_told, changes_between, is_news, reader_time, sentences, when_said, where_said

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.date(2027, 3, 11)


@pytest.fixture(autouse=True)
def english():
    with time_machine.travel(NOON, tick=False), translation.override("en"):
        yield


def event(**facts):
    """An event that is stored nowhere, 9:00 to 17:00 in Paris."""
    defaults = {
        "state": "confirmed",
        "precision": "time",
        "starts_on": DAY,
        "start_time": dt.time(9),
        "end_time": dt.time(17),
        "timezone": "Europe/Paris",
        "city": "Paris",
        "country": "FR",
    }
    made = Event(**{**defaults, **facts})
    return as_told(made, made.told())


PARIS = "Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+1)"


@pytest.mark.parametrize(
    ("facts", "changes"),
    [
        ({}, []),
        ({"state": "planned"}, []),
        ({"state": "postponed"}, [("State", "takes place", "postponed"), ("When", PARIS, "New date to be confirmed")]),
        ({"state": "cancelled"}, [("State", "takes place", "cancelled")]),
        ({"state": "withdrawn"}, [("State", "takes place", "cancelled")]),
        (
            {"starts_on": dt.date(2027, 3, 12)},
            [("When", PARIS, "Friday, 12 March 2027. From 09:00 to 17:00 in Paris (UTC+1)")],
        ),
        (
            {"starts_on": dt.date(2027, 4, 1)},  # summer time
            [("When", PARIS, "Thursday, 1 April 2027. From 09:00 to 17:00 in Paris (UTC+2)")],
        ),
        (
            {"ends_on": dt.date(2027, 3, 12)},
            [
                (
                    "When",
                    PARIS,
                    (
                        "11–12 Mar 2027. From Thursday, 11 March 2027, 09:00, to Friday, 12 March 2027, 17:00, in"
                        " Paris (UTC+1)"
                    ),
                )
            ],
        ),
        (
            {"start_time": dt.time(10)},
            [("When", PARIS, "Thursday, 11 March 2027. From 10:00 to 17:00 in Paris (UTC+1)")],
        ),
        (
            {"end_time": dt.time(16, 30)},
            [("When", PARIS, "Thursday, 11 March 2027. From 09:00 to 16:30 in Paris (UTC+1)")],
        ),
        (
            {"timezone": "Europe/Sofia"},
            [("When", PARIS, "Thursday, 11 March 2027. From 09:00 to 17:00 in Paris (UTC+2)")],
        ),
        ({"timezone": "Europe/Brussels"}, []),  # another name for the same time
        ({"precision": "day"}, [("When", PARIS, "Thursday, 11 March 2027")]),
        ({"precision": "month"}, [("When", PARIS, "March 2027")]),
        ({"precision": "year"}, [("When", PARIS, "2027")]),
        ({"precision": "unknown"}, [("When", PARIS, "Date to be confirmed")]),
        ({"precision": "unknown", "starts_on": None}, [("When", PARIS, "Date to be confirmed")]),
        ({"place_name": "Salle A"}, [("Where", "Paris, France", "Salle A, Paris, France")]),
        ({"address": "1, rue X"}, [("Where", "Paris, France", "1, rue X, Paris, France")]),
        (
            {"city": "Lyon"},
            [
                ("When", PARIS, "Thursday, 11 March 2027. From 09:00 to 17:00 in Lyon (UTC+1)"),
                ("Where", "Paris, France", "Lyon, France"),
            ],
        ),
        ({"country": "BE"}, [("Where", "Paris, France", "Paris, Belgium")]),
        ({"is_online": True}, [("Where", "Paris, France", "Paris, France. On site and online")]),
        ({"latitude": "48.1", "longitude": "2.1"}, []),
        ({"name": "Other", "contact_name": "Other", "online_link": "https://x.example.org"}, []),
    ],
)
def test_each_fact_is_told_as_it_was_and_as_it_is(facts, changes):
    before, now = event(), event(**facts)

    found = changes_between(now, before.told(), now.told())

    assert [(change.label, change.old, change.new) for change in found] == changes
    assert is_news(now, before.told(), now.told()) is bool(changes)


def test_nothing_is_said_of_what_is_not_known():
    assert changes_between(event(), {}, event().told()) == []
    assert is_news(event(), {}, event().told())


@pytest.mark.parametrize("state", ["cancelled", "withdrawn"])
def test_nothing_is_news_of_an_event_that_was_told_to_be_cancelled(state):
    off, on, before = event(state=state, city="Lyon"), event(city="Lyon"), event(state="cancelled").told()

    assert not is_news(off, before, off.told())
    assert is_news(on, before, on.told())


def test_when_is_told_by_the_readers_clock_as_well():
    before, now = event(), event(starts_on=dt.date(2027, 7, 1), timezone="Europe/Sofia", city="Sofia", country="BG")

    [when, _where] = changes_between(now, before.told(), now.told(), "PT")

    assert when == Change(
        "When",
        PARIS,
        "Thursday, 1 July 2027. From 09:00 to 17:00 in Sofia (UTC+3)",
        "Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)",
        "Start by the clock of Lisbon: Thursday, 1 July 2027, 07:00 (UTC+1)",
    )


@pytest.mark.parametrize(
    ("country", "facts", "expected"),
    [
        ("", {}, ""),
        ("??", {}, ""),
        ("FR", {}, ""),
        ("BE", {}, ""),  # another zone with the same time
        ("PT", {}, "Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)"),
        ("CA", {}, "Start by the clock of Toronto: Thursday, 11 March 2027, 03:00 (UTC−5)"),
        ("CA", {"start_time": dt.time(1)}, "Start by the clock of Toronto: Wednesday, 10 March 2027, 19:00 (UTC−5)"),
        ("IN", {}, "Start by the clock of Kolkata: Thursday, 11 March 2027, 13:30 (UTC+5:30)"),
        ("PT", {"precision": "day"}, ""),
        ("PT", {"precision": "month"}, ""),
        ("PT", {"state": "postponed"}, ""),
        ("PT", {"state": "cancelled"}, "Start by the clock of Lisbon: Thursday, 11 March 2027, 08:00 (UTC+0)"),
    ],
)
def test_reader_time_is_said_where_the_clocks_differ(country, facts, expected):
    assert reader_time(event(**facts), country) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"city": "", "country": ""}, "Place to be confirmed"),
        ({"city": "", "country": "", "is_online": True}, "Online"),
        ({"is_online": True, "country": "", "city": "Etc."}, "Etc. On site and online"),
        ({"place_name": "Salle\n A "}, "Salle A, Paris, France"),
    ],
)
def test_where_is_said(facts, expected):
    assert where_said(event(**facts)) == expected


def test_dates_that_end_with_a_full_stop_get_no_other():
    with translation.override("bg"):
        assert when_said(event()).startswith("четвъртък, 11 март 2027\u202fг. ")
    assert (sentences("One", "two"), sentences("One.", "two")) == ("One. two", "One. two")


def test_what_was_told_leaves_the_event_alone():
    now = event()
    before = dict(vars(now))

    then = as_told(now, {**now.told(), "starts_on": "", "is_online": "True", "city": "Lyon"})

    assert (then.starts_on, then.is_online, then.city, then.begins_at) == (None, True, "Lyon", None)
    assert dict(vars(now)) == before
