"""Our own pages in the admin are open to everybody too: axe, keys alone, a phone; and they ask no other host."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PHONE, OpenWindow, sign_in
from tests.browser.mails import wait_for_mails, words_of
from tests.browser.test_axe import CUT, EVERYTHING, NARROW, violations
from tests.browser.test_keyboard import SHOWN
from tests.server import PortalServer

SIZES = {"phone": {**PHONE, "viewport": {"width": 360, "height": 740}}, "smallest": {"viewport": NARROW}}
BEFORE_SIGNING_IN = [
    "/admin/login/",
    *(f"/admin/password_reset/{step}" for step in ("", "done/", "complete/", "confirm/MQ/set-password/")),
]
OF_EDITORS = [
    *("/admin/", "/admin/guide/", "/admin/second-factor/mine/", "/admin/second-factor/set-up/"),
    *("{cite}", "{cite}texts/", "{cite}colleagues/", "{event}", "{practice}"),
]
OF_COORDINATORS = ["/admin/", "/admin/cites/texts/", "/admin/second-factor/mine/", "{cite}colleagues/"]
# The bar with the way back is Wagtail's: what does not fit on a phone is scrolled there, not cut.
WITHOUT_WAGTAILS_BAR = "document.querySelectorAll('.w-slim-header').forEach((bar) => bar.remove())"
FIND_PLACES = (
    "from events.models import Event; event = Event.objects.filter(cite__slug='bruxelles').first();"
    "print(event.cite.admin_url, event.admin_url, event.cite.practices.first().admin_url)"
)


@pytest.fixture(scope="module")
def places(portal_server: PortalServer) -> dict[str, str]:
    """The addresses of a Cité, and of one of its events and practices."""
    said = portal_server.manage("shell", "-v", "0", "-c", FIND_PLACES).stdout.split()
    return dict(zip(("cite", "event", "practice"), said[-3:], strict=True))


@pytest.fixture(scope="module")
def vouched(browser: Browser, portal_server: PortalServer) -> Any:
    """The session of the coordinator, who had to set up the second factor."""
    page = browser.new_page(base_url=portal_server.url, locale="fr-FR")
    sign_in(page, portal_server, "coordinator")
    page.locator("[name=code]").fill(code_of(page))
    page.locator("main form button").first.click()
    page.locator(".factor-codes").wait_for()
    state = page.context.storage_state()
    page.close()
    return state


def code_of(page: Page) -> str:
    """What an app shows that was given the key by hand."""
    letters = page.locator(".factor-key").inner_text().replace(" ", "")
    return f"{TOTP(base64.b32decode(letters)).token():06d}"


def faults(page: Page, addresses: Iterable[str], find: Callable[[Page], list[Any]]) -> dict[str, list[Any]]:
    """What is found on each page, where anything is."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = find(page)
    return {address: what for address, what in found.items() if what}


def by_axe(page: Page) -> list[Any]:
    return violations(page, EVERYTHING)


def cut(page: Page) -> list[Any]:
    page.evaluate(WITHOUT_WAGTAILS_BAR)
    return list(page.evaluate(CUT))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_the_admin(
    open_window: OpenWindow, portal_server: PortalServer, places: dict[str, str], vouched: Any, phone: bool
):
    stranger, editor = open_window(phone=phone), open_window(phone=phone)
    coordinator = open_window(phone=phone, storage_state=vouched)
    sign_in(editor, portal_server, "bruxelles")

    found = [
        faults(stranger, BEFORE_SIGNING_IN, by_axe),
        faults(editor, [path.format(**places) for path in OF_EDITORS], by_axe),
        faults(coordinator, [path.format(**places) for path in OF_COORDINATORS], by_axe),
    ]

    assert found == [{}, {}, {}]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_nothing_leaves_the_screen_of_a_phone(
    open_window: OpenWindow, portal_server: PortalServer, places: dict[str, str], vouched: Any, size: dict[str, Any]
):
    stranger, editor = open_window(**size), open_window(**size)
    coordinator = open_window(**size, storage_state=vouched)
    sign_in(editor, portal_server, "bruxelles")

    found = [
        faults(stranger, BEFORE_SIGNING_IN, cut),
        faults(editor, [path.format(**places) for path in OF_EDITORS], cut),
        faults(coordinator, [path.format(**places) for path in OF_COORDINATORS], cut),
    ]

    assert found == [{}, {}, {}]


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until it has the focus, which must be seen there."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            shown = page.evaluate(SHOWN)
            assert (shown["ring"], shown["in_sight"]) == (True, True), shown
            return
    raise AssertionError(f"Tab does not come to {target}")


def test_a_second_factor_is_set_up_with_keys(open_window: OpenWindow, portal_server: PortalServer):
    page = open_window()
    sign_in(page, portal_server, "bruxelles")
    page.goto("/admin/second-factor/mine/")

    tab_to(page, page.locator("main a.button"))
    page.keyboard.press("Enter")
    page.locator(".factor-key").wait_for()
    tab_to(page, page.locator("[name=code]"))
    page.keyboard.type(code_of(page))
    page.keyboard.press("Enter")
    codes = page.locator(".factor-codes code")
    expect(codes).to_have_count(10)
    code = codes.first.inner_text()
    tab_to(page, page.locator("main a.button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/second-factor/mine/")

    other = open_window()
    sign_in(other, portal_server, "bruxelles")
    expect(other.locator("[name=code]")).to_be_focused()
    other.keyboard.type(code)
    other.keyboard.press("Enter")
    expect(other).to_have_url(f"{portal_server.url}/admin/")


def test_a_colleague_is_invited_with_keys(open_window: OpenWindow, portal_server: PortalServer):
    page = open_window()
    sign_in(page, portal_server, "torino")

    tab_to(page, page.locator("main a[href$='/colleagues/']"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/colleagues/")
    tab_to(page, page.locator("[name=email]"))
    page.keyboard.type("nuova.collega@example.org")
    tab_to(page, page.locator("[name=name]"))
    page.keyboard.type("Nuova Collega")
    tab_to(page, page.locator("[name=language]"))
    page.keyboard.type("Ital")
    tab_to(page, page.locator("main form.hub-form button"))
    page.keyboard.press("Enter")

    expect(page.locator(".messages .success")).to_contain_text("nuova.collega@example.org")
    expect(page.get_by_role("rowheader", name="nuova.collega@example.org")).to_be_visible()
    (mail,) = wait_for_mails(portal_server, "nuova.collega@example.org")
    assert "Nuova Collega" not in str(mail["Subject"])
    assert "/admin/password_reset/confirm/" in words_of(mail)
