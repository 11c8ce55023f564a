"""An editor of a Cité changes what is theirs in the real admin, sees it on the public site, and nothing of others."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow, sign_in
from tests.server import PortalServer

EDITOR = "porto"
SAVE = "footer button[type=submit]:not([name])"  # by key: Wagtail’s calendars may lie over it
PUBLISH = "form[action$='/publish/'] button.button"
EVENT = re.compile(r"/event/(\d+)")


@pytest.fixture
def editor(open_window: OpenWindow, portal_server: PortalServer) -> Page:
    """A window in which the editor of Porto has logged in; Wagtail speaks Portuguese to them."""
    page = open_window()
    sign_in(page, portal_server, EDITOR)
    expect(page).to_have_url(f"{portal_server.url}/admin/")
    return page


def open_from_menu(page: Page, section: str) -> None:
    page.locator(f"#wagtail-sidebar a[href='/admin/{section}/']").click()
    page.wait_for_url(f"**/admin/{section}/")


def test_hours_are_changed_and_seen_in_both_languages(editor: Page, client: Client):
    public = [f"/{language}/cite/{EDITOR}/" for language in ("fr", "en")]
    assert all("09:15–12:45" not in client.get(path).text for path in public)
    editor.goto("/admin/cites/")
    titles = editor.locator("main td.title a, main tbody a").all_inner_texts()
    assert "Cidade das Profissões do Porto" in titles
    assert not [title for title in titles if "Cité" in title or "Città" in title]

    editor.locator("#wagtail-sidebar a[href^='/admin/cites/']").click()
    editor.wait_for_url(re.compile(r"/admin/cites/\d+/$"))
    editor.locator("#hub-facts a[href*='/edit/'], main a[href*='/cites/edit/']").last.click()
    editor.locator("#id_are_hours_known").check()
    row = int(editor.locator("#id_intervals-TOTAL_FORMS").input_value())
    editor.locator("#id_intervals-ADD").click()
    editor.locator(f"#id_intervals-{row}-weekday").select_option("3")
    editor.locator(f"#id_intervals-{row}-opens").fill("09:15")
    editor.locator(f"#id_intervals-{row}-closes").fill("12:45")
    editor.locator(f"#id_intervals-{row}-closes").press("Tab")
    editor.locator(SAVE).press("Enter")
    editor.wait_for_url(re.compile(r"/admin/cites/\d+/$"))

    assert all("09:15–12:45" not in client.get(path).text for path in public)  # a draft is not public
    editor.locator(PUBLISH).click()
    expect(editor.locator(".messages .success")).to_be_visible()

    french, english = (client.get(path) for path in public)
    assert "Mercredi 09:15–12:45" in french.words("table.hours").replace("(aujourd’hui) ", "")
    assert "Wednesday 09:15–12:45" in english.words("table.hours").replace("(today) ", "")
    assert "Hours not known" not in english.text


class Hands:
    """What a person does beside writing the text: each click, choice and key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.acts = 0

    def click(self, locator: Locator) -> None:
        self.acts += 1
        locator.click()

    def choose(self, name: str, value: str) -> None:
        self.acts += 1
        self.page.locator(f"#id_{name}").select_option(value)

    def enter(self, name: str, value: str) -> None:
        """A date or a time, and out of the field."""
        self.acts += 2
        self.page.locator(f"#id_{name}").fill(value)
        self.page.locator(f"#id_{name}").press("Tab")

    def save(self) -> None:
        self.acts += 1
        self.page.locator(SAVE).press("Enter")

    def translate(self, text: str) -> None:
        """The next passage that has no translation yet."""
        self.click(self.page.locator("main button:visible", has_text="Traduzir").first)
        self.page.locator("main textarea:visible, main [contenteditable=true]:visible").last.fill(text)
        save = self.page.locator("main button:visible", has_text="Gravar")
        self.click(save)
        expect(save).to_be_hidden()


TITLE, SUMMARY = "Oficina de março no Porto", "Uma manhã para experimentar a primeira hora de acolhimento."
ENGLISH = ("March workshop in Porto", "A morning to try the first hour at the front desk.")


def test_an_event_is_written_in_portuguese_translated_and_seen_by_all(editor: Page, client: Client):
    hands = Hands(editor)
    hands.click(editor.locator("#main a[href='/admin/events/add/']").first)
    editor.locator("#id_name").fill("Oficina de março")
    hands.choose("kind", "training")
    for name, value in {"starts_on": "2027-03-10", "start_time": "10:00", "end_time": "12:30"}.items():
        hands.enter(name, value)
    hosts = editor.locator("#id_cite option:not([value=''])").all_inner_texts()
    hands.save()

    editor.wait_for_url(re.compile(r"/admin/pages/\d+/edit/$"))
    editor.locator("#id_title").fill(TITLE)
    editor.locator("#id_summary").fill(SUMMARY)
    hands.save()
    expect(editor.locator(".messages .success")).to_be_visible()
    hub = editor.locator("main a[href*='/admin/events/']").first
    number = int(re.findall(r"events/(?:edit/)?(\d+)", str(hub.get_attribute("href")))[0])
    assert client.get(f"/pt/event/{number}/").status == 404
    assert client.get(f"/fr/calendar/event/{number}.ics").status == 404
    hands.click(hub)
    hands.click(editor.locator(PUBLISH))
    expect(editor.locator(".messages .success")).to_be_visible()
    italian = client.get(f"/it/event/{number}/")

    hands.click(editor.locator("a[href*='/submit/page/'][href*='select_locale=en']"))
    hands.click(editor.locator("main form").locator("button[type=submit], input[type=submit]").first)
    editor.wait_for_url(re.compile(r"/admin/pages/\d+/edit/$"))
    for text in ENGLISH:
        hands.translate(text)
    hands.click(editor.locator("nav button.button-longrunning:visible", has_text="Publicar em English"))
    expect(editor.locator(".messages .success").first).to_be_visible()

    assert hosts == ["Cidade das Profissões do Porto"]
    assert hands.acts < 40
    page, english = client.get(f"/pt/event/{number}/"), client.get(f"/en/event/{number}/")
    assert (page.words("h1"), english.words("h1")) == (TITLE, ENGLISH[0])
    assert ENGLISH[1] in english.words("main")
    assert TITLE in client.get("/pt/agenda/?cite=porto").words("main")
    assert (italian.document.html["lang"], italian.one("h1")["lang"], italian.words("h1")) == ("it", "pt", TITLE)
    assert any("portoghese" in str(notice) for notice in italian.document.select("main .notice"))
    (entry,) = Calendar.from_ical(client.get(f"/pt/calendar/event/{number}.ics").body).walk("VEVENT")
    assert str(entry["SUMMARY"]) == TITLE
    assert entry["DTSTART"].dt.isoformat() == "2027-03-10T10:00:00+00:00"
    assert ENGLISH[0] in client.get("/en/calendar/all.ics").text.replace("\r\n ", "")

    editor.goto(f"/admin/events/{number}/")
    editor.locator("#id_seats_on_site").fill("5")
    editor.locator("form[action$='/admission/'] button.button").click()
    expect(editor.locator(".messages .success")).to_be_visible()
    assert client.get(f"/en/event/{number}/register/").document.select("form[method=post] #id_email")


def test_what_belongs_to_another_cite_stays_closed(editor: Page, client: Client, browser_errors: list[str]):
    row = client.get("/fr/agenda/?cite=torino").document.select(".event h3 a")[0]
    title = row.get_text(strip=True)
    number = EVENT.findall(client.get(str(row["href"])).text)[0]

    open_from_menu(editor, "events")
    assert title not in editor.locator("main").inner_text()
    for path in (
        f"events/{number}/",
        f"events/{number}/registrations/",
        f"events/edit/{number}/",
        f"events/history/{number}/",
        f"events/delete/{number}/",
    ):
        answer = editor.goto(f"/admin/{path}")
        browser_errors.clear()  # Chromium may call a 403 an error
        assert answer is not None
        assert answer.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
        assert title not in editor.locator("body").inner_text()
    editor.goto("/admin/registrations/")
    assert editor.locator("main tbody tr").count() == 0


def test_nobody_gets_in_without_a_password(page: Page, client: Client):
    for path in ("/admin/", "/admin/cites/", "/admin/events/add/", "/admin/registrations/", "/admin/events/1/"):
        assert client.get(path).path == "/admin/login/"

    page.goto("/admin/login/")
    page.locator("[name=username]").fill(EDITOR)
    page.locator("[name=password]").fill("porto")
    page.locator("button[type=submit]").click()

    expect(page).to_have_url(re.compile("/admin/login/"))
