"""The pages of the admin, followed by their links: nothing breaks, nothing asks another host, nothing sticks out."""

from __future__ import annotations

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from tests.browser.conftest import OpenWindow
from tests.server import PortalServer

pytestmark = pytest.mark.slow

LEFT_OUT = {"wagtailadmin_logout", "wagtailadmin_error_test", "wagtail_localize:download_pofile"}
# In this Chromium, Wagtail's own script finds no time zone named so; see the notes on Wagtail.
KNOWN = "localizeTimeZoneOptions"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def log_in(page: Page, server: PortalServer, name: str) -> None:
    passwords = dict(line.split() for line in (server.var / "accounts.txt").read_text().splitlines())
    page.goto("/admin/login/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(passwords[name])
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/admin/")


def view_name(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return path


def links(page: Page) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    return [href for href in found if href.startswith("/admin/") and "export=" not in href]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["porto", "coordinator"])
def test_admin_is_sound(
    open_window: OpenWindow, portal_server: PortalServer, browser_errors: list[str], name: str, phone: bool
):
    page = open_window(phone=phone)
    log_in(page, portal_server, name)
    waiting, seen, wide = ["/admin/"], set(LEFT_OUT), []

    while waiting:
        path = waiting.pop(0)
        if view_name(path) in seen:
            continue
        seen.add(view_name(path))
        answer = page.goto(path)
        assert answer is not None, path
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        if page.evaluate(WIDTH) > 0:
            wide.append(path)
        waiting += links(page)

    browser_errors[:] = [error for error in browser_errors if KNOWN not in error]
    assert {"cites:hub", "cites:edit", "events:hub", "events:add", "wagtailadmin_pages:edit"} <= seen
    assert wide == []
