"""Events where other pages show them: the right ones, in their order, in few queries."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from events.templatetags import event_tags
from tests.factories import admit, event_page, make_cite, make_event, make_project, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture
def context():
    return {"request": RequestFactory().get("/fr/")}


def names(rows: list[object]) -> list[str]:
    return [row.event.name for row in rows]


def test_upcoming_events_are_the_next_ones(context):
    for name, in_days in (("third", 30), ("first", 3), ("past", -3), ("second", 10)):
        make_event(name, in_days=in_days)
    make_event("draft", live=False)

    assert names(event_tags.upcoming_events(context, limit=2)) == ["first", "second"]


def test_cite_events_are_its_own(context):
    porto, namur = make_cite("porto"), make_cite("namur")
    make_event("at Porto", cite=porto)
    make_event("at Namur", cite=namur)
    make_event("over", cite=porto, in_days=-3)

    assert names(event_tags.cite_events(context, porto)) == ["at Porto"]


def test_project_events_are_all_of_them_as_they_followed(context):
    project = make_project()
    make_event("closing", project=project, in_days=20)
    make_event("kick-off", project=project, in_days=-400)
    make_event("another's")

    assert names(event_tags.project_events(context, project)) == ["kick-off", "closing"]


@pytest.mark.parametrize("number", [1, 3])
def test_upcoming_events_take_the_same_queries_for_one_and_three(context, number, django_assert_num_queries):
    agenda = make_tree()["fr"]["agenda"]
    for place in range(number):
        event = make_event(f"event {place}")
        event_page(agenda, event)
        admit(event)
    event_tags.upcoming_events(context)  # sites and locales are remembered from here

    with django_assert_num_queries(3):  # events, seats, words
        rows = event_tags.upcoming_events(context, limit=9)

    assert len(rows) == number


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"city": "Paris", "country": "FR"}, "Paris, France"),
        ({"city": "", "country": "FR", "place_name": "Palais"}, "Palais, France"),
        ({"city": "", "country": ""}, ""),
    ],
)
def test_event_place_is_short(fields, text):
    assert event_tags.event_place(make_event(**fields)) == text
