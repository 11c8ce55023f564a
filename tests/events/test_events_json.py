"""Events as public data: whole rows compared, what must not be in them, and the parts of a long list."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from wagtail.models import PageViewRestriction

from events import events_json
from events.models import EventSource, Session
from events.publication import change_state
from tests.events.publishing import change, unpublish
from tests.factories import (
    admit,
    cite_page,
    come,
    event_page,
    make_cite,
    make_event,
    make_project,
    make_tree,
    project_page,
)

pytestmark = pytest.mark.django_db

PATH = "/en/data/events.json"
SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def read(client, path: str = PATH) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    return json.loads(response.content)


def rows(client, path: str = PATH) -> list[Any]:
    return read(client, path)["events"]


def names(client, path: str = PATH) -> list[str]:
    return [event["title"]["text"] for event in rows(client, path)]


def test_event_says_what_is_known_with_its_sources(client):
    trees = make_tree("fr", "en")
    cite = make_cite("porto")
    cite_page(trees["en"]["network"], cite, "The Cité of Porto", slug="porto")
    project = make_project("cocade")
    project_page(trees["fr"]["projects"], project, "Projet COCADE")
    event = make_event(
        "Formation",
        cite=cite,
        project=project,
        starts_on=dt.date(2027, 7, 4),
        place_name="Salle",
        address="1 rue X",
        latitude=48.5,
        longitude=2.5,
        is_online=True,
        online_link="https://meet.example/secret",
        languages=["fr", "pt"],
        contact_name="Maria Silva",
        contact_email="team@example.org",
    )
    event = change(
        event,
        sessions=[Session(on=event.starts_on, part="morning", opens=dt.time(9), labels={"fr": "Accueil"})],
        sources=[EventSource(title="EPALE", as_of="2019")],
    )
    admit(event, 20, 5, needs_approval=True)
    come(event)
    page = event_page(trees["en"]["agenda"], event, "Training", summary="In a word.")

    (found,) = rows(client)

    assert found == {
        "id": event.pk,
        "uuid": str(event.uuid),
        "page": f"{SITE}{page.get_url()}",
        "neutral_address": f"{SITE}/en/event/{event.pk}/",
        "calendar": f"{SITE}/en/calendar/event/{event.pk}.ics",
        "title": {"text": "Training", "language": "en"},
        "summary": {"text": "In a word.", "language": "en"},
        "texts_in": ["en"],
        "is_demonstration": False,
        "kind": "training",
        "kind_name": "training",
        "state": "confirmed",
        "state_name": "confirmed",
        "host": {
            "slug": "porto",
            "name": {"text": "The Cité of Porto", "language": "en"},
            "page": f"{SITE}/en/network-en/porto/",
        },
        "project": {
            "id": project.pk,
            "name": {"text": "Projet COCADE", "language": "fr"},
            "page": f"{SITE}/en/project/{project.pk}/",
        },
        "date": {
            "precision": "time",
            "first_day": "2027-07-04",
            "last_day": "2027-07-04",
            "start_time": "09:00",
            "end_time": "17:00",
            "timezone": "Europe/Paris",
            "begins_at": "2027-07-04T07:00:00Z",
            "ends_at": "2027-07-04T15:00:00Z",
        },
        "sessions": [
            {
                "uuid": str(event.sessions.get().uuid),
                "day": "2027-07-04",
                "part": "morning",
                "part_name": "morning",
                "opens": "09:00",
                "closes": None,
                "title": {"text": "Accueil", "language": "fr"},
            }
        ],
        "place": {
            "name": "Salle",
            "street": "1 rue X",
            "city": "Paris",
            "country": "FR",
            "country_name": "France",
            "position": {"latitude": 48.5, "longitude": 2.5},
        },
        "is_online": True,
        "working_languages": ["fr", "pt"],
        "registration": {
            "page": f"{SITE}/en/event/{event.pk}/register/",
            "seats_on_site": 20,
            "seats_online": 5,
            "opens_at": None,
            "closes_at": "2027-07-03T07:00:00Z",
            "by_invitation": False,
            "needs_approval": True,
        },
        "sources": [{"title": "EPALE", "url": None, "date": "2019"}],
    }


def test_what_is_not_known_of_an_event_is_null(client):
    event = make_event("Réunion", precision="unknown", starts_on=None, start_time=None, end_time=None, city="")
    change(event, country="")

    (found,) = rows(client)

    assert found == {
        "id": event.pk,
        "uuid": str(event.uuid),
        "page": f"{SITE}/en/event/{event.pk}/",
        "neutral_address": f"{SITE}/en/event/{event.pk}/",
        "calendar": None,
        "title": {"text": "Réunion", "language": "fr"},
        "summary": None,
        "texts_in": [],
        "is_demonstration": False,
        "kind": "training",
        "kind_name": "training",
        "state": "confirmed",
        "state_name": "confirmed",
        "host": None,
        "project": None,
        "date": {
            "precision": "unknown",
            "first_day": None,
            "last_day": None,
            "start_time": None,
            "end_time": None,
            "timezone": None,
            "begins_at": None,
            "ends_at": None,
        },
        "sessions": [],
        "place": None,
        "is_online": False,
        "working_languages": None,
        "registration": None,
        "sources": [],
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"precision": "day", "ends_on": dt.date(2027, 3, 16)}, ("2027-03-14", "2027-03-16", "Europe/Paris", None)),
        ({"precision": "month"}, ("2027-03", "2027-03", None, None)),
        ({"precision": "year"}, ("2027", "2027", None, None)),
        ({"precision": "unknown"}, (None, None, None, None)),
        ({"timezone": "Indian/Reunion"}, ("2027-03-14", "2027-03-14", "Indian/Reunion", "2027-03-14T05:00:00Z")),
    ],
)
def test_date_is_no_more_exact_than_it_is_known(client, fields, expected):
    make_event(starts_on=dt.date(2027, 3, 14), **fields)

    date = rows(client)[0]["date"]

    assert tuple(date[name] for name in ("first_day", "last_day", "timezone", "begins_at")) == expected


def test_registration_is_told_only_of_events_that_take_place(client):
    events = {name: make_event(name) for name in ("open", "no seats", "called off", "vague")}
    for name in ("open", "called off", "vague"):
        admit(events[name])
    change_state(events["called off"].pk, "cancelled")
    change(events["vague"], precision="month")

    assert [event["registration"] is None for event in rows(client)] == [False, True, True, True]


def test_free_seats_do_not_change_the_file(client):
    event = make_event()
    admit(event)
    first = client.get(PATH)

    come(event)

    assert client.get(PATH).content == first.content


def test_past_and_cancelled_events_stay_and_others_are_left_out(client):
    agenda = make_tree("en")["en"]["agenda"]
    events = {
        name: make_event(name, in_days=days)
        for name, days in (("past", -900), ("cancelled", 3), ("withdrawn", 4), ("unpublished", 5), ("private", 6))
    }
    make_event("draft", live=False)
    change_state(events["cancelled"].pk, "cancelled")
    change_state(events["withdrawn"].pk, "withdrawn")
    unpublish(events["unpublished"])
    page = event_page(agenda, events["private"], "private")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert names(client) == ["past", "cancelled"]


def test_host_and_project_that_are_not_public_are_not_named(client):
    trees = make_tree("en")
    hidden = make_cite("hidden")
    make_event("1", cite=make_cite("draft", live=False), project=make_project("secret", live=False))
    make_event("2", cite=hidden)
    page = cite_page(trees["en"]["network"], hidden)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert [(event["host"], event["project"]) for event in rows(client)] == [(None, None)] * 2


def test_people_and_secret_links_are_not_published(client):
    event = make_event(
        contact_name="Maria Silva",
        contact_email="maria@example.org",
        is_online=True,
        online_link="https://meet.example/secret",
    )
    admit(event)
    come(event, "joao@example.org", name="João")
    text = client.get(PATH).content.decode()

    assert [part for part in ("Maria", "maria@", "joao@", "João", "meet.example") if part in text] == []


def test_half_day_that_was_withdrawn_is_left_out(client):
    event = make_event()
    event = change(event, sessions=[Session(on=event.starts_on, part=part) for part in ("morning", "afternoon")])
    Session.objects.filter(part="morning").update(withdrawn=True)

    assert [row["part"] for row in rows(client)[0]["sessions"]] == ["afternoon"]


def test_events_are_the_same_in_every_language(client, settings):
    make_tree("fr", "en")
    for name in ("one", "two"):
        admit(make_event(name))
    same = ("id", "uuid", "kind", "state", "date", "is_online")

    found = [rows(client, f"/{code}/data/events.json") for code, _name in settings.LANGUAGES]

    facts = [[{name: event[name] for name in same} for event in events] for events in found]
    assert facts == [facts[0]] * 9


def test_long_list_comes_in_parts_that_lead_to_each_other(client, monkeypatch):
    monkeypatch.setattr(events_json, "PAGE_SIZE", 2)
    for number in range(3):
        make_event(f"event {number}")

    first, second = read(client), read(client, f"{PATH}?page=2")

    assert (first["count"], first["next"], second["next"]) == (3, f"{SITE}{PATH}?page=2", None)
    assert (first["url"], second["url"]) == (f"{SITE}{PATH}", f"{SITE}{PATH}?page=2")
    assert [names(client), names(client, first["next"])] == [["event 0", "event 1"], ["event 2"]]
    assert read(client, f"{PATH}?page=1&x=y") == first


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "", "1.0", "٢", "1" * 50, "%0A1"])
def test_part_that_is_not_there_is_not_found(client, page):
    assert client.get(f"{PATH}?page={page}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_file_asks_the_database_as_often_for_three_as_for_one(client, django_assert_num_queries, number):
    trees = make_tree("en")
    for index in range(number):
        cite, project = make_cite(f"cite-{index}"), make_project(f"project-{index}")
        cite_page(trees["en"]["network"], cite)
        project_page(trees["en"]["projects"], project)
        event = make_event(f"event {index}", cite=cite, project=project)
        change(event, sessions=[Session(on=event.starts_on, part="morning")])
        admit(event)
        event_page(trees["en"]["agenda"], event)
    client.get(PATH)

    with django_assert_num_queries(10):
        assert len(rows(client)) == number


def test_agenda_names_the_data(client):
    tree = make_tree("en")["en"]

    found = [client.get(tree[name].get_url()).content.decode() for name in ("agenda", "network")]

    for text, name in zip(found, ("events", "cites"), strict=True):
        link = f'<link\nrel="alternate"\ntype="application/json"\nhref="/en/data/{name}.json"'
        assert link in text
