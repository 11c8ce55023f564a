"""Fixtures for tests that meet the portal as people and programs do: over HTTP, with the demonstration in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.client import Client
from tests.server import PortalServer

HERE = Path(__file__).parent
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

OpenWindow = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this needs the running portal, so all of it is marked."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def client(portal_server: PortalServer) -> Client:
    return Client(portal_server.url)


@dataclass(frozen=True)
class Staged:
    """Numbers of events in rare states, and links of people.

    They have the only seat of the full one, wait for it, have not confirmed, and have registered a group.
    """

    open: int
    full: int
    cancelled: int
    one_seat: int
    asking: int
    french: int
    manage_url: str
    waiting_url: str
    pending_url: str
    group_url: str


@pytest.fixture(scope="session")
def staged(portal_server: PortalServer) -> Staged:
    said = portal_server.manage("shell", "-v", "0", "-c", "from tests.browser.staging import stage; stage()").stdout
    return Staged(**json.loads(said.splitlines()[-1]))


def sign_in(page: Page, server: PortalServer, name: str) -> None:
    """With the name and the password of one of the demonstration's accounts."""
    passwords = dict(line.split() for line in (server.var / "accounts.txt").read_text().splitlines())
    page.goto("/admin/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(passwords[name])
    page.locator("button[type=submit]").click()
    page.wait_for_url(lambda url: "/admin/login/" not in url)


@pytest.fixture
def open_window(browser: Browser, portal_server: PortalServer, browser_errors: list[str]) -> Iterator[OpenWindow]:
    """Open a window on the portal as another visitor: `open_window(phone=True, javascript=False)`.

    At the end of the test no window may have complained or asked another host.
    """
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    own = (portal_server.url, "data:", "blob:", "about:")

    def note(page: Page) -> None:
        page.on("pageerror", lambda error: browser_errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: said.type == "error" and browser_errors.append(f"{page.url}: {said.text}"))
        page.on("request", lambda asked: asked.url.startswith(own) or strangers.append(asked.url))

    def opened(*, phone: bool = False, javascript: bool = True, **options) -> Page:
        options = {"base_url": portal_server.url, "locale": "fr-FR", **(PHONE if phone else DESKTOP), **options}
        context = browser.new_context(java_script_enabled=javascript, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        note(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert (browser_errors, strangers) == ([], [])
