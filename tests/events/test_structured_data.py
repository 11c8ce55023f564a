"""What search engines read of an event, compared as a whole, and that no title can break out of it."""

import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.utils import translation
from wagtail.models import PageViewRestriction

from events.availability import availability_of
from events.models import Event
from events.models.event import Kind
from events.publication import change_state
from events.structured_data import structured_event
from portal.base.languages import Text
from portal.base.pages import with_words
from portal.base.structured_data import data_block
from tests.events.publishing import change, unpublish
from tests.factories import admit, cite_page, come, event_page, make_cite, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
SITE = "http://127.0.0.1:8000"
URL = "https://portal.example/en/agenda/training/"
HOSTILE = "</script><script>alert(1)</script><!-- \u2028\u2029 &amp; \"'\\"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False), translation.override("en"):
        yield


def data_of(event: Event, title: str = "Training", summary: str = "", language: str = "en") -> Any:
    event = stored(event)
    hosts = with_words([event.cite]) if event.cite and event.cite.live else []
    return structured_event(
        event,
        title=Text(title, language),
        summary=Text(summary, language),
        url=URL,
        seats=availability_of([event])[event.pk],
        host=hosts[0] if hosts else None,
    )


def blocks(html: str) -> list[Any]:
    found = BeautifulSoup(html, "html.parser").select('script[type="application/ld+json"]')
    return [json.loads(str(tag.string)) for tag in found]


PLAIN = {
    "@type": "EducationEvent",
    "name": "Training",
    "url": URL,
    "startDate": "2027-07-04T09:00:00+02:00",
    "endDate": "2027-07-04T17:00:00+02:00",
    "eventStatus": "https://schema.org/EventScheduled",
    "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
    "location": {
        "@type": "Place",
        "name": "Paris",
        "address": {"@type": "PostalAddress", "addressLocality": "Paris", "addressCountry": "FR"},
    },
    "organizer": {"@type": "Organization", "name": "Réseau international des Cités des métiers", "url": f"{SITE}/"},
}
DAY = dt.date(2027, 7, 4)


def test_event_of_which_little_is_known_says_little():
    assert data_of(make_event(starts_on=DAY)) == PLAIN


def test_event_says_all_that_is_known():
    cite = make_cite("porto", official_name="Cidade das\nProfissões")
    event = make_event(
        cite=cite,
        kind="meeting",
        starts_on=dt.date(2027, 1, 30),
        ends_on=dt.date(2027, 2, 1),
        timezone="America/St_Johns",
        place_name="Salle <b>X</b>",
        address="1 rue X",
        latitude=47.5,
        longitude=-52.7,
        is_online=True,
        online_link="https://meet.example/secret",
        languages=["fr", "pt"],
        contact_name="Maria Silva",
        contact_email="maria@example.org",
    )
    admit(event, 20, 10)
    come(event)

    assert data_of(event, "Two <b>days</b>\nof training", "All &amp; <i>everything</i>.") == {
        "@type": "BusinessEvent",
        "name": "Two days of training",
        "description": "All & everything.",
        "url": URL,
        "startDate": "2027-01-30T09:00:00-03:30",
        "endDate": "2027-02-01T17:00:00-03:30",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "location": [
            {
                "@type": "Place",
                "name": "Salle X",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "1 rue X",
                    "addressLocality": "Paris",
                    "addressCountry": "FR",
                },
                "geo": {"@type": "GeoCoordinates", "latitude": 47.5, "longitude": -52.7},
            },
            {"@type": "VirtualLocation", "url": URL},
        ],
        "organizer": {"@type": "Organization", "name": "Cidade das Profissões", "url": f"{SITE}/en/cite/porto/"},
        "inLanguage": ["fr", "pt"],
        "maximumAttendeeCapacity": 30,
        "remainingAttendeeCapacity": 29,
    }


@pytest.mark.parametrize(
    ("fields", "dates"),
    [
        ({"precision": "day"}, ("2027-07-04", "2027-07-04")),
        ({"precision": "day", "ends_on": dt.date(2027, 7, 6)}, ("2027-07-04", "2027-07-06")),
        ({"timezone": "Asia/Kathmandu"}, ("2027-07-04T09:00:00+05:45", "2027-07-04T17:00:00+05:45")),
        ({"timezone": "UTC"}, ("2027-07-04T09:00:00+00:00", "2027-07-04T17:00:00+00:00")),
        (
            {"starts_on": dt.date(2027, 3, 27), "ends_on": dt.date(2027, 3, 28)},
            ("2027-03-27T09:00:00+01:00", "2027-03-28T17:00:00+02:00"),  # clocks went forward in between
        ),
    ],
)
def test_dates_have_the_distance_from_utc_of_their_own_day(fields, dates):
    found = data_of(make_event(**{"starts_on": DAY, **fields}))

    assert (found["startDate"], found["endDate"]) == dates


@pytest.mark.parametrize("precision", ["month", "year", "unknown"])
def test_event_without_an_exact_date_is_left_out(precision):
    assert data_of(make_event(starts_on=DAY, precision=precision)) is None


@pytest.mark.parametrize(
    ("state", "status"),
    [("planned", "EventScheduled"), ("cancelled", "EventCancelled"), ("postponed", "EventPostponed")],
)
def test_status_is_that_of_the_event(state, status):
    event = make_event(starts_on=DAY, state="planned")
    if state != "planned":
        change_state(event.pk, state)

    assert data_of(event) == PLAIN | {"eventStatus": f"https://schema.org/{status}"}


def test_event_that_was_postponed_keeps_the_date_that_was_published():
    event = make_event(starts_on=DAY)
    change_state(event.pk, "postponed")

    event = change(event, precision="unknown", starts_on=None, start_time=None, end_time=None)

    assert data_of(event) == PLAIN | {"eventStatus": "https://schema.org/EventPostponed"}


def test_event_whose_date_is_to_be_confirmed_again_is_left_out():
    event = make_event(starts_on=DAY)

    assert data_of(change(event, precision="month")) is None


@pytest.mark.parametrize(
    ("fields", "mode", "location"),
    [
        ({"is_online": True, "city": "", "country": ""}, "Online", {"@type": "VirtualLocation", "url": URL}),
        ({"is_online": True, "city": ""}, "Online", {"@type": "VirtualLocation", "url": URL}),
        (
            {"city": "", "country": "PT"},
            "Offline",
            {
                "@type": "Place",
                "name": "Portugal",
                "address": {"@type": "PostalAddress", "addressCountry": "PT"},
            },
        ),
        ({"city": "", "country": "", "place_name": "Salle"}, "Offline", {"@type": "Place", "name": "Salle"}),
    ],
)
def test_place_is_told_as_far_as_it_is_known(fields, mode, location):
    found = data_of(make_event(starts_on=DAY, **fields))

    assert (found["eventAttendanceMode"], found["location"]) == (
        f"https://schema.org/{mode}EventAttendanceMode",
        location,
    )


def test_place_that_is_not_known_is_not_made_up():
    found = data_of(make_event(starts_on=DAY, city="", country=""))

    assert found == {name: value for name, value in PLAIN.items() if name not in {"location", "eventAttendanceMode"}}


def test_every_kind_has_a_type():
    found = {kind: data_of(make_event(kind=kind))["@type"] for kind in Kind.values}

    assert found == {
        "meeting": "BusinessEvent",
        "training": "EducationEvent",
        "school": "EducationEvent",
        "conference": "Event",
        "webinar": "EducationEvent",
        "visit": "EducationEvent",
        "assembly": "BusinessEvent",
    }


def test_host_whose_page_is_not_public_is_not_replaced_by_the_network():
    event = make_event(starts_on=DAY, cite=make_cite(live=False))

    assert "organizer" not in data_of(event)


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        ({}, (2, 1)),
        ({"by_invitation": True}, (2, 2)),
        ({"opens_at": NOON + dt.timedelta(days=1)}, None),
        ({"closes_at": NOON - dt.timedelta(days=1)}, None),
    ],
)
def test_seats_are_told_when_the_page_tells_them(window, numbers):
    event = make_event(starts_on=DAY)
    admit(event, 2, **window)
    if not window:
        come(event)

    found = data_of(event)

    seats = (found.get("maximumAttendeeCapacity"), found.get("remainingAttendeeCapacity"))
    assert seats == (numbers or (None, None))


def test_full_event_has_no_seat_left():
    event = make_event(starts_on=DAY)
    admit(event, 1)
    come(event)

    assert data_of(event) == PLAIN | {"maximumAttendeeCapacity": 1, "remainingAttendeeCapacity": 0}


def test_demonstration_is_called_so():
    assert data_of(make_event(starts_on=DAY, is_demonstration=True)) == PLAIN | {"name": "Demonstration: Training"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (" a\r\nb\x85c\u2028d\x00 ", "a b c d"),
        ("<b></b>", "Event"),
        ("x" * 5000, "x" * 249 + "…"),
        ("\u202eabc", "\u202eabc"),
    ],
)
def test_title_is_plain_text(title, name):
    assert data_of(make_event(starts_on=DAY), title)["name"] == name


@pytest.mark.parametrize("value", [HOSTILE, "]]>", "<!--<script>", "𝄞 é \u202e", "\\u003c/script>", "x" * 5000])
def test_nothing_can_break_out_of_the_block(value):
    block = data_block({"name": value})

    assert re.findall(r"[<>&\u2028\u2029\n]", block.removeprefix("<script").removesuffix("</script>")) == [">"]
    assert blocks(f"<head>{block}</head>") == [{"@context": "https://schema.org", "name": value}]


def test_page_carries_the_data_in_its_language_and_the_neutral_page_those_of_the_original(client):
    trees = make_tree("fr", "en")
    cite = make_cite("porto")
    cite_page(trees["fr"]["network"], cite, "Porto", slug="porto")
    event = make_event("Formation", starts_on=DAY, cite=cite)
    page = event_page(trees["fr"]["agenda"], event, f"Une formation {HOSTILE}", slug="formation", summary="En un mot.")
    expected = {
        "@context": "https://schema.org",
        **PLAIN,
        "name": "Une formation <!-- & \"'\\",
        "description": "En un mot.",
        "url": page.full_url,
    }

    own, neutral = (blocks(client.get(url).content.decode()) for url in (page.url, f"/en/event/{event.pk}/"))

    assert own == [expected | {"organizer": organizer_at("/fr/network-fr/porto/")}]
    assert neutral == [expected | {"organizer": organizer_at("/en/cite/porto/")}]


def organizer_at(path: str) -> dict[str, str]:
    return {"@type": "Organization", "name": "Cité porto", "url": f"{SITE}{path}"}


def test_page_without_words_has_the_neutral_address(client, settings):
    make_tree("en")
    event = make_event("Formation", starts_on=DAY)

    for code, _name in settings.LANGUAGES:
        (found,) = blocks(client.get(f"/{code}/event/{event.pk}/").content.decode())

        assert found == {"@context": "https://schema.org", **PLAIN} | {
            "name": "Formation",
            "url": f"{SITE}/{code}/event/{event.pk}/",
        }


def test_event_that_is_not_public_is_nowhere(client):
    agenda = make_tree("en")["en"]["agenda"]
    events = {name: make_event(name) for name in ("withdrawn", "unpublished", "private")}
    change_state(events["withdrawn"].pk, "withdrawn")
    unpublish(events["unpublished"])
    page = event_page(agenda, events["private"], "private")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    draft = make_event("draft", live=False)

    assert [data_of(events["withdrawn"]), data_of(events["unpublished"]), data_of(draft)] == [None] * 3
    answers = [client.get(f"/en/event/{event.pk}/") for event in (*events.values(), draft)]
    assert [(answer.status_code, blocks(answer.content.decode())) for answer in answers] == [(404, [])] * 4


def test_data_cost_no_query_more(client, django_assert_num_queries):
    tree = make_tree("en")["en"]
    cite = make_cite("porto")
    cite_page(tree["network"], cite)
    event = make_event(cite=cite)
    admit(event)
    page = event_page(tree["agenda"], event)
    client.get(page.url)
    event = Event.objects.select_related("cite").get(pk=event.pk)
    (host,) = with_words([event.cite])
    seats = availability_of([event])[event.pk]

    with django_assert_num_queries(0):
        structured_event(event, title=Text("x", "en"), summary=Text("", ""), url=page.full_url, seats=seats, host=host)
