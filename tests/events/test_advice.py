"""What organisers are told about settings that contradict each other."""

import datetime as dt

import pytest
import time_machine
from django.utils import translation

from events.advice import advice_on
from events.models import Event
from tests.factories import admit, make_event

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False), translation.override("en"):
        yield


def said(event):
    row = Event.objects.get(pk=event.pk)
    return advice_on(row, row)


def whole(**fields):
    sound = {"place_name": "Salle 1", "languages": ["fr"], "contact_email": "accueil@example.org", "in_days": 40}
    return make_event("Rencontre", **{**sound, **fields})


def test_nothing_is_said_of_a_sound_event():
    event = whole()
    admit(event, 10)

    assert said(event) == []


@pytest.mark.parametrize(
    ("fields", "admission", "word"),
    [
        ({"place_name": "", "city": ""}, {}, "place"),
        ({"precision": "day", "start_time": None, "end_time": None}, {}, "half-days"),
        ({"languages": []}, {}, "languages"),
        ({"live": False, "in_days": 10}, {}, "two weeks"),
        ({}, {"closes_at": NOON + dt.timedelta(days=50)}, "closes after"),
        ({}, {"opens_at": NOON + dt.timedelta(days=45)}, "opens only"),
        ({}, {"seats_online": 5}, "not marked as online"),
        ({"is_online": True}, {"seats_online": 5}, "link"),
        ({"contact_email": ""}, {"seats_on_site": 5}, "questions"),
    ],
)
def test_contradictions_are_said(fields, admission, word):
    event = whole(**fields)
    if admission:
        admit(event, admission.pop("seats_on_site", 10), **admission)

    sentences = said(event)

    assert [word in sentence for sentence in sentences] == [True]


def test_nothing_is_said_of_what_is_over_or_cancelled():
    assert said(whole(in_days=-3, place_name="", city="")) == []
    assert said(whole(state="cancelled", place_name="", city="")) == []
