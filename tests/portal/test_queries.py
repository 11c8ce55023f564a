"""The queries of a list do not grow with it, and stay within ten."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories

pytestmark = pytest.mark.django_db
MOST = 10


def add_event(tree, number):
    event = factories.make_event(f"Rencontre {number}")
    factories.admit(event)
    factories.event_page(tree["agenda"], event)


def add_past_event(tree, number):
    factories.event_page(tree["agenda"], factories.make_event(f"Rencontre {number}", in_days=-30))


def add_cite(tree, number):
    factories.cite_page(tree["network"], factories.make_cite(f"cite-{number}", latitude=48.0, longitude=2.0))


def add_practice(tree, number):
    factories.practice_page(tree["vademecum"], factories.make_practice(f"Rencontre {number}"))


def add_project(tree, number):
    factories.project_page(tree["projects"], factories.make_project(f"rencontre-{number}"))


def queries(client, address):
    client.get(address)  # what is read once a process
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert response.status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    ("section", "query", "add"),
    [
        ("agenda", "", add_event),
        ("agenda", "?when=past", add_past_event),
        ("agenda", "?month={month}", add_event),
        ("network", "", add_cite),
        ("vademecum", "", add_practice),
        ("projects", "", add_project),
        ("home", "", add_event),
        ("search", "?q=rencontre", add_practice),
    ],
)
def test_list_asks_as_often_for_thirty_as_for_three(client, section, query, add):
    tree = factories.make_tree("fr")["fr"]
    address = "/fr/search/" if section == "search" else tree[section].get_url()
    query = query.format(month=f"{timezone.localdate() + dt.timedelta(days=30):%Y-%m}")
    for number in range(3):
        add(tree, number)

    few = queries(client, address + query)
    for number in range(3, 30):
        add(tree, number)

    assert queries(client, address + query) == few
    assert few <= MOST
