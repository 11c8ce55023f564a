"""Two people at the same moment: real threads, each with its own connection, on a database that commits."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from events.admission import AdmissionRefused, change_admission
from events.models import Admission, Event, Registration
from events.publication import change_state
from events.registration import RegistrationRefused, cancel, register
from portal.audit import problems
from portal.base.models import OutgoingMail
from portal.base.outbox import claim, queue_mail
from tests.events.publishing import draft
from tests.factories import admit, applicant, make_event, stored

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = (RegistrationRefused, AdmissionRefused)


def at_once(*acts):
    """Start all acts together, each in a thread; give what each returned, or its refusal in words."""
    barrier = threading.Barrier(len(acts))
    found = [None] * len(acts)

    def run(index, act):
        try:
            with translation.override("en"):
                barrier.wait(timeout=20)
                found[index] = act()
        except REFUSED as refused:
            found[index] = str(refused)
        except Exception as error:  # noqa: BLE001 - a thread's exception would be lost
            found[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def coming(event, *emails, **fields):
    return [lambda email=email: register(event.pk, applicant(email, **fields)).state for email in emails]


def people(number):
    return [f"{index}@example.org" for index in range(number)]


def test_two_people_want_the_last_seat():
    event = make_event()
    admit(event, 1)

    found = at_once(*coming(event, "maria@example.org", "joao@example.org"))

    assert sorted(found) == ["The last seat has just been taken.", "confirmed"]
    assert Registration.objects.count() == OutgoingMail.objects.count() == 1


def test_many_people_want_few_seats():
    event = make_event(is_online=True)
    admit(event, 3, 2)

    acts = [*coming(event, *people(6)), *coming(event, *(f"o{email}" for email in people(5)), way="online")]
    found = at_once(*acts)

    assert [found[:6].count("confirmed"), found[6:].count("confirmed")] == [3, 2]
    assert [str(row) for row in found if isinstance(row, Exception)] == []
    assert problems() == []


def test_one_person_presses_the_button_many_times():
    event = make_event()
    admit(event, 3)

    found = at_once(*coming(event, *["maria@example.org"] * 5))

    assert found == ["confirmed"] * 5
    assert list(Registration.objects.values_list("email", "state")) == [("maria@example.org", "confirmed")]
    assert OutgoingMail.objects.filter(kind="registration_confirmed").count() == 1


def test_one_seat_is_given_back_while_two_people_want_it():
    event = make_event()
    admit(event, 1)
    first = register(event.pk, applicant("first@example.org"))

    found = at_once(lambda: cancel(first.pk).state, *coming(event, "maria@example.org", "joao@example.org"))

    active = Registration.objects.active().count()
    assert (found[0], active) in {("cancelled", 0), ("cancelled", 1)}
    assert found[1:].count("confirmed") == active


def test_one_seat_is_cancelled_twice_at_once():
    event = make_event()
    admit(event, 1)
    row = register(event.pk, applicant())

    found = at_once(*[lambda: cancel(row.pk).state] * 4)

    assert found == ["cancelled"] * 4
    assert OutgoingMail.objects.filter(kind="registration_cancelled").count() == 1
    assert event.audit_lines.filter(what="cancelled").count() == 1


def test_seats_are_taken_away_while_people_come():
    event = make_event()
    admit(event, 4)

    def shrink():
        return change_admission(event.pk, seats_on_site=1, seats_online=0, opens_at=None, closes_at=None)

    at_once(shrink, *coming(event, *people(4)))

    assert Registration.objects.active().count() <= Admission.objects.get(event=event).seats
    assert problems() == []


def test_event_is_cancelled_while_people_come():
    event = make_event()
    admit(event, 10)

    found = at_once(lambda: change_state(event.pk, "cancelled").state, *coming(event, *people(4)))

    told = Registration.objects.values_list("told", flat=True)
    assert found[0] == "cancelled"
    assert set(found[1:]) <= {"confirmed", "This event has been cancelled."}
    # Whoever came in just before has been told; nobody comes in after.
    assert set(told) <= {stored(event).told()}
    assert OutgoingMail.objects.filter(kind="event_changed").count() == found.count("confirmed")


def test_event_is_cancelled_and_moved_at_once():
    event = make_event()
    moved = draft(event, starts_on=event.starts_on + dt.timedelta(days=7))

    at_once(lambda: change_state(event.pk, "cancelled"), moved.publish)

    row = stored(event)
    assert (row.state, row.starts_on, row.sequence) == ("cancelled", event.starts_on + dt.timedelta(days=7), 2)
    assert problems() == []


def test_each_mail_is_sent_by_one_worker():
    same = {"kind": "any", "to": "maria@example.org", "next_try_at": timezone.now()}
    rows = [OutgoingMail.objects.create(key=str(number), **same) for number in range(20)]

    def work():
        return [row.pk for row in rows if claim(row.pk)]

    found = at_once(*[work] * 4)

    assert sorted(pk for taken in found for pk in taken) == [row.pk for row in rows]
    assert [stored(row).attempts for row in rows] == [1] * 20


def test_one_mail_is_queued_once_by_many():
    to, params = "maria@example.org", {"registrations": []}

    def queue():
        with transaction.atomic():
            return queue_mail(key="same", kind="registration_links", to=to, language="en", params=params).pk

    found = at_once(*[queue] * 4)

    assert found == [OutgoingMail.objects.get().pk] * 4


def test_lock_of_an_event_leaves_others_alone():
    events = [make_event("one"), make_event("two")]
    for event in events:
        admit(event, 1)
    other = events[1]

    found = at_once(*(act for event in events for act in coming(event, *people(2))))

    assert [found[:2].count("confirmed"), found[2:].count("confirmed")] == [1, 1]
    assert Event.objects.get(pk=other.pk).registrations.count() == 1
