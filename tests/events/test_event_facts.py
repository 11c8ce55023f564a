import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from events.models import Event, Session
from events.publication import change_state
from tests.events.publishing import change, draft, half_day, unpublish, with_sessions
from tests.factories import admit, event_page, make_cite, make_event, make_project, make_tree, make_user, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TELLING = {
    "precision": "day",
    "starts_on": dt.date(2027, 3, 1),
    "ends_on": dt.date(2028, 3, 1),
    "start_time": dt.time(10),
    "end_time": dt.time(18),
    "timezone": "Europe/Lisbon",
    "place_name": "Salle B",
    "address": "2, rue Neuve",
    "city": "Lyon",
    "country": "BE",
    "latitude": 48.5,
    "longitude": 2.5,
    "is_online": True,
}
NOT_TELLING = {
    "name": "Another name",
    "kind": "webinar",
    "languages": ["fr", "en"],
    "contact_name": "Accueil",
    "contact_email": "accueil@example.org",
    "online_link": "https://meet.example.org/x",
    "is_demonstration": True,
}


def sequence(event):
    return stored(event).sequence


# --- what raises the sequence


@pytest.mark.parametrize("name", TELLING)
def test_sequence_rises_by_one_when_a_telling_fact_changes(name):
    event = make_event()

    change(event, **{name: TELLING[name]})
    once = sequence(event)
    change(event)

    assert (once, sequence(event)) == (1, 1)


@pytest.mark.parametrize("name", NOT_TELLING)
def test_sequence_stays_when_another_fact_changes(name):
    event = make_event()

    changed = change(event, **{name: NOT_TELLING[name]})

    assert (getattr(changed, name), sequence(event)) == (NOT_TELLING[name], 0)


def test_sequence_knows_every_field_of_an_event():
    derived = {"begins_at", "ends_at", "sequence", "last_dates", "uuid", "original_language", "id", "state"}
    wagtails = {
        *("live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision", "go_live_at"),
        *("expire_at", "expired", "latest_revision", "locked", "locked_at", "locked_by"),
    }

    names = {field.name for field in Event._meta.concrete_fields}

    # A new field is told to calendars, or it is not: somebody has to say so.
    assert names - derived - wagtails == {*TELLING, *NOT_TELLING, "cite", "project"}


def test_sequence_rises_once_for_many_changes_at_once():
    event = make_event()

    change(event, **TELLING, **NOT_TELLING)

    assert sequence(event) == 1


def test_sequence_stays_for_host_project_sessions_and_seats():
    event = make_event()

    change(event, cite=make_cite(), project=make_project())
    change(event, sessions=[half_day(event)])
    admit(event, 10)

    assert sequence(event) == 0


def test_sequence_stays_until_the_first_publication():
    event = make_event(live=False)

    draft(event, starts_on=event.starts_on + DAY)
    change_state(event.pk, "cancelled")
    change_state(event.pk, "confirmed")
    published = change(event, city="Lyon")

    assert (published.live, published.sequence) == (True, 0)


def test_sequence_stays_for_drafts_and_locks():
    event = make_event()

    draft(event, **TELLING)
    row = stored(event)
    row.locked = True
    row.save()

    assert sequence(event) == 0


def test_sequence_rises_with_the_state_unpublishing_and_republishing():
    event = make_event(state="planned")

    found = [sequence(event)]
    for state in ("confirmed", "postponed", "cancelled", "confirmed"):
        change_state(event.pk, state)
        found.append(sequence(event))
    unpublish(event)
    found.append(sequence(event))
    change(event)
    found.append(sequence(event))

    assert found == [0, 1, 2, 3, 4, 5, 6]


def test_sequence_stays_for_drafts_of_an_unpublished_event(client):
    event = make_event()
    unpublish(event)
    client.force_login(make_user(is_coordinator=True))
    url = reverse("events:edit", args=[event.pk])

    # Wagtail writes them to the row itself, every half second while somebody types.
    client.post(url, {**posted(client.get(url)), "city": "Lyon"})

    assert (stored(event).city, stored(event).live, sequence(event)) == ("Lyon", False, 1)
    assert change(event).sequence == 2


def test_sequence_rises_by_an_old_draft_that_tells_something_else():
    event = make_event()
    old = draft(event)
    change(event, city="Lyon")

    old.publish()

    assert (stored(event).city, sequence(event)) == ("Paris", 2)


# --- the last dates that calendars were told


def dates(event, **changed):
    facts = {
        "precision": "time",
        "starts_on": event.starts_on.isoformat(),
        "ends_on": event.starts_on.isoformat(),
        "start_time": "09:00:00",
        "end_time": "17:00:00",
        "timezone": "Europe/Paris",
    }
    return {**facts, **changed}


def test_last_dates_are_those_that_were_published_last():
    event = make_event()
    first = stored(event).last_dates
    last_day = event.starts_on + DAY

    change(event, ends_on=last_day, timezone="Europe/Lisbon")
    draft(event, starts_on=last_day)

    told = dates(event, ends_on=last_day.isoformat(), timezone="Europe/Lisbon")
    assert (first, stored(event).last_dates) == (dates(event), told)


@pytest.mark.parametrize(
    "vague",
    [
        {"precision": "month"},
        {"precision": "year"},
        {"precision": "unknown"},
        {"precision": "unknown", "starts_on": None},
    ],
)
def test_last_dates_stay_when_the_date_is_open_again(vague):
    event = make_event()

    changed = change(event, **vague)

    assert changed.last_dates == dates(event)


def test_last_dates_of_a_draft_or_a_vague_event_are_not_there():
    events = [make_event(live=False), make_event(precision="month")]

    assert [stored(event).last_dates for event in events] == [None, None]


def test_last_dates_stay_while_an_event_is_unpublished():
    event = make_event()
    unpublish(event)

    row = stored(event)
    row.starts_on += DAY
    row.save()

    assert stored(event).last_dates == dates(event)


def test_last_dates_of_whole_days_keep_no_promise_of_times():
    event = make_event(precision="day", start_time=None, end_time=None)

    assert event.last_dates == dates(event, precision="day", start_time=None, end_time=None)


# --- derived times


def test_times_of_lists_follow_the_facts_on_every_save():
    with time_machine.travel(NOW, tick=False):
        event = make_event(in_days=4)
    before = (event.begins_at, event.ends_at)

    moved = change(event, timezone="Indian/Reunion")

    assert before == (dt.datetime(2027, 1, 14, 8, tzinfo=dt.UTC), dt.datetime(2027, 1, 14, 16, tzinfo=dt.UTC))
    assert (moved.begins_at, moved.ends_at) == (
        dt.datetime(2027, 1, 14, 5, tzinfo=dt.UTC),
        dt.datetime(2027, 1, 14, 13, tzinfo=dt.UTC),
    )
    zone = ZoneInfo("Indian/Reunion")
    assert (moved.local_start, moved.local_end) == (
        dt.datetime(2027, 1, 14, 9, tzinfo=zone),
        dt.datetime(2027, 1, 14, 17, tzinfo=zone),
    )


@pytest.mark.parametrize("precision", ["day", "month", "year", "unknown"])
def test_local_times_are_known_only_where_the_time_is(precision):
    event = make_event(precision=precision)

    assert (event.local_start, event.local_end) == (None, None)


@time_machine.travel(NOW, tick=False)
def test_event_is_over_at_its_end_and_never_without_one():
    running = make_event(starts_on=NOW.date(), start_time=dt.time(9), end_time=dt.time(13, 0, 1))
    over = make_event(starts_on=NOW.date(), start_time=dt.time(9), end_time=dt.time(13))
    someday = make_event(precision="unknown", starts_on=None)

    assert [event.is_over for event in (running, over, someday)] == [False, True, False]


# --- lists


@time_machine.travel(NOW, tick=False)
def test_upcoming_and_past_share_out_all_events():
    someday = make_event("someday", precision="unknown", starts_on=None)
    later, soon, running = (
        make_event("later", in_days=9),
        make_event("soon", in_days=1),
        make_event("running", in_days=0),
    )
    year = make_event("year", precision="year", starts_on=NOW.date())
    yesterday, long_ago = make_event("yesterday", in_days=-1), make_event("long ago", in_days=-900)

    found = Event.objects.upcoming(), Event.objects.past()

    assert [list(rows) for rows in found] == [[year, running, soon, later, someday], [yesterday, long_ago]]


def test_upcoming_becomes_past_at_the_very_end():
    event = make_event()

    before, after = event.ends_at - dt.timedelta(microseconds=1), event.ends_at

    assert [list(Event.objects.upcoming(moment)) for moment in (before, after)] == [[event], []]
    assert [list(Event.objects.past(moment)) for moment in (before, after)] == [[], [event]]


def test_shown_are_published_events_that_were_no_mistake():
    shown = [make_event(state, state=state) for state in ("planned", "confirmed", "postponed", "cancelled")]
    make_event("withdrawn", state="withdrawn")
    make_event("draft", live=False)
    unpublish(make_event("unpublished"))

    found = Event.objects.shown().order_by("pk")

    assert list(found) == shown
    assert [event.is_shown for event in Event.objects.order_by("pk")] == [True] * 4 + [False] * 3


def test_speaking_finds_one_of_several_languages():
    both, french = make_event("both", languages=["en", "fr"]), make_event("french", languages=["fr"])
    make_event("silent")

    found = [list(Event.objects.speaking(code).order_by("pk")) for code in ("fr", "en", "f", "", "%")]

    assert found[:3] == [[both, french], [both], []]
    assert found[4] == []


def test_of_cite_are_those_that_it_hosts():
    cite = make_cite()
    hosted = make_event(cite=cite)
    make_event("of the network")

    assert list(Event.objects.of_cite(cite)) == [hosted]


# --- one row


def test_event_is_checked_before_it_is_published():
    event = Event(name="x", kind="party", precision="time", country="XX", latitude=91, contact_email="no address")

    with pytest.raises(ValidationError) as refused:
        event.full_clean()

    assert sorted(refused.value.message_dict) == ["contact_email", "country", "kind", "latitude", "starts_on"]


def test_session_ends_after_it_begins():
    session = Session(on=dt.date(2027, 1, 14), part="morning", opens=dt.time(9), closes=dt.time(9))

    with pytest.raises(ValidationError) as refused:
        session.clean()

    assert list(refused.value.message_dict) == ["closes"]


@pytest.mark.parametrize(
    ("facts", "has_place", "is_hybrid"),
    [
        ({"city": ""}, False, False),
        ({}, True, False),
        ({"city": "", "place_name": "Salle"}, True, False),
        ({"city": "", "is_online": True}, False, False),
        ({"is_online": True}, True, True),
    ],
)
def test_event_takes_place_somewhere_or_online_or_both(facts, has_place, is_hybrid):
    event = make_event(**facts)

    assert (event.has_place, event.is_hybrid) == (has_place, is_hybrid)


def test_told_changes_with_what_people_must_know_and_nothing_else():
    event = make_event()
    first = event.told()

    same = [first == stored(event).told()]
    for name, value in {**NOT_TELLING, "latitude": 1.0, "longitude": 1.0}.items():
        same.append(change(event, **{name: value}).told() == first)
    others = {name: change(event, **{name: value}).told() for name, value in TELLING.items()}

    assert set(same) == {True}
    assert len({str(told) for told in (first, *others.values())}) == len(TELLING) - 2 + 1


def test_address_of_an_event_is_the_same_after_everything():
    trees, event = make_tree("fr", "en"), make_event()
    event_page(trees["en"]["agenda"], event)

    addresses = [event.get_absolute_url(), change(event, name="Other").get_absolute_url()]

    assert addresses == [f"/fr/event/{event.pk}/"] * 2


def test_sessions_are_kept_with_their_event():
    event = with_sessions("morning", "afternoon")

    assert [str(session) for session in event.sessions.all()] == [
        f"{event.starts_on} {part}"
        for part in (Session(part=name).get_part_display() for name in ("morning", "afternoon"))
    ]
