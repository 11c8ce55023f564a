"""Before an act that people hear of, the hub says who will, and in which language; then it is done."""

from __future__ import annotations

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from events.foresight import foresee
from events.models import AuditLine, Event, Registration
from events.models.event import State
from events.publication import change_state
from portal.base.models import OutgoingMail
from tests.admin.conftest import told
from tests.admin.people import registered, several
from tests.events.publishing import draft
from tests.factories import admit, make_event, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(porto):
    return make_event("Formation", cite=porto)


def press(client, event, name, **data):
    return client.post(f"/admin/events/{event.pk}/{name}/", data)


def read(answer):
    """The page that asks: heading, what changes, people, mails, and its form."""
    page = BeautifulSoup(answer.content, "html.parser")
    main = page.select_one(".below-hub")
    cells = [[cell.text.strip() for cell in row.select("th, td")] for row in main.select("tbody tr")]
    people = [" ".join(item.text.split()) for item in main.select("ol li")]
    form = main.select_one("form")
    hidden = {field["name"]: field["value"] for field in form.select("[type=hidden]")}
    hidden.pop("csrfmiddlewaretoken", None)
    return main.select_one("h2").text, cells, people, (form["action"], hidden)


NAMED = (("Ada", "Français"), ("Bea", "Français"), ("Cem", "Italiano"))


def named(answer):
    """Who is named as somebody who hears of it."""
    page = BeautifulSoup(answer.content, "html.parser")
    return [" ".join(item.text.split()) for item in page.select(".hub-people li")]


def test_more_seats_say_first_who_is_offered_one(editor, event):
    admit(event, 1)
    registered(event, "a@example.org")
    registered(event, "b@example.org", name="Bea", language="it", organisation="CIOFS")
    registered(event, "c@example.org", name="Cem", language="de")
    registered(event, "d@example.org", name="Dan", language="de")
    mails = OutgoingMail.objects.count()

    answer = press(editor, event, "admission", seats_on_site="3", seats_online="0")
    asked = (stored(event).admission.seats_on_site, OutgoingMail.objects.count() - mails)
    heading, cells, people, (action, hidden) = read(answer)
    done = editor.post(action, hidden | {"confirm": "1"})

    assert (answer.status_code, asked) == (200, (1, 0))
    assert (heading, people) == (
        "2 people get a mail about it.",
        ["Bea · on site · Italiano · CIOFS", "Cem · on site · Deutsch"],
    )
    assert cells == [["seat offered", "Italian", "1"], ["seat offered", "German", "1"]]
    assert "1 person still waits." in " ".join(answer.content.decode().split())
    assert (done["Location"], told(done)) == (f"/admin/events/{event.pk}/", ["Seats and rules are changed."])
    assert stored(event).admission.seats_on_site == 3
    assert list(Registration.objects.filter(state="offered").values_list("name", flat=True)) == ["Bea", "Cem"]


def test_fewer_limits_of_a_quota_are_foreseen_as_well(editor, event):
    admit(event, 5, quota_by="country", quota_each=1)
    several(event, 2)

    answer = press(editor, event, "admission", seats_on_site="5", seats_online="0", quota_by="", quota_each="")

    assert read(answer)[2] == ["Person 1 · on site · Français"]


def test_seats_that_concern_nobody_change_at_once(editor, event):
    admit(event, 2)
    registered(event)

    answer = press(editor, event, "admission", seats_on_site="5", seats_online="0")

    assert (answer.status_code, stored(event).admission.seats_on_site) == (302, 5)


def test_confirmed_post_needs_no_page_before(editor, event):
    admit(event, 1)
    several(event, 2)

    answer = press(editor, event, "admission", seats_on_site="2", seats_online="0", confirm="1")

    assert (answer.status_code, Registration.objects.filter(state="offered").count()) == (302, 1)


def test_cancelling_says_first_who_is_told(editor, event):
    admit(event)
    registered(event, "a@example.org", name="Cem", language="it")
    registered(event, "b@example.org", name="Bea", language="fr")
    registered(event, "c@example.org", name="Ada", language="fr")

    answer = press(editor, event, "state", state="cancelled", why="The room is flooded")
    before = stored(event).state
    heading, cells, people, (action, hidden) = read(answer)
    done = editor.post(action, hidden | {"confirm": "1"})

    assert (before, heading, people) == (State.CONFIRMED, "3 people get a mail about it.", [])
    assert named(answer) == [f"{name} · confirmed · {tongue}" for name, tongue in NAMED]
    assert cells == [
        ["State", "confirmed", "cancelled"],
        ["event cancelled", "French", "2"],
        ["event cancelled", "Italian", "1"],
    ]
    assert told(done) == ["The event is now: cancelled."]
    line = AuditLine.objects.filter(what="state").get()
    assert (line.user.username, line.data["why"]) == ("editor", "The room is flooded")
    assert OutgoingMail.objects.filter(kind="event_cancelled").count() == 3


def test_state_that_nobody_hears_of_changes_at_once(editor, event):
    answer = press(editor, event, "state", state="cancelled")

    assert (answer.status_code, stored(event).state) == (302, State.CANCELLED)


def test_publishing_another_date_says_first_what_changes_for_whom(editor, event):
    admit(event)
    registered(event, language="it")
    day = event.starts_on + dt.timedelta(days=7)
    draft(event, starts_on=day, city="Braga")

    answer = press(editor, event, "publish")
    before = stored(event)
    heading, cells, _people, (action, hidden) = read(answer)
    done = editor.post(action, hidden | {"confirm": "1"})

    assert (before.starts_on, before.city, before.sequence) == (event.starts_on, "Paris", event.sequence)
    assert (heading, named(answer)) == ("1 person gets a mail about it.", ["Maria · confirmed · Italiano"])
    assert [row[0] for row in cells] == ["When", "Where", "change of the event"]
    assert (cells[1][1:], cells[2][1:]) == (["Paris, France", "Braga, France"], ["Italian", "1"])
    assert told(done) == ["“Formation” is public now."]
    assert (stored(event).starts_on, stored(event).city) == (day, "Braga")
    assert OutgoingMail.objects.filter(kind="event_changed").count() == 1


def test_publishing_what_nobody_is_told_is_done_at_once(editor, event):
    admit(event)
    registered(event)
    draft(event, name="Training")

    answer = press(editor, event, "publish")

    assert (answer.status_code, stored(event).name) == (302, "Training")


def test_incomplete_draft_says_why_and_asks_nothing(editor, event):
    admit(event)
    registered(event)
    drafted = stored(event).get_latest_revision_as_object()
    drafted.starts_on = None
    drafted.save_revision(clean=False)

    answer = press(editor, event, "publish")

    assert told(answer) == ["Not published. first day: Give the first day, or choose “to be confirmed”."]


def test_what_is_foreseen_is_not_done(event, django_capture_on_commit_callbacks):
    admit(event)
    registered(event)
    rows = (OutgoingMail.objects.count(), AuditLine.objects.count(), stored(event).sequence)

    with django_capture_on_commit_callbacks() as callbacks:
        foresight = foresee(event, lambda: change_state(event.pk, State.CANCELLED))

    assert (foresight.people, bool(foresight)) == (1, True)
    assert (OutgoingMail.objects.count(), AuditLine.objects.count(), stored(event).sequence) == rows
    assert (stored(event).state, callbacks) == (State.CONFIRMED, [])


def test_past_event_tells_nobody_and_asks_nothing(editor, event):
    admit(event)
    registered(event)
    Event.objects.filter(pk=event.pk).update(
        begins_at=timezone.now() - dt.timedelta(days=2), ends_at=timezone.now() - dt.timedelta(days=1)
    )

    answer = press(editor, event, "state", state="cancelled")

    assert answer.status_code == 302
