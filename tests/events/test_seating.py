"""Any order of any acts keeps every promise: seats, quotas, order, one registration an address."""

import random

import pytest
import time_machine
from django.utils import timezone, translation

from events.admission import AdmissionRefused, change_admission
from events.approval import add_by_hand, approve, refuse, seat_by_hand
from events.changing import switch
from events.delegation import confirm_group, register_group
from events.erasure import erase
from events.handover import hand_over
from events.models import Delegation, Registration
from events.models.registration import TRANSITIONS, RegistrationState
from events.registration import RegistrationRefused, accept, cancel, confirm, register, undo
from events.seating import IllegalTransition, Seating, seating
from events.waiting import settle_all
from portal.audit import problems
from portal.base.outbox import drain
from tests.factories import admit, applicant, come, make_event, make_user

pytestmark = pytest.mark.django_db

STEPS = 60
WAYS = ("on-site", "online")


def test_every_state_has_its_ways_on():
    assert set(TRANSITIONS) == set(RegistrationState)
    assert {state for ways in TRANSITIONS.values() for state in ways} <= set(RegistrationState)


@pytest.mark.parametrize("state", [state for state in RegistrationState if "pending" not in TRANSITIONS[state]])
def test_no_way_leads_back_to_pending(state):
    event = make_event()
    admit(event)
    row = come(event)
    with seating(event.pk) as seats:
        row = seats.get(row.pk)
        row.state = state
        with pytest.raises(IllegalTransition):
            seats.move(row, RegistrationState.PENDING, "test")


class Walk:
    """Somebody who does anything at any time."""

    def __init__(self, event, user, chance):
        self.event, self.user, self.chance = event, user, chance

    def address(self):
        return f"{self.chance.randrange(12)}@example.org"

    def row(self):
        rows = list(self.event.registrations.exclude(email="").values_list("pk", flat=True))
        return self.chance.choice(rows) if rows else self.register().pk

    def register(self):
        fields = {"country": self.chance.choice(["PT", "IT", "TG"]), "way": self.chance.choice(WAYS)}
        return register(self.event.pk, applicant(self.address(), **fields))

    def group(self):
        people = [(f"P{number}", f"{number}@example.org") for number in self.chance.sample(range(12), 2)]
        register_group(self.event.pk, applicant("boss@example.org"), people)

    def confirm_group(self):
        found = Delegation.objects.filter(confirmed_at=None).first()
        if found:
            confirm_group(found.pk)

    def seats(self):
        rules = {"quota_by": self.chance.choice(["", "country"]), "quota_each": self.chance.randrange(1, 3)}
        rules["needs_approval"] = self.chance.random() < 0.3
        numbers = {"seats_on_site": self.chance.randrange(5), "seats_online": self.chance.randrange(4)}
        change_admission(self.event.pk, opens_at=None, closes_at=None, user=self.user, **numbers, **rules)

    def step(self):
        acts = [
            *[self.register] * 4,
            *[lambda: confirm(self.row())] * 4,
            *[lambda: accept(self.row())] * 2,
            *[lambda: cancel(self.row())] * 2,
            lambda: cancel(self.row(), user=self.user),
            lambda: undo(self.row()),
            lambda: approve(self.row(), user=self.user),
            lambda: refuse(self.row(), user=self.user),
            lambda: seat_by_hand(self.row(), user=self.user),
            lambda: add_by_hand(self.event.pk, applicant(self.address()), user=self.user),
            lambda: switch(self.row(), self.chance.choice(WAYS)),
            lambda: hand_over(self.row(), name="New", email=self.address()),
            lambda: erase(self.row()),
            self.group,
            self.confirm_group,
            self.seats,
            settle_all,
        ]
        try:
            self.chance.choice(acts)()
        except (RegistrationRefused, AdmissionRefused):
            return


@pytest.mark.parametrize("seed", range(8))
def test_any_walk_keeps_every_promise(seed):
    event, user = make_event(is_online=True), make_user()
    admit(event, 3, 2)
    walk = Walk(event, user, random.Random(seed))  # noqa: S311 - the same walk each time
    now = timezone.now()

    with translation.override("en"):
        for step in range(STEPS):
            now += timezone.timedelta(minutes=walk.chance.choice([0, 1, 7, 300]))
            with time_machine.travel(now, tick=False):
                walk.step()
                settle_all()
                assert broken(event) == [], f"step {step}"
        with time_machine.travel(now, tick=False):
            drain()
            assert problems() == []


def broken(event):
    """What is wrong with the seats of an event, after everything that is due was done."""
    seats = Seating(event)
    found = []
    for way in WAYS:
        rows = list(event.registrations.seated().filter(way=way))
        if len(rows) > seats.admission.seats_for(way):
            found.append(f"{way}: {len(rows)} seats taken of {seats.admission.seats_for(way)}")
        if sorted(row.seat for row in rows) != sorted({row.seat for row in rows}):
            found.append(f"{way}: a seat is taken twice")
        found += [f"{row} could have a free seat" for row in seats.next_in_line(way, seats.free(way))]
    held = event.registrations.filter(state__in=["pending", "offered"], held_until=None).count()
    overdue = Registration.objects.overdue(timezone.now()).count()
    return found + [f"{held} held for ever"] * bool(held) + [f"{overdue} overdue"] * bool(overdue)
