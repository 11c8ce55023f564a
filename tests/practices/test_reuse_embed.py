"""Sheets in a frame on a Cité's own site: its own or those that facets choose, and on no other site."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from home.models import Cite
from portal.base.middleware import PUBLIC_POLICY
from tests.admin.conftest import logged_in
from tests.factories import cite_page, make_cite, make_practice, make_tree, make_user, practice_page

pytestmark = pytest.mark.django_db

OF_PORTO = "/en/embed/cite/porto/practices/"
OF_ALL = "/en/embed/practices/"


@pytest.fixture
def trees(settings):
    settings.SITE_URL = "https://portal.example"
    return make_tree("fr", "en")


@pytest.fixture
def porto(trees):
    return make_cite("porto", website="https://www.porto.example/pt")


def read(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def titles(client, path):
    return [words(link) for link in read(client.get(path)).select("main li h2 a")]


def allowed(response):
    """The sites that may frame it; all else must be as strict as ever."""
    rules = dict(rule.split(" ", 1) for rule in response["Content-Security-Policy"].split("; "))
    ancestors = rules.pop("frame-ancestors")
    assert {**rules, "frame-ancestors": "'self'"} == dict(rule.split(" ", 1) for rule in PUBLIC_POLICY.split("; "))
    return ancestors.split()


def sheets(trees, porto):
    french = make_practice("a", cite=porto)
    practice_page(trees["fr"]["vademecum"], french, "Atelier", summary="En un mot.")
    practice_page(trees["en"]["vademecum"], make_practice("b", cite=make_cite("lyon", country="FR")), "Of Lyon")
    practice_page(trees["en"]["vademecum"], make_practice("c"), "Of the network")
    practice_page(trees["en"]["vademecum"], make_practice("d", cite=porto, is_demonstration=True), "Made up")
    make_practice("without words", cite=porto)
    make_practice("draft", cite=porto, live=False)
    return french


def test_cite_shows_its_sheets_in_the_readers_language_or_says_which(client, trees, porto):
    french = sheets(trees, porto)

    page = read(client.get(OF_PORTO))

    first, second = page.select("main li")
    assert words(page.h1) == "Good practices Cité porto"
    assert words(page.title) == "Good practices: Cité porto – Cités des métiers"
    assert (first.h2.a["href"], first.h2.a["lang"]) == (f"/en/practice/{french.pk}/", "fr")
    assert words(first) == "Atelier In French En un mot. Coordonner"
    assert words(second) == "Made up Demonstration Coordonner"


def test_network_shows_all_and_facets_choose(client, trees, porto):
    sheets(trees, porto)

    found = {
        query: titles(client, OF_ALL + query)
        for query in ("", "?country=FR", "?chapter=none", "?country=FR&country=PT")
    }

    assert found == {
        "": ["Atelier", "Of Lyon", "Of the network", "Made up"],
        "?country=FR": ["Of Lyon"],
        "?chapter=none": ["Atelier", "Of Lyon", "Of the network", "Made up"],  # as on the index
        "?country=FR&country=PT": ["Atelier", "Of Lyon", "Made up"],
    }
    assert titles(client, f"{OF_PORTO}?country=FR") == []
    assert "No practice fits." in words(read(client.get(f"{OF_PORTO}?country=FR")).main)


def test_long_list_is_cut_and_leads_on_with_its_facets(client, trees, porto):
    for number in range(21):
        practice_page(trees["en"]["vademecum"], make_practice(f"{number:02}", cite=porto), f"{number:02}")

    page = read(client.get(f"{OF_ALL}?country=PT"))

    assert [words(link) for link in page.select("main li h2 a")] == [f"{number:02}" for number in range(20)]
    link = page.select("main a")[-1]
    assert (words(link), link["href"]) == (
        "See more in the vademecum",
        f"{trees['en']['vademecum'].get_url()}?country=PT",
    )


def test_every_link_leaves_the_frame_and_nothing_is_loaded(client, trees, porto):
    sheets(trees, porto)

    page = read(client.get(OF_ALL))

    assert {(link["target"], link["rel"][0]) for link in page.select("main a")} == {("_blank", "noopener")}
    assert page.select("header, footer, nav, form, iframe, main script") == []


def test_only_the_cites_own_site_may_frame_its_sheets_and_each_member_all(client, trees, porto):
    make_cite("lyon", website="https://lyon.example", country="FR")
    make_cite("limousin", website="https://limousin.example", state="former", country="FR")
    make_cite("draft", website="https://draft.example", live=False)

    own, everything, former = (client.get(path) for path in (OF_PORTO, OF_ALL, "/fr/embed/cite/limousin/practices/"))

    assert allowed(own) == ["'self'", "https://porto.example", "https://www.porto.example"]
    assert allowed(everything) == [
        *("'self'", "https://lyon.example", "https://porto.example"),
        *("https://www.lyon.example", "https://www.porto.example"),
    ]
    assert allowed(former) == ["'self'", "https://limousin.example", "https://www.limousin.example"]
    assert not any(response.has_header("X-Frame-Options") for response in (own, everything, former))


@pytest.mark.parametrize("website", ["", "https://evil.example; script-src *", "javascript:alert(1)"])
def test_nobody_may_frame_it_where_no_website_is_known(client, porto, website):
    Cite.objects.update(website=website)  # no form takes it

    assert [allowed(client.get(path)) for path in (OF_PORTO, OF_ALL)] == [["'self'"]] * 2


def test_frame_leaves_no_cookie_is_cached_and_not_indexed(client, porto):
    response = client.get(OF_PORTO)

    assert dict(client.cookies) == {}
    assert (response["X-Robots-Tag"], response["Cache-Control"]) == ("noindex", "public, max-age=300")


@pytest.mark.parametrize("path", ["cite/nowhere/practices/", "cite/draft/practices/", "cite/PORTO/practices/", "cite/"])
def test_what_is_not_there_is_not_found(client, porto, path):
    make_cite("draft", live=False)

    response = client.get(f"/fr/embed/{path}")

    assert (response.status_code, response["X-Frame-Options"]) == (404, "SAMEORIGIN")


def test_any_address_is_taken_and_only_read(porto):
    client = Client(enforce_csrf_checks=True)
    many = "&".join(f"group=x{number}" for number in range(1000))

    assert [client.get(f"{OF_ALL}?{query}").status_code for query in (many, "page=x", "country=%C3%28")] == [200] * 3
    assert client.post(OF_ALL).status_code in {403, 405}


def test_hostile_words_are_text(client, trees, porto):
    page = practice_page(trees["en"]["vademecum"], make_practice("x", cite=porto), "x")
    type(page).objects.update(title="<script>alert(1)</script>", summary="<img src=x onerror=alert(1)>")

    text = client.get(OF_PORTO).content.decode()

    assert ("<script>alert" in text, "<img src=x" in text, "&lt;img src=x" in text) == (False, False, True)


@pytest.mark.parametrize("number", [1, 3])
def test_frame_takes_the_same_queries_for_one_and_three(client, trees, porto, number, django_assert_num_queries):
    for place in range(number):
        practice_page(trees["en"]["vademecum"], make_practice(f"{place}", cite=porto), f"{place}")
    client.get(OF_ALL)

    with django_assert_num_queries(6):  # sheets, words, index and its restrictions, websites, sites
        client.get(OF_ALL)


def test_hub_of_a_cite_has_the_codes_in_the_language_that_is_spoken_there(trees):
    cite = make_cite("porto", official_name='Cidade "das" <Profissões>', website="https://porto.example/x")
    cite_page(trees["fr"]["network"], cite)

    page = read(logged_in(make_user(cite=cite)).get(f"/admin/cites/{cite.pk}/"))

    fields = page.select("#hub-embed-practices-content textarea[readonly]")
    assert [words(page.select_one(f"label[for={field['id']}]")) for field in fields] == [
        "The practices of this Cité",
        "All practices of the network",
    ]
    with translation.override("pt"):
        name = {"place": "Cidade &quot;das&quot; &lt;Profissões&gt;"}
        expected = [
            ("cite/porto/practices/", gettext("Good practices: %(place)s") % name),
            ("practices/", gettext("Good practices")),
        ]
    assert [field.text for field in fields] == [
        f'<iframe src="https://portal.example/pt/embed/{path}" title="{title}"'
        ' width="100%" height="600" loading="lazy" style="border: 0"></iframe>'
        for path, title in expected
    ]
