"""Several people register, cancel and decide at the same moment."""

import datetime as dt
import random
import threading
from collections import Counter
from contextlib import suppress
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

import events.publication
import events.seating
from events.admission import AdmissionRefused, change_admission
from events.approval import add_by_hand, approve, refuse, resend, seat_by_hand
from events.changing import change, switch
from events.delegation import confirm_group, register_group, replace_colleague
from events.erasure import erase
from events.handover import hand_over
from events.models import Admission, AuditLine, CalendarSubscription, Event, Registration
from events.private_calendars import MOST, Owner, subscribe
from events.publication import change_state
from events.registration import RegistrationRefused, accept, cancel, confirm, register, undo
from events.seating import Seating
from events.waiting import settle_all, skip_returned
from portal.audit import problems
from portal.base.models import OutgoingMail
from portal.base.outbox import claim, queue_mail
from tests import threads
from tests.events.publishing import draft
from tests.factories import admit, applicant, make_event, make_user, stored

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = (RegistrationRefused, AdmissionRefused)
at_once = partial(threads.at_once, refused=REFUSED)
HOUR = dt.timedelta(hours=1)


def coming(event, *emails, **fields):
    """Register and, as soon as that is done, confirm the address."""
    return [lambda email=email: confirm(register(event.pk, applicant(email, **fields)).pk).state for email in emails]


def come(event, *emails, **fields):
    """The same one after another; give the rows."""
    return [confirm(register(event.pk, applicant(email, **fields)).pk) for email in emails]


def people(number, name=""):
    return [f"{name}{index}@example.org" for index in range(number)]


def admitted(seats, online=0, **rules):
    event = make_event(is_online=bool(online))
    admit(event, seats, online, **rules)
    return event


def seats_of(event, way="on-site"):
    return sorted(event.registrations.seated().filter(way=way).values_list("seat", flat=True))


def states(event):
    return Counter(event.registrations.values_list("state", flat=True))


def mails(kind):
    return OutgoingMail.objects.filter(kind=f"registration_{kind}").count()


def lines(event, what):
    return event.audit_lines.filter(what=what).count()


def end_holds(**lookup):
    """As if the time had passed."""
    return Registration.objects.filter(held_until__isnull=False, **lookup).update(held_until=timezone.now())


# --- coming in


def test_two_people_want_the_last_seat():
    event = admitted(1)

    found = at_once(*coming(event, "maria@example.org", "joao@example.org"))

    assert sorted(found) == ["confirmed", "waiting"]
    assert (seats_of(event), mails("confirmed"), mails("waiting")) == ([1], 1, 1)
    assert problems() == []


def test_many_people_want_few_seats():
    event = admitted(3, 2)

    acts = [*coming(event, *people(6)), *coming(event, *people(5, "o"), way="online")]
    found = at_once(*acts)

    assert [Counter(found[:6]), Counter(found[6:])] == [
        {"confirmed": 3, "waiting": 3},
        {"confirmed": 2, "waiting": 3},
    ]
    assert (seats_of(event), seats_of(event, "online")) == ([1, 2, 3], [1, 2])
    assert problems() == []


def test_one_person_presses_the_button_many_times():
    event = admitted(3)

    rows = at_once(*[lambda: register(event.pk, applicant()).pk] * 5)
    found = at_once(*[lambda: confirm(rows[0]).state] * 5)

    assert (len(set(rows)), found) == (1, ["confirmed"] * 5)
    assert list(Registration.objects.values_list("email", "state", "seat")) == [("maria@example.org", "confirmed", 1)]
    # The first mail, and one with the link again for the other four.
    assert (mails("pending"), mails("confirmed"), lines(event, "registered"), lines(event, "confirmed")) == (2, 1, 1, 1)


def test_group_comes_whole_or_not_at_all_while_others_come():
    event = admitted(4)
    group = [("Ana", "ana@example.org"), ("Rui", "rui@example.org"), ("Eva", "eva@example.org")]

    found = at_once(
        *coming(event, *people(3)),
        lambda: confirm_group(register_group(event.pk, applicant("head@example.org"), group).pk),
    )

    rows = list(event.registrations.exclude(delegation=None))
    seated = [row.seat is not None for row in rows]
    assert [row for row in found if isinstance(row, Exception)] == []
    assert len(rows) in {0, 3}
    assert len(set(seated)) <= 1
    assert len(seats_of(event)) == (4 if any(seated) else 3)
    assert problems() == []


def test_lock_of_an_event_leaves_others_alone():
    one, two = admitted(1), admitted(1)

    found = at_once(*(act for event in (one, two) for act in coming(event, *people(2))))

    assert [sorted(found[:2]), sorted(found[2:])] == [["confirmed", "waiting"]] * 2
    assert problems() == []


# --- seats that come back


def test_seat_that_is_given_back_goes_to_the_first_in_line_and_to_no_newcomer():
    event, organiser = admitted(1), make_user()
    first, second, _third = come(event, *people(3))

    found = at_once(lambda: cancel(first.pk, user=organiser).state, *coming(event, *people(2, "late")))

    assert found == ["cancelled", "waiting", "waiting"]
    assert (stored(second).state, seats_of(event), mails("offered")) == ("offered", [1], 1)
    assert problems() == []


def test_one_seat_is_cancelled_many_times_at_once():
    event = admitted(1)
    row = come(event, "maria@example.org")[0]

    found = at_once(*[lambda: cancel(row.pk).state] * 4)

    assert found == ["cancelled"] * 4
    assert (mails("cancelled"), lines(event, "cancelled")) == (1, 1)


def test_undo_and_registering_anew_at_once():
    event = admitted(1)
    row, next_one = come(event, "maria@example.org", "joao@example.org")
    cancel(row.pk)

    at_once(lambda: undo(row.pk).state, *coming(event, "maria@example.org"))

    mine = event.registrations.filter(email="maria@example.org")
    assert list(mine.active().values_list("state", "seat")) == [("confirmed", 1)]
    assert (stored(next_one).state, seats_of(event)) == ("waiting", [1])
    assert problems() == []


def test_offer_is_taken_many_times_while_it_ends():
    event, organiser = admitted(1), make_user()
    first, second, third = come(event, *people(3))
    cancel(first.pk, user=organiser)
    end_holds(pk=second.pk)

    at_once(*[lambda: accept(second.pk).state] * 3, settle_all, settle_all)

    assert [stored(second).state, stored(third).state] == ["expired", "offered"]
    assert (seats_of(event), mails("offered"), lines(event, "expired")) == ([1], 2, 1)
    assert problems() == []


def test_offer_is_taken_and_cancelled_at_once():
    event, organiser = admitted(1), make_user()
    first, second, third = come(event, *people(3))
    cancel(first.pk, user=organiser)

    found = at_once(*[lambda: accept(second.pk).state] * 2, lambda: cancel(second.pk, user=organiser).state)

    assert found[2] == "cancelled"
    assert set(found[:2]) <= {"confirmed", "This offer has ended; the seat went to the next person on the list."}
    assert (stored(second).state, stored(third).state, seats_of(event)) == ("cancelled", "offered", [1])
    assert problems() == []


def test_ticks_at_once_end_each_hold_once():
    event = admitted(2)
    held = [register(event.pk, applicant(email)) for email in people(2)]
    waiting = come(event, *people(3, "w"))
    end_holds(state="pending")

    at_once(settle_all, settle_all, settle_all, *coming(event, "late@example.org"))

    assert [stored(row).state for row in held] == ["expired"] * 2
    assert [stored(row).state for row in waiting] == ["offered", "offered", "waiting"]
    assert (lines(event, "expired"), lines(event, "offered"), mails("offered")) == (2, 2, 2)
    assert problems() == []


# --- organisers


def test_seats_are_taken_away_while_people_come():
    event = admitted(4)

    found = at_once(lambda: admit(event, 1).seats, *coming(event, *people(4)))

    seats = Admission.objects.get(event=event).seats
    assert found[0] == 1 or found[0].endswith("people have a seat already (on site); fewer seats are not possible.")
    assert seats_of(event) == list(range(1, seats + 1))
    assert problems() == []


def test_seats_go_up_and_down_while_people_wait():
    event = admitted(2)
    rows = come(event, *people(6))

    at_once(*(partial(admit, event, seats) for seats in (3, 5, 2, 4)))

    seats = Admission.objects.get(event=event).seats
    told = [stored(row).state for row in rows]
    assert told == sorted(told, key=["confirmed", "offered", "waiting"].index)  # in the order of the list
    assert len(seats_of(event)) == seats
    assert problems() == []


def test_two_organisers_approve_for_the_last_seat():
    event, organiser = admitted(1, needs_approval=True), make_user()
    rows = come(event, *people(3))

    found = at_once(*(lambda row=row: approve(row.pk, user=organiser).state for row in rows))

    assert sorted(found) == ["confirmed", "waiting", "waiting"]
    assert (seats_of(event), mails("approved")) == ([1], 3)
    assert problems() == []


def test_one_registration_is_approved_refused_and_cancelled_at_once():
    event, organiser = admitted(1, needs_approval=True), make_user()
    row = come(event, "maria@example.org")[0]

    at_once(
        *[lambda: approve(row.pk, user=organiser).state] * 2,
        lambda: refuse(row.pk, user=organiser).state,
        lambda: cancel(row.pk).state,
    )

    assert lines(event, "approved") <= 2  # once more after a refusal
    assert problems() == []


def test_event_is_cancelled_while_people_come():
    event = admitted(10)

    found = at_once(lambda: change_state(event.pk, "cancelled").state, *coming(event, *people(4)))

    told = [row.told for row in Registration.objects.active()]
    assert found[0] == "cancelled"
    assert [row for row in found if isinstance(row, Exception)] == []
    assert set(found[1:]) <= {"confirmed", "waiting", "This event has been cancelled."}
    # Whoever came in just before has been told; nobody comes in after.
    assert told == [stored(event).told()] * len(told)
    assert problems() == []


def test_event_is_cancelled_and_moved_at_once():
    event = make_event()
    moved = draft(event, starts_on=event.starts_on + dt.timedelta(days=7))

    at_once(lambda: change_state(event.pk, "cancelled"), moved.publish)

    row = stored(event)
    assert (row.state, row.starts_on, row.sequence) == ("cancelled", event.starts_on + dt.timedelta(days=7), 2)
    assert problems() == []


# --- one seat, several people


def test_two_hand_over_to_the_same_colleague():
    event = admitted(2)
    rows = come(event, *people(2))

    at_once(*(lambda row=row: hand_over(row.pk, name="Zoë", email="zoe@example.org").pk for row in rows))

    # She keeps the first; the other seat is free.
    assert list(event.registrations.active().values_list("email", "state")) == [("zoe@example.org", "confirmed")]
    assert (len(seats_of(event)), states(event)) == (1, {"confirmed": 1, "cancelled": 1})
    assert problems() == []


def test_colleague_registers_while_the_seat_is_handed_over():
    event = admitted(1)
    row = come(event, "maria@example.org")[0]

    at_once(
        lambda: hand_over(row.pk, name="Zoë", email="zoe@example.org").pk,
        lambda: register(event.pk, applicant("zoe@example.org")).pk,
        lambda: cancel(row.pk).state,
    )

    assert event.registrations.active().filter(email="zoe@example.org").count() == 1
    assert seats_of(event) in ([], [1])
    assert problems() == []


def test_two_switch_to_the_last_seat_of_the_other_way():
    event = admitted(2, 1)
    rows = come(event, *people(2))

    found = at_once(*(lambda row=row: switch(row.pk, "online").way for row in rows))

    assert sorted(found) == ["There is no seat left for this way of taking part; you keep yours.", "online"]
    assert (len(seats_of(event)), seats_of(event, "online")) == (1, [1])
    assert problems() == []


# --- mails


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


# --- everything at once


class Crowd:
    """What anybody may do to one event, at random."""

    def __init__(self, event, organiser, seed):
        self.event, self.organiser = event, organiser
        self.chance = random.Random(seed)  # noqa: S311 not for secrets

    def row(self, **lookup):
        pks = list(self.event.registrations.filter(erased_at=None, **lookup).values_list("pk", flat=True))
        if not pks:
            raise RegistrationRefused("nobody is there")
        return self.chance.choice(pks)

    def group(self):
        pks = list(self.event.delegations.values_list("pk", flat=True))
        if not pks:
            raise RegistrationRefused("no group is there")
        return self.chance.choice(pks)

    def email(self):
        return f"p{self.chance.randrange(14)}@example.org"

    def way(self):
        return self.chance.choice(["on-site", "online"])

    def seats(self):
        way = {"seats_on_site": self.chance.randint(1, 5), "seats_online": self.chance.randint(1, 3)}
        quota = self.chance.choice([{}, {"quota_by": "country", "quota_each": 3}])
        rules = {"needs_approval": self.chance.random() < 0.3, "quota_by": "", "quota_each": None, **quota}
        change_admission(self.event.pk, opens_at=None, closes_at=None, **way, **rules)

    def colleagues(self):
        return [(f"N{number}", self.email()) for number in range(2)][: 1 + self.chance.randrange(2)]

    def passes(self):
        """The time of some hold is up, and the tick comes."""
        end_holds(pk=self.row())
        settle_all()

    def returned(self):
        pk = self.row()
        skip_returned(pk, OutgoingMail(to=Registration.objects.get(pk=pk).email))

    def acts(self):
        pk, by = self.row, {"user": self.organiser}
        return {
            "register": lambda: register(self.event.pk, self.applicant()),
            "confirm": lambda: confirm(pk(state="pending")),
            "confirm again": lambda: confirm(pk()),
            "accept": lambda: accept(pk(state="offered")),
            "cancel": lambda: cancel(pk()),
            "throw out": lambda: cancel(pk(), **by),
            "undo": lambda: undo(pk(state="cancelled")),
            "approve": lambda: approve(pk(), **by),
            "refuse": lambda: refuse(pk(), **by),
            "seat": lambda: seat_by_hand(pk(state="waiting"), **by),
            "add": lambda: add_by_hand(self.event.pk, self.applicant(), **by),
            "resend": lambda: resend(pk(), **by),
            "hand over": lambda: hand_over(pk(state="confirmed"), name="N", email=self.email()),
            "switch": lambda: switch(pk(), self.way()),
            "change": lambda: change(pk(), answers={}, country=self.chance.choice(["FR", "PT"])),
            "group": lambda: register_group(self.event.pk, self.applicant(), dict(self.colleagues()).items()),
            "confirm group": lambda: confirm_group(self.group()),
            "replace": lambda: replace_colleague(self.group(), self.place(), name="N", email=self.email()),
            "seats": self.seats,
            "time passes": self.passes,
            "returned": self.returned,
            "erase": lambda: erase(pk(), who="registrant"),
        }

    def place(self):
        return str(Registration.objects.get(pk=self.row()).uuid)

    def applicant(self):
        return applicant(self.email(), country=self.chance.choice(["FR", "PT"]), way=self.way())

    def act(self, times):
        """Do something so many times; give what was done, or refused, or broke."""
        done = Counter()
        often = ["register", "confirm", "register", "confirm", "confirm", "accept", "approve"]
        for _ in range(times):
            acts = self.acts()
            name = self.chance.choice([*acts, *often])
            try:
                acts[name]()
                done[name] += 1
            except REFUSED:
                done[f"{name}: refused"] += 1
            except Exception as error:  # noqa: BLE001 - the test says which
                done[f"BROKEN {name}: {error!r}"[:200]] += 1
        return done


@pytest.mark.parametrize("seed", range(3))
def test_anything_at_once_keeps_every_promise(seed):
    event, organiser = admitted(4, 2), make_user()

    found = at_once(*(partial(Crowd(event, organiser, 100 * seed + number).act, 12) for number in range(5)))

    done = sum(found, Counter())
    assert done.total() == 60
    assert [what for what in done if what.startswith("BROKEN")] == []
    settle_all()
    admission = Admission.objects.get(event=event)
    for way in ("on-site", "online"):
        seats = seats_of(event, way)
        assert len(set(seats)) == len(seats)
        assert all(seat <= admission.seats_for(way) for seat in seats)
    # What comes in has its line; what has a line came in.
    assert AuditLine.objects.filter(what="registered").count() == Registration.objects.count()
    assert problems() == []


# --- the positive control: the race is there, and only the lock prevents it


def count_first_write_later(monkeypatch, *, with_lock):
    """Let both have counted the seats before one writes; without the lock that always succeeds."""
    both = threading.Barrier(2)
    mine = threading.local()
    count = Seating.free

    def free(self, way):
        left = count(self, way)
        if not hasattr(mine, "has_counted"):
            mine.has_counted = True
            with suppress(threading.BrokenBarrierError):
                both.wait(timeout=2)
        return left

    monkeypatch.setattr(Seating, "free", free)
    if not with_lock:
        for module in (events.seating, events.publication):
            monkeypatch.setattr(module, "locked", lambda event_id: Event.objects.get(pk=event_id))


WITHOUT_SQLITE = pytest.mark.skipif(
    "connection.vendor == 'sqlite'",
    reason="SQLite locks the whole database at the begin of a transaction (IMMEDIATE): that lock cannot be taken out",
)


def coming_as(event, *emails):
    return [lambda email=email: register(event.pk, applicant(email)).seat for email in emails]


def test_control_with_the_lock_one_gets_the_last_seat(monkeypatch):
    event = admitted(1)
    count_first_write_later(monkeypatch, with_lock=True)

    found = at_once(*coming_as(event, "maria@example.org", "joao@example.org"))

    assert sorted(found, key=str) == [1, None]


@WITHOUT_SQLITE
def test_control_without_the_lock_the_constraint_stops_the_second(monkeypatch):
    event = admitted(1)
    count_first_write_later(monkeypatch, with_lock=False)

    found = at_once(*coming_as(event, "maria@example.org", "joao@example.org"))

    (error,) = (row for row in found if row != 1)
    assert isinstance(error, IntegrityError)
    assert "one_person_per_seat" in str(error)
    assert seats_of(event) == [1]
    # The other one is not there by halves.
    assert Registration.objects.count() == OutgoingMail.objects.count() == lines(event, "registered") == 1


@WITHOUT_SQLITE
def test_control_without_lock_and_constraint_two_have_the_last_seat(monkeypatch):
    event = admitted(1)
    count_first_write_later(monkeypatch, with_lock=False)
    constraint = next(found for found in Registration._meta.constraints if found.name == "one_person_per_seat")
    with connection.schema_editor() as editor:  # the next test has a fresh copy of the database
        editor.remove_constraint(Registration, constraint)

    found = at_once(*coming_as(event, "maria@example.org", "joao@example.org"))

    assert (found, seats_of(event)) == ([1, 1], [1, 1])
    assert problems() == [f"event {event.pk} is overbooked (on-site): 2 of 1 seats are taken"]


@pytest.mark.parametrize("is_of_one", [True, False])
def test_calendars_made_at_once_are_no_more_than_those_made_one_after_another(is_of_one):
    (row,) = come(admitted(1), "maria@example.org")
    owner = Owner(row.email, row if is_of_one else None)

    at_once(*[partial(subscribe, owner, device=str(number), language="en") for number in range(MOST + 4)])

    assert owner.calendars.count() == MOST


@pytest.mark.parametrize("is_of_one", [True, False])
def test_calendar_made_while_its_registration_is_erased_is_of_nobody_and_ended(is_of_one):
    (row,) = come(admitted(1), "maria@example.org")
    owner = Owner(row.email, row if is_of_one else None)

    at_once(
        *[partial(subscribe, owner, device=str(number), language="en") for number in range(3)], lambda: erase(row.pk)
    )

    assert (CalendarSubscription.objects.in_force().count(), problems()) == (0, [])
