"""What subscribers see of an event's life: the feed before and after each act, read with part E of the checklist."""

import datetime as dt

import pytest
import time_machine

from events.publication import change_state
from tests.events.ical_checklist import problems
from tests.events.ical_evolution import State, history_problems, language_problems
from tests.events.ical_lines import parse
from tests.events.publishing import change, unpublish
from tests.factories import event_page, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
LANGUAGES = ("fr", "en", "de")  # the original words, others, none


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def fetch(client, language="en"):
    return State(now(), client.get(f"/{language}/calendar/all.ics").content)


def followed(client, clock, *acts, every=HOUR):
    """The feed in each language, before the acts and after each; none may break what clients rely on."""
    clock.shift(HOUR)
    states = {code: [fetch(client, code)] for code in LANGUAGES}
    for act in acts:
        clock.shift(every)
        act()
        clock.shift(HOUR)
        for code in LANGUAGES:
            states[code].append(fetch(client, code))
    for code in LANGUAGES:
        assert history_problems(states[code]) == []
        assert [problems(state.data, now=state.at) for state in states[code]] == [[]] * (len(acts) + 1)
        assert [language_problems(*two) for two in same_moments(states["fr"], states[code])] == [[]] * (len(acts) + 1)
    return states


def same_moments(*languages):
    return [[state.data for state in states] for states in zip(*languages, strict=True)]


def told(state, event):
    """What the feed says of an event: status, start, title and sequence; nothing if it is not there."""
    entries = {found.value("UID"): found for found in parse(state.data)[0][0].named("VEVENT")}
    entry = entries.get(str(event.uuid))
    names = ("STATUS", "DTSTART", "SUMMARY", "SEQUENCE")
    return tuple(entry.value(name) for name in names) if entry else ()


def history(states, event):
    return [told(state, event) for state in states["en"]]


@pytest.fixture
def event():
    """A meeting with words in two languages, beside another one of which nothing is heard."""
    trees = make_tree("fr", "en")
    make_event("Autre", in_days=5, precision="day", start_time=None, end_time=None)
    event = make_event(in_days=4, contact_name="Accueil", latitude=48.5, longitude=2.5)
    page = event_page(trees["fr"]["agenda"], event, "Rencontre", summary="Trois heures.")
    event_page(trees["en"]["agenda"], event, "Meeting", translation_key=page.translation_key)
    return stored(event)


AS_IT_WAS = ("CONFIRMED", "20270114T090000", "Meeting", "0")
CALLED_OFF = ("CANCELLED", "20270114T090000", "Cancelled: Meeting", "1")
UNSAID = ("CANCELLED", "20270114T090000", "Cancelled: Event", "1")


def test_event_moves(client, clock, event):
    states = followed(
        client,
        clock,
        lambda: change(event, starts_on=dt.date(2027, 1, 21)),
        lambda: change(event, timezone="Europe/Lisbon", city="Lisboa", country="PT"),
        lambda: change(event, precision="day", start_time=None, end_time=None),
    )

    assert history(states, event) == [
        AS_IT_WAS,
        ("CONFIRMED", "20270121T090000", "Meeting", "1"),
        ("CONFIRMED", "20270121T090000", "Meeting", "2"),
        ("CONFIRMED", "20270121", "Meeting", "3"),
    ]


def test_event_is_cancelled_and_takes_place_after_all(client, clock, event):
    states = followed(
        client, clock, lambda: change_state(event.pk, "cancelled"), lambda: change_state(event.pk, "confirmed")
    )

    assert history(states, event) == [AS_IT_WAS, CALLED_OFF, (*AS_IT_WAS[:3], "2")]


def test_event_is_unpublished_and_published_again(client, clock, event):
    states = followed(client, clock, lambda: unpublish(event), lambda: change(event))

    assert history(states, event) == [AS_IT_WAS, UNSAID, (*AS_IT_WAS[:3], "2")]


def test_event_is_unpublished_and_published_between_two_fetches(client, clock, event):
    states = followed(client, clock, lambda: (unpublish(event), change(event)))

    assert history(states, event) == [AS_IT_WAS, (*AS_IT_WAS[:3], "2")]


def test_event_is_postponed_and_has_a_date_again(client, clock, event):
    states = followed(
        client,
        clock,
        lambda: change_state(event.pk, "postponed"),
        lambda: change(event, precision="unknown", starts_on=None),
        lambda: change(event, precision="time", starts_on=dt.date(2027, 5, 20)),
        lambda: change_state(event.pk, "confirmed"),
    )

    sequences = [row[3] for row in history(states, event)]
    assert [row[:3] for row in history(states, event)] == [
        AS_IT_WAS[:3],
        CALLED_OFF[:3],
        CALLED_OFF[:3],
        ("CANCELLED", "20270520T090000", "Cancelled: Meeting"),
        ("CONFIRMED", "20270520T090000", "Meeting"),
    ]
    assert sequences == sorted(sequences)


def test_event_loses_its_exact_date(client, clock, event):
    states = followed(
        client,
        clock,
        lambda: change(event, precision="month"),
        lambda: change(event, precision="time", starts_on=dt.date(2027, 1, 21)),
    )

    assert history(states, event) == [AS_IT_WAS, CALLED_OFF, ("CONFIRMED", "20270121T090000", "Meeting", "2")]


def test_event_is_withdrawn(client, clock, event):
    states = followed(client, clock, lambda: change_state(event.pk, "withdrawn"))

    assert history(states, event) == [AS_IT_WAS, UNSAID]


def test_new_words_in_one_language_are_news_in_this_one_alone(client, clock, event):
    page = event.pages.get(locale__language_code="en")

    def retranslate():
        page.title = "Gathering"
        page.save_revision().publish()

    states = followed(client, clock, retranslate)

    assert history(states, event) == [AS_IT_WAS, ("CONFIRMED", "20270114T090000", "Gathering", "0")]
    assert [code for code in LANGUAGES if states[code][0].data != states[code][1].data] == ["en"]


def test_words_that_go_are_news_too(client, clock, event):
    states = followed(client, clock, event.pages.get(locale__language_code="en").unpublish)

    assert history(states, event) == [AS_IT_WAS, ("CONFIRMED", "20270114T090000", "Rencontre", "0")]


def test_nothing_changes_the_feed_but_news(client, clock, event):
    def much_ado():
        stored(event).save_revision()
        change(event)
        change(event, online_link="https://meet.example.org/x")
        for page in event.pages.all():
            page.save_revision().publish()

    states = followed(client, clock, much_ado, every=DAY)

    assert {code: len({state.data for state in states[code]}) for code in LANGUAGES} == dict.fromkeys(LANGUAGES, 1)


@pytest.mark.parametrize("act", ["cancelled", "withdrawn", "unpublished", None])
def test_event_stays_until_it_has_been_over_for_ninety_days(client, clock, event, act):
    def end():
        unpublish(event) if act == "unpublished" else act and change_state(event.pk, act)

    states = followed(client, clock, end, *[lambda: None] * 4, every=30 * DAY - HOUR)

    days = [(state.at - NOON).days for state in states["en"] if told(state, event)]
    assert days == [0, 30, 60, 90]
    assert len(states["en"]) == 6


def test_cancelled_event_stays_however_far_away_it_was(client, clock, event):
    far = make_event("far", in_days=400)

    states = followed(client, clock, lambda: change_state(far.pk, "cancelled"), lambda: None, every=200 * DAY)

    assert [row[:1] for row in history(states, far)] == [("CONFIRMED",), ("CANCELLED",), ("CANCELLED",)]
