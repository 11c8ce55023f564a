"""Groups and guests: all or nothing, one address to confirm, and nobody learns who is registered."""

import pytest
import time_machine
from django.utils import timezone, translation

from events.delegation import confirm_group, register_group, replace_colleague
from events.invitation import invite, revoke
from events.links import invitation_for, registration_for, token_of
from events.models import Delegation, Registration
from events.registration import RegistrationRefused, cancel, register
from portal.audit import problems
from portal.base.models import OutgoingMail
from tests.factories import admit, applicant, come, make_event, make_user, stored

pytestmark = pytest.mark.django_db

PEOPLE = [("Ana", "ana@example.org"), ("Bo", "bo@example.org"), ("Cy", "cy@example.org")]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def group(event, people=PEOPLE, **fields):
    return register_group(event.pk, applicant("boss@example.org", name="Boss", **fields), people)


def rows(event):
    return list(event.registrations.order_by("pk").values_list("email", "state", "seat"))


def mails():
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "to"))


def said(act, *args, **kwargs):
    with pytest.raises(RegistrationRefused) as refused:
        act(*args, **kwargs)
    return str(refused.value)


def test_a_group_holds_its_seats_and_writes_to_the_coordinator_alone():
    event = make_event()
    admit(event, 3)

    found = group(event, organisation="Cité", country="IT", language="it")

    assert rows(event) == [
        ("ana@example.org", "pending", 1),
        ("bo@example.org", "pending", 2),
        ("cy@example.org", "pending", 3),
    ]
    facts = set(Registration.objects.values_list("organisation", "country", "language", "channel", "delegation"))
    assert facts == {("Cité", "IT", "it", "delegation", found.pk)}
    assert mails() == [("delegation_pending", "boss@example.org")]


def test_confirming_a_group_registers_and_tells_everybody_once():
    event = make_event()
    admit(event, 3)
    found = group(event)

    confirm_group(found.pk)
    confirm_group(found.pk)

    assert [state for _email, state, _seat in rows(event)] == ["confirmed"] * 3
    assert mails()[1:] == [
        ("registration_received", "ana@example.org"),
        ("registration_received", "bo@example.org"),
        ("registration_received", "cy@example.org"),
        ("delegation_confirmed", "boss@example.org"),
    ]
    assert problems() == []


def test_a_coordinator_who_takes_part_has_the_usual_mail():
    event = make_event()
    admit(event, 2)
    found = group(event, [("Boss", "boss@example.org"), PEOPLE[0]])

    confirm_group(found.pk)

    assert ("registration_confirmed", "boss@example.org") in mails()
    assert ("registration_received", "ana@example.org") in mails()


def test_too_few_seats_register_nobody():
    event = make_event()
    admit(event, 2)

    refused = said(group, event)

    assert refused == "There are only 2 seats left. A group is registered together or not at all."
    assert (rows(event), mails(), Delegation.objects.count()) == ([], [], 0)


def test_a_group_waits_together_where_no_seat_is_left():
    event = make_event()
    admit(event, 1)
    come(event)

    confirm_group(group(event).pk)

    assert [state for _email, state, _seat in rows(event)[1:]] == ["waiting"] * 3


def test_a_quota_that_splits_the_group_registers_nobody():
    event = make_event()
    admit(event, 5, quota_by="country", quota_each=2)

    assert said(group, event) == "There are not enough seats for all of you under the quota."
    assert rows(event) == []


def test_a_group_that_nobody_confirms_gives_its_seats_back():
    event = make_event()
    admit(event, 3)
    found = group(event)

    with time_machine.travel(timezone.now() + timezone.timedelta(hours=25)):
        refused = said(confirm_group, found.pk)

        assert refused == "It is too late to confirm this. Please register the group again."
        register(event.pk, applicant())
    assert rows(event)[0] == ("ana@example.org", "expired", None)
    assert rows(event)[-1] == ("maria@example.org", "pending", 1)


def test_a_colleague_who_is_registered_keeps_that_and_nobody_is_told():
    event = make_event()
    admit(event, 5)
    known = come(event, "bo@example.org", name="Bo himself")

    found = confirm_group(group(event).pk)

    assert [email for email, *_rest in rows(event)] == ["bo@example.org", "ana@example.org", "cy@example.org"]
    assert found.others == [{"name": "Bo", "email": "bo@example.org"}]
    assert stored(known).name == "Bo himself"
    assert ("registration_again", "bo@example.org") in mails()


def test_replacing_a_name_keeps_the_seat():
    event = make_event()
    admit(event, 3)
    found = confirm_group(group(event).pk)
    row = found.registrations.get(email="bo@example.org")
    token = token_of(row)

    replace_colleague(found.pk, str(row.uuid), name="Dee", email="dee@example.org")

    assert (stored(row).email, stored(row).state, stored(row).seat) == ("dee@example.org", "confirmed", 2)
    assert registration_for(token) is None
    assert mails()[-2:] == [
        ("registration_handed_over", "bo@example.org"),
        ("registration_received", "dee@example.org"),
    ]


def test_replacing_by_somebody_who_is_registered_frees_the_seat():
    event = make_event()
    admit(event, 4)
    come(event, "dee@example.org")
    found = confirm_group(group(event).pk)
    row = found.registrations.get(email="bo@example.org")
    token = token_of(row)

    replace_colleague(found.pk, str(row.uuid), name="Dee", email="dee@example.org")

    assert (stored(row).state, stored(row).seat) == ("cancelled", None)
    assert stored(found).others == [{"name": "Dee", "email": "dee@example.org"}]
    # Bo is told as if it had been anybody, and the link that Bo has is dead.
    assert mails()[-2:] == [("registration_handed_over", "bo@example.org"), ("registration_again", "dee@example.org")]
    assert registration_for(token) is None
    assert problems() == []


def test_replacing_somebody_who_declined_takes_a_new_seat():
    event = make_event()
    admit(event, 3)
    found = confirm_group(group(event).pk)
    row = found.registrations.get(email="bo@example.org")
    cancel(row.pk, user=make_user())

    replace_colleague(found.pk, str(row.uuid), name="Dee", email="dee@example.org")

    new = found.registrations.get(email="dee@example.org")
    assert (new.state, new.seat) == ("confirmed", 2)


def test_a_group_changes_nothing_in_another_group():
    event = make_event()
    admit(event, 10)
    first = confirm_group(group(event).pk)
    other = confirm_group(group(event, [("Zed", "zed@example.org")]).pk)
    foreign = first.registrations.get(email="ana@example.org")

    replace_colleague(other.pk, str(foreign.uuid), name="Dee", email="dee@example.org")

    assert stored(foreign).email == "ana@example.org"


def test_the_group_is_closed_with_registration():
    event = make_event()
    admit(event, 3)
    found = confirm_group(group(event).pk)
    row = found.registrations.first()
    admit(event, 3, closes_at=timezone.now())

    refused = said(replace_colleague, found.pk, str(row.uuid), name="Dee", email="dee@example.org")

    assert refused == "It is too late to change the group; please write to the organisers."


# --- guests
def test_an_invited_guest_comes_in_at_once():
    event, user = make_event(), make_user()
    admit(event, 1, by_invitation=True, needs_approval=True)
    (guest,) = invite(event.pk, [("Ana", "ana@example.org")], language="pt", user=user)

    row = register(event.pk, applicant("ana@example.org"), invitation=guest)

    assert (row.state, row.channel, row.seat) == ("confirmed", "invitation", 1)
    assert mails() == [("invitation", "ana@example.org"), ("registration_confirmed", "ana@example.org")]


def test_inviting_again_sends_the_same_link_and_revoking_ends_it():
    event, user = make_event(), make_user()
    admit(event, 1, by_invitation=True)
    (guest,) = invite(event.pk, [("Ana", "ana@example.org")], language="pt", user=user)
    (again,) = invite(event.pk, [("Ana", "ana@example.org")], language="pt", user=user)
    token = token_of(guest)
    assert (guest.pk, invitation_for(token)) == (again.pk, guest)

    revoke(guest.pk, user=user)
    assert invitation_for(token) is None
    (anew,) = invite(event.pk, [("Ana", "ana@example.org")], language="pt", user=user)

    assert anew.pk == guest.pk
    assert invitation_for(token) is None
    assert invitation_for(token_of(anew)) == guest
