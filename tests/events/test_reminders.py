import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from events.approval import add_by_hand, approve
from events.models import Event, Registration
from events.publication import change_state
from events.registration import cancel, confirm, register
from events.reminders import queue_reminders, remind, to_remind
from portal.base.models import OutgoingMail
from portal.base.outbox import renderers
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, make_event, make_user

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
BEGINS = dt.datetime(2027, 2, 9, 8, tzinfo=dt.UTC)  # 30 days later, 9:00 in Paris
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
DUE = BEGINS - 48 * HOUR


@pytest.fixture(autouse=True)
def in_january():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def confirmed(event, email="maria@example.org"):
    return confirm(register(event.pk, applicant(email)).pk)


def open_event(**fields):
    event = make_event(**fields)
    admit(event)
    return event


def reminders():
    found = OutgoingMail.objects.filter(kind="registration_reminder").order_by("pk")
    return list(found.values_list("key", "to", "language", "about", "params"))


def test_reminder_goes_two_days_before_the_start_and_once():
    event = open_event()
    assert event.begins_at == BEGINS
    row = confirmed(event)

    counts = [queue_reminders(now) for now in (DUE - MINUTE, DUE, DUE + MINUTE, BEGINS - MINUTE, BEGINS)]

    assert counts == [0, 1, 0, 0, 0]
    key = f"registration_reminder:{row.uuid}:20270209T0800"
    params = {"registration": row.pk, "begins": "2027-02-09T08:00:00+00:00"}
    assert reminders() == [(key, "maria@example.org", "fr", row.uuid, params)]


def test_reminder_is_late_rather_than_lost_if_tick_stood_still():
    confirmed(open_event())

    assert [queue_reminders(BEGINS), queue_reminders(BEGINS - MINUTE)] == [0, 1]


def test_reminder_of_whole_days_goes_two_days_before_local_midnight():
    event = open_event(precision="day", start_time=None, end_time=None, timezone="America/Montreal")
    confirmed(event)
    due = dt.datetime(2027, 2, 7, 5, tzinfo=dt.UTC)  # midnight in Montréal

    assert [queue_reminders(due - MINUTE), queue_reminders(due)] == [0, 1]


def test_reminder_goes_to_those_with_a_seat_only():
    event = make_event()
    admit(event, 2)
    seated, gone = confirmed(event, "a@example.org"), confirmed(event, "b@example.org")
    register(event.pk, applicant("pending@example.org"))
    confirmed(event, "waiting@example.org")
    cancel(gone.pk, user=make_user())

    queue_reminders(DUE)

    assert [about for *_rest, about, _params in reminders()] == [seated.uuid]


@pytest.mark.parametrize("state", ["planned", "confirmed", "postponed", "cancelled", "withdrawn"])
def test_reminder_goes_for_events_that_take_place_only(state):
    event = open_event(state="planned")
    confirmed(event)
    if state != "planned":
        change_state(event.pk, state)

    assert queue_reminders(DUE) == (1 if state in {"planned", "confirmed"} else 0)


def test_reminder_does_not_go_for_an_unpublished_event():
    event = open_event()
    confirmed(event)
    unpublish(event)

    assert queue_reminders(DUE) == 0


def test_reminder_does_not_go_while_the_date_is_to_be_confirmed():
    event = open_event()
    confirmed(event)
    Event.objects.filter(pk=event.pk).update(precision="month")

    assert queue_reminders(DUE) == 0


@pytest.mark.parametrize(("hours", "expected"), [(73, 1), (72, 1), (71, 0), (30, 0)])
def test_reminder_spares_those_whom_we_wrote_to_shortly_before(in_january, hours, expected):
    event = open_event()
    in_january.move_to(BEGINS - hours * HOUR)
    confirmed(event)

    in_january.move_to(max(DUE, timezone.now() + MINUTE))

    assert queue_reminders() == expected


def test_reminder_spares_those_approved_or_added_shortly_before(in_january):
    event = open_event()
    admit(event, needs_approval=True)
    row = confirmed(event, "approved@example.org")
    in_january.move_to(BEGINS - 60 * HOUR)
    approve(row.pk, user=make_user())
    add_by_hand(event.pk, applicant("added@example.org"), user=None)

    assert Registration.objects.filter(state="confirmed").count() == 2
    assert queue_reminders(DUE) == 0


def test_a_moved_event_reminds_anew(in_january):
    event = open_event()
    row = confirmed(event)
    queue_reminders(DUE)
    in_january.move_to(DUE + HOUR)
    change(event, starts_on=dt.date(2027, 3, 9))

    counts = [queue_reminders(BEGINS - HOUR), queue_reminders(dt.datetime(2027, 3, 7, 8, tzinfo=dt.UTC))]

    assert counts == [0, 1]
    assert [key for key, *_rest in reminders()] == [
        f"registration_reminder:{row.uuid}:20270209T0800",
        f"registration_reminder:{row.uuid}:20270309T0800",
    ]


def test_an_event_moved_by_hours_after_the_reminder_does_not_remind_beside_the_news(in_january):
    event = open_event()
    confirmed(event)
    queue_reminders(DUE)
    in_january.move_to(DUE + HOUR)
    change(event, start_time=dt.time(10))

    assert queue_reminders() == 0


def test_reminders_ask_a_fixed_number_of_queries_before_the_mails(django_assert_num_queries):
    event = open_event()
    for number in range(3):
        confirmed(event, f"{number}@example.org")
    with django_assert_num_queries(1):
        queue_reminders(DUE - HOUR)
    assert queue_reminders(DUE) == 3

    with django_assert_num_queries(2):
        queue_reminders(DUE)


def test_reminder_that_has_not_left_when_the_event_moves_is_withheld(in_january):
    event = open_event()
    confirmed(event)
    queue_reminders(DUE)
    reminder = OutgoingMail.objects.get(kind="registration_reminder")
    in_january.move_to(DUE)
    as_it_was = renderers[reminder.kind](reminder)
    change(event, starts_on=dt.date(2027, 3, 9))

    assert as_it_was is not None
    assert renderers[reminder.kind](reminder) is None


def test_an_event_that_changes_while_reminders_are_queued_is_left_to_the_next_run():
    event = open_event()
    confirmed(event)
    rows = to_remind(DUE)
    change(event, starts_on=dt.date(2027, 3, 9))

    assert (remind(event.pk, rows), reminders()) == (0, [])
