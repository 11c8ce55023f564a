import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from events.approval import add_by_hand, approve
from events.delegation import confirm_group, register_group
from events.erasure import erase, erase_group
from events.handover import hand_over
from events.invitation import invite
from events.models import (
    Admission,
    Answer,
    AuditLine,
    CalendarEntry,
    Delegation,
    Event,
    Invitation,
    Question,
    Registration,
)
from events.registration import cancel, confirm, register, undo
from events.waiting import settle_all
from portal.audit import problems
from portal.base.models import OutgoingMail
from portal.ticking import tick
from tests.events.private_calendars import of_all, of_one
from tests.factories import admit, applicant, event_page, make_event, make_tree, make_user, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_cache")]

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def event():
    event = make_event()
    admit(event, 2)
    return event


def confirmed(event, email="maria@example.org", **fields):
    return confirm(register(event.pk, applicant(email, **fields)).pk)


def change(row, **fields):
    """Write what no rule would."""
    type(row).objects.filter(pk=row.pk).update(**fields)


def test_audit_is_content_with_what_the_rules_made(event, clock):
    user = make_user()
    other, asking = make_event("other"), make_event("asking")
    admit(other, 3)
    admit(asking, 3, needs_approval=True)
    first, second = confirmed(event, "1@example.org"), confirmed(event, "2@example.org")
    confirmed(event, "3@example.org")
    confirmed(event, "4@example.org")
    register(event.pk, applicant("pending@example.org"))
    cancel(first.pk, user=user)
    cancel(second.pk)
    undo(second.pk)
    hand_over(second.pk, name="Ana", email="ana@example.org")
    approve(confirmed(asking, "5@example.org").pk, user=user)
    add_by_hand(asking.pk, applicant("6@example.org"), user=user)
    group = register_group(other.pk, applicant("boss@example.org"), [("Eva", "eva@example.org")])
    confirm_group(group.pk)
    register_group(other.pk, applicant("lazy@example.org"), [("Ida", "ida@example.org")])
    invite(other.pk, [("Guest", "guest@example.org")], language="fr", user=user)
    of_one(second), of_all("3@example.org"), of_one(gone := confirmed(other, "gone@example.org"))
    erase(gone.pk)
    erase_group(group.pk)

    assert problems() == []
    for days in (2, 3, 9, 40, 400, 1200):
        clock.move_to(NOON + days * 24 * HOUR)
        # What the mail server answers is not the matter here.
        OutgoingMail.objects.waiting().update(sent_at=timezone.now())
        call_command("tick")
        clock.shift(2 * HOUR)
        call_command("tick")
        assert problems() == []
    assert Registration.objects.filter(erased_at=None).count() == 0


def test_audit_exits_with_2_and_a_list(event, capsys):
    confirmed(event)
    Admission.objects.update(seats_on_site=0)

    with pytest.raises(SystemExit) as ended:
        call_command("audit")

    assert ended.value.code == 2
    assert (
        capsys.readouterr().out.splitlines()[0] == f"event {event.pk} is overbooked (on-site): 1 of 0 seats are taken"
    )


def test_audit_says_that_all_is_well(capsys):
    call_command("audit")

    assert capsys.readouterr().out == "all is well\n"


def test_audit_counts_seats_of_each_way(event):
    row = confirmed(event)
    change(row, way="online")

    assert problems() == [
        f"event {event.pk} is overbooked (online): 1 of 0 seats are taken",
        f"registration {row.pk} (event {event.pk}) has seat 1 (online), where the last is 0",
    ]


def test_audit_finds_a_seat_that_does_not_exist(event):
    row = confirmed(event)
    change(row, seat=3)

    assert problems() == [f"registration {row.pk} (event {event.pk}) has seat 3 (on-site), where the last is 2"]


def test_audit_finds_what_is_held_although_its_time_is_up_for_an_hour(event, clock):
    row = register(event.pk, applicant())
    OutgoingMail.objects.update(sent_at=NOON)
    clock.move_to(row.held_until + HOUR - dt.timedelta(minutes=1))
    early = problems()
    clock.shift(dt.timedelta(minutes=1))

    assert (early, problems()) == (
        [],
        [f"registration {row.pk} (pending) was held until 2027-01-11 12:00; is `tick` running?"],
    )


def test_audit_finds_an_offer_that_was_lost(event):
    for number in range(3):
        row = confirmed(event, f"{number}@example.org")
    Admission.objects.update(seats_on_site=3)

    found = problems()
    settle_all()

    assert found == [f"event {event.pk}: a seat is free (on-site), and registration {row.pk} waits without an offer"]
    assert problems() == []


@pytest.mark.parametrize("facts", [{"state": "cancelled"}, {"precision": "month"}, {"live": False}])
def test_audit_wants_no_offers_where_no_seats_are_given(event, facts):
    for number in range(3):
        confirmed(event, f"{number}@example.org")
    Admission.objects.update(seats_on_site=3)
    change(event, **facts)

    assert [line for line in problems() if "offer" in line] == []


def test_audit_finds_an_address_that_is_registered_twice(event):
    confirmed(event)
    second = confirmed(event, "other@example.org")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_active_per_address")
    change(second, email="maria@example.org")

    assert problems() == [f"event {event.pk}: one address has 2 registrations in force"]


def test_audit_finds_a_registration_without_an_address(event):
    row = confirmed(event)
    change(row, email="")

    assert problems() == [f"registration {row.pk} (confirmed) is in force and has no address"]


def test_audit_finds_an_erased_registration_that_came_into_force_again(event, clock):
    row = confirmed(event)
    with time_machine.travel(event.ends_at + HOUR, tick=False):
        erase(row.pk)
        as_count = [line for line in problems() if "in force" in line]
    # The event that took place is given another date, as no organiser should.

    assert as_count == []
    assert [line for line in problems() if "in force" in line] == [
        f"registration {row.pk} (confirmed) is in force and has no address"
    ]


def test_audit_finds_a_person_to_whom_no_mail_was_queued(event):
    row = confirmed(event)
    OutgoingMail.objects.filter(about=row.uuid).delete()

    assert problems() == [f"registration {row.pk} (confirmed): no mail about it was ever queued"]


def test_audit_finds_mails_that_are_stuck_and_names_no_key(event):
    yesterday = NOON - 24 * HOUR
    mail = OutgoingMail.objects.create(
        key="links:digest", kind="registration_links", to="a@example.org", language="fr", next_try_at=yesterday
    )

    assert problems() == [f"mail {mail.pk} (registration_links) is stuck: never tried"]


def test_audit_finds_a_state_of_which_no_line_tells(event):
    row = confirmed(event)
    change(row, state="cancelled", seat=None)
    bare = confirmed(event, "bare@example.org")
    AuditLine.objects.filter(registration=bare).delete()

    assert problems() == [
        f"registration {row.pk} is cancelled, and its audit lines say confirmed",
        f"registration {bare.pk} is confirmed, and its audit lines say nothing",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Maria"},
        {"email": "maria@example.org"},
        {"organisation": "Cité"},
        {"organisation_key": "cite"},
        {"access_needs": "x"},
        {"diet": "x"},
        {"interpretation": ["fr"]},
    ],
)
def test_audit_finds_what_an_erasure_left(event, fields):
    row = erase(confirmed(event).pk)
    change(row, **fields)

    assert problems() == [f"registration {row.pk} was erased, and still says something of the person"]


def test_audit_finds_answers_that_an_erasure_left(event):
    erased, cleared = erase(confirmed(event).pk), confirmed(event, "cleared@example.org")
    change(cleared, logistics_erased_at=NOON)
    day, evidence = (
        Question.objects.create(event=event, labels={"en": "?"}, retention=retention)
        for retention in ("logistics", "evidence")
    )
    Answer.objects.create(registration=cleared, question=evidence, value="x")
    before = problems()
    Answer.objects.create(registration=erased, question=evidence, value="x")
    Answer.objects.create(registration=cleared, question=day, value="x")

    assert (before, problems()) == (
        [],
        [
            f"registration {erased.pk} was erased, and still says something of the person",
            f"registration {cleared.pk}: its logistics were deleted, and are still there",
        ],
    )


def test_audit_finds_groups_guests_and_mails_that_an_erasure_left(event):
    row = confirmed(event)
    group = register_group(event.pk, applicant("boss@example.org"), [("Eva", "eva@example.org")])
    invite(event.pk, [("Guest", "guest@example.org")], language="fr", user=make_user())
    Delegation.objects.update(erased_at=NOON)
    Invitation.objects.update(erased_at=NOON)
    change(row, erased_at=NOON, name="", organisation="", organisation_key="", email="", state="cancelled", seat=None)
    OutgoingMail.objects.exclude(about=row.uuid).exclude(about=group.uuid).update(to="", params={})

    found = problems()

    mails = OutgoingMail.objects.filter(about__in=[row.uuid, group.uuid]).order_by("about", "pk")
    left = {f"mail {mail.pk} ({mail.kind})" for mail in mails}
    assert [line for line in found if "still says something" in line] == [
        f"delegation {group.pk} was erased, and still says something of the person",
        f"invitation {Invitation.objects.get().pk} was erased, and still says something of the person",
    ]
    assert {line.split(" is about")[0] for line in found if "still says to whom" in line} == left


def test_audit_finds_what_is_kept_too_long(event, clock):
    confirmed(event)
    OutgoingMail.objects.update(sent_at=NOON)
    clock.move_to(dt.datetime(2027, 3, 11, 12, tzinfo=dt.UTC))
    today = problems()
    clock.shift(24 * HOUR)

    assert (today, problems()) == (
        [],
        [
            (
                f"event {event.pk}: 1 x access needs, diet, interpretation and answers for the days themselves, "
                "due since 2027-03-11, and not forgotten; is `tick` running?"
            )
        ],
    )


def test_audit_finds_stale_calendars(event):
    CalendarEntry.objects.filter(language="fr").update(body=b"x")

    assert problems() == [
        f"event {event.pk} (Rencontre): its stored calendar entries are not what would be rendered now"
    ]


def test_audit_finds_pages_and_calendars_without_facts(event):
    tree = make_tree("fr")
    page = event_page(tree["fr"]["agenda"], event, "Mots")
    draft = make_event("Brouillon", live=False)
    change(page, event=None)
    CalendarEntry.objects.filter(event=event).update(event=draft)

    found = problems()

    assert f"page {page.pk} (Mots) has no facts" in found
    entries = CalendarEntry.objects.order_by("pk").values_list("pk", flat=True)
    assert [line for line in found if "never public" in line] == [
        f"calendar entry {pk} belongs to an event that was never public" for pk in entries
    ]


def test_audit_names_no_address(event, clock):
    row = confirmed(event)
    erase(row.pk)
    change(row, name="Maria", email="maria@example.org")
    register(event.pk, applicant("pending@example.org"))
    OutgoingMail.objects.filter(about=row.uuid).update(to="maria@example.org", sent_at=NOON)
    clock.shift(48 * HOUR)

    found = "\n".join(problems())

    assert "registration" in found
    assert "@" not in found
    assert "Maria" not in found


def test_render_calendar_mends_stale_entries(capsys):
    make_event()
    CalendarEntry.objects.filter(language="fr").update(body=b"x", digest="x")

    call_command("render_calendar")

    assert capsys.readouterr().out == "1 entries changed, 0 feeds renewed\n"
    assert problems() == []


def test_tick_deletes_drafts_that_were_begun_and_left():
    old = make_event("Commencé", live=False)
    old.latest_revision.created_at = timezone.now() - dt.timedelta(days=31)
    old.latest_revision.save(update_fields=["created_at"])
    young = make_event("En cours", live=False)

    failed = tick()

    assert failed == []
    assert list(Event.objects.values_list("pk", flat=True)) == [young.pk]


def test_tick_publishes_what_was_scheduled():
    event = make_event("Programmé", live=False)
    draft = event.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() - dt.timedelta(minutes=1)
    revision = draft.save_revision()
    revision.approved_go_live_at = draft.go_live_at
    revision.save(update_fields=["approved_go_live_at"])

    tick()

    assert stored(event).live
