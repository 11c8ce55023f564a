"""The agenda as a month: every event on each of its days, in words, and a way on that ends somewhere."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup

from events.publication import change_state
from tests.events.publishing import change
from tests.factories import event_page, make_cite, make_event, make_tree

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 2, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def trees():
    return make_tree("fr", "en")


def make(name, day, last=None, **fields):
    """A training in Paris in February 2027, of whole days."""
    dates = {"starts_on": dt.date(2027, 2, day), "ends_on": last and dt.date(2027, 2, last)}
    times = {"precision": "day", "start_time": None, "end_time": None}
    return make_event(name, **{**dates, **times, **fields})


def month(client, query="month=2027-02", language="en"):
    response = client.get(f"/{language}/agenda-{language}/?{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split()).replace(" ,", ",").replace(" :", ":")


def days(page):
    """What the table says, by day."""
    cells = page.select("table.cal td:has(li)")
    return {cell.time["datetime"]: [words(item) for item in cell.select("li")] for cell in cells}


def links(page):
    return [(words(link), link["href"], link["rel"]) for link in page.select("nav[aria-label=Months] a")]


def test_month_is_a_table_of_whole_weeks_that_its_heading_names(client, trees):
    page = month(client, "month=2027-04")
    rows = [[cell.time and cell.time["datetime"] for cell in row.select("td")] for row in page.select("tbody tr")]

    assert words(page.find(id=page.table["aria-labelledby"])) == "April 2027"
    assert [(words(cell), cell.abbr["title"], cell["scope"]) for cell in page.select("thead th")] == [
        *(("Mon", "Monday", "col"), ("Tue", "Tuesday", "col"), ("Wed", "Wednesday", "col")),
        *(("Thu", "Thursday", "col"), ("Fri", "Friday", "col"), ("Sat", "Saturday", "col"), ("Sun", "Sunday", "col")),
    ]
    assert rows[0] == [None, None, None, "2027-04-01", "2027-04-02", "2027-04-03", "2027-04-04"]
    assert rows[-1] == ["2027-04-26", "2027-04-27", "2027-04-28", "2027-04-29", "2027-04-30", None, None]
    assert [len(row) for row in rows] == [7] * 5


def test_event_of_several_days_is_on_each_of_them_and_says_which(client, trees):
    make("Visit", 1, 2, starts_on=dt.date(2027, 1, 30), kind="visit")
    make("Course", 27, starts_on=dt.date(2027, 2, 27), ends_on=dt.date(2027, 3, 2))
    make("Before", 1, starts_on=dt.date(2027, 1, 31))
    make("After", 1, starts_on=dt.date(2027, 3, 1))

    assert days(month(client)) == {
        "2027-02-01": ["Visit, Paris Study visit · day 3 of 4"],
        "2027-02-02": ["Visit, Paris Study visit · day 4 of 4"],
        "2027-02-27": ["Course, Paris Training · day 1 of 4"],
        "2027-02-28": ["Course, Paris Training · day 2 of 4"],
    }


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"start_time": dt.time(0, 30), "end_time": dt.time(2), "timezone": "Indian/Reunion"}, ["2027-02-05"]),
        ({"start_time": dt.time(22), "end_time": dt.time(23), "timezone": "America/Cayenne"}, ["2027-02-05"]),
        ({"start_time": dt.time(20), "end_time": dt.time(0), "ends_on": dt.date(2027, 2, 6)}, ["2027-02-05"]),
        (
            {"start_time": dt.time(20), "end_time": dt.time(1), "ends_on": dt.date(2027, 2, 6)},
            ["2027-02-05", "2027-02-06"],
        ),
    ],
)
def test_days_are_those_of_the_clock_on_the_spot(client, trees, fields, found):
    make("Night", 5, precision="time", **fields)

    assert list(days(month(client))) == found


def test_what_does_not_take_place_says_so_and_what_was_withdrawn_is_not_there(client, trees):
    for state in ("cancelled", "postponed", "withdrawn", "planned"):
        event = make(state.title(), 8, state="confirmed" if state != "planned" else state, city="")
        if state != "planned":
            change_state(event.pk, state)
    make("Draft", 8, live=False)

    assert days(month(client)) == {
        "2027-02-08": ["Cancelled: Cancelled Training", "Postponed: Postponed Training", "Planned Training"]
    }


def test_event_without_a_day_is_listed_below(client, trees):
    make("Some day", 15, precision="month", is_demonstration=True)
    change_state(make("Off", 1, precision="month").pk, "cancelled")
    make("Some year", 1, precision="year")
    make("Nobody knows", 1, precision="unknown")
    page = month(client)

    assert days(page) == {}
    assert words(page.select_one(".cal-box h3")) == "Also in February 2027, day to be confirmed"
    assert [words(item) for item in page.select(".cal-more li")] == [
        "Some day, Paris Training · Demonstration",
        "Cancelled: Off, Paris Training",
    ]


def test_title_of_another_language_is_marked_and_leads_into_the_readers_frame(client, trees):
    french, both = make("x", 3), make("y", 3)
    event_page(trees["fr"]["agenda"], french, "Formation")
    event_page(trees["fr"]["agenda"], both, "Visite")
    own = event_page(trees["en"]["agenda"], both, "A visit")
    page = month(client)

    assert days(page) == {"2027-02-03": ["Formation, Paris Training · In French", "A visit, Paris Training"]}
    assert [(link["href"], link.span.get("lang")) for link in page.select(".cal li a")] == [
        (f"/en/event/{french.pk}/", "fr"),
        (own.get_url(), None),
    ]


def test_today_is_that_of_the_networks_seat(client, trees, clock):
    clock.move_to(dt.datetime(2027, 2, 11, 23, 30, tzinfo=dt.UTC))  # 0:30 in Paris

    assert [tag["datetime"] for tag in month(client).select('[aria-current="date"]')] == ["2027-02-12"]


def test_month_without_an_event_says_so_and_shows_a_way_on(client, trees):
    page = month(client, "month=2027-05&kind=visit")

    assert [words(tag) for tag in page.select(".nothing h2, .nothing a")] == [
        "No event in May 2027",
        "Show the coming events",
    ]
    assert page.select_one(".nothing a")["href"] == "?kind=visit"
    assert page.select(".nothing ~ table, .cal-more") == []


def test_filters_hold_in_the_month_and_on_the_way_to_another(client, trees):
    porto = make_cite("porto")
    make("Here", 4, cite=porto, country="", city="", languages=["pt"])
    make("Elsewhere", 4)
    make("Another kind", 4, cite=porto, kind="visit", country="PT", languages=["pt"])
    query = "kind=training&country=PT&cite=porto&language=pt"
    page = month(client, f"{query}&month=2027-02&page=3&when=past")

    assert days(page) == {"2027-02-04": ["Here Training"]}
    assert links(page) == [
        ("January 2027", f"?{query}&month=2027-01", ["prev"]),
        ("March 2027", f"?{query}&month=2027-03", ["next"]),
    ]
    assert [(words(link), link["href"], link.get("aria-current")) for link in page.select(".views a")] == [
        ("Coming", f"?{query}", None),
        ("Past", f"?{query}&when=past", None),
        ("Month", f"?{query}&month=2027-02", "page"),
    ]
    assert page.select_one("form.filters [name=month]")["value"] == "2027-02"


def test_list_leads_to_the_month_of_today(client, trees):
    page = month(client, "country=PT")

    assert [(words(link), link["href"], link.get("aria-current")) for link in page.select(".views a")] == [
        ("Coming", "?country=PT", "page"),
        ("Past", "?country=PT&when=past", None),
        ("Month", "?country=PT&month=2027-02", None),
    ]


@pytest.mark.parametrize(
    "value",
    ["2027-13", "x", "0000-01", "2027-00", "2027-1", "2027-02-01", "20270-2", "٢٠٢٧-٠٢", "2027-W1", "-1", "%F0"],
)
def test_what_is_no_month_is_left_out_with_a_word(client, trees, value):
    page = month(client, f"month={value}")

    assert words(page.select_one(".notice.warn")) == "One of the filters is not understood, so it is left out."
    assert words(page.select_one("h2#month")) == "February 2027"


def test_empty_month_is_no_wish(client, trees):
    page = month(client, "month=&kind=")

    assert page.select(".notice, table") == []


@pytest.mark.parametrize(
    ("value", "around"),
    [
        ("0001-01", [("February 1", ["next", "nofollow"])]),
        ("9999-12", [("November 9999", ["prev", "nofollow"])]),
        ("2026-02", [("March 2026", ["next"])]),  # a year ago, and nothing before
        ("2028-01", [("December 2027", ["prev"]), ("February 2028", ["next"])]),
        ("2028-02", [("January 2028", ["prev"]), ("March 2028", ["next", "nofollow"])]),  # where an event is
        ("2028-03", [("February 2028", ["prev"])]),
    ],
)
def test_months_go_on_for_a_year_and_as_far_as_there_are_events(client, trees, value, around):
    make("Late", 1, starts_on=dt.date(2028, 2, 28), ends_on=dt.date(2028, 3, 1))

    assert [(text, rel) for text, _url, rel in links(month(client, f"month={value}"))] == around


@pytest.mark.parametrize(
    ("value", "is_indexed"), [("2026-02", True), ("2028-02", True), ("2026-01", False), ("2028-03", False)]
)
def test_search_engines_are_kept_from_far_months(client, trees, value, is_indexed):
    page = month(client, f"month={value}")
    canonical = [tag["href"] for tag in page.select("link[rel=canonical]")]

    assert bool(page.select("meta[name=robots][content=noindex]")) is not is_indexed
    assert canonical == ([trees["en"]["agenda"].full_url] if is_indexed else [])


def test_month_tells_itself_apart_in_the_title(client, trees):
    assert words(month(client).title) == "agenda en, February 2027 – Cités des métiers"


def test_moved_event_leaves_its_day(client, trees):
    event = make("Course", 3)
    change(event, starts_on=dt.date(2027, 2, 9))

    assert list(days(month(client))) == ["2027-02-09"]
