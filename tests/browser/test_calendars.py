"""Calendars as people take them along: an address to copy, a month to look through, a frame on another site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenWindow
from tests.server import PortalServer


def test_somebody_copies_the_address_of_a_calendar(page: Page, portal_server: PortalServer):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/en/agenda/?kind=training")
    page.get_by_text("Subscribe in your calendar").click()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{portal_server.url}/en/calendar/training.ics"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_somebody_looks_through_the_months(open_window: OpenWindow, phone: bool):
    page = open_window(phone=phone, javascript=False)
    page.goto("/en/agenda/")

    page.get_by_role("link", name="Month", exact=True).click()
    page.locator("a[rel=next]").click()

    next_month = (dt.datetime.now(dt.UTC).date().replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    expect(page.locator("h2#month")).to_have_text(f"{next_month:%B %Y}")
    numbers = page.locator(".cal .num").filter(visible=True).count()
    assert (numbers == 0) is phone  # a phone has the days that have something, with their names


@contextmanager
def site_with(html: str) -> Iterator[str]:
    """Another website, whose only page is this; its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_only_its_own_site_shows_the_agenda_of_a_cite(browser: Browser, portal_server: PortalServer):
    frame = f'<!doctype html><iframe src="{portal_server.url}/en/embed/agenda/cite/porto/"></iframe>'
    said = "from home.models import Cite; Cite.objects.filter(slug='porto').update(website='{}')"
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda told: "frame-ancestors" in told.text and refused.append(told.text))
    agenda = page.frame_locator("iframe").locator("main.embed")

    with site_with(frame) as own, site_with(frame) as other:
        portal_server.manage("shell", "-v", "0", "-c", said.format(f"{own}/somewhere"))
        page.goto(own)
        expect(agenda).to_contain_text("Next events")
        assert (refused, page.context.cookies()) == ([], [])

        page.goto(other)
        expect(agenda).to_have_count(0)
        assert f"frame-ancestors 'self' {own}" in refused[0]

    portal_server.manage("shell", "-v", "0", "-c", said.format(""))
    page.close()
