"""Every type of page is open to everybody: axe, small screens, large text."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, OpenWindow, Staged
from tests.browser.page_types import PAGE_TYPES, PageType

EVERYTHING = {"resultTypes": ["violations"], "preload": False}
COLOURS = EVERYTHING | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
NARROW = {"width": 320, "height": 640}

# Whatever hides a part of its own text, but for what is for screen readers alone and what scrolls.
CUT = """() => {
  const big = (box) => box.width > 2 && box.height > 2;
  const seen = (e) => big(e.getBoundingClientRect()) && e.checkVisibility();
  const wide = document.documentElement.clientWidth;
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.textContent.trim() || !seen(e) || e.closest("svg, .sr, .pot, [aria-hidden=true]")) continue;
    const style = getComputedStyle(e);
    const hides = (axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
    const name = `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`;
    if (hides("X") && e.scrollWidth > e.clientWidth + 1) found.push(`cut at its side: ${name}`);
    if (hides("Y") && e.scrollHeight > e.clientHeight + 1) found.push(`cut at its foot: ${name}`);
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const inScroller = e.closest(".table-box, [role=region][tabindex]");
    if (own && !inScroller && e.getBoundingClientRect().right > wide + 1) found.push(`leaves the screen: ${name}`);
  }
  if (document.documentElement.scrollWidth > wide) found.push("scrolls sideways");
  return found;
}"""

# A change of colours fades; what axe is to see is its end.
# At most a second: an animation that the next style undid is never finished.
SETTLED = """async () => {
  const still = async () => {
    await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  };
  await Promise.race([still(), new Promise((done) => setTimeout(done, 1000))]);
}"""

each_page_type = pytest.mark.parametrize("page_type", PAGE_TYPES.values(), ids=PAGE_TYPES.keys())


def go(page: Page, page_type: PageType, staged: Staged, browser_errors: list[str]) -> None:
    response = page.goto(page_type.address(staged))
    assert response is not None
    assert response.status == page_type.status
    if page_type.status >= 400:
        browser_errors[:] = [said for said in browser_errors if "Failed to load resource" not in said]


def violations(page: Page, options: dict[str, Any]) -> list[tuple[str, list[str]]]:
    page.evaluate(SETTLED)
    if page.evaluate("!window.axe"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    return [(rule["id"], [f"{node['target'][0]} {node['html'][:120]}" for node in rule["nodes"]]) for rule in found]


def violations_everywhere(page: Page) -> dict[str, list[tuple[str, list[str]]]]:
    """Everything on desktop and phone; the colours once more in the dark."""
    found = {"desktop": violations(page, EVERYTHING)}
    page.emulate_media(color_scheme="dark")
    found["desktop, dark"] = violations(page, COLOURS)
    page.set_viewport_size(PHONE["viewport"])
    found["phone, dark"] = violations(page, COLOURS)
    page.emulate_media(color_scheme="light")
    found["phone"] = violations(page, EVERYTHING)
    return {where: rules for where, rules in found.items() if rules}


@each_page_type
def test_axe_finds_nothing_and_the_smallest_screen_needs_no_scrolling_sideways(
    page: Page, page_type: PageType, staged: Staged, browser_errors: list[str]
):
    go(page, page_type, staged, browser_errors)

    assert violations_everywhere(page) == {}
    page.set_viewport_size(NARROW)
    assert page.evaluate(CUT) == []


def test_axe_finds_nothing_on_a_form_with_errors(page: Page, staged: Staged, browser_errors: list[str]):
    page.goto(f"/fr/event/{staged.open}/register/")
    page.locator("form.form button").click()
    page.locator("#errors").wait_for()
    browser_errors.clear()  # Chromium calls a 422 an error

    assert violations_everywhere(page) == {}


def test_axe_finds_nothing_on_the_answers_to_forms(page: Page):
    page.goto("/en/my-registrations/")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.locator("form.form button").click()
    page.locator(".notice.ok").wait_for()

    assert violations_everywhere(page) == {}


def test_axe_finds_nothing_with_menu_and_languages_open(page: Page):
    page.goto("/fr/")
    page.locator("details.langs summary").click()
    with_languages = violations_everywhere(page)
    page.locator(".menu-button").click()
    page.locator("nav#menu").get_by_role("link").first.wait_for()

    assert with_languages == {}
    assert violations_everywhere(page) == {}


def test_axe_finds_nothing_where_a_calendar_is_chosen(page: Page, staged: Staged):
    page.goto(f"/en/event/{staged.open}/")
    page.locator(".subscribe summary").click()
    page.get_by_label("Address of the calendar").wait_for()

    assert violations_everywhere(page) == {}


@each_page_type
def test_text_of_twice_the_size_is_not_cut(
    open_window: OpenWindow, page_type: PageType, staged: Staged, browser_errors: list[str]
):
    page = open_window()
    double_text(page)

    go(page, page_type, staged, browser_errors)

    assert page.evaluate("matchMedia('(min-width: 41rem)').matches") is False
    assert page.evaluate(CUT) == []


# Where words are longest, and where there are tables and tools in a row.
@pytest.mark.parametrize(
    "address",
    ["/de/", "/de/veranstaltungskalender/", "/de/vademecum/", "/fr/cite/bellinzona/", "/en/calendar/?cite=porto"],
)
def test_nothing_is_cut_of_large_text_on_the_smallest_screen(open_window: OpenWindow, address: str):
    page = open_window(viewport=NARROW)
    double_text(page)

    page.goto(address)

    assert page.evaluate("matchMedia('(width <= 10rem)').matches") is True
    assert page.evaluate(CUT) == []


def double_text(page: Page) -> None:
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
