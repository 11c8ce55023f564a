"""Since when a public file says what it says."""

import datetime as dt

import pytest
import time_machine

from portal.base.editions import changed_at
from portal.base.models import Edition

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_same_content_keeps_its_date(clock):
    changed_at("cites/en/1", b"a")
    clock.shift(3600)

    assert changed_at("cites/en/1", b"a") == NOON


def test_other_content_has_a_later_date_also_within_the_same_second():
    dates = [changed_at("cites/en/1", content) for content in (b"a", b"b", b"a")]

    assert dates == [NOON, NOON + SECOND, NOON + 2 * SECOND]


def test_change_has_the_date_at_which_it_was_seen(clock):
    changed_at("cites/en/1", b"a")
    clock.shift(3600)

    assert changed_at("cites/en/1", b"b") == NOON + 3600 * SECOND
    assert Edition.objects.count() == 1


def test_each_file_has_its_own_date(clock):
    changed_at("cites/en/1", b"a")
    clock.shift(60)
    changed_at("cites/fr/1", b"b")

    assert (changed_at("cites/en/1", b"a"), changed_at("cites/fr/1", b"b")) == (NOON, NOON + 60 * SECOND)


def test_content_that_is_known_costs_one_query(django_assert_num_queries):
    changed_at("cites/en/1", b"a")

    with django_assert_num_queries(1):
        changed_at("cites/en/1", b"a")
