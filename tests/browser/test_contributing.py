"""From "new practice" to its readers: an editor writes, a reviewer asks for changes and approves, mails go between."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow
from tests.browser.mails import wait_for_mails, words_of
from tests.browser.test_editor import SAVE
from tests.server import PortalServer

HUB = re.compile(r"/admin/practices/(\d+)/$")
TITLE = "Duas portas, uma só conversa"
SUMMARY = "Dois parceiros acolhem juntos todas as manhãs."
PARTS = {
    "context": "Havia uma fila e um só balcão.",
    "steps": "Dois técnicos estão à porta todas as manhãs.",
    "partners": "O serviço de emprego e o centro de formação dão um técnico cada um.",
    "results": "Foram acolhidas 2140 pessoas.",
}
MENDED = "Foram acolhidas 2140 pessoas em 2022, contadas à porta."


@pytest.fixture
def entered(open_window: OpenWindow, portal_server: PortalServer):
    """A window of somebody who has logged in."""
    passwords = dict(line.split() for line in (portal_server.var / "accounts.txt").read_text().splitlines())

    def enter(name: str) -> Page:
        page = open_window()
        page.goto("/admin/")
        page.locator("[name=username]").fill(name)
        page.locator("[name=password]").fill(passwords[name])
        page.locator("button[type=submit]").click()
        expect(page).to_have_url(f"{portal_server.url}/admin/")
        return page

    return enter


def write(page: Page, part: str, text: str) -> None:
    """Into a rich text, in place of what is there."""
    field = page.locator(f"[data-contentpath={part}] [contenteditable=true]").first
    field.click()
    field.press("Control+a")
    page.keyboard.type(text)
    expect(page.locator(f"[name={part}]")).to_have_value(re.compile(re.escape(text[:20])))  # the editor waits a moment


def write_a_draft(editor: Page) -> None:
    """The facts, then the words, with a look at an example."""
    editor.locator("#wagtail-sidebar a[href='/admin/practices/']").click()
    editor.goto("/admin/practices/add/")
    editor.locator("#id_name").fill("Duas portas")
    editor.locator("#id_chapter").select_option(index=1)
    editor.locator("input[name=target_groups]").first.check()
    editor.locator("#id_contact_email").fill("acolhimento@example.org")
    editor.locator(SAVE).press("Enter")
    editor.wait_for_url(re.compile(r"/admin/pages/\d+/edit/$"))

    editor.locator("#id_title").fill(TITLE)
    editor.locator("#id_question").fill("Como acolher quem não sabe o que perguntar?")
    example = editor.locator("details.example").nth(2)
    example.locator("summary").click()
    expect(example.locator("p")).to_be_visible()
    for part, text in PARTS.items():
        write(editor, part, text)
    editor.locator("#id_summary").fill(SUMMARY)
    save(editor)


def save(page: Page) -> None:
    """After autosave has done its part: what it sends while the page is saved would be refused as old."""
    page.wait_for_timeout(1500)
    page.wait_for_load_state("networkidle")
    page.locator(SAVE).press("Enter")
    expect(page.locator(".messages .success")).to_be_visible()


def press(page: Page, button: str) -> None:
    page.locator(button).click()
    expect(page.locator(".messages .success")).to_be_visible()


def link_in(mail, number: str) -> str:
    """The address of the practice's page in the admin, as the mail has it."""
    (link,) = set(re.findall(rf"https?://\S+/admin/practices/{number}/", words_of(mail)))
    return link


def test_a_practice_goes_from_its_editor_by_a_reviewer_to_its_readers(
    entered, client: Client, portal_server: PortalServer, open_window: OpenWindow
):
    host = "127.0.0.1"
    editor = entered("porto")
    write_a_draft(editor)
    edit_url = editor.url
    hub = editor.locator("main a[href*='/admin/practices/']").first.get_attribute("href")
    editor.goto(str(hub))
    found = HUB.search(editor.url)
    assert found
    number = found[1]
    assert client.get(f"/pt/practice/{number}/").status == 404
    assert editor.locator("form[action$='/publish/'] button.button").count() == 0
    press(editor, "form[action$='/submit/'] button")

    told = wait_for_mails(portal_server, f"reviewer@{host}")[-1]
    reviewer = entered("reviewer")
    reviewer.goto(link_in(told, number))
    reviewer.locator("#review-comment").fill("How was it counted?")
    press(reviewer, "button[value=reject]")

    asked = wait_for_mails(portal_server, f"porto@{host}")[-1]
    assert "How was it counted?" in words_of(asked)
    editor.goto(link_in(asked, number))
    expect(editor.locator("blockquote")).to_contain_text("How was it counted?")
    editor.goto(edit_url)
    write(editor, "results", MENDED)
    save(editor)
    editor.goto(f"/admin/practices/{number}/")
    press(editor, "form[action$='/submit/'] button")

    wait_for_mails(portal_server, f"reviewer@{host}", 2)
    reviewer.goto(f"/admin/practices/{number}/")
    assert client.get(f"/pt/practice/{number}/").status == 404
    press(reviewer, "button[value=approve]")

    published = wait_for_mails(portal_server, f"porto@{host}", 2)
    assert f"/practice/{number}/" in words_of(published[-1])
    reader = open_window()
    reader.goto(f"/pt/practice/{number}/")
    expect(reader.locator("h1")).to_have_text(TITLE)
    expect(reader.locator("main")).to_contain_text(MENDED)
