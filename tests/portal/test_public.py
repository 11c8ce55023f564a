"""The few addresses that belong to no app, and what every answer carries."""

import pytest
from django.test import override_settings
from wagtail.models import PageViewRestriction

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def trees():
    return factories.make_tree("fr", "en")


@pytest.mark.parametrize(
    ("wish", "where"),
    [
        ("en-GB,en;q=0.9,fr;q=0.8", "/en/"),
        ("de,en;q=0.5", "/en/"),  # no German tree
        ("ja", "/fr/"),
        ("", "/fr/"),
        ("*;q=x,,,;;", "/fr/"),
    ],
)
def test_root_leads_to_the_browsers_language(client, trees, wish, where):
    response = client.get("/", headers={"accept-language": wish})

    assert (response.status_code, response.headers["Location"]) == (302, where)


@pytest.mark.parametrize("path", ["/de/", "/de/agenda-de/", "/xx/", "/nope/", "/fr/nope/", "/en/nope/"])
def test_unknown_page_is_not_found(client, trees, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("path", "language"), [("/fr/nope/", "fr"), ("/en/nope/", "en"), ("/it/nope/", "it")])
def test_not_found_is_said_in_the_readers_language(client, trees, path, language):
    assert f'<html lang="{language}"' in client.get(path).content.decode()


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "%00=1", "q=%1b"])
def test_control_characters_are_refused(client, trees, query):
    response = client.get(f"/en/search/?{query}")

    assert response.status_code == 400
    assert '<html lang="en"' in response.content.decode()


def test_reading_leaves_no_cookie(client, trees):
    response = client.get("/fr/home-fr/", follow=True)

    assert dict(client.cookies) == {}
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_admin_may_run_its_own_inline_scripts(client, trees):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-inline'" in policy


def test_robots_are_kept_from_what_mails_open_but_from_no_calendar(client, trees):
    """Google's calendar asks here before it subscribes, also to a person's own; that one tells it not to be found."""
    assert client.get("/robots.txt").content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*/registration/",
        "Sitemap: http://127.0.0.1:8000/sitemap.xml",
    ]


def test_health_is_told(client, trees):
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").json() == {"database": True, "cache": True}


@override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}})
def test_readiness_fails_without_a_cache(client, trees):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"database": True, "cache": False})


def test_sitemap_holds_each_language_and_no_hidden_page(client, trees):
    shown = factories.event_page(trees["fr"]["agenda"], factories.make_event("Rencontre"))
    hidden = factories.event_page(trees["fr"]["agenda"], factories.make_event("Cachée"))
    type(hidden.event).objects.filter(pk=hidden.event_id).update(live=False)

    text = client.get("/sitemap.xml").content.decode()

    assert [f"/{page.slug}/" in text for page in (shown, hidden)] == [True, False]
    assert 'hreflang="en"' in text


def test_private_words_are_nowhere(client, trees):
    page = factories.event_page(trees["fr"]["agenda"], factories.make_event("Secrète"), "Rencontre secrète")
    PageViewRestriction.objects.create(page=page.page_ptr, restriction_type="login")

    found = [
        "rencontre-secrete" in client.get(address).content.decode()
        for address in (trees["fr"]["agenda"].get_url(), "/fr/search/?q=rencontre", "/sitemap.xml")
    ]

    assert found == [False, False, False]
    assert client.get(f"/fr/event/{page.event_id}/").status_code == 404
    assert client.get(page.get_url()).status_code == 302  # to the login


def test_unpublished_facts_hide_their_page(client, trees):
    page = factories.event_page(trees["fr"]["agenda"], factories.make_event("Rencontre"))
    address = page.get_url()
    assert client.get(address).status_code == 200

    page.event.unpublish()

    assert client.get(address).status_code == 404
    assert client.get(f"/fr/event/{page.event_id}/").status_code == 404


def test_neutral_address_leads_to_the_translation_or_shows_the_original(client, trees):
    page = factories.event_page(trees["fr"]["agenda"], factories.make_event("Rencontre"))

    own = client.get(f"/fr/event/{page.event_id}/")
    other = client.get(f"/en/event/{page.event_id}/")
    third = client.get(f"/it/event/{page.event_id}/")

    assert (own.status_code, own.headers["Location"]) == (302, page.get_url())
    assert (other.status_code, other.headers["X-Robots-Tag"]) == (200, "noindex")
    text = third.content.decode()
    assert ['<html lang="it"' in text, '<h1 lang="fr"' in text or 'lang="fr"' in text] == [True, True]
    assert f'<link rel="canonical" href="{page.full_url}">' in text


def test_number_that_no_database_holds_is_not_found(client, trees):
    assert client.get(f"/fr/event/{10**30}/").status_code == 404
    assert client.get(f"/fr/calendar/event/{10**30}.ics").status_code == 404
