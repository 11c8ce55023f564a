import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone, translation

from events.handover import hand_over
from events.models import CalendarEntry
from events.publication import TRANSITIONS, change_state, tell_registrants
from events.registration import cancel, confirm, register
from portal.base.models import OutgoingMail
from tests.events.mails import deliver_all
from tests.events.publishing import change, draft, unpublish
from tests.factories import admit, applicant, come, event_page, make_event, make_tree, make_user, stored

pytestmark = pytest.mark.django_db

STATES = list(TRANSITIONS)
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


def mails(kind="event_changed"):
    return list(OutgoingMail.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def told():
    """Of each mail of a change: to whom, what became of it, and the town that it says was before."""
    rows = OutgoingMail.objects.filter(kind__in=("event_changed", "event_cancelled")).order_by("pk")
    return [(row.to, str(row.state), row.params["before"]["city"]) for row in rows]


def with_people(*emails, **facts):
    event = make_event(**facts)
    admit(event)
    for email in emails:
        come(event, email)
    return event


# --- states


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_state_changes_where_there_is_a_way_and_else_is_refused(before, after):
    event = make_event(state=before)

    if after in TRANSITIONS[before]:
        change_state(event.pk, after)
        expected = (after, 1, 1)
    else:
        with pytest.raises(ValidationError):
            change_state(event.pk, after)
        expected = (before, 0, 0)

    row = stored(event)
    assert (row.state, row.sequence, row.audit_lines.count()) == expected


@pytest.mark.parametrize("state", ["", "party", "CANCELLED", "\x00", "confirmed "])
def test_state_that_does_not_exist_is_refused_in_words(state):
    event = make_event()

    with translation.override("en"), pytest.raises(ValidationError) as refused:
        change_state(event.pk, state)

    assert refused.value.messages == ["An event that is confirmed cannot become this."]


def test_state_change_is_noted_with_who_and_why():
    event, user = make_event(), make_user()

    change_state(event.pk, "postponed", user=user, why="The room is flooded.")
    change_state(event.pk, "confirmed")

    assert list(event.audit_lines.values_list("user", "who", "what", "data")) == [
        (None, "system", "state", {"from": "postponed", "to": "confirmed", "why": ""}),
        (user.pk, "organiser", "state", {"from": "confirmed", "to": "postponed", "why": "The room is flooded."}),
    ]


def test_state_change_gives_the_row_as_it_is_now():
    event = make_event()

    found = change_state(event.pk, "cancelled")

    assert (found.pk, found.state, found.sequence) == (event.pk, "cancelled", 1)


def test_state_change_leaves_open_drafts_and_their_facts_alone():
    event = make_event()
    draft(event, name="Drafted", city="Lyon")

    change_state(event.pk, "cancelled")

    row = stored(event)
    drafted = row.get_latest_revision_as_object()
    assert (row.name, row.city, row.has_unpublished_changes) == ("Rencontre", "Paris", True)
    assert (drafted.name, drafted.city, drafted.state) == ("Drafted", "Lyon", "cancelled")


# --- who is told


def test_registrants_are_told_of_what_changed_once():
    event = with_people("maria@example.org", "joao@example.org")
    cancel(event.registrations.get(email="joao@example.org").pk)

    change(event, city="Lyon")
    change(event)
    change(event, name="Another name", contact_name="Accueil")

    assert mails() == ["maria@example.org"]
    assert event.registrations.get(email="maria@example.org").told == stored(event).told()


def test_registrants_are_told_each_time_something_changes():
    event = with_people("maria@example.org")
    uuid = event.registrations.get().uuid

    for act in (lambda: change(event, city="Lyon"), lambda: change(event, city="Paris")):
        act()
        deliver_all()
    change_state(event.pk, "cancelled")

    rows = OutgoingMail.objects.filter(kind__startswith="event_").order_by("pk")
    assert [(row.key, str(row.state)) for row in rows] == [
        (f"event_changed:{uuid}:1", "sent"),
        (f"event_changed:{uuid}:2", "sent"),
        (f"event_cancelled:{uuid}:3", "queued"),
    ]


def test_changes_that_wait_are_told_in_one_mail_that_knows_what_was_first():
    event = with_people("maria@example.org")

    change(event, city="Lyon")
    change(event, city="Lille")
    change_state(event.pk, "cancelled")

    assert told() == [
        ("maria@example.org", "withheld", "Paris"),
        ("maria@example.org", "withheld", "Paris"),
        ("maria@example.org", "queued", "Paris"),
    ]
    assert [kind_of(row) for row in OutgoingMail.objects.waiting().order_by("pk")] == [
        "registration_",
        "registration_",
        "event_",
    ]


def kind_of(row):
    return row.kind.partition("_")[0] + "_"


def test_change_that_is_taken_back_before_the_mail_left_is_not_told():
    event = with_people("maria@example.org")

    change(event, city="Lyon")
    change(event, city="Paris")

    assert told() == [("maria@example.org", "withheld", "Paris")]
    assert event.registrations.get().told == stored(event).told()


def test_state_that_is_taken_back_before_the_mail_left_is_not_told():
    event = with_people("maria@example.org")

    change_state(event.pk, "cancelled")
    change_state(event.pk, "confirmed")
    change_state(event.pk, "postponed")
    change_state(event.pk, "planned")

    assert told() == [("maria@example.org", "withheld", "Paris")] * 2


def test_change_after_one_was_taken_back_is_told():
    event = with_people("maria@example.org")

    for city in ("Lyon", "Paris", "Lyon"):
        change(event, city=city)

    assert told() == [
        ("maria@example.org", "withheld", "Paris"),
        ("maria@example.org", "queued", "Paris"),
    ]


def test_change_that_a_worker_is_sending_is_not_taken_back():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    OutgoingMail.objects.filter(kind="event_changed").update(claimed_until=timezone.now() + DAY)

    change(event, city="Paris")

    assert told() == [("maria@example.org", "queued", "Paris"), ("maria@example.org", "queued", "Lyon")]


def test_change_that_left_and_was_taken_back_is_told_again():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    deliver_all()

    change(event, city="Paris")

    assert told() == [("maria@example.org", "sent", "Paris"), ("maria@example.org", "queued", "Lyon")]


def test_change_to_somebody_who_handed_over_meanwhile_says_nothing_to_the_colleague():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    hand_over(event.registrations.get().pk, name="João", email="joao@example.org")

    change(event, city="Lille")
    subjects = [(message.to[0], message.subject.split("\xa0")[0].split(":")[0]) for message in deliver_all()]

    assert told() == [("maria@example.org", "withheld", "Paris"), ("joao@example.org", "sent", "Lyon")]
    assert [to for to, _subject in subjects] == ["maria@example.org", "joao@example.org", "joao@example.org"]


def test_change_that_nobody_would_read_is_not_told():
    event = with_people("maria@example.org")

    change(event, timezone="Europe/Brussels", latitude="48.1", longitude="2.1")

    assert told() == []


def test_dates_of_a_postponed_event_are_told_when_it_takes_place():
    event = with_people("maria@example.org")
    change_state(event.pk, "postponed")
    deliver_all()

    change(event, starts_on=event.starts_on + DAY)
    between = len(told())
    change_state(event.pk, "confirmed")

    assert (between, [state for _to, state, _city in told()]) == (1, ["sent", "queued"])


def test_place_of_a_postponed_event_is_told_at_once():
    event = with_people("maria@example.org")
    change_state(event.pk, "postponed")
    deliver_all()

    change(event, city="Lyon")

    assert mails() == ["maria@example.org"] * 2


def withdraw(event):
    change_state(event.pk, "withdrawn")


@pytest.mark.parametrize("act", [lambda event: change(event, city="Lyon"), withdraw])
def test_cancelled_is_told_once(act):
    event = with_people("maria@example.org")
    change_state(event.pk, "cancelled")
    deliver_all()

    act(event)

    assert mails("event_cancelled") == ["maria@example.org"]


def test_cancelled_and_changed_is_told_with_what_was_when_it_takes_place_again():
    event = with_people("maria@example.org")
    change_state(event.pk, "cancelled")
    deliver_all()
    change(event, city="Lyon")

    change_state(event.pk, "confirmed")

    assert told() == [("maria@example.org", "sent", "Paris"), ("maria@example.org", "queued", "Paris")]


def test_those_who_have_not_confirmed_the_address_are_told_nothing():
    event = make_event()
    admit(event)
    row = register(event.pk, applicant())

    change(event, city="Lyon")
    confirm(row.pk)
    change(event)

    assert told() == []


@pytest.mark.parametrize("given", [1, 3])
def test_telling_asks_for_each_person_alone_what_must_be_asked(given, django_assert_max_num_queries):
    event = with_people(*(f"{number}@example.org" for number in range(given)))
    change(event, city="Lyon")

    with django_assert_max_num_queries(12 + 10 * given):
        tell_registrants(changed(event, city="Lille"))

    assert len(mails()) == 2 * given


def changed(event, **facts):
    row = stored(event)
    for name, value in facts.items():
        setattr(row, name, value)
    row.sequence += 1
    return row


def test_registrants_who_came_after_a_change_are_not_told_of_it():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    come(event, "late@example.org")

    change(event, kind="webinar")

    assert mails() == ["maria@example.org"]


def test_registrants_are_written_to_in_their_own_language():
    event = make_event()
    admit(event)
    rows = [come(event, f"{language}@example.org", language=language) for language in ("pt", "bg")]
    before = event.told()

    change_state(event.pk, "postponed")

    found = OutgoingMail.objects.filter(kind="event_changed").order_by("pk").values_list("to", "language", "params")
    assert list(found) == [
        ("pt@example.org", "pt", {"registration": rows[0].pk, "before": before}),
        ("bg@example.org", "bg", {"registration": rows[1].pk, "before": before}),
    ]


def test_registrants_are_not_told_of_drafts():
    event = with_people("maria@example.org")

    draft(event, city="Lyon")

    assert mails() == []


def test_registrants_are_told_of_a_draft_when_its_time_has_come(time_machine):
    event = with_people("maria@example.org")
    draft(event, city="Lyon", go_live_at=timezone.now() + DAY).publish()
    early = mails()

    time_machine.move_to(timezone.now() + 2 * DAY)
    call_command("publish_scheduled")

    assert (early, mails()) == ([], ["maria@example.org"])


def test_registrants_of_an_unpublished_event_are_told_when_it_is_back_and_another():
    event = with_people("maria@example.org")
    unpublish(event)
    while_away = mails()

    change(event)
    change_before = mails()
    change(event, city="Lyon")

    assert (while_away, change_before, mails()) == ([], [], ["maria@example.org"])


def test_change_that_has_not_left_when_the_event_is_unpublished_waits_until_it_is_back():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    unpublish(event)
    while_away = told()

    change(event)

    assert while_away == [("maria@example.org", "withheld", "Paris")]
    assert told() == [*while_away, ("maria@example.org", "queued", "Paris")]


def test_cancellation_that_has_not_left_when_the_event_is_unpublished_goes():
    event = with_people("maria@example.org")
    change_state(event.pk, "cancelled")
    unpublish(event)

    deliver_all()

    assert told() == [("maria@example.org", "sent", "Paris")]


def hidden():
    """Of each mail that says that the event is not published: to whom, what became of it, and the town then."""
    rows = OutgoingMail.objects.filter(kind="event_hidden").order_by("pk")
    return [(row.to, str(row.state), row.params["before"]["city"]) for row in rows]


def test_who_has_a_seat_is_told_of_an_event_that_stays_off_for_an_hour(time_machine):
    time_machine.move_to(NOON, tick=False)
    event = with_people("maria@example.org")
    admit(event, 1)
    come(event, "late@example.org")  # waits
    deliver_all()
    unpublish(event)
    deliver_all()
    at_once = hidden()

    time_machine.shift(dt.timedelta(hours=1))
    deliver_all()
    later = hidden()
    change(event)

    assert (at_once, later) == ([("maria@example.org", "queued", "Paris")], [("maria@example.org", "sent", "Paris")])
    assert told() == [("maria@example.org", "queued", "Paris")]


def test_change_that_has_not_left_is_told_with_that_the_event_is_back(time_machine):
    time_machine.move_to(NOON, tick=False)
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    unpublish(event)
    time_machine.shift(dt.timedelta(hours=1))
    with translation.override("en"):
        deliver_all()
        change(event)
        body = deliver_all()[-1].body

    assert (hidden(), told()) == (
        [("maria@example.org", "sent", "Paris")],
        [("maria@example.org", "withheld", "Paris"), ("maria@example.org", "sent", "Paris")],
    )
    assert ("Paris" in body, "Lyon" in body) == (True, True)


@pytest.mark.parametrize("mended", [{}, {"city": "Lyon"}])
def test_event_that_is_back_within_the_hour_was_never_off(mended):
    event = with_people("maria@example.org")
    unpublish(event)
    change(event, **mended)

    assert hidden() == [("maria@example.org", "withheld", "Paris")]
    assert told() == [("maria@example.org", "queued", "Paris")] * len(mended)


def without_date(event):
    change(event, precision="month")


def put_off(event):
    change_state(event.pk, "postponed")


@pytest.mark.parametrize("before", [put_off, without_date])
def test_nobody_is_told_that_what_calendars_do_not_show_is_off(before):
    event = with_people("maria@example.org")
    before(event)
    deliver_all()

    unpublish(event)

    assert hidden() == []


def test_event_that_is_over_is_taken_off_in_silence():
    with time_machine.travel(NOON, tick=False):
        event = with_people("maria@example.org")

    with time_machine.travel(event.ends_at, tick=False):
        unpublish(event)

    assert hidden() == []


def test_event_that_is_called_off_while_it_is_off_is_told_when_it_is_back(time_machine):
    time_machine.move_to(NOON, tick=False)
    event = with_people("maria@example.org")
    unpublish(event)
    time_machine.shift(dt.timedelta(hours=1))
    deliver_all()
    change_state(event.pk, "cancelled")
    change(event)

    assert (mails("event_cancelled"), mails("event_changed")) == (["maria@example.org"], [])


def move(event):
    change(event, city="Lyon")


def call_off(event):
    change_state(event.pk, "cancelled")


@pytest.mark.parametrize("act", [move, call_off])
def test_registrants_are_left_in_peace_once_the_event_is_over(act):
    with time_machine.travel(NOON, tick=False):
        event = with_people("maria@example.org")

    with time_machine.travel(event.ends_at, tick=False):
        act(event)

    assert mails() == []


def test_registrants_are_told_when_an_event_that_was_over_by_mistake_is_not():
    with time_machine.travel(NOON, tick=False):
        event = with_people("maria@example.org")
        right = event.starts_on + DAY
        change(event, starts_on=NOON.date() - DAY)
        between = mails()

        change(event, starts_on=right)

    assert (between, mails()) == ([], ["maria@example.org"])


# --- calendars


def entries(event):
    return dict(event.calendar_entries.values_list("language", "digest"))


def test_calendars_are_told_by_every_way_of_publishing():
    tree = make_tree("fr")["fr"]
    event = make_event(live=False)
    found = [entries(event)]

    change(event)
    found.append(entries(event))
    page = event_page(tree["agenda"], event, "Words")
    found.append(entries(event))
    page.title = "Other words"
    page.save_revision().publish()
    found.append(entries(event))
    page.unpublish()
    found.append(entries(event))
    change_state(event.pk, "cancelled")
    found.append(entries(event))
    unpublish(event)
    found.append(entries(event))

    digests = [rows.get("fr") for rows in found]
    assert [len(rows) for rows in found] == [0] + [9] * 6
    # Without its words it is called by its working title again.
    assert digests[4] == digests[1]
    assert len(set(digests)) == 6


def test_calendars_are_told_when_words_are_deleted():
    tree, event = make_tree("fr")["fr"], make_event()
    before = entries(event)
    page = event_page(tree["agenda"], event, "Words")

    page.delete()

    assert entries(event) == before


def test_calendars_are_not_told_of_drafts_of_words():
    tree, event = make_tree("fr")["fr"], make_event()
    page = event_page(tree["agenda"], event, "Words")
    before = entries(event)

    page.title = "Drafted words"
    page.save_revision()

    assert entries(event) == before


def test_calendars_are_told_in_the_transaction_of_the_state():
    event = make_event()
    event.last_dates["timezone"] = "Mars/Olympus"
    event.save(update_fields=["last_dates"])
    before = CalendarEntry.objects.count()

    with pytest.raises(Exception, match="Mars"):
        change_state(event.pk, "cancelled")

    assert (stored(event).state, stored(event).sequence, CalendarEntry.objects.count()) == ("confirmed", 0, before)


def test_a_link_to_take_part_that_changes_is_told_to_those_online_alone():
    event = make_event(is_online=True)
    admit(event, 2, 2)
    rows = [come(event, "a@example.org", way="online"), come(event, "b@example.org")]
    deliver_all()

    for link in ("https://meet.example/1", "https://meet.example/2"):
        change(event, online_link=link)
        deliver_all()

    sent = OutgoingMail.objects.filter(kind="event_changed")
    assert [row.to for row in sent] == ["a@example.org"] * 2
    assert "https://meet.example" not in str(list(sent.values()))
    assert "https://meet.example/2" in mail.outbox[-1].body
    assert stored(event).sequence == event.sequence
    assert stored(rows[1]).told == event.told()
