"""The waiting list: first come, first offered; every offer ends; nobody overtakes."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone, translation

from events.admission import change_admission
from events.foresight import foresee
from events.models import Registration
from events.organisers import mail_returned
from events.publication import change_state
from events.registration import RegistrationRefused, accept, cancel, confirm, register
from events.waiting import position, settle_all, waiting_count
from portal.audit import problems
from portal.base.models import OutgoingMail
from tests.events.publishing import change, unpublish
from tests.factories import admit, applicant, come, make_event, make_user, stored

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def line(event, seats=1, waiting=3):
    """An event with so many seats taken and so many people waiting."""
    admit(event, seats)
    rows = [come(event, f"{number}@example.org") for number in range(seats + waiting)]
    return rows[:seats], rows[seats:]


def states(*rows):
    return [stored(row).state for row in rows]


def give_back(row):
    cancel(row.pk, user=make_user(f"user{row.pk}"))


def mails(kind):
    return list(OutgoingMail.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def test_a_free_seat_is_offered_to_the_first_in_line():
    event = make_event()
    (seated,), waiting = line(event)

    give_back(seated)

    assert states(*waiting) == ["offered", "waiting", "waiting"]
    assert stored(waiting[0]).seat == 1
    assert mails("registration_offered") == [waiting[0].email]


def test_position_counts_those_before():
    event = make_event(is_online=True)
    admit(event, 1, 1)
    rows = [come(event, f"{number}@example.org") for number in range(4)]
    others = [come(event, f"online{number}@example.org", way="online") for number in range(3)]

    assert [position(row) for row in rows] == [0, 1, 2, 3]
    assert [position(row) for row in others] == [0, 1, 2]
    assert [waiting_count(event), waiting_count(event, "on-site")] == [5, 3]


@pytest.mark.parametrize(
    ("ahead", "held"),
    [
        (dt.timedelta(days=30), dt.timedelta(hours=36)),
        (dt.timedelta(hours=49), dt.timedelta(hours=36)),
        (dt.timedelta(hours=47), dt.timedelta(hours=4)),
        (dt.timedelta(hours=3), dt.timedelta(hours=3)),
    ],
)
def test_an_offer_is_held_for_less_if_the_event_is_near(ahead, held):
    event = make_event(timezone="UTC")
    (seated,), waiting = line(event)

    with time_machine.travel(event.begins_at - ahead, tick=False):
        give_back(seated)

        offered = stored(waiting[0])
        assert (offered.state, offered.held_until) == ("offered", timezone.now() + held)


def test_an_offer_that_is_not_accepted_goes_on():
    event = make_event()
    (seated,), waiting = line(event)
    give_back(seated)

    with time_machine.travel(timezone.now() + dt.timedelta(hours=36, seconds=1)):
        settle_all()

        assert states(*waiting) == ["expired", "offered", "waiting"]
        assert mails("offer_expired") == [waiting[0].email]
        with pytest.raises(RegistrationRefused) as refused:
            accept(waiting[0].pk)
    assert str(refused.value) == "This offer has ended; the seat went to the next person on the list."


def test_accept_makes_the_seat_the_persons_once():
    event = make_event()
    (seated,), waiting = line(event)
    give_back(seated)

    found = [accept(waiting[0].pk), accept(waiting[0].pk)]

    assert [(row.state, row.seat, row.held_until) for row in found] == [("confirmed", 1, None)] * 2
    assert mails("registration_confirmed") == [seated.email, waiting[0].email]


def test_accept_is_not_for_those_who_wait():
    event = make_event()
    _seated, waiting = line(event)

    with pytest.raises(RegistrationRefused):
        accept(waiting[0].pk)

    assert states(*waiting) == ["waiting"] * 3


def test_a_newcomer_never_overtakes():
    event = make_event()
    (seated,), _waiting = line(event)
    give_back(seated)

    newcomer = come(event, "newcomer@example.org")

    assert newcomer.state == "waiting"
    assert position(newcomer) == 3


def test_a_pending_seat_that_nobody_confirms_is_offered():
    event = make_event()
    admit(event, 1)
    pending = register(event.pk, applicant("pending@example.org"))
    waiting = come(event, "waiting@example.org")

    with time_machine.travel(timezone.now() + dt.timedelta(hours=24, seconds=1)):
        settle_all()

    assert states(pending, waiting) == ["expired", "offered"]
    assert mails("offer_expired") == []


def test_more_seats_are_offered_at_once():
    event = make_event()
    _seated, waiting = line(event)

    def raise_seats():
        change_admission(event.pk, seats_on_site=3, seats_online=0, opens_at=None, closes_at=None)

    offered = foresee(event, raise_seats).registrations("registration_offered")
    left = waiting_count(event) - len(offered)
    assert ([row.pk for row in offered], left) == ([waiting[0].pk, waiting[1].pk], 1)
    assert states(*waiting) == ["waiting"] * 3
    raise_seats()

    assert states(*waiting) == ["offered", "offered", "waiting"]


def test_a_returned_mail_passes_the_offer_on_and_skips_the_address():
    event = make_event()
    make_user("coordinator", is_coordinator=True)
    (seated,), waiting = line(event)
    give_back(seated)

    mail = OutgoingMail.objects.get(kind="registration_offered")
    mail_returned(mail)
    mail_returned(mail)

    assert states(*waiting) == ["waiting", "offered", "waiting"]
    assert stored(waiting[0]).bounced_at is not None
    assert mails("organiser_returned") == ["coordinator@example.org"]
    give_back(stored(waiting[1]))
    assert states(*waiting) == ["waiting", "cancelled", "offered"]


@pytest.mark.parametrize("state", ["cancelled", "postponed", "withdrawn"])
def test_no_offer_for_an_event_that_does_not_take_place(state):
    event = make_event()
    (seated,), waiting = line(event)
    change_state(event.pk, state)

    give_back(seated)
    settle_all()

    assert states(*waiting) == ["waiting"] * 3


def test_no_offer_once_the_event_has_begun():
    event = make_event()
    (seated,), waiting = line(event)

    with time_machine.travel(event.begins_at):
        give_back(seated)
        settle_all()

    assert states(*waiting) == ["waiting"] * 3


def test_offers_go_out_when_an_event_is_planned_again():
    event = make_event()
    (seated,), waiting = line(event)
    change_state(event.pk, "cancelled")
    give_back(seated)

    change_state(event.pk, "confirmed")

    assert states(*waiting) == ["offered", "waiting", "waiting"]


def test_no_offer_while_an_event_is_not_public():
    event = make_event()
    (seated,), waiting = line(event)
    unpublish(event)

    give_back(seated)
    settle_all()

    assert states(*waiting) == ["waiting"] * 3


# --- an interest list, before the date is known
def test_interest_becomes_offers_when_the_date_is_known():
    event = make_event(precision="month")
    admit(event, 2, takes_interest=True)
    rows = [come(event, f"{number}@example.org") for number in range(3)]
    assert states(*rows) == ["waiting"] * 3
    assert mails("registration_offered") == []

    change(event, precision="time")

    assert states(*rows) == ["offered", "offered", "waiting"]


def test_interest_needs_no_seats_yet():
    event = make_event(precision="unknown", starts_on=None)
    admit(event, 0, takes_interest=True)
    row = come(event)

    assert row.state == "waiting"
    change(event, precision="time", starts_on=timezone.localdate() + dt.timedelta(days=60))
    assert stored(row).state == "waiting"
    change_admission(event.pk, seats_on_site=1, seats_online=0, opens_at=None, closes_at=None)
    assert stored(row).state == "offered"


# --- quotas
def test_a_country_that_has_its_seats_waits_while_others_come():
    event = make_event()
    admit(event, 5, quota_by="country", quota_each=2)

    rows = [come(event, f"{number}@example.org", country="PT") for number in range(3)]
    other = come(event, "it@example.org", country="IT")

    assert states(*rows, other) == ["confirmed", "confirmed", "waiting", "confirmed"]
    give_back(rows[0])
    assert states(*rows) == ["cancelled", "confirmed", "offered"]


def test_after_the_day_the_quota_is_open_to_all():
    event = make_event()
    until = timezone.now() + dt.timedelta(days=2)
    admit(event, 5, quota_by="country", quota_each=1, quota_until=until)
    rows = [come(event, f"{number}@example.org", country="PT") for number in range(3)]
    assert states(*rows) == ["confirmed", "waiting", "waiting"]

    with time_machine.travel(until):
        settle_all()

    assert states(*rows) == ["confirmed", "offered", "offered"]


def test_one_country_may_have_another_number():
    event = make_event()
    admit(event, 5, quota_by="country", quota_each=1, quotas={"TG": 2, "CH": 0})

    rows = [come(event, f"{number}@example.org", country="TG") for number in range(3)]
    swiss = come(event, "ch@example.org", country="CH")

    assert states(*rows, swiss) == ["confirmed", "confirmed", "waiting", "waiting"]


def test_spellings_of_one_organisation_share_its_seats():
    event = make_event()
    admit(event, 5, quota_by="organisation", quota_each=1)

    spelled = ["Cité des Métiers de Nulle-Part", "cite des metiers de nulle part", " CITÉ des métiers, de Nulle Part "]
    rows = [come(event, f"{number}@example.org", organisation=name) for number, name in enumerate(spelled)]
    other = come(event, "other@example.org", organisation="Another")

    assert states(*rows, other) == ["confirmed", "waiting", "waiting", "confirmed"]


def test_the_line_is_not_stopped_by_somebody_without_a_quota():
    event = make_event()
    admit(event, 2, quota_by="country", quota_each=1)
    first, second = come(event, "a@example.org", country="PT"), come(event, "b@example.org", country="IT")
    blocked, free = come(event, "c@example.org", country="PT"), come(event, "d@example.org", country="FR")
    give_back(second)

    assert states(first, blocked, free) == ["confirmed", "waiting", "offered"]
    assert problems() == []


def test_settling_takes_the_same_queries_however_many_wait(django_assert_max_num_queries):
    event = make_event()
    line(event, seats=2, waiting=20)

    with django_assert_max_num_queries(9):
        settle_all()


def test_settle_all_leaves_events_alone_where_nothing_is_due():
    event = make_event()
    admit(event, 2)
    come(event)

    assert settle_all() == 0
    assert Registration.objects.get().state == "confirmed"


def test_confirming_a_rank_that_was_first_comes_before_those_who_confirmed_earlier():
    event = make_event()
    admit(event, 1)
    seated = come(event, "seated@example.org")
    slow = register(event.pk, applicant("slow@example.org"))
    quick = come(event, "quick@example.org")

    confirm(slow.pk)
    give_back(seated)

    assert states(slow, quick) == ["offered", "waiting"]
