import datetime as dt
import uuid

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from events.models import Question, Registration
from events.publication import change_state
from events.registration import RegistrationRefused, accept, cancel, confirm, register, undo
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, come, make_event, make_user, stored

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


HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def kinds():
    return [kind for _key, kind, *_rest in outbox()]


def seats(event):
    rows = event.registrations.order_by("ranked_at", "pk")
    return list(rows.values_list("email", "state", "seat"))


# --- registering
@time_machine.travel(NOON, tick=False)
def test_register_holds_a_seat_until_the_address_is_confirmed():
    event = make_event()
    admit(event)

    row = register(event.pk, applicant(organisation="Cité", language="pt"))

    facts = Registration.objects.values(
        *("event", "state", "way", "seat", "channel", "name", "email", "organisation", "country", "language"),
        *("created_at", "ranked_at", "held_until", "email_confirmed_at", "link_version", "told"),
    )
    assert list(facts) == [
        {
            "event": event.pk,
            "state": "pending",
            "way": "on-site",
            "seat": 1,
            "channel": "form",
            "name": "Maria",
            "email": "maria@example.org",
            "organisation": "Cité",
            "country": "PT",
            "language": "pt",
            "created_at": NOON,
            "ranked_at": NOON,
            "held_until": NOON + DAY,
            "email_confirmed_at": None,
            "link_version": 1,
            "told": event.told(),
        }
    ]
    assert audit(event) == [
        (row.pk, None, "registrant", "registered", {"way": "on-site", "seat": 1, "channel": "form"})
    ]
    key = f"registration_pending:{row.uuid}:registered"
    assert outbox() == [(key, "registration_pending", "maria@example.org", "pt", {"registration": row.pk})]
    assert OutgoingMail.objects.get().about == row.uuid


@pytest.mark.parametrize(
    ("ahead", "held"),
    [
        (dt.timedelta(days=30), dt.timedelta(hours=24)),
        (dt.timedelta(hours=49), dt.timedelta(hours=24)),
        (dt.timedelta(hours=48), dt.timedelta(hours=2)),
        (dt.timedelta(hours=3), dt.timedelta(hours=2)),
        (dt.timedelta(hours=1), dt.timedelta(hours=1)),  # never past the begin
    ],
)
def test_register_holds_for_less_if_the_event_is_near(ahead, held):
    event = make_event(starts_on=dt.date(2027, 3, 1), timezone="UTC", start_time=dt.time(12))
    admit(event, closes_at=event.begins_at)

    with time_machine.travel(event.begins_at - ahead, tick=False):
        row = register(event.pk, applicant())

    assert row.held_until - row.created_at == held


def test_register_when_full_gives_a_rank():
    event = make_event()
    admit(event, 1)

    for name in ("a", "b", "c"):
        register(event.pk, applicant(f"{name}@example.org"))

    assert seats(event) == [
        ("a@example.org", "pending", 1),
        ("b@example.org", "pending", None),
        ("c@example.org", "pending", None),
    ]
    assert kinds() == ["registration_pending"] * 3


def test_rank_is_the_time_of_the_first_post():
    event = make_event()
    admit(event, 1)
    come(event, "seated@example.org")

    early = register(event.pk, applicant("early@example.org"))
    late = register(event.pk, applicant("late@example.org"))
    confirm(late.pk)
    register(event.pk, applicant("early@example.org"))
    confirm(early.pk)

    assert list(event.registrations.in_line().values_list("email", flat=True)) == [
        "early@example.org",
        "late@example.org",
    ]


@time_machine.travel(NOON, tick=False)
def test_register_twice_gives_one_seat_and_one_more_mail_an_hour():
    event = make_event()
    admit(event)

    rows = [register(event.pk, applicant(name=name)) for name in ("Maria", "Maria again", "Somebody else")]
    with time_machine.travel(NOON + HOUR, tick=False):
        confirm(rows[0].pk)
        rows.append(register(event.pk, applicant()))

    assert [row.pk for row in rows] == [rows[0].pk] * 4
    assert list(Registration.objects.values_list("name", "state")) == [("Maria", "confirmed")]
    uuid = rows[0].uuid
    assert [key for key, *_rest in outbox()] == [
        f"registration_pending:{uuid}:registered",
        f"registration_pending:{uuid}:again:2027011012",
        f"registration_confirmed:{uuid}:{event.audit_lines.get(what='confirmed').pk}",
        f"registration_again:{uuid}:again:2027011013",
    ]


def test_register_stops_where_an_address_has_begun_three():
    events = [make_event(str(number)) for number in range(4)]
    for event in events:
        admit(event)

    rows = [register(event.pk, applicant()) for event in events]

    assert rows[3] is None
    assert kinds() == ["registration_pending"] * 3
    assert register(events[3].pk, applicant("other@example.org")) is not None


def test_register_after_cancelling_is_a_new_registration_on_the_same_seat():
    event = make_event()
    admit(event, 1)
    first = come(event)
    cancel(first.pk)

    second = register(event.pk, applicant())

    assert list(Registration.objects.values_list("uuid", "state", "seat")) == [
        (first.uuid, "cancelled", None),
        (second.uuid, "pending", 1),
    ]
    assert first.token_digest != second.token_digest
    with pytest.raises(RegistrationRefused):
        undo(first.pk)


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
        ({}, {"by_invitation": True}, "Only people who were invited can register for this event."),
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


def test_register_in_a_way_without_seats_is_refused():
    event = make_event(is_online=True)
    admit(event, 1, 0)

    assert refusal(event, way="online") == "Nobody can take part in this way. Please choose the other."


@pytest.mark.parametrize(("full", "other"), [("on-site", "online"), ("online", "on-site")])
def test_each_way_has_seats_of_its_own(full, other):
    event = make_event(is_online=True)
    admit(event, 1, 1)
    come(event, way=full)

    rows = [come(event, "late@example.org", way=full), come(event, "other@example.org", way=other)]

    assert [(row.state, row.way, row.seat) for row in rows] == [("waiting", full, None), ("confirmed", other, 1)]


def test_register_after_unpublishing_is_refused_also_for_who_is_registered():
    event = make_event()
    admit(event)
    register(event.pk, applicant())
    unpublish(event)

    said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["There is no registration for this event here."] * 2
    assert kinds() == ["registration_pending"]


def test_register_answers_a_known_address_as_any_other_when_closed():
    event = make_event()
    admit(event)
    come(event)
    admit(event, closes_at=timezone.now() - HOUR)

    said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["Registration has closed."] * 2
    # Who pressed twice learns from the mail that the seat is his.
    assert kinds() == ["registration_pending", "registration_confirmed", "registration_again"]


def test_register_answers_a_known_address_as_any_other_when_cancelled():
    event = make_event()
    admit(event)
    row = come(event)
    change_state(event.pk, "cancelled")

    said = [refusal(event), refusal(event, email="new@example.org")]

    assert said == ["This event has been cancelled."] * 2
    assert kinds() == ["registration_pending", "registration_confirmed", "event_cancelled"]
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


def test_register_keeps_what_was_answered():
    event = make_event(languages=["fr", "en"])
    admit(event, asks_diet=True, asks_access=True, asks_interpretation=True)
    question = Question.objects.create(event=event, kind="text", labels={"en": "Why?"})
    empty = Question.objects.create(event=event, kind="text", labels={"en": "Anything else?"})

    row = register(
        event.pk,
        applicant(
            diet="vegan", access_needs="a lift", interpretation=("fr",), answers={question.pk: "So", empty.pk: ""}
        ),
    )

    found = stored(row)
    assert (found.diet, found.access_needs, found.interpretation) == ("vegan", "a lift", ["fr"])
    assert list(found.answers.values_list("question", "value")) == [(question.pk, "So")]


# --- what the database refuses by itself
def test_an_address_has_one_registration_also_for_the_database():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())
    row.pk, row.uuid, row.token_digest, row.seat = None, uuid.uuid4(), "another", 2

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"seat": 1},  # taken by the other
        {"seat": None, "state": "confirmed"},
        {"seat": None, "state": "offered"},
        {"seat": 3, "state": "waiting"},
        {"seat": 3, "state": "awaiting"},
        {"seat": 0},
        {"held_until": None},
        {"email": "Maria@example.org"},
    ],
)
def test_the_database_refuses_what_no_rule_does(fields):
    event = make_event()
    admit(event)
    rows = [register(event.pk, applicant(f"{number}@example.org")) for number in range(2)]

    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.filter(pk=rows[1].pk).update(**fields)


# --- confirming
@time_machine.travel(NOON, tick=False)
def test_confirm_makes_the_seat_the_persons_once():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())

    states = [confirm(row.pk).state, confirm(row.pk).state]

    found = stored(row)
    assert states == ["confirmed", "confirmed"]
    assert (found.state, found.seat, found.held_until, found.email_confirmed_at) == ("confirmed", 1, None, NOON)
    assert audit(event)[1:] == [
        (row.pk, None, "registrant", "confirmed", {"from": "pending", "to": "confirmed", "seat": 1})
    ]
    assert kinds() == ["registration_pending", "registration_confirmed"]


def test_confirm_of_a_rank_is_a_place_on_the_waiting_list():
    event = make_event()
    admit(event, 1)
    come(event, "a@example.org")

    row = come(event, "b@example.org")

    assert (row.state, row.seat, row.held_until) == ("waiting", None, None)
    assert kinds()[-1] == "registration_waiting"


def test_confirm_of_a_rank_is_a_seat_if_one_is_free_by_then():
    event = make_event()
    admit(event, 1)
    first = come(event, "a@example.org")
    second = register(event.pk, applicant("b@example.org"))
    cancel(first.pk, user=make_user())

    assert confirm(second.pk).state == "confirmed"


def test_confirm_too_late_changes_nothing():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())

    with time_machine.travel(row.held_until, tick=False):
        found = confirm(row.pk)

    assert (found.state, found.seat, found.email_confirmed_at) == ("expired", None, None)
    assert kinds() == ["registration_pending"]


def test_confirm_of_nobody_is_an_error():
    with pytest.raises(Registration.DoesNotExist):
        confirm(0)


# --- cancelling
@time_machine.travel(NOON, tick=False)
def test_cancel_keeps_the_seat_for_ten_minutes():
    event = make_event()
    admit(event, 1)
    row = come(event)

    found = [cancel(row.pk).state, cancel(row.pk).state]

    kept = stored(row)
    assert found == ["cancelled", "cancelled"]
    assert (kept.seat, kept.state_before, kept.held_until) == (1, "confirmed", NOON + dt.timedelta(minutes=10))
    assert kinds().count("registration_cancelled") == 1
    assert come(event, "next@example.org").state == "waiting"
    with time_machine.travel(NOON + dt.timedelta(minutes=10), tick=False):
        late = come(event, "late@example.org")
    assert (stored(row).seat, late.state) == (None, "waiting")
    assert event.registrations.get(email="next@example.org").state == "offered"


def test_undo_gives_the_seat_back():
    event = make_event()
    admit(event, 1)
    row = come(event)
    cancel(row.pk)

    found = [undo(row.pk), undo(row.pk)]

    assert [(row.state, row.seat) for row in found] == [("confirmed", 1)] * 2
    assert (stored(row).held_until, stored(row).state_before) == (None, "")
    assert kinds()[2:] == ["registration_cancelled", "registration_confirmed"]


def test_undo_gives_the_rank_back():
    event = make_event()
    admit(event, 1)
    come(event, "a@example.org")
    row = come(event, "b@example.org")
    come(event, "c@example.org")
    cancel(row.pk)

    undo(row.pk)

    assert list(event.registrations.in_line().values_list("email", flat=True)) == ["b@example.org", "c@example.org"]


def test_undo_after_ten_minutes_is_refused():
    event = make_event()
    admit(event, 1)
    row = come(event)
    cancel(row.pk)

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)), pytest.raises(RegistrationRefused) as refused:
        undo(row.pk)

    assert str(refused.value) == "It is too late to undo this. You can register again."
    assert stored(row).state == "cancelled"


def test_cancel_by_an_organiser_frees_the_seat_at_once():
    event, user = make_event(), make_user()
    admit(event, 1)
    row = come(event)
    waiting = come(event, "next@example.org")

    found = cancel(row.pk, user=user, why="No answer")

    assert (found.state, found.seat, found.can_undo) == ("cancelled", None, False)
    assert audit(event)[-2:] == [
        (
            row.pk,
            user.pk,
            "organiser",
            "cancelled",
            {"from": "confirmed", "to": "cancelled", "why": "No answer"},
        ),
        (
            waiting.pk,
            None,
            "system",
            "offered",
            {"from": "waiting", "to": "offered", "until": stored(waiting).held_until.isoformat()},
        ),
    ]
    assert stored(waiting).state == "offered"


def test_cancel_of_an_offer_passes_it_on_at_once():
    event = make_event()
    admit(event, 1)
    first = come(event, "a@example.org")
    second, third = come(event, "b@example.org"), come(event, "c@example.org")
    cancel(first.pk, user=make_user())

    cancel(second.pk)

    assert [stored(second).state, stored(third).state] == ["cancelled", "offered"]
    # Who has just declined is not offered it again (pretix #1163).
    with pytest.raises(RegistrationRefused):
        accept(second.pk)


def test_cancel_once_the_event_is_over_is_for_organisers():
    event, user = make_event(), make_user()
    admit(event)
    rows = [come(event, f"{number}@example.org") for number in range(2)]
    change(event, starts_on=timezone.localdate() - TOMORROW)

    states = [cancel(rows[0].pk).state, cancel(rows[1].pk, user=user).state]

    assert states == ["confirmed", "cancelled"]


def test_cancel_of_a_seat_at_an_unpublished_event_is_possible():
    event = make_event()
    admit(event)
    row = come(event)
    unpublish(event)

    assert cancel(row.pk).state == "cancelled"


def test_cancel_of_nobody_is_an_error():
    with pytest.raises(Registration.DoesNotExist):
        cancel(0)
