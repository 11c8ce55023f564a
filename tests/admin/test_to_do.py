"""What the admin says first: what needs the user, which texts are missing or old, and the yearly word of a Cité."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.models import Locale
from wagtail.users.models import UserProfile

from events.models import Event, Registration
from home.models.team import ensure_team
from home.verification import ask_to_verify
from portal.base.models import OutgoingMail, Wording
from tests.admin.conftest import told
from tests.admin.people import registered, several
from tests.admin.world import redraft, translate
from tests.events.mails import deliver_all
from tests.factories import (
    admit,
    event_page,
    make_cite,
    make_event,
    make_practice,
    make_project,
    make_user,
    practice_page,
    stored,
)

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def section(client, name):
    return BeautifulSoup(client.get("/admin/").content, "html.parser").select_one(f"#{name}-section")


def words(tag):
    return " ".join(tag.text.split())


def to_do(client):
    """Each line with the address it leads to."""
    return [(words(item.a), item.a["href"]) for item in section(client, "to-do").select("li")]


def table(client, address="/admin/"):
    page = BeautifulSoup(client.get(address).content, "html.parser")
    rows = page.select(".texts-by-language tbody tr")
    return {row.th.a.text: [words(cell) for cell in row.select("td")] for row in rows}


def verified(cite, day=None):
    type(cite).objects.filter(pk=cite.pk).update(verified_on=day or timezone.localdate())
    return stored(cite)


def queries(client, address="/admin/"):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- to do


def test_nothing_to_do_is_said_in_a_friendly_line(editor, porto, lyon):
    verified(porto)
    make_event("Theirs", cite=lyon, city="", live=False)

    assert words(section(editor, "to-do")) == "To do Nothing needs you right now: all is up to date. Thank you!"


def test_each_line_leads_to_the_place_to_act(editor, porto):
    verified(porto, timezone.localdate() - 366 * DAY)
    event = make_event("Atelier", cite=porto, in_days=59, city="", live=False)
    vague = make_event("Rencontre", cite=porto, in_days=59, precision="month", start_time=None, end_time=None)
    event_page(porto.pages.get(), vague)
    make_event("Later", cite=porto, in_days=70, city="")
    make_event("Off", cite=porto, state="cancelled", city="")
    practice = make_practice("Old", cite=porto, checked_on=timezone.localdate() - 6 * 365 * DAY)
    make_practice("New", cite=porto, checked_on=timezone.localdate() - 4 * 365 * DAY)
    make_practice("Ended", cite=porto, checked_on=timezone.localdate() - 6 * 365 * DAY, until="2020")

    found = to_do(editor)

    assert [url for _text, url in found] == [
        f"/admin/cites/{porto.pk}/",
        f"/admin/events/edit/{vague.pk}/",
        f"/admin/events/{event.pk}/",
        f"/admin/events/edit/{event.pk}/",
        f"/admin/events/{event.pk}/#hub-words-section",
        f"/admin/practices/{practice.pk}/",
    ]
    assert found[4][0].endswith("has no text yet in: French.")


def test_people_who_wait_and_mails_that_did_not_arrive_are_of_own_events(editor, porto, lyon):
    verified(porto)
    mine, theirs = make_event("Mine", cite=porto), make_event("Theirs", cite=lyon)
    event_page(porto.pages.get(), mine)
    for event in (mine, theirs):
        admit(event, 1)
        several(event, 3)
    now = timezone.now()
    OutgoingMail.objects.filter(to="p0@example.org").update(sent_at=now, bounced_at=now)
    first = Registration.objects.get(event=mine, email="p0@example.org")

    assert to_do(editor) == [
        (
            "A mail to Person 0 did not arrive (seat confirmed, “Mine”).",
            f"/admin/events/{mine.pk}/registrations/{first.pk}/",
        ),
        (
            "2 people wait for a seat at “Mine”. Can you add some?",
            f"/admin/events/{mine.pk}/registrations/waiting/",
        ),
    ]
    latest = OutgoingMail.objects.filter(about=first.uuid).latest("pk")
    again = {"kind": latest.kind, "to": latest.to, "about": first.uuid, "language": "fr", "next_try_at": now}
    OutgoingMail.objects.create(key="again", sent_at=now, **again)
    assert len(to_do(editor)) == 1


def test_coordinator_sees_the_whole_network_and_no_endless_list(coordinator, porto, lyon):
    for number in range(10):
        make_cite(f"c{number}")
    make_user("editor", cite=porto)

    found = to_do(coordinator)

    assert len(found) == 2 * 9
    assert found[8] == ("and 4 more of this kind", "/admin/cites/")
    assert all("has an account" in text for text, _url in found[9:17])
    assert "Cité porto" not in " ".join(text for text, _url in found[9:])


# --- texts


def test_texts_say_what_is_missing_in_work_and_outdated_since_when(editor, porto):
    verified(porto)
    page = porto.pages.get()
    user = UserProfile.objects.get().user
    event, practice = make_event("Atelier", cite=porto), make_practice("Pratique", cite=porto)
    event_page(page, event)
    english = Locale.objects.get(language_code="en")
    translate(page, "en", user)
    ensure_team(porto)  # has rights on the new page as well
    practice_page(page, practice)
    source = translate(practice.pages.get(), "en", user).source
    practice.pages.get(locale=english).save_revision().publish()
    later = dt.datetime(2027, 3, 5, 12, tzinfo=dt.UTC)
    Wording.objects.filter(page__in=practice.pages.filter(locale=english)).update(outdated_since=later)

    found = table(editor)

    draft = page.get_translation(english)
    assert found == {
        "Cité porto": ["✎ draft Edit: Cité porto, English", "✓ public (original) Edit: Cité porto, French"],
        "Atelier": ["– missing Translate: Atelier, English", "✓ public (original) Edit: Atelier, French"],
        "Pratique": [
            "! outdated since 5 March 2027 Bring up to date: Pratique, English",
            "✓ public (original) Edit: Pratique, French",
        ],
    }
    links = {link["href"] for link in section(editor, "texts-by-language").select("td a")}
    assert {f"/admin/pages/{draft.pk}/edit/", f"/admin/localize/update/{source.pk}/"} <= links


def test_coordinator_counts_texts_by_cite_and_opens_the_list(coordinator, editor, porto, lyon):
    page = porto.pages.get()
    translate(page, "en", UserProfile.objects.first().user)
    event_page(page, make_event("Atelier", cite=porto))
    make_practice("Pratique", cite=porto)
    make_project("cocade")

    counts = table(coordinator)
    address = f"/admin/cites/{porto.pk}/texts/"

    assert counts == {
        "Cité lyon": ["1 missing", "✓ public"],
        "Cité porto": ["2 missing 1 in work", "1 missing"],
        "The network": ["1 missing", "1 missing"],
    }
    assert section(coordinator, "texts-by-language").select("a[href$='/texts/']")[1]["href"] == address
    assert list(table(coordinator, address)) == ["Cité porto", "Atelier", "Pratique"]
    assert list(table(coordinator, "/admin/cites/texts/")) == ["COCADE"]
    assert editor.get("/admin/cites/texts/").status_code == 404
    assert editor.get(f"/admin/cites/{lyon.pk}/texts/").status_code == 403


@pytest.mark.parametrize("address", ["/admin/", "/admin/events/", "/admin/cites/", "/admin/practices/"])
def test_as_many_queries_for_three_things_as_for_thirty(coordinator, porto, address):
    page = porto.pages.get()

    def more(number, name):
        for place in range(number):
            event = make_event(f"{name} {place}", cite=porto, city="")
            event_page(page, event)
            admit(event, 1)
            practice_page(page, make_practice(f"{name} {place}", cite=porto))
            make_cite(f"{name}{place}", verified_on=timezone.localdate())

    more(3, "a")
    person = registered(Event.objects.first())
    OutgoingMail.objects.filter(about=person.uuid).update(bounced_at=timezone.now(), sent_at=timezone.now())
    coordinator.get(address)
    few = queries(coordinator, address)
    more(27, "b")

    assert queries(coordinator, address) == few


# --- verified today


def test_one_button_verifies_the_public_facts_and_publishes_no_draft(editor, porto):
    redraft(porto, bearer="Drafted")
    [button] = section(editor, "to-do").select("li form")

    answer = editor.post(button["action"], {"then": "dashboard"})

    row = stored(porto)
    assert (answer["Location"], told(answer)) == ("/admin/", ["“Cité porto” is verified today. Thank you!"])
    assert (row.verified_on, row.verified_by.username) == (row.local_today, "editor")
    assert (row.bearer, row.has_unpublished_changes) == ("", True)
    assert registry.get_logs_for_instance(row).filter(action="home.verify").get().user == row.verified_by
    assert "verified these facts" in words(
        BeautifulSoup(editor.get("/en/cite/porto/", follow=True).content, "html.parser")
    )
    row.latest_revision.publish()  # an old draft does not take it back
    assert (stored(porto).bearer, stored(porto).verified_on) == ("Drafted", row.verified_on)
    assert "Verified on" in editor.get(f"/admin/cites/{porto.pk}/").content.decode()


def test_nobody_verifies_for_others_nor_by_a_get_nor_what_is_not_public(editor, porto, lyon):
    own, foreign = (f"/admin/cites/{cite.pk}/verify/" for cite in (porto, lyon))

    refused = (editor.post(foreign).status_code, editor.get(own).status_code)
    porto.unpublish()

    assert refused == (403, 405)
    assert editor.post(own).status_code == 404
    assert [stored(cite).verified_on for cite in (porto, lyon)] == [None, None]


# --- the yearly mail


def asked():
    return list(OutgoingMail.objects.filter(kind="cite_verification").order_by("pk").values_list("to", "language"))


def test_editors_are_asked_once_a_year_each_in_the_own_language(porto, lyon):
    for name, language in (("ana", "pt-pt"), ("bea", "en")):
        UserProfile.objects.create(user=make_user(name, cite=porto), preferred_language=language)
    silent = make_user("silent", cite=porto)
    type(silent).objects.filter(pk=silent.pk).update(email="")
    former = make_cite("former", state="former")
    for cite in (porto, lyon, former):
        ensure_team(cite)
        verified(cite, NOON.date())
    both = [("ana@example.org", "pt"), ("bea@example.org", "en")]
    days = (365, 366, 366, 370, 396, 366 + 365, 366 + 366)

    counts = []
    for day in days:
        with time_machine.travel(NOON + day * DAY, tick=False):
            counts.append(ask_to_verify())

    assert counts == [0, 2, 0, 0, 0, 0, 2]
    assert asked() == both * 2
    with time_machine.travel(NOON + 733 * DAY, tick=False):
        verified(porto)
        ask_to_verify()
        assert deliver_all() == []  # void: somebody has said it meanwhile
    assert len(asked()) == 4


def test_mail_asks_to_check_and_leads_to_the_hub(porto, settings):
    UserProfile.objects.create(user=make_user("bea", cite=porto), preferred_language="en")
    verified(porto, timezone.localdate() - 400 * DAY)

    ask_to_verify()
    [message] = deliver_all()

    assert (message.to, message.subject) == (["bea@example.org"], "Is your page still right? Cité porto")
    assert f"{settings.SITE_URL}/admin/cites/{porto.pk}/" in message.body


# --- lists and menu


def test_lists_tell_seats_people_days_and_languages(editor, porto):
    event = make_event("Atelier", cite=porto)
    event_page(porto.pages.get(), event)
    admit(event, 2)
    several(event, 3)
    verified(porto, dt.date(2026, 3, 5))

    def cells(address):
        page = BeautifulSoup(editor.get(address).content, "html.parser")
        return [words(cell) for cell in page.select("table.listing tbody tr")[0].select("td")]

    row = cells("/admin/events/")
    assert {"2/2", "1", "French"} <= set(row)
    assert any(str(event.starts_on.year) in cell for cell in row)
    assert {"in operation", "5 March 2026", "French"} <= set(cells("/admin/cites/"))


def menu(client):
    sidebar = BeautifulSoup(client.get("/admin/").content, "html.parser").select_one("#wagtail-sidebar-props")
    modules = json.loads(sidebar.text)["modules"]
    items = next(module for module in modules if "MainMenu" in module["_type"])["_args"][0]
    return {item["_args"][0]["label"]: item["_args"] for item in items}


def test_menu_is_in_the_words_of_an_editor_and_opens_at_the_own_branch(editor, coordinator, porto):
    own, all_of_it = menu(editor), menu(coordinator)

    page = porto.pages.get()
    labels = ["My Cité", "Events", "People", "Practices", "Pictures", "Pages", "Documents", "Help"]
    assert list(own) == labels
    assert own["My Cité"][0]["url"] == f"/admin/cites/{porto.pk}/"
    assert (own["Pages"][0]["url"], own["Pages"][1]) == (f"/admin/pages/{page.pk}/", page.pk)
    assert "Cités" in all_of_it
    assert "Reports" in all_of_it
