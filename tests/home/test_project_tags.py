"""Projects in their list, with dates as exactly as they are known."""

import datetime as dt

import pytest
from django.utils import translation

from home.templatetags import project_tags
from tests.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"precision": "day"}, "1 September 2017 – 28 February 2019"),
        ({"precision": "month"}, "September 2017 – February 2019"),
        ({"precision": "year"}, "2017 – 2019"),
        ({"precision": "year", "ends_on": dt.date(2017, 12, 1)}, "2017"),
        ({"precision": "month", "ends_on": None}, "September 2017"),
        ({"starts_on": None, "ends_on": None}, ""),
    ],
)
def test_project_dates_say_no_more_than_is_known(fields, text):
    dates = {"starts_on": dt.date(2017, 9, 1), "ends_on": dt.date(2019, 2, 28)}
    with translation.override("en"):
        assert project_tags.project_dates(make_project(**{**dates, **fields})) == text


def test_projects_are_those_that_are_published():
    make_project("cocade")
    make_project("draft", live=False)

    assert [entry.fact.slug for entry in project_tags.projects({})] == ["cocade"]
