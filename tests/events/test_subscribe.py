"""Calendars made easy to take: the right feed on each page, by plain links that every service takes."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.urls import resolve
from django.utils import translation

from events.subscribing import Subscription, to_cite, to_country, to_kind
from events.templatetags.event_tags import cite_feed, event_feed
from tests.events.publishing import change, unpublish
from tests.factories import cite_page, event_page, make_cite, make_event, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def trees(settings):
    settings.SITE_URL = "https://portal.example"
    return make_tree("fr", "en")


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def feeds(page):
    """The feeds that a page offers: in its head, and to copy."""
    heads = [(link["href"], link["title"]) for link in page.select('link[type="text/calendar"]')]
    return heads, [field["value"] for field in page.select(".subscribe input[readonly]")]


def offered(path, name):
    return [(path, name)], [f"https://portal.example{path}"]


def test_ways_lead_to_each_service_with_the_whole_address(client, trees):
    make_cite("porto", official_name="Cidade das Profissões & mais")
    page = read(client, "/en/agenda-en/?cite=porto")
    address = "https%3A%2F%2Fportal.example%2Fen%2Fcalendar%2Fcite%2Fporto.ics"
    name = "Cidade%20das%20Profiss%C3%B5es%20%26%20mais"

    assert [(words(link), link["href"], link.get("download")) for link in page.select(".ways a")] == [
        ("Open in the calendar of this device", "webcal://portal.example/en/calendar/cite/porto.ics", None),
        (
            "Add to Google Calendar",
            "https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2Fportal.example%2Fen%2Fcalendar%2Fcite%2Fporto.ics",
            None,
        ),
        ("Add to Outlook.com", f"https://outlook.live.com/calendar/0/addfromweb?url={address}&name={name}", None),
        (
            "Add to Outlook at work or school",
            f"https://outlook.office.com/calendar/0/addfromweb?url={address}&name={name}",
            None,
        ),
        ("Download the file", "/en/calendar/cite/porto.ics", ""),
    ]


def test_links_to_outlook_say_what_they_were_told():
    found = Subscription("A & B?=#é", "/fr/calendar/all.ics")

    for link in (found.outlook, found.outlook_office):
        assert parse_qsl(urlsplit(link).query) == [("url", found.address), ("name", "A & B?=#é")]


def test_address_to_copy_has_a_label_and_says_whose_it_is(client, trees):
    page = read(client, "/en/agenda-en/")
    field = page.select_one(".subscribe input")
    button = page.select_one("button[data-copies]")

    assert words(page.select_one(f"label[for={field['id']}]")) == "Address of the calendar"
    assert words(page.find(id=field["aria-describedby"])) == "Cités des métiers: all events"
    assert (button["data-copies"], button.has_attr("hidden")) == (field["id"], True)


@pytest.mark.parametrize(
    ("query", "path", "name"),
    [
        ("", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?when=past", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?month=2027-02&kind=visit", "/en/calendar/visit.ics", "Cités des métiers: study visit"),
        ("?country=pt", "/en/calendar/country/pt.ics", "Cités des métiers: Portugal"),
        ("?cite=porto", "/en/calendar/cite/porto.ics", "Cité porto"),
        ("?cite=porto&kind=visit", "/en/calendar/cite/porto/visit.ics", "Cité porto: study visit"),
        # these have no feed of their own
        ("?kind=visit&language=pt", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?kind=visit&country=PT", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?country=ZZ", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?cite=draft", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?cite=nowhere&kind=visit", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?kind=party", "/en/calendar/all.ics", "Cités des métiers: all events"),
        ("?cite=%27%22%3E", "/en/calendar/all.ics", "Cités des métiers: all events"),
    ],
)
@pytest.mark.parametrize("page", ["agenda-en", "calendar"])
def test_filters_choose_the_feed(client, trees, page, query, path, name):
    make_cite("porto")
    make_cite("draft", live=False)

    assert feeds(read(client, f"/en/{page}/{query}")) == offered(path, name)


def test_cite_offers_its_feed_also_before_it_has_events(client, trees):
    page = cite_page(trees["fr"]["network"], make_cite("porto"))
    english = read(client, "/en/cite/porto/")

    assert feeds(read(client, page.get_url())) == offered("/fr/calendar/cite/porto.ics", "Cité porto")
    assert words(english.select_one(".subscribe summary")) == "Events of this Cité in your calendar"


def test_former_cite_offers_none(client, trees):
    page = cite_page(trees["fr"]["network"], make_cite("limousin", state="former"))

    assert feeds(read(client, page.get_url())) == ([], [])


def test_country_offers_its_feed_and_the_whole_network_leads_there(client, trees):
    make_cite("porto")
    make_cite("namur", country="BE")
    everywhere = read(client, "/en/network-en/")
    links = [(words(link), link["href"]) for link in everywhere.select('section a[href*="/calendar/"]')]

    assert feeds(everywhere) == ([], [])
    assert links == [
        ("Events in your calendar: Belgium", "/en/calendar/?country=be"),
        ("Events in your calendar: Portugal", "/en/calendar/?country=pt"),
    ]
    assert feeds(read(client, "/en/network-en/?country=PT")) == offered(
        "/en/calendar/country/pt.ics", "Cités des métiers: Portugal"
    )


def test_event_offers_a_copy_and_a_feed_that_stays_right(client, trees):
    page = event_page(trees["en"]["agenda"], make_event(), "meeting & more")
    path = f"/en/calendar/event/{page.event_id}.ics"
    shown = read(client, page.get_url())

    assert feeds(shown) == offered(path, "Meeting & more")
    assert words(shown.select_one(f'a.button[href="{path}"]')) == "Add to my calendar"
    assert words(shown.select_one(".subscribe summary")) == "Subscribe to this event"


def test_what_has_no_facts_yet_offers_nothing():
    assert (cite_feed(None), event_feed(None, "x")) == (None, None)


def test_event_without_a_date_or_over_offers_no_feed(client, trees):
    agenda = trees["en"]["agenda"]
    pages = [
        event_page(agenda, change(make_event("vague"), precision="month"), "vague"),
        event_page(agenda, make_event("past", in_days=-9), "past"),
    ]

    assert [feeds(read(client, page.get_url())) for page in pages] == [([], []), ([], [])]


def test_form_to_register_is_not_cluttered(client, trees):
    event = make_event()
    event_page(trees["en"]["agenda"], event)

    assert feeds(read(client, f"/en/event/{event.pk}/register/")) == ([], [])


def test_calendar_page_lists_what_there_is(client, trees):
    make_cite("porto")
    make_cite("namur", country="BE")
    make_cite("limousin", country="FR", state="former")
    unpublish(make_cite("draft", country="ES"))
    page = read(client, "/en/calendar/")
    links = {words(link): (link["href"], link["rel"]) for link in page.select("main nav ul:not([class=list]) a")}

    kinds = ("meeting", "training", "school", "conference", "webinar", "visit", "assembly")
    assert list(links.values()) == [
        *((f"?kind={kind}", ["nofollow"]) for kind in kinds),
        *(("?country=be", ["nofollow"]), ("?country=pt", ["nofollow"])),
        *(("?cite=namur", ["nofollow"]), ("?cite=porto", ["nofollow"])),
    ]
    assert page.select("meta[name=robots][content=noindex]") != []


def test_calendar_page_is_there_in_a_language_without_a_tree(client, trees):
    page = read(client, "/de/calendar/")

    assert page.html["lang"] == "de"
    assert feeds(page)[1] == ["https://portal.example/de/calendar/all.ics"]


def test_what_the_calendar_page_does_not_understand_it_says(client, trees):
    page = read(client, "/en/calendar/?kind=party")

    assert words(page.select_one(".notice.warn")) == "One of the filters is not understood, so it is left out."


@pytest.mark.parametrize("number", [1, 3])
def test_calendar_page_takes_the_same_queries_for_one_and_three(client, trees, number, django_assert_num_queries):
    for place in range(number):
        make_cite(f"cite-{place}")
    client.get("/en/calendar/?cite=cite-0")

    with django_assert_num_queries(4):  # all Cités, the chosen one, the frame and its site
        client.get("/en/calendar/?cite=cite-0")


def test_every_address_is_one_that_the_portal_answers(trees, settings):
    cite = make_cite("porto")
    with translation.override("de"):
        found = [to_kind("visit"), to_country("PT"), to_cite(cite), to_cite(cite, "visit")]
        names = [resolve(feed.path).url_name for feed in found]

    assert names == ["feed-kind", "feed-country", "feed-cite", "feed-cite-kind"]
    assert all(len(feed.address) <= 116 for feed in found)  # Google took no longer ones


def test_local_portal_offers_what_it_has(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    found = Subscription("x", "/fr/calendar/all.ics")

    assert (found.address, found.webcal) == (
        "http://127.0.0.1:8000/fr/calendar/all.ics",
        "webcal://127.0.0.1:8000/fr/calendar/all.ics",
    )
