"""Private calendars: made, limited, revoked, and ended with what they are of."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import translation

from events.delegation import confirm_group, register_group, replace_colleague
from events.erasure import erase
from events.forgetting import due, forget_due
from events.handover import hand_over
from events.models import CalendarSubscription, Registration
from events.private_calendars import MOST, Owner, choose_language, revoke, subscribe
from events.registration import RegistrationRefused
from portal.audit import kept_too_long, problems
from tests.events.private_calendars import ask, of_all, of_one
from tests.factories import admit, applicant, come, make_event, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache")]

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def open_event(name="Rencontre"):
    event = make_event(name, in_days=700)
    admit(event, 5)
    return event


@pytest.fixture
def row():
    return come(open_event())


def in_force():
    return [str(calendar.device) for calendar in CalendarSubscription.objects.in_force()]


def said(calendar):
    """What a stored calendar says of a person."""
    calendar = stored(calendar)
    return (calendar.email, calendar.device, calendar.last_used_on, calendar.body_digest)


def test_calendars_of_an_owner_are_those_in_force_that_the_owner_made(row):
    other = come(open_event("Other"))
    one, every, _foreign = of_one(row), of_all(), of_one(other, device="other")
    revoke(Owner(row.email, row), of_one(row, device="revoked").uuid)
    of_all(come(row.event, "zoe@example.org").email, device="Zoé")

    assert list(Owner(row.email, row).calendars) == [one]
    assert list(Owner(row.email).calendars) == [every]


@pytest.mark.parametrize("make", [of_one, lambda row, **fields: of_all(row.email, **fields)], ids=["one", "all"])
def test_no_more_than_ten_are_in_force(row, make):
    owner = Owner(row.email, row) if make is of_one else Owner(row.email)
    first = make(row)
    for number in range(MOST - 1):
        make(row, device=str(number))

    with (
        translation.override("en"),
        pytest.raises(RegistrationRefused, match=r"^There are 10 calendar addresses already\. Revoke one"),
    ):
        subscribe(owner, device="eleventh", language="en")
    revoke(owner, first.uuid)
    subscribe(owner, device="eleventh", language="en")

    assert in_force() == [*map(str, range(9)), "eleventh"]
    # The other kind, and other owners, have ten of their own.
    of_all(row.email) if make is of_one else of_one(row)


@pytest.mark.parametrize("is_of_one", [True, False])
@pytest.mark.parametrize("end", [erase, lambda pk: hand_over(pk, name="Ana", email="ana@example.org")])
def test_nothing_is_made_of_what_is_not_in_force_any_more(row, is_of_one, end):
    owner = Owner(row.email, row) if is_of_one else Owner(row.email)
    end(row.pk)

    with pytest.raises(RegistrationRefused) as refused, translation.override("en"):
        subscribe(owner, device="phone", language="en")

    assert (str(refused.value), in_force()) == ("This registration is not in force any more.", [])


def test_calendar_of_another_owner_is_neither_revoked_nor_translated(row):
    mine, every = of_one(row), of_all()
    strangers = [Owner("zoe@example.org", come(row.event, "zoe@example.org")), Owner("zoe@example.org")]

    for owner in [*strangers, Owner(row.email)]:
        revoke(owner, mine.uuid)
        choose_language(owner, mine.uuid, "bg")
    for owner in [*strangers, Owner(row.email, row)]:
        revoke(owner, every.uuid)
        choose_language(owner, every.uuid, "bg")

    assert [(stored(each).language, stored(each).revoked_at) for each in (mine, every)] == [("en", None)] * 2


def test_same_language_changes_nothing(row):
    calendar = of_one(row)

    choose_language(Owner(row.email, row), calendar.uuid, "en")

    assert stored(calendar).language_chosen_at is None


def test_revoked_twice_is_revoked_once(row, clock):
    calendar, owner = of_one(row), Owner(row.email, row)
    revoke(owner, calendar.uuid)
    clock.shift(DAY)

    revoke(owner, calendar.uuid)
    choose_language(owner, calendar.uuid, "bg")

    assert (stored(calendar).revoked_at, stored(calendar).language) == (NOON, "en")


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "maria@example.org"},
        {"email": "", "registration": None, "registration_version": None},
        {"registration_version": None},
        {"registration": None, "registration_version": None, "email": "Maria@example.org"},
        {"revoked_at": NOON},
    ],
)
def test_database_takes_no_calendar_of_two_or_of_nobody_nor_a_revoked_one_that_says_whose_it_was(row, fields):
    of_one(row)

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarSubscription.objects.update(**fields)


# --- what ends them


@pytest.fixture
def calendars(client, row):
    """One of the registration and one of the address, both used."""
    found = [of_one(row), of_all()]
    for calendar in found:
        ask(client, calendar)
    return found


@pytest.mark.parametrize("end", ["erased", "handed over", "replaced"])
def test_end_of_a_registration_leaves_nothing_of_the_person(client, end):
    if end == "replaced":
        group = register_group(open_event().pk, applicant("boss@example.org"), [("Maria", "maria@example.org")])
        confirm_group(group.pk)
        row = group.registrations.get(email="maria@example.org")
    else:
        row = come(open_event())
    found = [of_one(row), of_all()]
    for calendar in found:
        ask(client, calendar)

    if end == "erased":
        erase(row.pk)
    elif end == "replaced":
        replace_colleague(group.pk, str(row.uuid), name="Ana", email="ana@example.org")
    else:
        hand_over(row.pk, name="Ana", email="ana@example.org")

    assert [said(calendar) for calendar in found] == [("", "", None, "")] * 2
    assert problems() == []


def test_seat_given_to_a_known_colleague_ends_the_calendar_of_the_seat_alone(client, row, calendars):
    come(row.event, "ana@example.org")

    hand_over(row.pk, name="Ana", email="ana@example.org")

    one, every = calendars
    assert (said(one), in_force()) == (("", "", None, ""), ["phone"])
    assert said(every)[:3] == ("maria@example.org", "phone", NOON.date())


def test_calendar_of_an_address_goes_with_the_last_of_its_registrations(row):
    other = come(open_event("Other"))
    calendar, foreign = of_all(), of_all(come(row.event, "zoe@example.org").email)

    erase(row.pk)
    kept = said(calendar)[0]
    erase(other.pk)

    assert (kept, said(calendar)[0], said(foreign)[0]) == ("maria@example.org", "", "zoe@example.org")


def test_erasing_one_event_ends_the_calendars_of_both_registrations_for_it(row):
    event = row.event
    Registration.objects.filter(pk=row.pk).update(state="cancelled", seat=None)
    again = come(event)
    found = [of_one(row), of_one(again)]

    erase(again.pk)

    assert [said(calendar) for calendar in found] == [("", "", None, "")] * 2


def test_what_no_device_asks_for_thirteen_months_is_revoked(client, row, clock):
    used, never = of_one(row, device="used"), of_all(device="never")
    clock.move_to(NOON + 100 * DAY)
    ask(client, used)
    clock.move_to(NOON + 394 * DAY)
    early = (due(), forget_due(), in_force())
    clock.move_to(NOON + 395 * DAY)

    told = [str(line) for line in due()]
    forget_due()

    assert early == ([], [], ["used", "never"])
    assert told == ["all events: 1 x private calendars that nobody asks for, due since 2028-02-09"]
    assert (in_force(), said(never), due()) == (["used"], ("", "", None, ""), [])
    assert (ask(client, never).status_code, ask(client, used).status_code) == (410, 200)


def test_audit_finds_a_calendar_of_nobody(row):
    one, every = of_one(row), of_all()
    Registration.objects.update(email="ana@example.org", link_version=2)

    assert problems() == [
        f"calendar subscription {pk} is of nobody any more, and still says something of the person"
        for pk in (one.pk, every.pk)
    ]


def test_audit_finds_a_calendar_that_is_kept_too_long(row, clock):
    of_one(row)
    clock.move_to(NOON + 397 * DAY)

    (said,) = kept_too_long()

    assert said == (
        "all events: 1 x private calendars that nobody asks for, due since 2028-02-09, and not forgotten; "
        "is `tick` running?"
    )
