"""What an editor does in the admin: log in, change opening hours, announce an event, publish."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from events.models import Event, EventPage, Session
from home.models import OpeningInterval
from portal.base.models import User
from practices.models import Chapter, Practice
from tests import factories
from tests.admin.conftest import logged_in, told
from tests.events.publishing import half_day
from tests.factories import stored
from tests.filled_forms import posted

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json"}


def publish(client, fact, *pages):
    """Press the button of the hub with these texts ticked."""
    name = fact.snippet_viewset.get_url_name("publish_all")
    return client.post(reverse(name, args=[fact.pk]), {"page": [page.pk for page in pages]})


def options(client, address, name):
    """What a select offers, in alphabetical order, and what is chosen."""
    field = BeautifulSoup(client.get(address).content, "html.parser").select_one(f"[name={name}]")
    offered = sorted(option.text.strip() for option in field.select("option"))
    return offered, [option.text.strip() for option in field.select("option[selected]")]


NONE = "---------"


def new_event(client, address="/admin/events/add/", **facts):
    filled = {
        "name": "Formation",
        "kind": "training",
        "starts_on": "2027-05-03",
        "start_time": "9:00",
        "end_time": "17:00",
    }
    return client.post(address, posted(client.get(address)) | filled | facts)


def begin(client):
    """What autosave sends when a new event has a name."""
    address = "/admin/events/add/"
    return client.post(address, posted(client.get(address)) | {"name": "Begun"}, **JSON)


# --- in


def test_login_is_in_the_language_of_the_browser(trees):
    answer = Client(headers={"Accept-Language": "pt"}).get("/admin/login/")

    assert BeautifulSoup(answer.content, "html.parser").html["lang"] == "pt"


def test_editor_logs_in_and_finds_what_is_hers(porto, lyon):
    user = factories.make_user("editor", cite=porto)
    UserProfile.objects.create(user=user, preferred_language="it")
    factories.make_event("Mine", cite=porto)
    factories.make_event("Theirs", cite=lyon)
    client = Client()

    first = client.post("/admin/login/", {"username": "editor", "password": "password"}, follow=True)

    page = BeautifulSoup(first.content, "html.parser")
    links = [link["href"] for link in page.select("#main .w-panel a[href]") if not link["href"].startswith("#")]
    assert (first.redirect_chain, page.html["lang"]) == ([("/admin/", 302)], "it")
    assert list(dict.fromkeys(links))[:5] == [
        f"/admin/cites/{porto.pk}/",
        f"/admin/events/{Event.objects.get(name='Mine').pk}/#hub-words-section",
        f"/admin/cites/{porto.pk}/colleagues/",
        f"/admin/events/{Event.objects.get(name='Mine').pk}/",
        "/admin/events/add/",
    ]


def test_menu_shows_an_editor_what_is_hers(editor):
    sidebar = BeautifulSoup(editor.get("/admin/").content, "html.parser").select_one("#wagtail-sidebar-props")

    menu = next(module for module in json.loads(sidebar.text)["modules"] if "MainMenu" in module["_type"])
    names = [item["_args"][0]["name"] for item in menu["_args"][0]]
    assert names == ["cites", "events", "registrations", "practices", "images", "explorer", "documents", "help"]


# --- facts


def hours(cite):
    return list(OpeningInterval.objects.filter(cite=cite).values_list("weekday", "opens", "closes"))


def test_opening_hours_are_drafted_then_published_in_the_hub(editor, porto):
    address = f"/admin/cites/edit/{porto.pk}/"
    row = {"weekday": "2", "opens": "09:30", "closes": "17:00", "ORDER": "1", "id": "", "DELETE": ""}
    rows = {f"intervals-0-{name}": value for name, value in row.items()}

    saved = editor.post(
        address, posted(editor.get(address)) | {"intervals-TOTAL_FORMS": "1", "are_hours_known": "on"} | rows
    )
    before = hours(porto)
    published = publish(editor, porto)

    hub = f"/admin/cites/{porto.pk}/"
    assert (saved.status_code, saved["Location"], before) == (302, hub, [])
    assert (published["Location"], told(published)[-1]) == (hub, "“Cité porto” is public now.")
    assert hours(porto) == [(2, dt.time(9, 30), dt.time(17))]
    assert "09:30" in Client().get("/fr/cite/porto/", follow=True).content.decode()


COORDINATORS_FIELDS = ["is_demonstration", "slug", "state", "state_read_from"]


@pytest.mark.parametrize(("who", "asked"), [("editor", []), ("coordinator", COORDINATORS_FIELDS)])
def test_some_fields_of_a_cite_are_for_coordinators(request, porto, who, asked):
    page = BeautifulSoup(request.getfixturevalue(who).get(f"/admin/cites/edit/{porto.pk}/").content, "html.parser")

    assert [name for name in COORDINATORS_FIELDS if page.select(f"[name={name}]")] == asked


def test_forged_fields_for_coordinators_change_nothing(editor, porto):
    address = f"/admin/cites/edit/{porto.pk}/"
    forged = {"slug": "paris", "state": "former", "state_read_from": "me", "is_demonstration": "on", "bearer": "Museum"}

    editor.post(address, posted(editor.get(address)) | forged | {"action-publish": "1"})

    row = stored(porto)
    assert [getattr(row, name) for name in COORDINATORS_FIELDS] == [False, "porto", "open", ""]
    assert row.bearer == "Museum"


def test_editor_who_restores_an_old_revision_keeps_what_the_coordinator_said(editor, porto):
    old = porto.latest_revision
    porto.state, porto.bearer = "former", "New"
    porto.save_revision().publish()
    address = f"/admin/cites/history/{porto.pk}/revisions/{old.pk}/revert/"

    edit = reverse("cites:edit", args=[porto.pk])
    editor.post(edit, posted(editor.get(address)) | {"action-publish": "1", "revision": str(old.pk)})

    row = stored(porto)
    assert (row.state, row.bearer) == ("former", "")


# --- a new event


def test_new_event_begins_with_what_its_host_says(editor, porto):
    for name, value in {"address": "Rua 1", "email": "porto@example.org", "latitude": 41.1}.items():
        setattr(porto, name, value)
    porto.save_revision().publish()

    filled = posted(editor.get("/admin/events/add/"))

    names = ("cite", "timezone", "place_name", "address", "city", "country", "latitude", "contact_email", "languages")
    assert {name: filled[name] for name in names} == {
        "cite": str(porto.pk),
        "timezone": "Europe/Lisbon",
        "place_name": ["Cité porto"],
        "address": ["Rua 1"],
        "city": ["Porto"],
        "country": "PT",
        "latitude": ["41.1"],
        "contact_email": ["porto@example.org"],
        "languages": ["fr", "pt"],
    }


def test_new_event_leads_to_its_words_and_both_are_published_together(editor, porto):
    saved = new_event(editor)
    event, page = Event.objects.get(), EventPage.objects.get()
    hidden = [Client().get(address).status_code for address in (f"/fr/event/{event.pk}/", "/fr/calendar/all.ics")]
    publish(editor, event, page)

    assert (saved["Location"], page.get_parent().specific.cite) == (f"/admin/pages/{page.pk}/edit/", porto)
    assert (page.title, page.language, page.live, page.event) == ("Formation", "fr", False, event)
    assert hidden == [404, 200]
    assert (stored(event).live, stored(page).live) == (True, True)
    shown = Client().get(f"/fr/event/{event.pk}/", follow=True)
    assert (shown.status_code, shown.context["page"].pk) == (200, page.pk)


def test_words_begin_in_the_language_of_the_editor(trees, porto):
    user = factories.make_user("editor", cite=porto)
    english = factories.cite_page(trees["en"]["network"], porto, "Cité porto")

    new_event(logged_in(user, "en"))

    assert EventPage.objects.get().get_parent().pk == english.pk


def test_autosave_makes_a_draft_but_no_page(editor):
    saved = begin(editor)

    assert (saved.json()["success"], Event.objects.get().live, EventPage.objects.count()) == (True, False, 0)


def test_saving_after_autosave_leads_to_the_words(editor):
    begin(editor)
    edit = f"/admin/events/edit/{Event.objects.get().pk}/"

    first = editor.post(edit, posted(editor.get(edit)))
    second = editor.post(edit, posted(editor.get(edit)))

    page = EventPage.objects.get()
    assert [first["Location"], second["Location"]] == [
        f"/admin/pages/{page.pk}/edit/",
        f"/admin/events/{page.event_id}/",
    ]


def test_page_of_words_is_not_begun_in_the_page_tree(editor, porto):
    parent = porto.pages.get()

    answer = editor.get(reverse("wagtailadmin_pages:add", args=["events", "eventpage", parent.pk]))

    assert (answer["Location"], told(answer)) == (
        "/admin/events/add/?cite=porto",
        ["Begin with the facts; the text comes next."],
    )


# --- whose it is


@pytest.mark.parametrize("section", ["events", "practices"])
def test_editor_is_offered_her_own_cites_only(editor, porto, lyon, section):
    assert options(editor, f"/admin/{section}/add/?cite=lyon", "cite") == (["Cité porto"], [])
    assert options(editor, f"/admin/{section}/add/", "cite") == (["Cité porto"], ["Cité porto"])


@pytest.mark.parametrize("section", ["events", "practices"])
def test_coordinator_is_offered_all_and_none(coordinator, porto, lyon, section):
    found = [options(coordinator, f"/admin/{section}/add/{query}", "cite") for query in ("", "?cite=lyon")]

    offered = [NONE, "Cité lyon", "Cité porto"]
    assert found == [(offered, [NONE]), (offered, ["Cité lyon"])]


@pytest.mark.parametrize("accept", [{}, JSON])
@pytest.mark.parametrize("whose", ["theirs", "the network's"])
def test_editor_makes_no_event_for_others(editor, lyon, whose, accept):
    data = posted(editor.get("/admin/events/add/")) | {"name": "Formation", "kind": "training"}
    data["cite"] = str(lyon.pk) if whose == "theirs" else ""

    editor.post("/admin/events/add/", data, **accept)

    assert Event.objects.count() == 0


@pytest.mark.parametrize("accept", [{}, JSON])
@pytest.mark.parametrize("whose", ["theirs", "the network's"])
def test_editor_gives_no_event_away(editor, porto, lyon, whose, accept):
    event = factories.make_event("Mine", cite=porto)
    address = f"/admin/events/edit/{event.pk}/"
    data = posted(editor.get(address)) | {"cite": str(lyon.pk) if whose == "theirs" else "", "action-publish": "1"}

    editor.post(address, data, **accept)

    row = stored(event)
    assert (row.cite, row.get_latest_revision_as_object().cite) == (porto, porto)


def test_editor_makes_no_practice_for_others(editor, lyon):
    Chapter.objects.create(code="coordination", labels={"fr": "Coordonner"})
    data = posted(editor.get("/admin/practices/add/")) | {"name": "Accueil", "cite": str(lyon.pk)}

    editor.post("/admin/practices/add/", data)

    assert Practice.objects.count() == 0


def test_coordinator_makes_an_event_of_the_network(coordinator, trees):
    saved = new_event(coordinator, cite="")

    page = EventPage.objects.get()
    assert (Event.objects.get().cite, page.get_parent().pk) == (None, trees["en"]["agenda"].pk)
    assert saved["Location"] == f"/admin/pages/{page.pk}/edit/"


def test_editor_points_to_public_projects_or_to_the_one_that_was_chosen(editor, porto):
    factories.make_project("public")
    factories.make_project("hidden", live=False)
    chosen = factories.make_project("chosen", live=False)
    event = factories.make_event(cite=porto, project=chosen)

    found = [options(editor, f"/admin/events/{path}/", "project") for path in ("add", f"edit/{event.pk}")]

    assert found == [([NONE, "PUBLIC"], [NONE]), ([NONE, "CHOSEN", "PUBLIC"], ["CHOSEN"])]


def test_editor_points_from_a_practice_to_public_events_and_her_own(editor, porto, lyon):
    factories.make_event("Public", cite=lyon)
    factories.make_event("Hidden", cite=lyon, live=False)
    factories.make_event("Mine", cite=porto, live=False)

    offered, _chosen = options(editor, "/admin/practices/add/", "events")

    assert offered == ["Mine", "Public"]


def test_editor_of_two_cites_chooses(porto, lyon):
    user = factories.make_user("editor", cite=porto)
    user.groups.add(lyon.team.group)
    client = logged_in(user)

    new_event(client, cite=str(lyon.pk))

    assert options(client, "/admin/events/add/", "cite")[0] == ["Cité lyon", "Cité porto"]
    assert Event.objects.get().cite == lyon


def test_nobody_else_may_log_in_to_the_admin(trees):
    User.objects.create_user("stranger", "stranger@example.org", "password")
    client = Client()

    client.post("/admin/login/", {"username": "stranger", "password": "password"})

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_dates_of_a_draft_are_those_of_the_draft(editor, porto):
    """The page editor's preview and the hub show what was typed, not what is public."""
    event = factories.make_event("Mine", cite=porto)
    address = f"/admin/events/edit/{event.pk}/"
    editor.post(address, posted(editor.get(address)) | {"starts_on": "2027-05-04", "start_time": "10:00"})

    hub = editor.get(f"/admin/events/{event.pk}/").context["facts_rows"]

    assert dict(hub)["When"] == "Tuesday, 4 May 2027. From 10:00 to 17:00 in Paris (UTC+2)"
    assert stored(event).starts_on != dt.date(2027, 5, 4)


# --- what is forged


def test_rows_of_another_cite_cannot_be_taken_over(editor, porto, lyon):
    lyon.intervals = [OpeningInterval(weekday=1, opens=dt.time(8), closes=dt.time(12))]
    lyon.save_revision().publish()
    theirs = OpeningInterval.objects.get()
    address = f"/admin/cites/edit/{porto.pk}/"
    row = {"id": str(theirs.pk), "weekday": "5", "opens": "1:00", "closes": "2:00", "ORDER": "1", "DELETE": ""}
    rows = {"intervals-TOTAL_FORMS": "1", "intervals-INITIAL_FORMS": "1"}
    rows |= {f"intervals-0-{name}": value for name, value in row.items()}

    editor.post(address, posted(editor.get(address)) | rows | {"action-publish": "1"})

    assert hours(lyon) == [(1, dt.time(8), dt.time(12))]
    assert stored(theirs).cite == lyon


def test_half_day_of_another_event_cannot_be_taken_over(editor, porto, lyon):
    theirs = factories.make_event("Theirs", cite=lyon)
    theirs.sessions = [half_day(theirs)]
    theirs.save_revision().publish()
    session = Session.objects.get()
    mine = factories.make_event("Mine", cite=porto)
    address = f"/admin/events/edit/{mine.pk}/"
    row = {"id": "", "on": "2027-05-03", "part": "evening", "uuid": str(session.uuid), "ORDER": "1", "DELETE": ""}
    rows = {"sessions-TOTAL_FORMS": "1"} | {f"sessions-0-{name}": value for name, value in row.items()}

    editor.post(address, posted(editor.get(address)) | rows | {"action-publish": "1"})

    assert (stored(session).event, stored(session).part) == (theirs, "morning")


def test_usage_of_an_event_names_nothing_of_others(editor, porto, lyon):
    event = factories.make_event("Mine", cite=porto)
    practice = factories.make_practice("Zsecret", cite=lyon, live=False)
    practice.events = [event]
    practice.save()

    pages = [editor.get(f"/admin/events/{name}/{event.pk}/").content.decode() for name in ("usage", "delete")]

    assert [("Zsecret" in page) for page in pages] == [False, False]
