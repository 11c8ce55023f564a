"""The entry of one registration: what its own calendar shows, in step with the public one."""

import datetime as dt
from uuid import UUID

import pytest
import time_machine

from events.approval import approve, refuse
from events.erasure import erase
from events.handover import hand_over
from events.models import Registration
from events.models.registration import RegistrationState
from events.own_calendar import own_entries, own_entry
from events.publication import change_state
from events.registration import accept, cancel, register, undo
from events.vevent import vevent
from tests.events.publishing import change
from tests.factories import admit, applicant, come, event_page, make_event, make_tree, make_user, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
S = RegistrationState


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def told(row):
    entry = own_entry(stored(row), "en")
    return (entry.status, entry.sequence, entry.title_prefix) if entry else None


def admitted(seats=1, **fields):
    event = make_event(**fields)
    admit(event, seats_on_site=seats)
    return event


def test_entry_of_a_seat_is_the_event_s_own():
    event = admitted()

    row = come(event)

    body = vevent(own_entry(row, "fr"), "fr")
    entry = stored(event).calendar_entries.get(language="fr")
    assert body == bytes(entry.body)
    assert UUID(own_entry(row, "fr").uid) == event.uuid


def test_unconfirmed_registration_is_in_no_calendar():
    event = admitted()
    row = register(event.pk, applicant())

    before = told(row)
    cancel(row.pk)

    assert (before, told(row)) == (None, None)


def test_each_change_of_status_raises_the_sequence_and_every_change_last_modified(clock):
    event = admitted()
    first = come(event)
    row = come(event, "joao@example.org")
    waiting, at = told(row), stored(row).calendar_changed_at

    cancel(first.pk, user=None)
    clock.shift(dt.timedelta(minutes=11))
    come(event, "late@example.org")  # whoever comes lets what is overdue end
    offered = told(row)
    accept(row.pk)
    seated = told(row)
    cancel(row.pk)
    cancelled = told(row)
    undo(row.pk)
    undone = told(row)

    assert (waiting, offered, seated, cancelled, undone) == (
        ("TENTATIVE", 0, "Waiting list: "),
        ("TENTATIVE", 0, "Seat offered: "),
        ("CONFIRMED", 1, ""),
        ("CANCELLED", 2, ""),
        ("CONFIRMED", 3, ""),
    )
    # Three changes within one second.
    assert stored(row).calendar_changed_at == at + dt.timedelta(minutes=11, seconds=3)


def test_event_s_own_changes_are_the_entry_s_too():
    event = admitted()
    row = come(event)

    change(event, city="Lyon")
    moved = told(row)
    change_state(event.pk, "cancelled")

    assert (moved, told(row)) == (("CONFIRMED", 1, ""), ("CANCELLED", 2, ""))


def test_sequence_goes_on_where_the_former_registration_ended():
    event = admitted(2)
    row = come(event)
    cancel(row.pk)

    again = come(event)

    assert (told(row), told(again)) == (("CANCELLED", 1, ""), ("CONFIRMED", 2, ""))


def test_sequence_goes_on_when_the_seat_has_another_person():
    event = admitted()
    row = come(event)

    hand_over(row.pk, name="João", email="joao@example.org")

    assert told(row) == ("CONFIRMED", 1, "")


@pytest.mark.parametrize("end", [erase, lambda pk: hand_over(pk, name="João", email="joao@example.org")])
def test_sequence_goes_on_for_who_comes_again_although_nobody_knows_that_any_more(end):
    event = admitted(3)
    cancel(come(event).pk)
    row = come(event)
    before = told(row)

    end(row.pk)
    again = come(event)

    # One step more is what the calendar of who left has seen, or may have seen.
    assert (before, told(again)) == (("CONFIRMED", 2, ""), ("CONFIRMED", 4, ""))


@pytest.mark.parametrize("known", [False, True])
def test_sequence_of_who_gave_the_seat_away_goes_on(known):
    event = admitted(3)
    row = come(event)
    if known:
        come(event, "joao@example.org")
    hand_over(row.pk, name="João", email="joao@example.org")

    again = come(event)

    # The giver's calendar was told of the end with 1.
    assert told(again) == ("CONFIRMED", 2, "")


def test_sequence_goes_on_for_who_may_have_been_forgotten():
    event = admitted(2)
    row = come(event)
    cancel(row.pk)
    erase(row.pk)

    assert told(come(event)) == ("CONFIRMED", 2, "")


def test_sequence_goes_on_where_another_registration_of_the_address_has_come_and_gone():
    event, user = make_event(), make_user()
    admit(event, 2, needs_approval=True)
    first = come(event)
    refuse(first.pk, user=user)
    second = come(event)
    cancel(approve(second.pk, user=user).pk, user=user)
    gone = told(second)

    approve(first.pk, user=user)

    assert (gone, told(first)) == (("CANCELLED", 4, ""), ("CONFIRMED", 5, ""))


def test_link_to_take_part_is_for_who_takes_part_online_with_a_seat(clock):
    event = make_event(is_online=True, online_link="https://meet.example/room")
    admit(event, seats_on_site=1, seats_online=1)
    on_site, online = come(event), come(event, "joao@example.org", way="online")
    waiting = come(event, "late@example.org", way="online")
    before = stored(online).calendar_changed_at

    clock.shift(dt.timedelta(hours=1))
    change(event, online_link="https://meet.example/other")

    links = [own_entry(stored(row), "en").conference_url for row in (on_site, online, waiting)]
    assert links == ["", "https://meet.example/other", ""]
    assert stored(online).calendar_changed_at == before + dt.timedelta(hours=1)
    assert stored(on_site).calendar_changed_at == before


def test_event_without_a_date_is_in_no_calendar():
    event = make_event(precision="month")
    admit(event, seats_on_site=1, takes_interest=True)

    row = come(event)

    assert (row.state, told(row)) == (S.WAITING, None)


def test_entries_of_many_are_those_of_each_in_as_many_queries(django_assert_num_queries):
    tree, rows = make_tree("fr", "en"), []
    for number in range(3):
        event = admitted()
        event_page(tree["fr"]["agenda"], event, f"Rencontre {number}")
        event_page(tree["en"]["agenda"], event, f"Meeting {number}")
        rows.append(come(event))
    pending = register(admitted().pk, applicant())
    found = list(Registration.objects.select_related("event").order_by("pk"))
    alone = [own_entry(row, "en") for row in found]

    counts = []
    for part in (found[:1], found):
        with django_assert_num_queries(3):
            counts.append([entry and entry.title for entry in own_entries(part, "en")])

    assert counts == [["Meeting 0"], ["Meeting 0", "Meeting 1", "Meeting 2", None]]
    assert own_entries(found, "en") == alone
    assert found[-1] == pending
    assert own_entries([], "en") == []
