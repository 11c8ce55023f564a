import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone, translation

from events.models import CalendarEntry
from events.publication import TRANSITIONS, change_state
from events.registration import cancel, register
from portal.base.models import OutgoingMail
from tests.events.publishing import change, draft, unpublish
from tests.factories import admit, applicant, event_page, make_event, make_tree, make_user, stored

pytestmark = pytest.mark.django_db

STATES = list(TRANSITIONS)
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


def mails(kind="event_changed"):
    return list(OutgoingMail.objects.filter(kind=kind).order_by("pk").values_list("to", flat=True))


def with_people(*emails, **facts):
    event = make_event(**facts)
    admit(event)
    for email in emails:
        register(event.pk, applicant(email))
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
    assert {row.told for row in event.registrations.all()} == {stored(event).told()}


def test_registrants_are_told_each_time_something_changes():
    event = with_people("maria@example.org")

    change(event, city="Lyon")
    change(event, city="Paris")
    change_state(event.pk, "cancelled")

    keys = OutgoingMail.objects.filter(kind="event_changed").order_by("pk").values_list("key", flat=True)
    uuid = event.registrations.get().uuid
    assert list(keys) == [f"event:{event.uuid}:{number}:{uuid}" for number in (1, 2, 3)]


def test_registrants_who_came_after_a_change_are_not_told_of_it():
    event = with_people("maria@example.org")
    change(event, city="Lyon")
    register(event.pk, applicant("late@example.org"))

    change(event, kind="webinar")

    assert mails() == ["maria@example.org"]


def test_registrants_are_written_to_in_their_own_language():
    event = make_event()
    admit(event)
    for language in ("pt", "bg"):
        register(event.pk, applicant(f"{language}@example.org", language=language))

    change_state(event.pk, "postponed")

    found = OutgoingMail.objects.filter(kind="event_changed").order_by("pk").values_list("to", "language", "params")
    registrations = event.registrations.order_by("pk").values_list("pk", flat=True)
    assert list(found) == [
        ("pt@example.org", "pt", {"registration": registrations[0]}),
        ("bg@example.org", "bg", {"registration": registrations[1]}),
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
