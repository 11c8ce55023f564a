import datetime as dt

import pytest
import time_machine
from django.core.management import call_command

from events import forgetting
from events.approval import add_by_hand, refuse
from events.delegation import confirm_group, register_group
from events.forgetting import Due, ForgettingFailed, What, due, forget_due
from events.handover import hand_over
from events.invitation import invite
from events.models import Admission, Answer, AuditLine, Delegation, Event, Invitation, Question, Registration
from events.publication import change_state
from events.registration import cancel, confirm, register
from events.retention import ASKED, evidence_until, kept_until, logistics_until, quiet_until, years_after
from portal.base.models import OutgoingMail
from portal.base.outbox import queue_mail
from tests.events.publishing import change
from tests.factories import admit, applicant, make_event, make_project, make_user, stored

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EVENT_DAY = dt.date(2027, 2, 9)
LOGISTICS_DAY = dt.date(2027, 3, 11)
EVIDENCE_DAY = dt.date(2030, 2, 9)
NEEDS = {"access_needs": "Step-free", "diet": "Vegan", "interpretation": ("pt",)}


@pytest.fixture(autouse=True)
def in_january():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def noon(day):
    """Noon in Paris, or an hour later."""
    return dt.datetime.combine(day, dt.time(11), dt.UTC)


def forget_at(moment):
    with time_machine.travel(moment, tick=False):
        return forget_due()


def open_event(seats=10, **fields):
    event = make_event(**fields)
    admit(event, seats)
    return event


def confirmed(event, email="maria@example.org", **fields):
    return confirm(register(event.pk, applicant(email, organisation="Cité", **{**NEEDS, **fields})).pk)


def question(event, retention):
    return Question.objects.create(event=event, labels={"en": "?"}, retention=retention)


def personal(row):
    row = stored(row)
    return (row.name, row.email, row.organisation, row.organisation_key, row.access_needs, row.diet, row.interpretation)


GONE = ("", "", "", "", "", "", [])


def lines():
    found = AuditLine.objects.filter(what="forgotten").order_by("pk")
    return list(found.values_list("event", "registration", "who", "data"))


def report(*found):
    return [Due(*line) for line in found]


# --- until when


def test_logistics_are_kept_thirty_days():
    assert logistics_until(make_event(in_days=30)) == LOGISTICS_DAY
    assert logistics_until(make_event(in_days=29, ends_on=EVENT_DAY)) == LOGISTICS_DAY


def test_evidence_is_kept_three_years_without_a_project_and_five_after_one():
    ended = make_project("ended", ends_on=dt.date(2026, 6, 30))
    running = make_project("running", ends_on=dt.date(2028, 2, 29))

    found = [
        evidence_until(make_event()),
        evidence_until(make_event(project=ended)),
        evidence_until(make_event(project=running)),
        evidence_until(make_event(project=make_project("open"))),
    ]

    assert found == [EVIDENCE_DAY, dt.date(2032, 2, 9), dt.date(2033, 2, 28), EVIDENCE_DAY]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(dt.date(2040, 1, 1), dt.date(2040, 1, 1)), (dt.date(2020, 1, 1), LOGISTICS_DAY), (None, EVIDENCE_DAY)],
)
def test_evidence_is_kept_until_the_day_that_organisers_set_but_not_less_than_logistics(day, expected):
    event = open_event()
    Admission.objects.update(keep_until=day)

    assert evidence_until(stored(event)) == expected


@pytest.mark.parametrize("state", ["cancelled", "withdrawn"])
def test_nothing_is_evidence_of_an_event_that_did_not_take_place(state):
    event = change_state(make_event().pk, state)

    assert (evidence_until(event), kept_until(event, "evidence")) == (LOGISTICS_DAY, LOGISTICS_DAY)


@pytest.mark.parametrize("facts", [{"state": "postponed"}, {"precision": "month"}, {"precision": "unknown"}])
def test_without_a_date_nothing_is_counted_from_it(facts):
    event = make_event(**facts)

    assert (logistics_until(event), evidence_until(event)) == (None, None)


def test_quiet_is_a_year_after_the_last_change_of_person_or_organisers():
    event = make_event(precision="unknown")

    assert quiet_until(event, NOON - 9 * DAY) == dt.date(2028, 1, 10)
    assert quiet_until(event, NOON + 9 * DAY) == dt.date(2028, 1, 19)
    event.last_published_at = None
    assert quiet_until(event, NOON - 9 * DAY) == dt.date(2028, 1, 1)


def test_a_leap_day_ends_on_the_day_before():
    assert years_after(dt.date(2028, 2, 29), 3) == dt.date(2031, 2, 28)


def test_each_field_that_is_asked_is_emptied_in_its_class():
    fields = {asked.field: asked.retention for asked in ASKED}
    event = open_event()
    row = confirmed(event)

    forget_at(noon(LOGISTICS_DAY))
    after_logistics = stored(row)
    forget_at(noon(EVIDENCE_DAY))
    after_evidence = stored(row)

    left = {name for name in fields if getattr(after_logistics, name)}
    assert left == {name for name, retention in fields.items() if retention == "evidence"}
    assert {name for name in fields if getattr(after_evidence, name)} == {"country", "language"}


# --- what is forgotten, and when


def test_logistics_of_who_took_part_go_on_their_day():
    event = open_event()
    row = confirmed(event)
    for retention in ("logistics", "evidence"):
        Answer.objects.create(registration=row, question=question(event, retention), value=retention)

    early = forget_at(noon(LOGISTICS_DAY - DAY))
    untouched = personal(row)
    found = forget_at(noon(LOGISTICS_DAY))
    again = forget_at(noon(LOGISTICS_DAY))

    assert (early, again) == ([], [])
    assert untouched == ("Maria", "maria@example.org", "Cité", "cite", "Step-free", "Vegan", ["pt"])
    assert found == report((event.pk, What.LOGISTICS, 1, LOGISTICS_DAY))
    assert personal(row) == ("Maria", "maria@example.org", "Cité", "cite", "", "", [])
    assert [answer.value for answer in stored(row).answers.all()] == ["evidence"]
    assert (stored(row).state, stored(row).seat, stored(row).erased_at) == ("confirmed", 1, None)
    assert lines() == [(event.pk, None, "system", {"logistics": 1})]


def test_the_day_begins_where_the_event_is():
    event = open_event(timezone="Pacific/Auckland")
    confirmed(event)
    begins = dt.datetime(2027, 3, 10, 11, tzinfo=dt.UTC)  # midnight in Auckland

    assert [len(due(now)) for now in (begins - dt.timedelta(minutes=1), begins)] == [0, 1]


def test_logistics_told_after_they_were_deleted_once_are_deleted_again():
    event = open_event()
    row = confirmed(event)
    forget_at(noon(LOGISTICS_DAY))
    Registration.objects.update(diet="Vegan")

    assert forget_at(noon(LOGISTICS_DAY)) == report((event.pk, What.LOGISTICS, 1, LOGISTICS_DAY))
    assert stored(row).diet == ""


def test_who_handed_a_seat_over_is_forgotten_with_the_logistics():
    event = open_event()
    row = confirmed(event, "giver@example.org")
    hand_over(row.pk, name="Ana", email="ana@example.org")
    about = OutgoingMail.objects.filter(about=row.uuid)
    before = set(about.values_list("to", flat=True))

    forget_at(noon(LOGISTICS_DAY))

    assert before == {"giver@example.org", "ana@example.org"}
    assert set(about.values_list("to", flat=True)) == {"", "ana@example.org"}
    assert "Maria" not in str(list(about.values_list("params", flat=True)))


def test_evidence_goes_on_its_day_and_a_count_is_left():
    event = open_event()
    row = confirmed(event)
    forget_at(noon(LOGISTICS_DAY))
    Answer.objects.create(registration=row, question=question(event, "evidence"), value="yes")
    token = row.token_digest

    early = forget_at(noon(EVIDENCE_DAY - DAY))
    found = forget_at(noon(EVIDENCE_DAY))

    assert (early, found) == ([], report((event.pk, What.EVIDENCE, 1, EVIDENCE_DAY)))
    row = stored(row)
    assert personal(row) == GONE
    assert (row.state, row.seat, row.way, row.country, row.channel) == ("confirmed", 1, "on-site", "PT", "form")
    assert row.answers.count() == 0
    assert row.token_digest != token
    assert list(OutgoingMail.objects.filter(about=row.uuid).values_list("to", "params").distinct()) == [("", {})]
    assert forget_at(noon(EVIDENCE_DAY + DAY)) == []


def test_who_did_not_take_part_is_forgotten_with_the_logistics():
    event = open_event(seats=2)
    user = make_user()
    seated, gone = confirmed(event, "seated@example.org"), confirmed(event, "gone@example.org")
    waiting, refused = confirmed(event, "waiting@example.org"), confirmed(event, "refused@example.org")
    refuse(refused.pk, user=user)
    Registration.objects.filter(pk=gone.pk).update(state="cancelled", seat=None)
    Registration.objects.filter(pk=waiting.pk).update(bounced_at=NOON)

    found = forget_at(noon(LOGISTICS_DAY))

    assert found == report(
        (event.pk, What.LOGISTICS, 1, LOGISTICS_DAY),
        (event.pk, What.NO_PART, 3, LOGISTICS_DAY),
    )
    assert [personal(row) for row in (gone, waiting, refused)] == [GONE] * 3
    # None in force is without an address: were the event moved, an offer would go nowhere.
    assert [stored(row).state for row in (gone, waiting, refused)] == ["cancelled", "cancelled", "refused"]
    assert stored(seated).email == "seated@example.org"
    assert lines() == [(event.pk, None, "system", {"logistics": 1, "no_part": 3})]


def test_everybody_is_forgotten_where_the_event_was_cancelled():
    event = open_event()
    row = confirmed(event)
    change_state(event.pk, "cancelled")

    assert forget_at(noon(LOGISTICS_DAY - DAY)) == []
    assert forget_at(noon(LOGISTICS_DAY)) == report((event.pk, What.NO_PART, 1, LOGISTICS_DAY))
    assert personal(row) == GONE
    assert (stored(row).state, stored(row).seat) == ("cancelled", None)


def test_registrations_that_nobody_confirmed_are_forgotten_after_a_week(in_january):
    event = open_event()
    row = register(event.pk, applicant(**NEEDS))
    known = confirmed(event, "known@example.org")
    added = add_by_hand(event.pk, applicant("added@example.org"), user=make_user())

    early = forget_at(NOON + 6 * DAY)
    in_january.move_to(NOON + 7 * DAY)
    found = forget_due()

    assert (early, found) == ([], report((event.pk, What.UNCONFIRMED, 1, dt.date(2027, 1, 17))))
    assert (personal(row), stored(row).state, stored(row).seat) == (GONE, "expired", None)
    assert [stored(kept).email for kept in (known, added)] == ["known@example.org", "added@example.org"]


def test_an_offer_that_ended_is_no_unconfirmed_address(in_january):
    event = open_event(seats=1)
    first, second = confirmed(event, "first@example.org"), confirmed(event, "second@example.org")
    cancel(first.pk, user=make_user())
    assert stored(second).state == "offered"
    in_january.move_to(NOON + 7 * DAY)

    assert forget_due() == []
    assert due(noon(LOGISTICS_DAY)) == report((event.pk, What.NO_PART, 2, LOGISTICS_DAY))


def test_an_offer_that_ended_to_a_colleague_or_a_guest_by_hand_is_no_unconfirmed_address(in_january):
    event = open_event(seats=1)
    first = confirmed(event, "first@example.org")
    confirm_group(register_group(event.pk, applicant("boss@example.org"), [("Eva", "eva@example.org")]).pk)
    add_by_hand(event.pk, applicant("added@example.org"), user=make_user())
    Registration.objects.filter(state="waiting").update(state="expired", email_confirmed_at=None)
    in_january.move_to(NOON + 7 * DAY)

    assert forget_due() == []
    assert Registration.objects.exclude(pk=first.pk).filter(state="expired").exclude(email="").count() == 2


def test_a_group_that_nobody_confirmed_is_forgotten_after_a_week(in_january):
    event = open_event()
    group = register_group(event.pk, applicant("boss@example.org"), [("Ana", "ana@example.org")])
    in_january.move_to(NOON + 7 * DAY)

    assert forget_due() == report((event.pk, What.UNCONFIRMED, 2, dt.date(2027, 1, 17)))
    assert personal(Registration.objects.get()) == GONE
    assert list(Delegation.objects.values_list("name", "email", "organisation", "others")) == [("", "", "", [])]
    assert list(OutgoingMail.objects.filter(about=group.uuid).values_list("to", flat=True)) == [""]


def test_a_group_that_was_confirmed_goes_with_the_evidence(in_january):
    event = open_event()
    confirmed(event, "known@example.org")
    colleagues = [("Ana", "ana@example.org"), ("Known", "known@example.org")]
    group = confirm_group(register_group(event.pk, applicant("boss@example.org"), colleagues).pk)
    in_january.move_to(NOON + 7 * DAY)

    assert forget_due() == []
    forget_at(noon(LOGISTICS_DAY))
    assert stored(group).others == [{"name": "Known", "email": "known@example.org"}]
    assert forget_at(noon(EVIDENCE_DAY)) == report(
        (event.pk, What.EVIDENCE, 2, EVIDENCE_DAY), (event.pk, What.GROUPS, 1, EVIDENCE_DAY)
    )
    assert (stored(group).name, stored(group).email, stored(group).others) == ("", "", [])


def test_guests_are_forgotten_with_the_logistics():
    event = open_event()
    invite(event.pk, [("Ana", "ana@example.org")], language="fr", user=make_user())

    assert forget_at(noon(LOGISTICS_DAY)) == report((event.pk, What.GUESTS, 1, LOGISTICS_DAY))
    assert list(Invitation.objects.values_list("name", "email")) == [("", "")]
    assert list(OutgoingMail.objects.values_list("kind", "to", "params")) == [("invitation", "", {})]


@pytest.mark.parametrize("state", ["planned", "postponed"])
def test_without_a_date_what_was_quiet_for_a_year_goes(in_january, state):
    event = make_event(precision="unknown" if state == "planned" else "time")
    admit(event, 5, takes_interest=True)
    row = confirmed(event)
    if state == "postponed":
        change_state(event.pk, "postponed")
    in_january.move_to(NOON + 60 * DAY)
    younger = confirmed(event, "younger@example.org") if state == "planned" else None

    early = forget_at(NOON + 364 * DAY)
    found = forget_at(NOON + 365 * DAY)

    assert (early, found) == ([], report((event.pk, What.QUIET, 1, dt.date(2028, 1, 10))))
    assert (personal(row), stored(row).state, stored(row).seat) == (GONE, "cancelled", None)
    assert younger is None or stored(younger).email == "younger@example.org"


def test_without_a_date_groups_and_guests_go_after_a_year_too():
    event = make_event(precision="unknown")
    admit(event, takes_interest=True)
    confirm_group(register_group(event.pk, applicant("boss@example.org"), [("Ana", "ana@example.org")]).pk)
    invite(event.pk, [("Guest", "guest@example.org")], language="fr", user=make_user())

    early = forget_at(NOON + 364 * DAY)
    found = forget_at(NOON + 365 * DAY)

    assert (early, found) == ([], report((event.pk, What.QUIET, 3, dt.date(2028, 1, 10))))
    people = [*Delegation.objects.values_list("email"), *Invitation.objects.values_list("email")]
    assert people == [("",), ("",)]


def test_without_a_date_a_sign_of_the_organisers_keeps_the_list(in_january):
    event = make_event(precision="unknown")
    admit(event, takes_interest=True)
    confirmed(event)
    in_january.move_to(NOON + 200 * DAY)
    change(event, city="Lyon")

    assert forget_at(NOON + 365 * DAY) == []
    assert len(forget_at(NOON + 565 * DAY)) == 1


def test_an_event_that_has_moved_on_keeps_what_it_needs(in_january):
    event = open_event()
    row = confirmed(event)
    change(event, starts_on=EVENT_DAY + 100 * DAY)

    assert forget_at(noon(LOGISTICS_DAY)) == []
    assert personal(row)[4:] == ("Step-free", "Vegan", ["pt"])


def test_mails_about_no_single_registration_are_emptied_after_thirty_days(in_january):
    for key in ("links:digest-of-an-address", "links:another"):
        queue_mail(
            key=key, kind="registration_links", to="maria@example.org", language="fr", params={"registrations": []}
        )
        in_january.move_to(NOON + DAY)
    first = OutgoingMail.objects.order_by("pk").first()

    found = forget_at(NOON + 30 * DAY)

    assert found == report((None, What.MAILS, 1, dt.date(2027, 2, 9)))
    first = stored(first)
    assert (first.to, first.params, first.key, first.kind) == ("", {}, f"forgotten:{first.pk}", "registration_links")
    assert (first.withheld_at is not None) == (first.sent_at is None)
    assert OutgoingMail.objects.exclude(to="").get().key == "links:another"
    assert forget_at(NOON + 30 * DAY) == []


# --- how it is done


def many_things_due():
    event, other = open_event(3), open_event(name="two")
    for name in ("a", "b", "c", "waiting"):
        confirmed(event, f"{name}@example.org")
    register_group(other.pk, applicant("boss@example.org"), [("Ana", "ana@example.org")])
    invite(other.pk, [("Guest", "guest@example.org")], language="fr", user=make_user())
    queue_mail(key="links:x", kind="registration_links", to="x@example.org", language="fr", params={})
    return event, other


def everything():
    models = (Registration, Delegation, Invitation, OutgoingMail, AuditLine, Answer, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_dry_run_says_what_a_real_one_does_and_changes_nothing(capsys):
    event, other = many_things_due()
    before = everything()

    foretold = due(noon(LOGISTICS_DAY))
    with time_machine.travel(noon(LOGISTICS_DAY), tick=False):
        call_command("tick", "--dry-run")

    assert everything() == before
    said = capsys.readouterr().out
    assert said.splitlines() == [
        (
            f"event {event.pk}: 3 x access needs, diet, interpretation and answers for the days themselves, "
            "due since 2027-03-11"
        ),
        f"event {event.pk}: 1 x registrations of people who did not take part, due since 2027-03-11",
        f"event {other.pk}: 2 x the address was never confirmed, due since 2027-01-17",
        f"event {other.pk}: 1 x who was invited, due since 2027-03-11",
        "all events: 1 x mails about no single registration, due since 2027-02-09",
        "8 rows would be forgotten",
    ]
    assert "@" not in said
    assert forget_at(noon(LOGISTICS_DAY)) == foretold


def test_a_real_run_logs_the_report_without_names(caplog):
    caplog.set_level("INFO", "events.forgetting")
    many_things_due()

    found = forget_at(noon(LOGISTICS_DAY))

    assert caplog.messages == [f"forgotten: {line}" for line in found]
    assert len(found) == 5
    assert "@" not in caplog.text


def test_a_run_goes_on_where_it_was_interrupted(monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    event = open_event()
    for number in range(5):
        confirmed(event, f"{number}@example.org")
    forgotten = []
    forget = forgetting.forget

    def die_at_the_fourth(seats, found):
        if len(forgotten) == 3:
            raise RuntimeError("killed")
        forgotten.append(found)
        forget(seats, found)

    monkeypatch.setattr(forgetting, "forget", die_at_the_fourth)
    with pytest.raises(ForgettingFailed):
        forget_at(noon(LOGISTICS_DAY))
    after_death = Registration.objects.exclude(logistics_erased_at=None).count()
    monkeypatch.setattr(forgetting, "forget", forget)
    found = forget_at(noon(LOGISTICS_DAY))

    assert after_death == 2  # a batch is forgotten whole or not at all
    assert found == report((event.pk, What.LOGISTICS, 3, LOGISTICS_DAY))
    assert [data for *_rest, data in lines()] == [{"logistics": 2}, {"logistics": 2}, {"logistics": 1}]


def test_one_event_that_fails_stops_no_other(monkeypatch, caplog):
    bad, good = open_event(name="bad"), open_event(name="good")
    rows = [confirmed(event) for event in (bad, good)]
    forget = forgetting.forget

    def fail_for_one(seats, found):
        if found.row.event_id == bad.pk:
            raise RuntimeError("broken")
        forget(seats, found)

    monkeypatch.setattr(forgetting, "forget", fail_for_one)

    with pytest.raises(ForgettingFailed, match=f"^{bad.pk}$"):
        forget_at(noon(LOGISTICS_DAY))

    assert [stored(row).diet for row in rows] == ["Vegan", ""]
    assert f"event {bad.pk}: what is due is not forgotten" in caplog.text


def test_finding_what_is_due_asks_the_same_queries_however_much_is_kept(django_assert_num_queries):
    for number in range(3):
        confirmed(open_event(name=str(number)))
    forget_at(noon(LOGISTICS_DAY))

    with django_assert_num_queries(5):
        assert forget_at(noon(LOGISTICS_DAY + DAY)) == []
