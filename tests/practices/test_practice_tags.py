"""Sheets of the vademecum where other pages show them."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from practices.templatetags import practice_tags
from tests.factories import make_cite, make_event, make_practice, make_project, make_tree, practice_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture
def context():
    return {"request": RequestFactory().get("/fr/")}


def names(entries: list[object]) -> list[str]:
    return [entry.fact.name for entry in entries]


def test_latest_practices_are_the_newest_with_demonstrations_last(context):
    for name in ("old", "new"):
        make_practice(name)
    make_practice("demonstration", is_demonstration=True)
    make_practice("draft", live=False)

    assert names(practice_tags.latest_practices(context)) == ["new", "old", "demonstration"]


def test_practices_are_found_by_their_cite_project_and_event(context):
    cite, project, event = make_cite(), make_project(), make_event()
    make_practice("of the Cité", cite=cite)
    make_practice("of the project", project=project)
    discussed = make_practice("discussed")
    discussed.events.add(event)
    discussed.save()

    assert names(practice_tags.cite_practices(context, cite)) == ["of the Cité"]
    assert names(practice_tags.project_practices(context, project)) == ["of the project"]
    assert names(practice_tags.event_practices(context, event)) == ["discussed"]


@pytest.mark.parametrize("number", [1, 3])
def test_latest_practices_take_the_same_queries_for_one_and_three(context, number, django_assert_num_queries):
    vademecum = make_tree()["fr"]["vademecum"]
    for place in range(number):
        practice_page(vademecum, make_practice(f"practice {place}"))
    practice_tags.latest_practices(context)  # sites and locales are remembered from here

    with django_assert_num_queries(2):  # sheets, words
        entries = practice_tags.latest_practices(context)

    assert len(entries) == number
