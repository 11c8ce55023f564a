"""Whoever has no mouse gets everywhere, and always sees where."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow, Staged

# The focused element, or the card around it, shows a line of at least two pixels, and nothing lies over it.
SHOWN = """() => {
  const e = document.activeElement;
  const name = `${e.tagName} ${e.textContent.trim().slice(0, 30)}`;
  const line = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const box = e.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const on_top = document.elementFromPoint(x, y);
  const own = [e, e.closest(".card")].filter(Boolean);
  const on_screen = box.bottom > 0 && box.top < innerHeight;
  const in_sight = on_screen && own.some((x) => x.contains(on_top) || on_top?.contains(x));
  return {name, ring: own.some((x) => line(getComputedStyle(x))), in_sight};
}"""


def tab_through(page: Page) -> list[dict[str, object]]:
    """What has the focus after each press of Tab, until the page is left."""
    stops = []
    for _press in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return stops
        stops.append(page.evaluate(SHOWN))
    raise AssertionError("No way out with the Tab key")


@pytest.mark.parametrize("path", ["/fr/", "/fr/agenda/", "/en/vademecum/", "/fr/cite/bellinzona/"])
def test_the_focus_is_always_seen(page: Page, path: str):
    page.goto(path)

    stops = tab_through(page)

    assert len(stops) > 15
    assert [stop for stop in stops if not (stop["ring"] and stop["in_sight"])] == []


def test_the_first_stop_skips_to_the_content(page: Page):
    page.goto("/fr/agenda/")
    skip = page.locator("a.skip")
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    expect(skip).to_have_text("Aller au contenu")

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_menu_of_a_phone_opens_and_closes_with_keys(open_window: OpenWindow, javascript: bool):
    page = open_window(phone=True, javascript=javascript)
    page.goto("/fr/")
    button, menu = page.locator(".menu-button"), page.locator("nav#menu")
    expect(menu).to_be_hidden()

    button.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")

    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_the_menu_of_a_phone_leads_to_every_section_and_to_search(open_window: OpenWindow):
    page = open_window(phone=True)
    page.goto("/en/")

    page.locator(".menu-button").tap()

    names = page.locator("nav#menu a").all_inner_texts()
    assert {"The network", "Vademecum", "Agenda", "Projects", "My registrations", "Search"} <= {
        name.strip() for name in names
    }
    page.locator("nav#menu a", has_text="Agenda").tap()
    expect(page).to_have_url("/en/agenda/")


def test_the_list_of_languages_works_with_keys(page: Page):
    page.goto("/fr/agenda/")
    summary, names = page.locator("details.langs summary"), page.locator("details.langs a")
    summary.press("Enter")
    expect(names.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(names.first).to_be_hidden()
    expect(summary).to_be_focused()

    summary.press("Enter")
    names.get_by_text("English").press("Enter")

    expect(page).to_have_url("/en/agenda/")
    assert page.locator("html").get_attribute("lang") == "en"


def test_errors_of_a_form_are_reached_at_once(page: Page, staged: Staged, browser_errors: list[str]):
    page.goto(f"/en/event/{staged.open}/register/")
    page.locator("form.form button").press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    browser_errors.clear()  # Chromium calls a 422 an error

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#id_name")).to_be_focused()
