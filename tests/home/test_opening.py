import datetime as dt

import pytest

from home.models import OpeningInterval
from home.opening import status
from tests.factories import make_cite

pytestmark = pytest.mark.django_db


def test_status_of_unknown_hours_is_not_closed():
    cite = make_cite(are_hours_known=False)

    assert status(cite) is None


def test_status_is_open_in_the_zone_of_the_cite():
    cite = make_cite(slug="reunion", timezone="Indian/Reunion", are_hours_known=True)
    cite.intervals = [OpeningInterval(weekday=1, opens=dt.time(8), closes=dt.time(12))]
    cite.save()

    morning = dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC)  # 9:00 there, 6:00 in Paris

    found = status(cite, morning)
    assert (found.is_open, found.closes) == (True, dt.time(12))
