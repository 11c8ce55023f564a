"""Feeds of a kind, a country, a Cité, and a Cité's kind: what is in them, and what stays in them."""

import datetime as dt

import pytest
import time_machine
from wagtail.models import PageViewRestriction

from events.management.commands.render_calendar import Command as RenderCalendar
from events.models import Feed
from events.publication import change_state
from portal.audit import problems as broken_promises
from tests.events.ical_checklist import problems
from tests.events.ical_evolution import State, filter_problems, history_problems
from tests.events.ical_lines import parse
from tests.events.publishing import change, draft, unpublish
from tests.factories import event_page, make_cite, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def get(client, name, language="en", **headers):
    return client.get(f"/{language}/calendar/{name}.ics", headers=headers)


def summaries(response):
    assert response.status_code == 200
    (calendar,), _found = parse(response.content)
    return [event.value("SUMMARY") for event in calendar.named("VEVENT")]


def network():
    """Porto and Torino, each with a meeting and a training; Porto has one online; the network has a webinar."""
    porto, torino = make_cite("porto"), make_cite("torino", country="IT", city="Torino", timezone="Europe/Rome")
    make_event("Porto meets", in_days=1, cite=porto, kind="meeting", city="Porto", country="PT")
    make_event("Porto trains", in_days=2, cite=porto, city="Porto", country="PT")
    make_event("Porto online", in_days=3, cite=porto, city="", country="", is_online=True)
    make_event("Torino trains", in_days=4, cite=torino, city="Torino", country="IT")
    make_event("Torino in Paris", in_days=5, cite=torino, kind="meeting")
    make_event("Network", in_days=6, kind="webinar", city="", country="", is_online=True)
    return porto, torino


def change_cite(cite, **facts):
    drafted = stored(cite).get_latest_revision_as_object()
    for name, value in facts.items():
        setattr(drafted, name, value)
    drafted.save_revision().publish()


SCOPES = {
    "all": ["Porto meets", "Porto trains", "Porto online", "Torino trains", "Torino in Paris", "Network"],
    "training": ["Porto trains", "Porto online", "Torino trains"],
    "meeting": ["Porto meets", "Torino in Paris"],
    "assembly": [],
    "country/pt": ["Porto meets", "Porto trains", "Porto online"],
    "country/it": ["Torino trains"],
    "country/fr": ["Torino in Paris"],
    "country/de": [],
    "cite/porto": ["Porto meets", "Porto trains", "Porto online"],
    "cite/torino": ["Torino trains", "Torino in Paris"],
    "cite/torino/meeting": ["Torino in Paris"],
    "cite/torino/webinar": [],
}


def test_feed_has_what_its_address_names(client):
    network()

    assert {name: summaries(get(client, name)) for name in SCOPES} == SCOPES


def test_every_feed_is_right(client):
    network()

    found = {(name, code): get(client, name, code).content for name in SCOPES for code in ("fr", "bg", "pt")}

    assert {key: problems(data, now=NOON + DAY) for key, data in found.items()} == {key: [] for key in found}


def test_event_is_the_same_entry_in_every_feed(client):
    network()

    whole = get(client, "all").content

    assert {name: filter_problems(whole, get(client, name).content) for name in SCOPES} == {name: [] for name in SCOPES}


def test_feeds_have_names_of_their_own(client):
    network()

    names = {}
    for name in ("all", "training", "country/pt", "cite/torino", "cite/torino/meeting"):
        (calendar,), _found = parse(get(client, name).content)
        names[name] = (
            calendar.value("X-WR-CALNAME"),
            calendar.value("SOURCE"),
            get(client, name)["Content-Disposition"],
        )

    at = "http://127.0.0.1:8000/en/calendar"
    assert names == {
        "all": ("Cités des métiers: all events", f"{at}/all.ics", 'inline; filename="cites-des-metiers.ics"'),
        "training": ("Cités des métiers: training", f"{at}/training.ics", 'inline; filename="training.ics"'),
        "country/pt": ("Cités des métiers: Portugal", f"{at}/country/pt.ics", 'inline; filename="pt.ics"'),
        "cite/torino": ("Cité torino", f"{at}/cite/torino.ics", 'inline; filename="torino.ics"'),
        "cite/torino/meeting": (
            "Cité torino: transnational meeting",
            f"{at}/cite/torino/meeting.ics",
            'inline; filename="torino-meeting.ics"',
        ),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("party", "all.ics", "TRAINING", "country/xx", "country/prt", "country/p%00", "country/%C3%A9"),
        *("cite/nowhere", "cite/nowhere/training", "cite/porto/party", "cite/porto/training/x", "cite/draft"),
        *("cite/" + "x" * 3000, "country/" + "x" * 3000, "my/x", "event/porto"),
    ],
)
def test_feed_of_what_is_not_there_is_not_found(client, name):
    make_cite("porto")
    make_cite("draft", live=False)

    assert get(client, name).status_code in ({404, 400} if "%00" in name else {404})


def test_event_stays_in_the_feeds_it_was_in(client, clock):
    porto, torino = network()
    event = porto.events.get(name="Porto trains")
    before = get(client, "cite/porto")
    states = [State(NOON, before.content)]

    clock.shift(DAY)
    change(event, cite=torino, city="Torino", country="IT", kind="school")

    everywhere = ("all", "training", "school", "country/pt", "country/it", "cite/porto", "cite/torino/school")
    assert {name: "Porto trains" in summaries(get(client, name)) for name in everywhere} == dict.fromkeys(
        everywhere, True
    )
    after = get(client, "cite/porto", if_modified_since=before["Last-Modified"])
    assert (after.status_code, history_problems([*states, State(NOON + DAY, after.content)])) == (200, [])


def test_draft_changes_no_feed(client, clock):
    porto, torino = network()
    before = get(client, "cite/torino")

    clock.shift(DAY / 2.5)
    draft(porto.events.get(name="Porto trains"), cite=torino)

    after = get(client, "cite/torino", if_none_match=before["ETag"])
    assert (after.status_code, after["Last-Modified"]) == (304, before["Last-Modified"])


def test_change_renews_the_feeds_of_the_event_alone(client, clock):
    porto, _torino = network()
    names = ("all", "meeting", "cite/porto", "cite/torino", "country/it")
    before = {name: get(client, name) for name in names}

    clock.shift(DAY / 2.5)
    change(porto.events.get(name="Porto trains"), place_name="Sala 2")

    by_tag = {name: get(client, name, if_none_match=before[name]["ETag"]).status_code for name in names}
    by_date = {name: get(client, name, if_modified_since=before[name]["Last-Modified"]).status_code for name in names}
    assert by_tag == by_date == {"all": 200, "meeting": 304, "cite/porto": 200, "cite/torino": 304, "country/it": 304}


def test_two_changes_within_a_second_are_two(client):
    porto, _torino = network()
    event = porto.events.get(name="Porto trains")
    change(event, place_name="Sala 2")
    first = get(client, "cite/porto")

    change(event, place_name="Sala 3")

    again = get(client, "cite/porto", if_modified_since=first["Last-Modified"])
    assert (again.status_code, b"Sala 3" in again.content) == (200, True)


def test_what_ends_leaves_a_tombstone_in_every_feed(client):
    porto, _torino = network()
    change_state(porto.events.get(name="Porto trains").pk, "cancelled")
    unpublish(porto.events.get(name="Porto meets"))

    found = {name: summaries(get(client, name)) for name in ("cite/porto", "country/pt", "training")}

    assert found == {
        "cite/porto": ["Cancelled: Event", "Cancelled: Porto trains", "Porto online"],
        "country/pt": ["Cancelled: Event", "Cancelled: Porto trains", "Porto online"],
        "training": ["Cancelled: Porto trains", "Porto online", "Torino trains"],
    }


def test_feed_leaves_out_what_somebody_made_private_at_once(client):
    tree = make_tree("fr")["fr"]
    porto, _torino = network()
    page = event_page(tree["agenda"], porto.events.get(name="Porto trains"), "hidden")
    before = summaries(get(client, "cite/porto"))

    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert (before, summaries(get(client, "cite/porto"))) == (
        ["Porto meets", "hidden", "Porto online"],
        ["Porto meets", "Porto online"],
    )


@pytest.mark.parametrize(("name", "queries"), [("training", 1), ("country/pt", 1), ("cite/porto", 2)])
def test_feed_that_was_joined_costs_a_query(client, django_assert_num_queries, name, queries):
    network()
    first = get(client, name)

    with django_assert_num_queries(queries):
        again = get(client, name)
    with django_assert_num_queries(queries):
        unchanged = get(client, name, if_none_match=first["ETag"])

    assert (again.content, unchanged.status_code) == (first.content, 304)


def test_feed_is_renewed_for_another_tz_database(client, clock):
    network()
    before = get(client, "all")
    Feed.objects.filter(scope="all").update(made_with="1:2020a")

    clock.shift(DAY / 2.5)
    RenderCalendar().handle(verbosity=0)

    found = {
        name: get(client, name, if_modified_since=before["Last-Modified"]).status_code for name in ("all", "training")
    }
    assert found == {"all": 200, "training": 304}


def test_host_that_moves_takes_its_online_events_into_its_country_s_feed(client):
    porto, _torino = network()

    change_cite(porto, country="ES")

    assert summaries(get(client, "country/es")) == ["Porto online"]
    assert summaries(get(client, "country/pt")) == ["Porto meets", "Porto trains", "Porto online"]
    assert broken_promises() == []


def test_audit_finds_feeds_that_are_not_right(client):
    network()
    feed = Feed.objects.get(scope="country/it")
    (event,) = feed.events.all()
    feed.events.clear()
    Feed.objects.filter(scope="all").update(changed_at=NOON - DAY)

    assert broken_promises() == [
        f"event {event.pk} is missing in the feeds country/it",
        "feed all was not renewed when one of its entries changed",
    ]
