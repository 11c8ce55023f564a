"""What every kind of fact promises: published facts are everybody's, and no revision writes what is kept."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from events.models import Event, EventPage
from events.publication import change_state
from events.registration import register
from home.models import Cite
from portal.base.facts import has_protecting_rows
from tests.events.publishing import change, draft, half_day, sessions, unpublish, with_sessions
from tests.factories import (
    admit,
    applicant,
    cite_page,
    event_page,
    make_cite,
    make_event,
    make_practice,
    make_project,
    make_tree,
    make_user,
    practice_page,
    stored,
)
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

LATER = dt.timedelta(hours=1)


def kept(event):
    row = stored(event)
    return row.state, row.sequence, row.uuid, row.original_language, row.last_dates


# --- what the public may see


def test_published_are_live_facts_only():
    live, gone = make_event("live"), make_event("gone")
    make_event("draft", live=False)
    unpublish(gone)

    found = list(Event.objects.published())

    assert found == [live]


@pytest.mark.parametrize("kind", [PageViewRestriction.PASSWORD, PageViewRestriction.LOGIN, PageViewRestriction.GROUPS])
def test_published_leaves_out_facts_with_private_words(kind):
    tree, hidden, shown = make_tree("fr")["fr"], make_event("hidden"), make_event("shown")
    page = event_page(tree["agenda"], hidden)
    event_page(tree["agenda"], shown)

    PageViewRestriction.objects.create(page=page, restriction_type=kind, password="secret")

    assert list(Event.objects.published()) == [shown]


def test_published_leaves_out_facts_whose_words_are_below_a_private_page():
    tree = make_tree("fr")["fr"]
    cites, events, practices = [], [], []
    for slug in ("hidden", "shown"):
        cite = make_cite(slug)
        page = cite_page(tree["network"], cite)
        cites, events = [*cites, page], [*events, make_event(slug, cite=cite)]
        practices.append(make_practice(slug, cite=cite))
        event_page(page, events[-1])
        practice_page(page, practices[-1])

    PageViewRestriction.objects.create(page=cites[0], restriction_type=PageViewRestriction.LOGIN)

    models_of = (Cite, Event, type(practices[0]))
    assert [[str(row) for row in model.objects.published()] for model in models_of] == [
        ["Cité shown"],
        ["shown"],
        ["shown"],
    ]


def test_published_does_not_mind_private_drafts_and_other_pages():
    trees, event = make_tree("fr", "en"), make_event()
    event_page(trees["fr"]["agenda"], event)
    hidden = event_page(trees["en"]["agenda"], event, live=False)

    for page in (hidden, trees["fr"]["network"]):
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)

    assert list(Event.objects.published()) == [event]


def test_published_facts_need_no_words():
    event = make_event()

    assert list(Event.objects.published()) == [event]


# --- what no revision writes


def test_an_old_draft_does_not_undo_what_happened_since():
    event = make_event()
    admit(event, 5)
    old = draft(event, name="An old draft", state="planned", sequence=0, uuid=uuid.uuid4(), original_language="bg")
    change(event, starts_on=event.starts_on + dt.timedelta(days=1))
    row = register(event.pk, applicant())
    change_state(event.pk, "cancelled")
    before = kept(event)

    old.publish()

    state, sequence, *same = before
    after = kept(event)
    assert (after[0], after[2:4]) == (state, tuple(same[:2])) == ("cancelled", (event.uuid, "fr"))
    # Its date is another again: that is told.
    assert (sequence, after[1]) == (2, 3)
    assert stored(event).name == "An old draft"
    assert (stored(row).state, stored(event).admission.seats_on_site) == ("pending", 5)


def test_an_old_draft_of_the_same_facts_changes_nothing_that_is_kept():
    event = make_event()
    old = draft(event)
    change_state(event.pk, "cancelled")
    before = kept(event)

    old.publish()

    assert kept(event) == before
    assert before[:2] == ("cancelled", 1)


def test_a_revert_in_the_admin_does_not_undo_what_happened_since(client):
    event = with_sessions("morning", "afternoon")
    first, before_that = stored(event).latest_revision, sessions(event)
    change(event, name="Another name", sessions=[half_day(event, "evening")])
    change_state(event.pk, "cancelled")
    was = kept(event)
    client.force_login(make_user(is_coordinator=True))
    url = reverse("events:revisions_revert", args=[event.pk, first.pk])

    data = posted(client.get(url))
    response = client.post(url, {**data, "action-publish": "1"})

    assert (response.status_code, stored(event).name) == (302, "Rencontre")
    assert kept(event) == was
    assert [row[1:] for row in sessions(event)] == [row[1:] for row in before_that]


def test_a_scheduled_draft_does_not_undo_what_happened_since(time_machine):
    event = make_event()
    time = timezone.now()
    scheduled = draft(event, name="Scheduled", go_live_at=time + LATER)
    scheduled.publish()
    change_state(event.pk, "cancelled")
    before = kept(event)

    call_command("publish_scheduled")
    early = stored(event).name
    time_machine.move_to(time + 2 * LATER)
    call_command("publish_scheduled")

    assert (early, stored(event).name) == ("Rencontre", "Scheduled")
    assert kept(event) == before
    assert stored(event).live


def test_scheduling_a_draft_leaves_the_live_row_alone():
    event = make_event()
    later = draft(event, name="Later", go_live_at=timezone.now() + LATER)

    later.publish()

    row = stored(event)
    assert (row.live, row.go_live_at, row.name, row.sequence) == (True, None, "Rencontre", 0)


def test_an_event_that_expires_is_unpublished_and_told(time_machine):
    event = change(make_event(), expire_at=timezone.now() + LATER)

    time_machine.move_to(timezone.now() + 2 * LATER)
    call_command("publish_scheduled")

    assert (stored(event).live, stored(event).expired, stored(event).sequence) == (False, True, 1)


def test_a_stale_copy_in_memory_does_not_undo_what_happened_since():
    event = make_event()
    stale = stored(event)
    change_state(event.pk, "cancelled")

    stale.name = "Saved by somebody who loaded it before"
    stale.save()

    assert (stored(event).state, stored(event).sequence, stored(event).name) == ("cancelled", 1, stale.name)


def test_a_stale_revision_in_memory_does_not_undo_what_happened_since():
    event = make_event()
    revision = draft(event, name="Drafted")
    assert revision.content_object.state == "confirmed"
    change_state(event.pk, "cancelled")

    revision.publish()

    assert (stored(event).state, stored(event).sequence, stored(event).name) == ("cancelled", 1, "Drafted")


def test_a_draft_shows_what_is_kept_as_it_is_now():
    event = make_event()
    draft(event, name="Drafted")
    change_state(event.pk, "postponed")

    shown = stored(event).get_latest_revision_as_object()

    assert (shown.name, shown.state, shown.sequence, shown.uuid) == ("Drafted", "postponed", 1, event.uuid)


# --- saving


@pytest.mark.django_db(transaction=True)
def test_save_writes_all_or_nothing():
    event = with_sessions("morning")
    before, same = sessions(event), uuid.uuid4()
    broken = draft(event, name="Half", sessions=[half_day(event, uuid=same), half_day(event, "evening", uuid=same)])

    with pytest.raises(IntegrityError):
        broken.publish()

    assert (stored(event).name, sessions(event)) == ("Rencontre", before)


def test_save_of_named_fields_writes_no_others():
    event = make_event()
    change_state(event.pk, "cancelled")
    stale = event

    stale.name = "Renamed"
    stale.save(update_fields=["name"])

    assert (stored(event).name, stored(event).state, stored(event).sequence) == ("Renamed", "cancelled", 1)


# --- words


def test_original_language_is_that_of_the_first_words():
    trees, event = make_tree("fr", "en"), make_event(original_language="")

    event_page(trees["en"]["agenda"], event, live=False)
    event_page(trees["fr"]["agenda"], event)

    assert stored(event).original_language == "en"


def test_words_need_facts_and_are_written_once_a_language():
    tree, event = make_tree("fr")["fr"], make_event()
    page = event_page(tree["agenda"], event)

    for facts in ({"event": None}, {"event": event}):
        with pytest.raises(ValidationError):
            EventPage(title="Second", slug="second", locale=page.locale, path="x", depth=1, **facts).clean()

    page.clean()


# --- deleting


def test_facts_are_deletable_until_they_were_public_or_in_use():
    tree = make_tree("fr")["fr"]
    unused, written, admitting = (make_event(name, live=False) for name in ("unused", "written", "admitting"))
    event_page(tree["agenda"], written, live=False)
    admit(admitting)
    cite, hosting = make_cite("unused", live=False), make_cite("hosting", live=False)
    make_event("hosted", live=False, cite=hosting)

    found = [stored(fact).is_deletable() for fact in (unused, written, admitting, cite, hosting)]

    assert found == [True, False, False, True, False]


def test_facts_that_were_public_once_are_not_deletable():
    facts = [make_event(), make_cite(), make_project(), make_practice()]
    for fact in facts:
        fact.unpublish()

    found = [stored(fact).is_deletable() for fact in facts]

    assert found == [False] * 4


def test_only_protecting_rows_keep_a_fact():
    event = with_sessions("morning")

    assert not has_protecting_rows(event)
