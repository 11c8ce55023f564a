"""Half-days keep who they are, whatever revision is published, because attendance will point to them."""

import uuid

import pytest
from django.db import connection, models
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from events.models import Session
from portal.base.facts import with_own_uuids
from tests.events.publishing import change, draft, half_day, sessions, with_sessions
from tests.factories import make_event, make_user, stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db


def test_sessions_keep_uuid_and_key_when_published_again():
    event = with_sessions("morning", "afternoon")
    before = sessions(event)
    revision = stored(event).latest_revision
    assert [row["pk"] for row in revision.content["sessions"]] == [None, None]

    revision.publish()
    revision.publish()

    assert sessions(event) == before


def test_sessions_added_in_a_draft_keep_their_key_through_later_drafts():
    event = with_sessions("morning")
    first = draft(event, sessions=[*stored(event).sessions.all(), half_day(event, "afternoon")])
    second = draft(event, name="Drafted after it")
    first.publish()
    before = sessions(event)

    second.publish()

    assert (sessions(event), stored(event).name) == (before, "Drafted after it")
    assert [part for _pk, _uuid, part, _withdrawn in before] == ["morning", "afternoon"]


def test_sessions_that_nothing_points_to_are_deleted():
    event = with_sessions("morning", "afternoon")
    morning = sessions(event)[0]

    change(event, sessions=[stored(event).sessions.get(pk=morning[0])])

    assert sessions(event) == [morning]


def test_a_session_that_was_deleted_comes_back_with_its_uuid():
    event = with_sessions("morning", "afternoon")
    old, before = stored(event).latest_revision, sessions(event)
    change(event, sessions=[stored(event).sessions.get(part="morning")])

    old.publish()

    assert [row[1:] for row in sessions(event)] == [row[1:] for row in before]


def test_sessions_of_two_events_may_have_one_uuid():
    events = [make_event("one"), make_event("two")]
    same = uuid.uuid4()

    for event in events:
        change(event, sessions=[half_day(event, uuid=same)])
        change(event, name="again")

    assert [row[1] for event in events for row in sessions(event)] == [same, same]
    assert len({row[0] for event in events for row in sessions(event)}) == 2


@pytest.fixture
def attendances(transactional_db):
    """A table that points to sessions as attendance will."""

    class Attendance(models.Model):  # noqa: DJ008 - nobody reads it
        session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")

        class Meta:
            app_label = "events"

    with connection.schema_editor() as editor:
        editor.create_model(Attendance)
    yield Attendance
    with connection.schema_editor() as editor:
        editor.delete_model(Attendance)
    registry = Session._meta.apps
    del registry.all_models["events"]["attendance"]
    del Session.attendances
    registry.clear_cache()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_something_points_to_is_withdrawn(attendances):
    event = with_sessions("morning", "afternoon")
    morning, afternoon = sessions(event)
    attendances.objects.create(session_id=afternoon[0])

    change(event, sessions=[stored(event).sessions.get(pk=morning[0])])
    after = sessions(event)
    change(event, name="Once more")

    assert after == sessions(event) == [morning, (*afternoon[:3], True)]
    assert attendances.objects.get().session_id == afternoon[0]


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_younger_than_the_revision_is_withdrawn(attendances):
    event = with_sessions("morning")
    old = stored(event).latest_revision
    change(event, sessions=[*stored(event).sessions.all(), half_day(event, "evening")])
    morning, evening = sessions(event)
    attendances.objects.create(session_id=evening[0])

    old.publish()

    assert sessions(event) == [morning, (*evening[:3], True)]


@pytest.mark.django_db(transaction=True)
def test_a_session_that_was_withdrawn_comes_back_as_it_was(attendances):
    event = with_sessions("morning", "evening")
    old, before = stored(event).latest_revision, sessions(event)
    attendances.objects.create(session_id=before[1][0])
    change(event, sessions=[stored(event).sessions.get(part="morning")])
    between = [row[3] for row in sessions(event)]

    old.publish()

    assert (between, sessions(event)) == ([False, True], before)


def test_rows_posted_with_one_uuid_or_none_get_each_their_own():
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    values = [first, first, second, "", "", "nonsense", "nonsense"]
    data = {f"sessions-{index}-uuid": value for index, value in enumerate(values)}
    others = {"sessions-0-on": "", "sessions-x-uuid": "", "uuid": "", "sources-0-uuid": first}

    found = with_own_uuids(QueryDict(urlencode(data | others)), ["sessions"])

    uuids = [found[f"sessions-{index}-uuid"] for index in range(7)]
    assert [uuids[0], uuids[2], uuids[5]] == [first, second, "nonsense"]
    assert len({uuid.UUID(value) for value in uuids if value != "nonsense"}) == 6
    assert {key: found[key] for key in others} == others


def adding(event, data, *parts):
    """The same form with a row for each half-day, all with the uuid that the page gave to new rows."""
    same, first = str(uuid.uuid4()), int(data["sessions-TOTAL_FORMS"][0])
    for index, part in enumerate(parts, start=first):
        row = {"id": "", "on": event.starts_on.isoformat(), "part": part, "uuid": same, "ORDER": index + 1}
        data |= {f"sessions-{index}-{name}": value for name, value in row.items()}
    return {**data, "sessions-TOTAL_FORMS": first + len(parts)}


@pytest.fixture
def coordinator(client):
    client.force_login(make_user(is_coordinator=True))
    return client


def test_sessions_added_together_in_the_admin_are_published(coordinator):
    event = with_sessions("morning")
    url = reverse("events:edit", args=[event.pk])
    data = adding(event, posted(coordinator.get(url)), "afternoon", "evening")

    response = coordinator.post(url, {**data, "action-publish": "1"})

    assert response.status_code == 302
    assert [row[2:] for row in sessions(event)] == [("morning", False), ("afternoon", False), ("evening", False)]
    assert len({row[1] for row in sessions(event)}) == 3


def test_sessions_keep_their_uuid_from_one_autosave_to_the_next(coordinator):
    event = with_sessions("morning")
    url = reverse("events:edit", args=[event.pk])
    data = adding(event, posted(coordinator.get(url)), "afternoon", "evening")

    first = coordinator.post(url, data, headers={"accept": "application/json"}).json()
    data |= first["field_updates"] | {"overwrite_revision_id": first["revision_id"]}
    second = coordinator.post(url, data, headers={"accept": "application/json"}).json()

    uuids = [[found["field_updates"][f"sessions-{index}-uuid"] for index in range(3)] for found in (first, second)]
    assert uuids[0] == uuids[1]
    assert len(set(uuids[0])) == 3
    assert [row["uuid"] for row in stored(event).latest_revision.content["sessions"]] == uuids[0]
    assert [row[2:] for row in sessions(event)] == [("morning", False)]
