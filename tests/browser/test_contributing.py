"""From "new practice" to its readers: an editor writes, a reviewer asks for changes and approves, mails go between."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow
from tests.browser.mails import wait_for_mails, words_of
from tests.browser.test_axe import EVERYTHING, violations
from tests.browser.test_editor import SAVE, Hands
from tests.pdf_words import flat, words_in
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
CHAPTER = "Desenvolver e formalizar novas parcerias"
HUMANE = 25  # clicks, choices and keys beside the text, from the dashboard to the review
FIRST_LOOK = 2500  # ms: what is written in its first two seconds Wagtail takes for what was there, and does not save
LONGEST_SETTING = 240  # s: the worker waits half a minute for more publications, and leaves the processors to others
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


def write(hands: Hands, part: str, text: str) -> None:
    """Into a rich text, in place of what is there."""
    page = hands.page
    field = page.locator(f"[data-contentpath={part}] [contenteditable=true]").first
    hands.click(field)
    field.press("Control+a")
    page.keyboard.type(text)
    expect(page.locator(f"[name={part}]")).to_have_value(re.compile(re.escape(text[:20])))  # the editor waits a moment


def write_a_draft(hands: Hands) -> None:
    """The facts, then the words, with a look at an example; the list of what is missing follows by itself."""
    editor = hands.page
    hands.click(editor.locator("#wagtail-sidebar a[href='/admin/practices/']"))
    hands.click(editor.locator("a[href='/admin/practices/add/']").first)
    expect(editor.locator("#practice-checklist li")).to_have_count(0)
    editor.locator("#id_name").fill("Duas portas")
    hands.choose("chapter", CHAPTER)
    hands.click(editor.locator("input[name=target_groups]").first)
    editor.locator("#id_contact_email").fill("acolhimento@example.org")
    hands.save()
    editor.wait_for_url(re.compile(r"/admin/pages/\d+/edit/$"))

    missing = editor.locator("#practice-checklist li")
    expect(missing).to_have_count(6)  # the question, the summary and four parts
    editor.wait_for_timeout(FIRST_LOOK)
    editor.locator("#id_title").fill(TITLE)
    editor.locator("#id_question").fill("Como acolher quem não sabe o que perguntar?")
    expect(missing).to_have_count(5)
    hands.click(missing.locator("a[href$='#part-context']"))
    example = editor.locator("#part-context details.example")
    expect(example).to_be_in_viewport()
    hands.click(example.locator("summary"))
    expect(example.locator("p")).to_be_visible()
    for part, text in PARTS.items():
        write(hands, part, text)
    editor.locator("#id_summary").fill(SUMMARY)
    expect(missing).to_have_count(0)


def save(page: Page) -> None:
    """After autosave has done its part: what it sends while the page is saved would be refused as old."""
    page.wait_for_timeout(1500)
    page.wait_for_load_state("networkidle")
    page.locator(SAVE).press("Enter")
    expect(page.locator(".messages .success")).to_be_visible()


def press(hands: Hands, button: str) -> None:
    hands.click(hands.page.locator(button))
    expect(hands.page.locator(".messages .success")).to_be_visible()


def link_in(mail, number: str) -> str:
    """The address of the practice's page in the admin, as the mail has it."""
    (link,) = set(re.findall(rf"https?://\S+/admin/practices/{number}/", words_of(mail)))
    return link


def find_in_the_index(reader: Page, number: str) -> None:
    """By a value of a facet, then by a word of the text beside it."""
    found = reader.locator(f".results article a[href$='/practice/{number}/'], .results article a[href*='duas-portas']")
    reader.goto("/fr/vademecum/")
    before = reader.locator(".results article").count()
    reader.get_by_label("Portugal").check()
    reader.locator(".facet-box button").click()
    expect(reader.locator(".chips a").first).to_contain_text("Portugal")
    expect(found).to_have_count(1)
    assert reader.locator(".results article").count() < before

    reader.locator("main input[type=search]").fill("balcão")
    reader.locator("main input[type=search]").press("Enter")
    expect(reader.locator(".results article")).to_have_count(1)
    expect(found).to_have_text(TITLE)


def handbook_with(client: Client, folder: Path, title: str) -> str:
    """The words of the French handbook, as soon as the worker has set it anew."""
    deadline = time.monotonic() + LONGEST_SETTING
    while time.monotonic() < deadline:
        answer = client.get("/fr/handbook.pdf")
        if answer.status == HTTPStatus.OK and flat(title) in (words := words_in(answer.body, folder)):
            return words
        time.sleep(5)
    raise AssertionError(f"No handbook with “{title}” after {LONGEST_SETTING} s: {answer.status}")


def test_a_practice_goes_from_its_editor_by_a_reviewer_to_its_readers(
    entered, client: Client, portal_server: PortalServer, open_window: OpenWindow, tmp_path: Path
):
    host = "127.0.0.1"
    editor = Hands(entered("porto"))
    write_a_draft(editor)
    edit_url = editor.page.url
    editor.click(editor.page.locator("#practice-checklist a"))
    editor.page.wait_for_url(HUB)
    found = HUB.search(editor.page.url)
    assert found
    number = found[1]
    assert client.get(f"/pt/practice/{number}/").status == HTTPStatus.NOT_FOUND
    assert editor.page.locator("form[action$='/publish/'] button.button").count() == 0
    press(editor, "form[action$='/submit/'] button")
    assert editor.acts < HUMANE

    told = wait_for_mails(portal_server, f"reviewer@{host}")[-1]
    reviewer = Hands(entered("reviewer"))
    reviewer.page.goto(link_in(told, number))
    reviewer.click(reviewer.page.locator("#hub-review-section a[href$='/view_draft/']"))
    expect(reviewer.page.locator("h1")).to_have_text(TITLE)
    reviewer.page.go_back()
    assert violations(reviewer.page, EVERYTHING) == []
    reviewer.page.locator("#review-comment").fill("How was it counted?")
    press(reviewer, "button[value=reject]")

    asked = wait_for_mails(portal_server, f"porto@{host}")[-1]
    assert "How was it counted?" in words_of(asked)
    editor.page.goto(link_in(asked, number))
    expect(editor.page.locator("blockquote")).to_contain_text("How was it counted?")
    assert violations(editor.page, EVERYTHING) == []
    editor.page.goto(edit_url)
    expect(editor.page.locator("#practice-checklist")).to_contain_text("How was it counted?")
    write(editor, "results", MENDED)
    save(editor.page)
    editor.page.goto(f"/admin/practices/{number}/")
    press(editor, "form[action$='/submit/'] button")

    wait_for_mails(portal_server, f"reviewer@{host}", 2)
    reviewer.page.goto(f"/admin/practices/{number}/")
    assert client.get(f"/pt/practice/{number}/").status == HTTPStatus.NOT_FOUND
    press(reviewer, "button[value=approve]")

    published = wait_for_mails(portal_server, f"porto@{host}", 2)
    assert f"/practice/{number}/" in words_of(published[-1])
    reader = open_window()
    reader.goto(f"/pt/practice/{number}/")
    expect(reader.locator("h1")).to_have_text(TITLE)
    expect(reader.locator("main")).to_contain_text(MENDED)
    find_in_the_index(reader, number)
    assert flat(MENDED) in handbook_with(client, tmp_path, TITLE)
