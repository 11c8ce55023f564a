"""The agenda in a frame on a Cité's own site: its next events, and on no other site."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from home.models import Cite, PlainPage
from portal.base.middleware import PUBLIC_POLICY
from tests.admin.conftest import logged_in
from tests.factories import admit, cite_page, event_page, make_cite, make_event, make_tree, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def trees(settings):
    settings.SITE_URL = "https://portal.example"
    return make_tree("fr", "en")


@pytest.fixture
def porto():
    return make_cite("porto", website="https://www.porto.example/pt")


def read(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def titles(response):
    return [words(link) for link in read(response).select("ul.events h2 a")]


def allowed(response):
    """The sites that may frame it; all else must be as strict as ever."""
    rules = dict(rule.split(" ", 1) for rule in response["Content-Security-Policy"].split("; "))
    ancestors = rules.pop("frame-ancestors")
    assert {**rules, "frame-ancestors": "'self'"} == dict(rule.split(" ", 1) for rule in PUBLIC_POLICY.split("; "))
    return ancestors.split()


def test_cite_shows_its_next_events(client, trees, porto):
    event = make_event("Course", cite=porto, in_days=3, city="Porto", country="PT", languages=["pt"])
    event_page(trees["fr"]["agenda"], event, "Formation")
    admit(event, 7)
    make_event("Later", cite=porto, in_days=9)
    make_event("Over", cite=porto, in_days=-3)
    make_event("Draft", cite=porto, live=False)
    make_event("Another's")
    page = read(client.get("/en/embed/agenda/cite/porto/"))
    first = page.select_one("ul.events li")

    assert words(page.h1) == "Next events Cité porto"
    assert (page.h1.span["lang"], words(page.title)) == ("fr", "Next events: Cité porto – Cités des métiers")
    assert [words(link) for link in page.select("h2 a")] == ["Formation", "Later"]
    assert [words(tag) for tag in first.select(".meta > span, .side > span")] == [
        *("09:00–17:00", "Porto , Portugal", "Portuguese"),
        *("7 seats left", "Training", "In French"),
    ]
    assert (first.time["datetime"], first.a["lang"]) == (event.local_start.isoformat(), "fr")


def test_every_link_leaves_the_frame(client, trees, porto):
    event = make_event(cite=porto)
    page = read(client.get("/en/embed/agenda/cite/porto/"))

    assert [(link["href"], link["target"], link["rel"]) for link in page.select("main a")] == [
        (f"/en/event/{event.pk}/", "_blank", ["noopener"]),
        ("/en/calendar/?cite=porto", "_blank", ["noopener"]),
    ]
    assert page.select("header, footer, nav, form, iframe") == []


def test_cite_without_events_says_so(client, trees, porto):
    assert "No event is announced at the moment." in words(read(client.get("/en/embed/agenda/cite/porto/")).main)


def test_only_the_cites_own_site_may_frame_it(client, trees, porto):
    response = client.get("/fr/embed/agenda/cite/porto/")

    assert allowed(response) == ["'self'", "https://porto.example", "https://www.porto.example"]
    assert not response.has_header("X-Frame-Options")


@pytest.mark.parametrize("website", ["", "https://evil.example; script-src *", "javascript:alert(1)"])
def test_nobody_may_frame_it_where_no_website_is_known(client, trees, website):
    make_cite("porto")
    Cite.objects.update(website=website)  # no form takes it

    assert allowed(client.get("/fr/embed/agenda/cite/porto/")) == ["'self'"]


def test_frame_leaves_no_cookie_is_cached_and_not_indexed(client, trees, porto):
    response = client.get("/fr/embed/agenda/cite/porto/")

    assert dict(client.cookies) == {}
    assert (response["X-Robots-Tag"], response["Cache-Control"]) == ("noindex", "public, max-age=300")
    assert "Cookie" not in response.get("Vary", "")


def test_country_shows_what_takes_place_there_and_its_cites_may_frame_it(client, trees, porto):
    make_cite("cascais", website="https://cascais.example")
    make_cite("evora", website="https://evora.example", state="former")
    make_cite("braga", website="https://braga.example", live=False)
    make_cite("namur", website="https://namur.example", country="BE")
    make_event("There", country="PT", in_days=2)
    make_event("Online from there", cite=porto, country="", city="", is_online=True, in_days=3)
    make_event("Elsewhere", cite=porto, country="BE")
    response = client.get("/en/embed/agenda/country/pt/")

    assert titles(response) == ["There", "Online from there"]
    assert words(read(response).h1) == "Next events Portugal"
    assert allowed(response) == [
        *("'self'", "https://cascais.example", "https://porto.example"),
        *("https://www.cascais.example", "https://www.porto.example"),
    ]
    assert not response.has_header("X-Frame-Options")


def test_territory_is_a_place_of_its_own(client, trees):
    make_cite("reunion", country="FR", territory="RE", website="https://re.example")
    make_event("There", country="RE")

    response = client.get("/en/embed/agenda/country/re/")

    assert titles(response) == ["There"]
    assert allowed(response) == ["'self'", "https://re.example", "https://www.re.example"]


def test_long_agenda_is_cut(client, trees, porto):
    for number in range(22):
        make_event(f"event {number}", cite=porto, country="PT", in_days=number + 1)
    wanted = [f"event {number}" for number in range(20)]

    assert titles(client.get("/en/embed/agenda/cite/porto/")) == wanted
    assert titles(client.get("/en/embed/agenda/country/pt/")) == wanted


def test_frame_of_a_former_member_does_not_break(client, trees):
    make_cite("limousin", state="former", website="https://limousin.example")

    assert allowed(client.get("/fr/embed/agenda/cite/limousin/"))[1:] == [
        "https://limousin.example",
        "https://www.limousin.example",
    ]


@pytest.mark.parametrize(
    "path",
    [
        *("cite/nowhere/", "cite/draft/", "cite/PORTO/", "cite/", "cite/por%20to/"),
        *("country/zz/", "country/PT/", "country/pt-x/", "country/es/", "country/%D9%A1/", "country/"),
        *("", "project/cocade/"),
    ],
)
def test_what_is_not_there_is_not_found(client, trees, porto, path):
    make_cite("draft", country="ES", live=False)
    response = client.get(f"/fr/embed/agenda/{path}")

    assert response.status_code == 404
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_frame_is_only_read(trees, porto):
    client = Client(enforce_csrf_checks=True)

    assert client.head("/fr/embed/agenda/cite/porto/").status_code == 200
    assert client.post("/fr/embed/agenda/cite/porto/").status_code in {403, 405}


def test_other_pages_stay_out_of_frames(client, trees, porto):
    for path in ("/fr/agenda-fr/", "/fr/calendar/", "/fr/cite/porto/"):
        response = client.get(path)
        assert (response["X-Frame-Options"], response["Content-Security-Policy"]) == ("SAMEORIGIN", PUBLIC_POLICY)


def test_no_page_takes_the_address(trees):
    page = PlainPage(title="Embed", slug="embed", locale=trees["fr"]["home"].locale)

    with pytest.raises(ValidationError, match="slug"):
        trees["fr"]["home"].add_child(instance=page)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("path", ["cite/porto", "country/pt"])
def test_frame_takes_the_same_queries_for_one_and_three(client, trees, porto, path, number, django_assert_num_queries):
    for place in range(number):
        event = make_event(f"event {place}", cite=porto, country="PT")
        event_page(trees["fr"]["agenda"], event)
        admit(event)
    client.get(f"/fr/embed/agenda/{path}/")

    with django_assert_num_queries(5):  # Cités, events, seats, words and their site
        client.get(f"/fr/embed/agenda/{path}/")


# --- for editors


def hub(cite):
    return read(logged_in(make_user(cite=cite)).get(f"/admin/cites/{cite.pk}/"))


def test_hub_of_a_cite_has_the_code_and_says_where_it_works(trees):
    cite = make_cite("porto", official_name='Cidade "das" <Profissões>', website="https://porto.example/x")
    cite_page(trees["fr"]["network"], cite)
    page = hub(cite)
    fields = page.select("#hub-embed-content textarea[readonly]")

    assert [words(page.select_one(f"label[for={field['id']}]")) for field in fields] == [
        "The events of this Cité",
        "All events in the country: Portugal",
    ]
    assert [field.text for field in fields] == [
        frame("cite/porto/", "Cidade &quot;das&quot; &lt;Profissões&gt;"),
        frame("country/pt/", "Portugal"),
    ]
    assert [tag.text for tag in page.select("#hub-embed-content p strong")] == [
        "https://porto.example",
        "https://www.porto.example",
    ]


def frame(path, place):
    """In Portuguese, which is spoken there."""
    with translation.override("pt"):
        title = gettext("Next events: %(place)s") % {"place": place}
    address = f"https://portal.example/pt/embed/agenda/{path}"
    return (
        f'<iframe src="{address}" title="{title}" width="100%" height="600" loading="lazy" style="border: 0"></iframe>'
    )


def test_hub_asks_for_the_website_that_is_missing(trees):
    cite = make_cite("porto")
    cite_page(trees["fr"]["network"], cite)

    assert words(hub(cite).select_one("#hub-embed-content .help-block")).endswith(
        "browsers show the agenda there and nowhere else."
    )


def test_hub_of_a_draft_offers_nothing_yet(trees):
    assert hub(make_cite("porto", live=False)).select("#hub-embed-content") == []
