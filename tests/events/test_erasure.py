import datetime as dt

import pytest
import time_machine

from events.delegation import confirm_group, register_group
from events.erasure import erase, erase_group
from events.handover import hand_over
from events.invitation import invite
from events.links import delegation_for, registration_for, token_of
from events.models import Answer, AuditLine, Question, Registration
from events.registration import cancel, confirm, register
from portal.base.models import OutgoingMail
from tests.factories import admit, applicant, make_event, make_user, stored

pytestmark = pytest.mark.django_db

PERSONAL = ("name", "email", "organisation", "organisation_key", "access_needs", "diet", "interpretation")


def open_event(seats=10, **window):
    event = make_event()
    admit(event, seats, **window)
    return event


def confirmed(event, email="maria@example.org", **fields):
    return confirm(register(event.pk, applicant(email, organisation="Cité", diet="Vegan", **fields)).pk)


def after(event):
    return time_machine.travel(event.ends_at + dt.timedelta(days=1), tick=False)


def test_erase_empties_the_row_and_frees_the_seat():
    event = open_event(1)
    row = confirmed(event, interpretation=("pt",), access_needs="Step-free")
    waiting = confirmed(event, "waiting@example.org")
    ask = Question.objects.create(event=event, labels={"en": "?"}, retention="evidence")
    Answer.objects.create(registration=row, question=ask, value="yes")
    token = token_of(row)

    erase(row.pk)

    gone = stored(row)
    assert [getattr(gone, name) for name in PERSONAL] == ["", "", "", "", "", "", []]
    assert (gone.state, gone.seat, gone.way, gone.country, gone.channel) == ("cancelled", None, "on-site", "PT", "form")
    assert (gone.erased_at, gone.logistics_erased_at) != (None, None)
    assert Answer.objects.count() == 0
    assert registration_for(token) is None
    assert (stored(waiting).state, stored(waiting).seat) == ("offered", 1)
    assert [line.what for line in AuditLine.objects.filter(registration=row)][:2] == ["erased", "cancelled"]


def test_erase_leaves_of_the_mails_only_what_became_of_them():
    row = confirmed(open_event())
    states = list(OutgoingMail.objects.order_by("pk").values_list("kind", flat=True))

    erase(row.pk)

    found = OutgoingMail.objects.order_by("pk")
    assert [(mail.kind, mail.to, mail.params, mail.last_error) for mail in found] == [
        (kind, "", {}, "") for kind in states
    ]
    assert OutgoingMail.objects.waiting().count() == 0


def test_erase_twice_changes_nothing():
    event = open_event()
    row = confirmed(event)
    first = erase(row.pk)

    second = erase(row.pk)

    assert (second.erased_at, second.link_version) == (first.erased_at, first.link_version)
    assert AuditLine.objects.filter(what="erased").count() == 1


def test_erase_after_the_event_keeps_the_count():
    event = open_event()
    row = confirmed(event)

    with after(event):
        erase(row.pk)

    assert (stored(row).state, stored(row).seat, stored(row).email) == ("confirmed", 1, "")


def test_erase_after_the_event_ends_the_registration_of_who_waited():
    event = open_event(1)
    confirmed(event, "first@example.org")
    row = confirmed(event)

    with after(event):
        erase(row.pk)

    assert (stored(row).state, stored(row).email) == ("cancelled", "")


def test_erase_within_the_time_of_an_undo_frees_the_seat():
    event = open_event(1)
    row = confirmed(event)
    cancel(row.pk)

    erase(row.pk)

    assert (stored(row).seat, stored(row).held_until, stored(row).state_before) == (None, None, "")
    assert confirmed(event, "next@example.org").state == "confirmed"


def test_erase_takes_former_registrations_of_the_person_at_this_event_along():
    event, other = open_event(), open_event()
    former = confirmed(event)
    cancel(former.pk, user=make_user())
    row, elsewhere = confirmed(event), confirmed(other)

    erase(row.pk)

    assert [stored(found).email for found in (former, row, elsewhere)] == ["", "", "maria@example.org"]


def test_erase_takes_the_person_out_of_guest_lists_and_groups():
    event = open_event()
    row = confirmed(event)
    user = make_user()
    invitation, other = invite(
        event.pk, [("Maria", "maria@example.org"), ("Ana", "ana@example.org")], language="fr", user=user
    )
    group = register_group(
        event.pk, applicant("boss@example.org"), [("Maria", "maria@example.org"), ("Eva", "eva@example.org")]
    )

    erase(row.pk)

    assert [(stored(guest).name, stored(guest).email) for guest in (invitation, other)] == [
        ("", ""),
        ("Ana", "ana@example.org"),
    ]
    assert stored(group).others == []
    assert Registration.objects.filter(email="eva@example.org").count() == 1


def test_erase_by_who_handed_over_does_not_touch_the_successor():
    event = open_event()
    row = confirmed(event)
    successor = hand_over(row.pk, name="Ana", email="ana@example.org")
    again = confirmed(event)

    erase(again.pk)

    assert (stored(successor).name, stored(successor).email) == ("Ana", "ana@example.org")


def test_erase_group_forgets_who_registered_it_and_keeps_the_colleagues():
    event = open_event()
    group = confirm_group(register_group(event.pk, applicant("boss@example.org"), [("Eva", "eva@example.org")]).pk)
    token = token_of(group)

    erase_group(group.pk)
    erase_group(group.pk)

    gone = stored(group)
    assert (gone.name, gone.email, gone.organisation, gone.others) == ("", "", "", [])
    assert delegation_for(token) is None
    assert list(Registration.objects.values_list("email", "state")) == [("eva@example.org", "confirmed")]
    assert AuditLine.objects.filter(what="group erased").count() == 1
    assert set(OutgoingMail.objects.filter(about=group.uuid).values_list("to", flat=True)) == {""}
