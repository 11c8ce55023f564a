"""What organisers decide: approve, refuse, seat by hand, add by hand, send again."""

import pytest
from django.utils import timezone, translation

from events.admission import change_admission
from events.approval import add_by_hand, approve, refuse, resend, seat_by_hand
from events.registration import RegistrationRefused, cancel, register
from portal.audit import problems
from portal.base.models import OutgoingMail
from tests.factories import admit, applicant, come, make_event, make_user, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def user():
    return make_user()


def last_mail():
    mail = OutgoingMail.objects.latest("pk")
    return mail.kind, mail.to, mail.params


def said(act, *args, **kwargs):
    with pytest.raises(RegistrationRefused) as refused:
        act(*args, **kwargs)
    return str(refused.value)


def test_registrations_await_approval_without_a_seat(user):
    event = make_event()
    admit(event, 1, needs_approval=True)

    pending = register(event.pk, applicant("a@example.org"))
    rows = [come(event, "b@example.org"), come(event, "c@example.org")]

    assert (pending.state, pending.seat) == ("pending", None)
    assert [(row.state, row.seat) for row in rows] == [("awaiting", None)] * 2
    assert last_mail()[:2] == ("registration_awaiting", "c@example.org")


def test_approve_gives_a_seat_or_a_rank_by_the_time_of_registering(user):
    event = make_event()
    admit(event, 1, needs_approval=True)
    first, second, third = (come(event, f"{name}@example.org") for name in "abc")

    found = [approve(row.pk, user=user) for row in (third, second, first)]

    assert [(row.state, row.seat) for row in found] == [("confirmed", 1), ("waiting", None), ("waiting", None)]
    assert list(event.registrations.in_line()) == [first, second]
    cancel(third.pk, user=user)
    assert [stored(first).state, stored(second).state] == ["offered", "waiting"]
    assert problems() == []


def test_approve_is_said_once(user):
    event = make_event()
    admit(event, 1, needs_approval=True)
    row = come(event, name="Maria")
    approve(row.pk, user=user)

    assert said(approve, row.pk, user=user) == "Maria: not possible in the state “confirmed”."
    line = event.audit_lines.get(what="approved")
    assert (line.user, line.who, line.data) == (user, "organiser", {"from": "awaiting", "to": "confirmed", "seat": 1})
    assert last_mail()[0] == "registration_approved"


def test_more_seats_do_not_bypass_approval(user):
    event = make_event()
    admit(event, 1, needs_approval=True)
    row = come(event)

    change_admission(event.pk, seats_on_site=10, seats_online=0, opens_at=None, closes_at=None)

    assert stored(row).state == "awaiting"


def test_refuse_tells_why(user):
    event = make_event()
    admit(event, 1, needs_approval=True)
    row = come(event)

    refuse(row.pk, user=user, why="Only counsellors")

    assert stored(row).state == "refused"
    assert last_mail() == (
        "registration_refused",
        "maria@example.org",
        {"registration": row.pk, "why": "Only counsellors"},
    )
    assert approve(row.pk, user=user).state == "confirmed"  # on second thoughts


def test_refuse_is_not_for_a_confirmed_seat(user):
    event = make_event()
    admit(event)
    row = come(event)

    assert said(refuse, row.pk, user=user) == "Maria: not possible in the state “confirmed”."


def test_a_refused_person_who_registered_again_is_not_approved_twice(user):
    event = make_event()
    admit(event, 3, needs_approval=True)
    row = come(event)
    refuse(row.pk, user=user)
    come(event)

    assert said(approve, row.pk, user=user) == "Maria has registered again since."


def test_seat_by_hand_takes_a_free_seat_alone(user):
    event = make_event()
    admit(event, 1, quota_by="country", quota_each=0)
    row = come(event)
    assert row.state == "waiting"

    assert said(seat_by_hand, row.pk, user=user) == "There is no seat left for Maria. Raise the seats first."
    admit(event, 1, quota_by="")

    assert stored(row).state == "offered"
    assert seat_by_hand(row.pk, user=user).state == "confirmed"


def test_add_by_hand_works_when_registration_has_closed(user):
    event = make_event()
    admit(event, 1, closes_at=timezone.now())

    row = add_by_hand(event.pk, applicant(), user=user)
    second = add_by_hand(event.pk, applicant("b@example.org"), user=user)

    assert [(row.state, row.channel), (second.state, second.seat)] == [("confirmed", "organiser"), ("waiting", None)]
    assert row.email_confirmed_at is None
    assert said(add_by_hand, event.pk, applicant(), user=user) == "This address is registered already: confirmed."


def test_nobody_is_added_by_hand_to_wait_for_a_way_without_seats(user):
    event = make_event()
    admit(event, 1)

    refusal = said(add_by_hand, event.pk, applicant(way="online"), user=user)

    assert (refusal, event.registrations.count()) == (
        "Nobody can take part in this way. Please choose the other.",
        0,
    )


def test_resend_sends_how_things_stand(user):
    event = make_event()
    admit(event, 1)
    rows = [come(event, "a@example.org"), come(event, "b@example.org"), register(event.pk, applicant("c@example.org"))]

    kinds = []
    for row in rows:
        resend(row.pk, user=user)
        kinds.append(last_mail()[0])

    assert kinds == ["registration_confirmed", "registration_waiting", "registration_pending"]
    cancel(rows[0].pk, user=user)
    assert said(resend, rows[0].pk, user=user) == "Maria: not possible in the state “cancelled”."


def test_resend_makes_a_returned_address_count_again(user):
    event = make_event()
    admit(event, 1)
    row = come(event)
    type(row).objects.update(bounced_at=timezone.now())

    resend(row.pk, user=user)

    assert stored(row).bounced_at is None
