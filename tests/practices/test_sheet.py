"""The page of a sheet: its facts, its parts, how it is cited, how old it is."""

import datetime as dt

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.html import strip_tags

from home.models import TargetGroup
from practices.models import Practice
from practices.models.practice import OLD
from practices.sheet import practice_context
from tests.factories import (
    cite_page,
    event_page,
    make_cite,
    make_event,
    make_practice,
    make_project,
    make_tree,
    practice_page,
    publish,
    stored,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def tree():
    return make_tree("en")["en"]


def text(response):
    return " ".join(strip_tags(response.text).split())


def context_of(practice, tree):
    return practice_context(practice_page(tree["vademecum"], practice), RequestFactory().get("/en/"))


# --- facts


def test_sheet_says_all_its_facts(client, tree):
    owner, other = make_cite("porto"), make_cite("lyon", country="FR")
    cite_page(tree["network"], other, "Lyon")
    event = make_event()
    event_page(tree["agenda"], event, "Annual school")
    row = make_practice("a", cite=owner, project=make_project(), live=False, authors="Maria Silva", licence="cc-by")
    row.target_groups = [TargetGroup.objects.create(code="young", labels={"en": "Young people"})]
    row.taken_up_by, row.events = [other], [event]
    row.evidence, row.contact_email = "transferred", "porto@example.org"
    page = practice_page(tree["vademecum"], publish(row), "Welcome", question="How?", steps="<p>One.</p>")

    response = client.get(page.get_url())

    said = text(response)
    for words in (
        *("Cité porto", "Portugal", "Maria Silva", "Taken up elsewhere", "Young people", "COCADE", "Lyon"),
        *("porto@example.org", "CC BY 4.0", "Annual school", "How?", "One."),
    ):
        assert words in said, words
    assert 'href="https://creativecommons.org/licenses/by/4.0/"' in response.text
    assert f'href="{tree["vademecum"].get_url()}?group=young"' in response.text


def test_sheet_without_a_licence_says_that_it_is_to_be_confirmed(client, tree):
    page = practice_page(tree["vademecum"], make_practice())

    assert "Licence To be confirmed" in text(client.get(page.get_url()))


def test_sheet_names_nobody_who_is_not_public(tree):
    hidden = make_cite("hidden", live=False)
    row = make_practice("a", cite=hidden, project=make_project(live=False), live=False)
    row.taken_up_by, row.events = [hidden], [make_event(live=False)]

    found = context_of(publish(row), tree)

    assert [found[name] for name in ("owner", "project", "taken_up_by", "events")] == [None, None, [], []]


def test_sheet_that_is_not_chosen_yet_shows_nothing(tree):
    page = practice_page(tree["vademecum"], make_practice())
    page.practice = None

    assert practice_context(page, RequestFactory().get("/en/")) == {"practice": None}


# --- empty parts


def test_readers_see_no_empty_part_and_a_preview_names_them(client, tree):
    page = practice_page(tree["vademecum"], make_practice(), "Welcome", steps="<p>One.</p>")

    public = text(client.get(page.get_url()))
    preview = text(page.make_preview_request())

    assert "Steps" in public
    for words in ("Objectives", "Obstacles, and what failed", "Documents", "Empty: readers do not see this."):
        assert (words in public, words in preview) == (False, True), words


# --- how to cite it


def test_sheet_says_how_to_cite_it(client, tree, settings):
    row = make_practice("a", cite=make_cite("porto"), authors="Maria Silva")
    page = practice_page(tree["vademecum"], row, "Welcome")
    day = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
    type(page).objects.filter(pk=page.pk).update(first_published_at=day, last_published_at=day)
    Practice.objects.filter(pk=row.pk).update(last_published_at=day + dt.timedelta(days=3))

    said = text(client.get(page.get_url()))

    assert (
        "Maria Silva: “Welcome”. Vademecum of the international network of Cités des métiers. "
        f"Published on 5 March 2026, changed on 8 March 2026. {settings.SITE_URL}/en/practice/{row.pk}/"
    ) in said


@pytest.mark.parametrize(("cite", "expected"), [(True, "Cité porto: “Welcome”."), (False, "The network: “Welcome”.")])
def test_sheet_without_authors_is_its_owners(client, tree, cite, expected):
    row = make_practice("a", cite=make_cite("porto") if cite else None)

    assert expected in text(client.get(practice_page(tree["vademecum"], row, "Welcome").get_url()))


# --- how old it is


@pytest.mark.parametrize(
    ("checked", "published", "is_stale"),
    [
        (None, 0, False),
        (None, -1, False),
        (None, 1, True),
        (1, 1, True),
        (1, -1, True),
        (-1, 1, False),
        (0, 1, False),
    ],
)
def test_sheet_is_stale_after_five_years_without_a_check(client, tree, checked, published, is_stale):
    """Days more than five years ago."""
    now = timezone.now() + dt.timedelta(minutes=1)
    row = make_practice()
    Practice.objects.filter(pk=row.pk).update(
        checked_on=None if checked is None else timezone.localdate(now - OLD) - dt.timedelta(days=checked),
        first_published_at=now - OLD - dt.timedelta(days=published),
    )
    page = practice_page(tree["vademecum"], stored(row))

    said = text(client.get(page.get_url()))

    assert stored(row).is_stale is is_stale
    assert Practice.objects.stale().exists() is is_stale
    assert ("Nobody has checked this sheet for more than five years" in said) is is_stale


# --- the chapter, and what is like it


def test_sheet_leads_on_in_its_chapter(client, tree):
    rows = [make_practice(name) for name in "abc"]
    pages = [practice_page(tree["vademecum"], row, f"Sheet {row.name}") for row in rows]

    response = client.get(pages[1].get_url())

    assert [response.context[name].title.text for name in ("before", "after")] == ["Sheet a", "Sheet c"]
    assert [entry.title.text for entry in response.context["related"]] == ["Sheet a", "Sheet c"]
    assert f'<a href="{tree["vademecum"].get_url()}?chapter=coordination">1.' in response.text


@pytest.mark.parametrize("number", [2, 6])
def test_sheet_takes_the_same_queries_for_two_and_six(client, tree, number, django_assert_max_num_queries):
    cite = make_cite()
    rows = [make_practice(f"{place}", cite=cite) for place in range(number)]
    pages = [practice_page(tree["vademecum"], row) for row in rows]
    client.get(pages[0].get_url())

    with django_assert_max_num_queries(25):
        client.get(pages[0].get_url())


# --- where it shows


def test_cite_shows_what_it_took_up(client, tree):
    owner, other = make_cite("porto"), make_cite("lyon", country="FR")
    page = cite_page(tree["network"], other, "Lyon")
    row = make_practice("a", cite=owner, live=False)
    row.taken_up_by = [other]
    practice_page(tree["vademecum"], publish(row), "Welcome")

    said = text(client.get(page.get_url()))

    assert "Practices that it took up" in said
    assert said.index("Practices that it took up") < said.index("Welcome")
    assert "Practices of this Cité" not in said
