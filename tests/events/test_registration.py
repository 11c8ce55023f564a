import datetime as dt
import uuid

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from events.models import Registration
from events.publication import change_state
from events.registration import RegistrationRefused, cancel, register
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, make_event, make_user, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def outbox():
    return list(OutgoingMail.objects.order_by("pk").values_list("key", "kind", "to", "language", "params"))


def audit(event):
    lines = event.audit_lines.exclude(what="admission").order_by("pk")
    return list(lines.values_list("registration", "user", "who", "what", "data"))


def refusal(event, **fields):
    with pytest.raises(RegistrationRefused) as refused:
        register(event.pk, applicant(**fields))
    return str(refused.value)


@time_machine.travel(NOON, tick=False)
def test_register_gives_a_seat():
    event = make_event()
    admit(event)

    row = register(event.pk, applicant(organisation="Cité", language="pt"))

    facts = Registration.objects.values(
        *("event", "state", "way", "name", "email", "organisation", "country", "language"),
        *("created_at", "changed_at", "link_version", "told"),
    )
    assert list(facts) == [
        {
            "event": event.pk,
            "state": "confirmed",
            "way": "on-site",
            "name": "Maria",
            "email": "maria@example.org",
            "organisation": "Cité",
            "country": "PT",
            "language": "pt",
            "created_at": NOON,
            "changed_at": NOON,
            "link_version": 1,
            "told": event.told(),
        }
    ]
    assert audit(event) == [(row.pk, None, "registrant", "registered", {"way": "on-site"})]
    key = f"confirmed:{row.uuid}"
    assert outbox() == [(key, "registration_confirmed", "maria@example.org", "pt", {"registration": row.pk})]


@time_machine.travel(NOON, tick=False)
def test_register_twice_gives_one_seat_and_one_more_mail_an_hour():
    event = make_event()
    admit(event)

    rows = [register(event.pk, applicant(name=name)) for name in ("Maria", "Maria again", "Somebody else")]
    with time_machine.travel(NOON + dt.timedelta(hours=1), tick=False):
        rows.append(register(event.pk, applicant()))

    assert [row.pk for row in rows] == [rows[0].pk] * 4
    assert list(Registration.objects.values_list("name", "state")) == [("Maria", "confirmed")]
    assert [key for key, *_rest in outbox()] == [
        f"confirmed:{rows[0].uuid}",
        f"again:{rows[0].uuid}:2027011012",
        f"again:{rows[0].uuid}:2027011013",
    ]
    assert len(audit(event)) == 1


def test_register_after_cancelling_is_a_new_registration():
    event = make_event()
    admit(event)
    first = register(event.pk, applicant())
    cancel(first.pk)

    second = register(event.pk, applicant())

    assert list(Registration.objects.values_list("uuid", "state")) == [
        (first.uuid, "cancelled"),
        (second.uuid, "confirmed"),
    ]
    assert first.token_digest != second.token_digest


def test_register_at_two_events_is_two_registrations():
    events = [make_event("one"), make_event("two")]
    for event in events:
        admit(event)

    rows = [register(event.pk, applicant()) for event in events]

    assert [row.event for row in rows] == events


TOMORROW = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "window", "expected"),
    [
        ({}, {"opens_at": timezone.now() + TOMORROW}, "Registration has not opened yet."),
        ({}, {"closes_at": timezone.now() - TOMORROW}, "Registration has closed."),
        ({"in_days": 0}, {}, "This event is over."),
        ({"state": "cancelled"}, {}, "This event has been cancelled."),
        ({"state": "postponed"}, {}, "This event has been postponed; its new date is not known yet."),
        ({"precision": "month"}, {}, "The date of this event is to be confirmed; nobody can register yet."),
        ({}, {"seats_on_site": 0}, "There is no registration for this event here."),
        ({"live": False}, {}, "There is no registration for this event here."),
        ({"state": "withdrawn"}, {}, "There is no registration for this event here."),
    ],
)
def test_register_is_refused_with_the_reason(facts, window, expected):
    if facts.get("in_days") == 0:
        facts = {**facts, "starts_on": timezone.localdate() - TOMORROW}
    event = make_event(**facts)
    admit(event, **window)

    said = refusal(event)

    assert said == expected
    assert (Registration.objects.count(), outbox(), audit(event)) == (0, [], [])


def test_register_without_an_admission_is_refused():
    event = make_event()

    assert refusal(event) == "There is no registration for this event here."


def test_register_is_refused_once_the_last_seat_is_taken():
    event = make_event()
    admit(event, 1)
    register(event.pk, applicant())

    said = refusal(event, email="late@example.org")

    assert said == "The last seat has just been taken."
    assert list(Registration.objects.values_list("email", flat=True)) == ["maria@example.org"]


@pytest.mark.parametrize(("full", "other"), [("on-site", "online"), ("online", "on-site")])
def test_register_names_the_other_way_where_one_is_full(full, other):
    event = make_event(is_online=True)
    admit(event, 1, 1)
    register(event.pk, applicant(way=full))

    said = refusal(event, email="late@example.org", way=full)
    row = register(event.pk, applicant("late@example.org", way=other))

    assert said == "There is no seat left for this way of taking part. Please choose the other."
    assert (row.state, row.way) == ("confirmed", other)


def test_register_after_unpublishing_is_refused_also_for_who_is_registered():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    unpublish(event)

    said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["There is no registration for this event here."] * 2
    assert [key for key, *_rest in outbox()] == [f"confirmed:{row.uuid}"]


def test_register_answers_a_known_address_as_any_other_when_full():
    event = make_event()
    admit(event, 1)
    with time_machine.travel(timezone.now(), tick=False):
        row = register(event.pk, applicant())
        hour = f"{timezone.now():%Y%m%d%H}"

        said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["The last seat has just been taken."] * 2
    # Who pressed twice learns from the mail that the seat is his.
    assert [key for key, *_rest in outbox()] == [f"confirmed:{row.uuid}", f"again:{row.uuid}:{hour}"]


def test_register_answers_a_known_address_as_any_other_when_cancelled():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    change_state(event.pk, "cancelled")

    said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["This event has been cancelled."] * 2
    assert [kind for _key, kind, *_rest in outbox()] == ["registration_confirmed", "event_changed"]
    assert stored(row).state == "confirmed"


def test_register_sends_its_mail_on_commit(django_capture_on_commit_callbacks):
    event = make_event()
    admit(event)

    with django_capture_on_commit_callbacks() as callbacks:
        register(event.pk, applicant())
        before = len(mail.outbox)
    for callback in callbacks:
        callback()

    assert (before, [message.to for message in mail.outbox]) == (0, [["maria@example.org"]])


def test_register_that_is_rolled_back_leaves_nothing(django_capture_on_commit_callbacks):
    event = make_event()
    admit(event)

    def fail_afterwards():
        with transaction.atomic():
            register(event.pk, applicant())
            raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True) as callbacks, pytest.raises(RuntimeError):
        fail_afterwards()

    assert (Registration.objects.count(), outbox(), audit(event)) == (0, [], [])
    assert (callbacks, mail.outbox) == ([], [])


def test_an_address_has_one_seat_also_for_the_database():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    row.pk, row.uuid, row.token_digest = None, uuid.uuid4(), "another"

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    assert Registration.objects.count() == 1


@time_machine.travel(NOON, tick=False)
def test_cancel_frees_the_seat_once():
    event = make_event()
    admit(event, 1)
    row = register(event.pk, applicant())

    with time_machine.travel(NOON + TOMORROW, tick=False):
        found = [cancel(row.pk).state, cancel(row.pk).state]

    assert found == ["cancelled", "cancelled"]
    assert stored(row).changed_at == NOON + TOMORROW
    assert audit(event)[1:] == [(row.pk, None, "registrant", "cancelled", {})]
    key = f"cancelled:{row.uuid}"
    assert outbox()[1:] == [(key, "registration_cancelled", "maria@example.org", "fr", {"registration": row.pk})]
    assert register(event.pk, applicant("next@example.org")).state == "confirmed"


def test_cancel_by_an_organiser_names_him():
    event, user = make_event(), make_user()
    admit(event)
    row = register(event.pk, applicant())

    cancel(row.pk, user=user)

    assert audit(event)[1:] == [(row.pk, user.pk, "organiser", "cancelled", {})]


def test_cancel_once_the_event_is_over_is_for_organisers():
    event, user = make_event(), make_user()
    admit(event)
    rows = [register(event.pk, applicant(f"{number}@example.org")) for number in range(2)]
    change(event, starts_on=timezone.localdate() - TOMORROW)

    states = [cancel(rows[0].pk).state, cancel(rows[1].pk, user=user).state]

    assert states == ["confirmed", "cancelled"]


def test_cancel_of_a_seat_at_an_unpublished_event_is_possible():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    unpublish(event)

    assert cancel(row.pk).state == "cancelled"


def test_cancel_of_nobody_is_an_error():
    with pytest.raises(Registration.DoesNotExist):
        cancel(0)
