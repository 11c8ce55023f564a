"""Seats that change hands; nobody learns who is registered already."""

import pytest
from django.utils import timezone, translation

from events.changing import change, switch
from events.handover import hand_over
from events.links import registration_for, token_of
from events.models import Question
from events.registration import RegistrationRefused, cancel, register
from portal.audit import problems
from portal.base.models import OutgoingMail
from tests.factories import admit, applicant, come, make_event, make_user, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def mails():
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "to"))


def said(act, *args, **kwargs):
    with pytest.raises(RegistrationRefused) as refused:
        act(*args, **kwargs)
    return str(refused.value)


def test_hand_over_gives_the_seat_and_nothing_personal():
    event = make_event()
    admit(event, 1, asks_diet=True)
    question = Question.objects.create(event=event, kind="text", labels={"en": "Why?"})
    row = come(event, diet="vegan", answers={question.pk: "So"}, organisation="Cité")
    token = token_of(row)

    found = hand_over(row.pk, name="Zoé", email="zoe@example.org")

    assert (found.pk, found.state, found.seat, found.name, found.email) == (
        row.pk,
        "confirmed",
        1,
        "Zoé",
        "zoe@example.org",
    )
    assert (found.diet, found.answers.count(), found.organisation) == ("", 0, "Cité")
    assert registration_for(token) is None
    assert mails()[2:] == [
        ("registration_handed_over", "maria@example.org"),
        ("registration_received", "zoe@example.org"),
    ]


def test_hand_over_to_the_same_address_changes_the_name():
    event = make_event()
    admit(event, 1)
    row = come(event)
    token = token_of(row)

    hand_over(row.pk, name="Maria Silva", email="maria@example.org")

    assert (stored(row).name, registration_for(token)) == ("Maria Silva", row)
    assert len(mails()) == 2


def test_hand_over_to_somebody_who_waits_gives_that_one_the_seat():
    event = make_event()
    admit(event, 1)
    row, waiting = come(event), come(event, "zoe@example.org")

    hand_over(row.pk, name="Zoé", email="zoe@example.org")

    assert [(stored(each).state, stored(each).seat) for each in (row, waiting)] == [
        ("cancelled", None),
        ("confirmed", 1),
    ]
    assert problems() == []


def test_hand_over_to_somebody_with_a_seat_frees_this_one():
    event = make_event()
    admit(event, 2)
    row, seated, waiting = come(event), come(event, "zoe@example.org"), come(event, "next@example.org")
    token = token_of(row)

    hand_over(row.pk, name="Zoé", email="zoe@example.org")

    assert [stored(each).state for each in (row, seated, waiting)] == ["cancelled", "confirmed", "offered"]
    assert registration_for(token) is None  # as after any other handing over


def test_hand_over_to_somebody_who_has_not_confirmed_gives_a_held_seat():
    event = make_event()
    admit(event, 1)
    row = come(event)
    pending = register(event.pk, applicant("zoe@example.org"))

    hand_over(row.pk, name="Zoé", email="zoe@example.org")

    assert (stored(pending).state, stored(pending).seat) == ("pending", 1)
    assert problems() == []


def test_hand_over_is_for_confirmed_seats_until_the_deadline():
    event = make_event()
    admit(event, 1)
    row, waiting = come(event), come(event, "b@example.org")
    to = {"name": "Zoé", "email": "zoe@example.org"}

    assert said(hand_over, waiting.pk, **to) == "Only a confirmed seat can be handed over."
    admit(event, 1, closes_at=timezone.now())
    assert said(hand_over, row.pk, **to) == "It is too late to hand over the seat; please write to the organisers."
    assert hand_over(row.pk, user=make_user(), **to).email == "zoe@example.org"


# --- the other way of taking part
def test_switch_takes_a_free_seat_and_frees_the_other():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    row, waiting = come(event), come(event, "b@example.org")

    found = switch(row.pk, "online")

    assert (found.state, found.way, found.seat) == ("confirmed", "online", 1)
    assert (stored(waiting).state, stored(waiting).seat) == ("offered", 1)


def test_switch_to_a_full_way_is_refused_and_the_seat_kept():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    row = come(event)
    come(event, "b@example.org", way="online")

    assert said(switch, row.pk, "online") == "There is no seat left for this way of taking part; you keep yours."
    assert (stored(row).way, stored(row).seat, stored(row).state) == ("on-site", 1, "confirmed")


def test_switch_of_somebody_who_waits():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    come(event)
    first, second = come(event, "b@example.org"), come(event, "c@example.org")

    found = [switch(first.pk, "online"), switch(second.pk, "online")]

    assert [(row.state, row.way, row.seat) for row in found] == [
        ("confirmed", "online", 1),
        ("waiting", "online", None),
    ]
    assert problems() == []


def test_switch_back_and_forth_loses_nothing():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    row = register(event.pk, applicant())

    for way in ("online", "on-site", "on-site"):
        found = switch(row.pk, way)

    assert (found.state, found.way, found.seat, found.held_until) == ("pending", "on-site", 1, row.held_until)


def test_switch_is_refused_where_there_is_no_other_way():
    event = make_event()
    admit(event, 1)
    row = come(event)

    assert said(switch, row.pk, "online") == "There is no other way of taking part in this event."


# --- changing what one told
def test_change_keeps_seat_and_link():
    event = make_event()
    admit(event, 1, asks_diet=True)
    question = Question.objects.create(event=event, kind="text", labels={"en": "Why?"})
    row = come(event, answers={question.pk: "So"})
    token = token_of(row)

    change(row.pk, answers={question.pk: "Thus"}, name="Maria Silva", country="FR", language="en", diet="vegan")

    found = stored(row)
    assert (found.name, found.country, found.language, found.diet) == ("Maria Silva", "FR", "en", "vegan")
    assert (found.state, found.seat, registration_for(token)) == ("confirmed", 1, row)
    assert [answer.value for answer in found.answers.all()] == ["Thus"]
    line = event.audit_lines.get(what="changed")
    assert line.data == {"fields": ["country", "diet", "language", "name"]}  # which, never what


def test_change_to_a_country_without_seats_is_refused():
    event = make_event()
    admit(event, 5, quota_by="country", quota_each=1)
    come(event, "it@example.org", country="IT")
    row = come(event, country="PT")

    refused = said(change, row.pk, answers={}, country="IT")

    assert refused == "The seats of this country or organisation are all taken."
    assert stored(row).country == "PT"


def test_change_of_a_cancelled_registration_is_refused():
    event = make_event()
    admit(event, 1)
    row = come(event)
    cancel(row.pk)

    assert said(change, row.pk, answers={}, name="X") == "This registration is not in force any more."
