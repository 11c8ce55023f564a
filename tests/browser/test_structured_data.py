"""A browser reads the data that pages carry for search engines, and has nothing to complain of."""

from __future__ import annotations

import json

from tests.browser.client import Client
from tests.browser.conftest import OpenWindow, Staged

READ = """() => {
  const blocks = document.querySelectorAll('script[type="application/ld+json"]');
  return [...blocks].map((block) => JSON.parse(block.textContent));
}"""
# Chromium tells of a policy that is broken in an event, besides in the console.
LISTEN = """window.broken = [];
document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective));"""


def test_data_of_events_are_read_and_break_no_policy(open_window: OpenWindow, staged: Staged):
    page = open_window()
    page.add_init_script(LISTEN)
    found = {}

    for name, number in (("open", staged.open), ("full", staged.full), ("cancelled", staged.cancelled)):
        page.goto(f"/fr/event/{number}/")
        (data,) = page.evaluate(READ)
        assert page.evaluate("window.broken") == []
        found[name] = (data["@context"], data["eventStatus"], data.get("remainingAttendeeCapacity"))
        title = page.title().removesuffix(" – Cités des métiers")
        assert data["name"] in {title, f"Démonstration\N{NARROW NO-BREAK SPACE}: {title}"}

    assert found["full"] == ("https://schema.org", "https://schema.org/EventScheduled", 0)
    assert found["cancelled"] == ("https://schema.org", "https://schema.org/EventCancelled", None)
    assert found["open"][2] > 0


def test_data_of_an_event_in_another_language_are_those_of_its_original(open_window: OpenWindow, staged: Staged):
    page = open_window()
    page.goto(f"/fr/event/{staged.french}/")
    (original,) = page.evaluate(READ)

    page.goto(f"/en/event/{staged.french}/")
    (neutral,) = page.evaluate(READ)

    assert (neutral["url"], neutral["startDate"]) == (original["url"], original["startDate"])
    assert page.locator("link[rel=canonical]").get_attribute("href") == neutral["url"]


def test_data_of_a_cite_are_read(open_window: OpenWindow):
    page = open_window()

    page.goto("/fr/cite/bellinzona/")

    (data,) = page.evaluate(READ)
    assert (data["@type"], data["address"]["addressCountry"]) == (["Organization", "Place"], "CH")
    assert len(data["openingHoursSpecification"]) >= 5


def test_files_of_public_data_are_read_by_other_sites(client: Client):
    for name in ("cites", "events", "practices"):
        answer = client.get(f"/en/data/{name}.json", Origin="https://elsewhere.example")

        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
        assert client.get(f"/en/data/{name}.json", If_None_Match=answer.headers["ETag"]).status == 304


def test_data_of_sheets_and_modules_are_read_and_break_no_policy(open_window: OpenWindow, client: Client):
    sheets = json.loads(client.get("/fr/data/practices.json").body)["practices"]
    page = open_window()
    page.add_init_script(LISTEN)

    for sheet in sheets[:3]:
        page.goto(f"/fr/practice/{sheet['id']}/")
        (data,) = page.evaluate(READ)
        assert page.evaluate("window.broken") == []
        assert (data["@context"], data["@type"]) == ("https://schema.org", "Article")
        assert data["url"] == page.locator("link[rel=canonical]").get_attribute("href")
        assert data["headline"].endswith(page.title().removesuffix(" – Cités des métiers"))
        assert data.get("license") == (sheet["licence"] or {}).get("url")
        assert data["dateModified"] == sheet["updated_at"]

    page.goto("/fr/module/1/")
    (data,) = page.evaluate(READ)
    assert (data["@type"], page.evaluate("window.broken")) == ("Course", [])
