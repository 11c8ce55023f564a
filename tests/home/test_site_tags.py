"""The frame of every page: what it links to, and in which languages."""

import pytest
from django.core.paginator import Paginator
from django.test import RequestFactory
from django.urls import resolve
from django.utils import translation

from home.models import PlainPage
from home.templatetags.site_tags import Nav, site_nav
from tests.factories import cite_page, make_cite, make_page, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def trees():
    return make_tree("fr", "en")


def nav_of(path: str, page: object = None, *, language: str = "fr", **context: object) -> Nav:
    request = RequestFactory().get(path)
    with translation.override(language):
        request.resolver_match = resolve(request.path)
        return site_nav({"request": request, "page": page, **context})


def test_sections_are_the_pages_below_home_and_plain_ones_go_to_the_foot(trees):
    make_page(trees["fr"]["home"], PlainPage, "Mentions légales", slug="legal")
    nav = nav_of("/fr/network-fr/", trees["fr"]["network"])

    assert nav.home_url == "/fr/"
    assert nav.sections == [
        ("network fr", "/fr/network-fr/", True),
        ("agenda fr", "/fr/agenda-fr/", False),
        ("vademecum fr", "/fr/vademecum-fr/", False),
        ("projects fr", "/fr/projects-fr/", False),
    ]
    assert nav.footer == [("Mentions légales", "/fr/legal/")]
    assert nav.urls["agendapage"] == "/fr/agenda-fr/"


def test_trail_leads_from_home_through_the_section(trees):
    page = cite_page(trees["fr"]["network"], make_cite())
    nav = nav_of(page.url, page)

    assert nav.trail == [("Accueil", "/fr/"), ("network fr", "/fr/network-fr/")]


def test_draft_sections_are_not_linked(trees):
    trees["fr"]["projects"].unpublish()

    assert [title for title, _url, _is_current in nav_of("/fr/", trees["fr"]["home"]).sections] == [
        *("network fr", "agenda fr", "vademecum fr"),
    ]


def test_languages_of_a_page_are_its_live_translations(trees):
    french = make_page(trees["fr"]["home"], PlainPage, "Charte", slug="charte")
    assert nav_of("/fr/charte/", french).languages == [("fr", "Français", "/fr/charte/", True)]

    make_page(trees["en"]["home"], PlainPage, "Charter", slug="charter", translation_key=french.translation_key)
    assert nav_of("/fr/charte/", french).languages == [
        ("fr", "Français", "/fr/charte/", True),
        ("en", "English", "/en/charter/", False),
    ]


def test_languages_of_words_are_those_that_they_exist_in():
    trees = make_tree("fr", "en", "it")
    page = cite_page(trees["fr"]["network"], make_cite("porto"))
    english = cite_page(trees["en"]["network"], page.cite, slug="city", translation_key=page.translation_key)

    assert nav_of(page.url, page).languages == [
        ("fr", "Français", page.url, True),
        ("en", "English", english.url, False),
    ]


@pytest.mark.parametrize(("trees", "home"), [(("fr", "en"), "/"), (("fr", "en", "it"), "/it/")])
def test_languages_of_untranslated_words_in_another_languages_frame(trees, home):
    trees = make_tree(*trees)
    page = cite_page(trees["fr"]["network"], make_cite("porto"))
    nav = nav_of("/it/cite/porto/", page, language="it", noindex=True)

    assert nav.languages == [
        ("fr", "Français", page.url, False),
        ("it", "Italiano", "/it/cite/porto/", True),
    ]
    assert (nav.home_url, bool(nav.sections), nav.canonical) == (home, home != "/", None)


def test_languages_of_a_form_are_the_same_path_elsewhere(trees):
    assert nav_of("/fr/search/?q=porto").languages == [
        ("fr", "Français", "/fr/search/?q=porto", True),
        ("en", "English", "/en/search/?q=porto", False),
    ]


def test_languages_of_a_page_that_is_not_there_are_the_home_pages(trees):
    assert [url for _code, _name, url, _is_current in nav_of("/fr/rien/").languages] == ["/fr/", "/en/"]


def test_alternates_name_all_translations_and_the_original(trees):
    nav = nav_of("/fr/", trees["fr"]["home"])

    assert nav.canonical == "http://localhost/fr/"
    assert nav.alternates == [
        ("fr", "http://localhost/fr/"),
        ("en", "http://localhost/en/"),
        ("x-default", "http://localhost/fr/"),
    ]


def test_alternates_are_none_for_a_page_alone(trees):
    page = make_page(trees["fr"]["home"], PlainPage, "Charte", slug="charte")

    assert nav_of("/fr/charte/", page).alternates == []


@pytest.mark.parametrize(
    ("query", "number", "canonical"),
    [
        ("?kind=training", 1, "http://localhost/fr/agenda-fr/"),
        ("?kind=training&page=2", 2, "http://localhost/fr/agenda-fr/"),
        ("?page=2", 2, "http://localhost/fr/agenda-fr/?page=2"),
        ("?page=9", 2, "http://localhost/fr/agenda-fr/?page=2"),
        ("?page=1", 1, "http://localhost/fr/agenda-fr/"),
    ],
)
def test_canonical_address_of_a_list_has_no_filters_but_its_own_page(trees, query, number, canonical):
    part = Paginator(range(20), 10).page(number)
    nav = nav_of(f"/fr/agenda-fr/{query}", trees["fr"]["agenda"], paginator_page=part)

    assert (nav.canonical, nav.alternates) == (canonical, [])


def test_frame_takes_two_queries(trees, django_assert_max_num_queries):
    home = trees["fr"]["home"]
    nav_of("/fr/", home)  # sites, locales and content types are remembered from here

    with django_assert_max_num_queries(3):  # the two, and Wagtail's own look for the site
        nav_of("/fr/", home)


def test_frame_is_worked_out_once_a_request(trees):
    request = RequestFactory().get("/fr/")
    request.resolver_match = resolve("/fr/")
    with translation.override("fr"):
        assert site_nav({"request": request}) is site_nav({"request": request})


def test_frame_without_a_request_still_leads_somewhere():
    with translation.override("fr"):
        nav = site_nav({})

    assert (nav.home_url, nav.search_url) == ("/", "/fr/search/")
