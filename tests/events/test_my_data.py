"""What the portal knows of one registration, as a file for the person."""

import datetime as dt
import json

import pytest
import time_machine

from events.handover import hand_over
from events.models import Choice, Question
from events.my_data import data_of
from events.registration import confirm
from tests.events.private_calendars import ask, of_all, of_one
from tests.events.sending import PRIVATE, everything, in_state, manage_url, registered
from tests.factories import admit, event_page, make_event, make_tree, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def registration():
    return in_state(make_event("Rencontre"), "confirmed")


def file_of(client, row, language="en"):
    return client.get(f"{manage_url(row, language)}data.json")


def test_data_names_the_event_as_its_page_does(client):
    """Its working title is for the organisers."""
    event = make_event("Draft 3, room 12?")
    tree = make_tree("fr")
    event_page(tree["fr"]["agenda"], event, "Rencontre de printemps")
    row = in_state(event, "confirmed")

    assert json.loads(file_of(client, row).content)["event"]["title"] == "Rencontre de printemps"


def test_data_is_everything_that_is_known(client):
    with time_machine.travel(NOON, tick=False):
        event = make_event("Rencontre", starts_on=dt.date(2027, 3, 1), languages=["fr", "bg"])
        admit(event, 1, asks_access=True, asks_diet=True, asks_interpretation=True)
        question = Question.objects.create(
            event=event, kind="choices", labels={"fr": "Quoi", "en": "What"}, purposes={"en": "x"}
        )
        Choice.objects.create(question=question, code="c1", labels={"en": "This"})
        row = registered(
            event,
            organisation="Cité <b>",
            access_needs="ramp",
            diet="no nuts",
            interpretation=("bg",),
            answers={question.pk: ["c1"]},
        )
        confirm(row.pk)
        ask(client, of_one(row))
        of_all(language="bg", device="laptop")
        data = json.loads(file_of(client, row).content)

    at = "2027-01-10T12:00:00+00:00"
    mails = data.pop("mails")
    assert data == {
        "event": {"id": event.pk, "title": "Rencontre", "address": f"/en/event/{event.pk}/"},
        "registration": {
            "state": "confirmed",
            "way": "on-site",
            "name": "Maria",
            "email": "maria@example.org",
            "organisation": "Cité <b>",
            "country": "PT",
            "language": "fr",
            "access_needs": "ramp",
            "diet": "no nuts",
            "interpretation": ["bg"],
            "created_at": at,
            "changed_at": at,
            "email_confirmed_at": at,
        },
        "answers": [{"question": "What", "answer": "This"}],
        "changes": [
            {"at": at, "what": "registered", "by": "registrant"},
            {"at": at, "what": "confirmed", "by": "registrant"},
        ],
        "calendars": [
            {
                "of": "this registration",
                "device": "phone",
                "language": "en",
                "created_at": at,
                "last_used_on": "2027-01-10",
            },
            {
                "of": "all registrations of the address",
                "device": "laptop",
                "language": "bg",
                "created_at": at,
                "last_used_on": None,
            },
        ],
        "kept_until": {"logistics": "2027-03-31", "evidence": "2030-03-01"},
    }
    assert [(mail["kind"], mail["to"]) for mail in mails] == [
        ("registration_pending", "maria@example.org"),
        ("registration_confirmed", "maria@example.org"),
    ]


def test_data_is_a_file_for_one_reader_alone(client, registration):
    response = file_of(client, registration)

    names = ("Content-Type", "Content-Disposition", "Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    assert {name: response[name] for name in names} == {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": 'attachment; filename="registration.json"',
        "Cache-Control": PRIVATE,
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }


@pytest.mark.parametrize(
    "state", ["pending", "awaiting", "confirmed", "waiting", "offered", "cancelled", "refused", "expired"]
)
def test_data_can_be_had_in_every_state(client, state):
    row = in_state(make_event(), state)

    assert json.loads(file_of(client, row).content)["registration"]["state"] == state


def test_data_says_nothing_of_who_had_the_seat_before(client, registration):
    of_one(registration, device="Maria's phone")
    hand_over(registration.pk, name="Zoé", email="zoe@example.org")

    content = file_of(client, registration).content.decode()

    assert [word for word in ("maria@", "Maria") if word in content] == []
    assert [mail["to"] for mail in json.loads(content)["mails"]] == ["zoe@example.org"]


def test_data_says_nothing_of_others(client, registration):
    admit(registration.event, 2)
    confirm(registered(registration.event, "other@example.org", name="Other").pk)

    assert "other" not in file_of(client, registration).content.decode().lower()


def test_data_holds_no_link_that_works(registration):
    assert "token" not in json.dumps(data_of(stored(registration)), default=str)


def test_data_is_only_read(client, registration):
    path, before = f"{manage_url(registration)}data.json", everything()

    found = [getattr(client, method)(path).status_code for method in ("get", "head", "post", "put", "delete")]

    assert (found, everything()) == ([200, 200, 405, 405, 405], before)


def test_data_of_a_wrong_token_is_not_found(client):
    assert client.get("/en/registration/x/data.json").status_code == 404
