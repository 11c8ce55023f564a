"""What a visitor comes for: the nearest Cité, is it open, what happens next, what worked elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.test_facts import PUBLISHED

BOTH = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
NO_SCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


PRACTICES = re.compile(r"^\s*\d+\s+practices?\s*$")  # the heading above the sheets, not that of the selection


def number(text: str) -> int:
    return int(re.findall(r"\d+", text)[0])


def is_open(cite: dict[str, Any]) -> bool:
    """Whether the data say that it is open now, by its own clock."""
    now = dt.datetime.now(ZoneInfo(cite["timezone"]))
    clock = f"{now:%H:%M}"
    return any(row["weekday"] == now.isoweekday() and row["opens"] <= clock < row["closes"] for row in cite["hours"])


@BOTH
@NO_SCRIPT
def test_somebody_finds_the_cite_of_a_town(open_window: OpenWindow, phone: bool, javascript: bool):
    page = open_window(phone=phone, javascript=javascript)
    page.goto("/fr/")

    page.locator(".hero input[type=search]").fill("geneve")
    page.locator(".hero input[type=search]").press("Enter")
    expect(page.locator("h2#results")).to_have_text("1 Cité trouvée")
    page.locator(".directory h3 a").click()

    expect(page.locator("h1")).to_have_text("Cité des métiers du Grand Genève")
    expect(page.locator("main aside").get_by_text("Genève").first).to_be_visible()
    assert page.context.cookies() == []


def test_somebody_looks_through_a_country(page: Page):
    page.goto("/en/the-network/")
    page.get_by_label("Country").select_option("Portugal")
    page.locator("form.filters button").click()

    expect(page).to_have_url(re.compile(r"country=PT"))
    expect(page.locator("h2#results")).to_have_text("2 Cités found")
    names = page.locator(".directory h3").all_inner_texts()
    assert sorted(names) == ["Cidade das Profissões de Cascais", "Cidade das Profissões do Porto"]
    assert page.get_by_label("Country").input_value() == "PT"
    page.get_by_role("link", name="Show all again").click()
    expect(page).to_have_url("/en/the-network/")


def test_the_number_on_the_map_leads_to_its_country(page: Page):
    page.goto("/fr/le-reseau/")

    page.locator(".map a.pin[href$='PT']").click()

    expect(page.get_by_role("heading", name="Portugal")).to_be_in_viewport()


@pytest.mark.parametrize(
    "slug", [cite["slug"] for cite in PUBLISHED if cite["hours_known"] and cite["state"] == "open"]
)
def test_somebody_sees_whether_it_is_open_now(page: Page, slug: str):
    cite = next(record for record in PUBLISHED if record["slug"] == slug)
    before = is_open(cite)

    page.goto(f"/en/cite/{slug}/")

    said = page.locator(".page-head .status", has_text="now").inner_text()
    after = is_open(cite)
    assert said.startswith("Open now, until") in {before, after}
    assert said.startswith("Closed now") in {not before, not after}
    today = page.locator("table.hours tr.today")
    assert today.locator("th").inner_text().endswith("(today)")
    local = dt.datetime.now(ZoneInfo(cite["timezone"]))
    assert today.locator("th").inner_text().startswith(f"{local:%A}")


@pytest.mark.parametrize(
    "path",
    [
        "/fr/", "/fr/cite/porto/", "/fr/agenda/?when=past", "/fr/event/1/", "/fr/vademecum/", "/fr/practice/1/",
        "/fr/project/1/", "/fr/search/", "/fr/event/18/register/", "/fr/my-registrations/",
    ],
)  # fmt: skip
def test_the_other_language_is_the_same_page(page: Page, path: str):
    page.goto(path)
    here, kind = page.url, page.locator("main").evaluate("e => e.querySelectorAll('section, aside, form, h2').length")

    page.locator("details.langs summary").click()
    page.locator("details.langs").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    there = page.url
    assert page.locator("main").evaluate("e => e.querySelectorAll('section, aside, form, h2').length") == kind
    page.locator("details.langs summary").click()
    page.locator("details.langs").get_by_text("Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")

    assert there.startswith(f"{here.split('/fr/')[0]}/en/")
    assert page.url.partition("?")[0] == here.partition("?")[0]


def test_a_search_keeps_its_words_in_the_other_language(page: Page):
    page.goto("/fr/search/?q=orientation")

    page.locator("details.langs summary").click()
    page.locator("details.langs").get_by_text("English").click()

    expect(page).to_have_url("/en/search/?q=orientation")
    expect(page.locator("main input[type=search]")).to_have_value("orientation")


def test_the_past_agenda_goes_back_month_by_month(page: Page):
    page.goto("/en/agenda/")
    page.get_by_role("link", name="Past").click()

    days = page.locator(".events time.date").evaluate_all("all => all.map(e => e.dateTime)")
    known = [day for day in days if day]
    assert known[:-1] == sorted(known[:-1], reverse=True) or known == sorted(known, reverse=True)
    kickoff = page.locator(".event", has_text="COCADE: kick-off meeting")
    expect(kickoff).to_contain_text("September 2017")
    expect(kickoff.locator("time.date")).to_have_attribute("datetime", "2017-09")
    expect(page.locator(".event", has_text="transnational meeting, 2 of 6")).to_contain_text("not known")


def test_the_agenda_is_filtered_by_kind_and_country(page: Page):
    page.goto("/en/agenda/?when=past")
    page.get_by_label("Kind").select_option("Training")
    page.get_by_label("Country").select_option("Portugal")
    page.locator("form.filters button").click()

    expect(page.locator("main h2").first).to_have_text("1 event")
    expect(page.locator(".event h3")).to_have_text("COCADE: training in Porto")
    page.get_by_role("link", name="Show all again").click()
    expect(page).to_have_url("/en/agenda/?when=past")


@BOTH
@NO_SCRIPT
def test_facets_of_the_vademecum_count_what_they_show(open_window: OpenWindow, phone: bool, javascript: bool):
    page = open_window(phone=phone, javascript=javascript)
    page.goto("/en/vademecum/")
    total = number(page.locator("main h2", has_text=PRACTICES).inner_text())
    if phone:
        page.locator(".facet-box > summary").tap()
    country = (
        page.locator("fieldset", has_text="Country").locator(".check, li, div div, label", has_text="Belgium").last
    )
    promised = number(country.locator("xpath=ancestor-or-self::*[contains(., 'Belgium')][1]/..").inner_text())

    page.get_by_label("Belgium").check()
    page.locator(".facet-box button").click()

    expect(page.locator(".chips a").first).to_contain_text("Belgium")
    assert (
        number(page.locator("main h2", has_text=PRACTICES).inner_text())
        == promised
        == page.locator(".results article").count()
        < total
    )
    page.locator(".chips a").first.click()
    assert number(page.locator("main h2", has_text=PRACTICES).inner_text()) == total


def test_two_facets_narrow_each_other(page: Page):
    page.goto("/en/vademecum/?country=BE&country=IT")
    either = page.locator(".results article").count()
    page.goto("/en/vademecum/?country=BE&chapter=coordination")
    both = page.locator(".results article").count()

    page.goto("/en/vademecum/?country=BE")
    one = page.locator(".results article").count()

    assert either > one >= both


def test_search_finds_every_kind_of_thing(page: Page):
    page.goto("/fr/")
    page.locator("a.find").click()
    page.locator("main input[type=search]").fill("Bruxelles")
    page.locator("main input[type=search]").press("Enter")

    found = page.locator(".hits h3").all_inner_texts()
    assert "Cité des métiers de Bruxelles" in found[:3]
    assert any("COCADE" in title for title in found)
    page.locator("main input[type=search]").fill("l’accueil d’une personne migrante")
    page.locator("main input[type=search]").press("Enter")
    expect(page.locator(".hits")).to_be_visible()


def test_reading_leaves_no_trace(open_window: OpenWindow):
    page = open_window()
    for path in (
        "/fr/",
        "/en/the-network/",
        "/fr/cite/bellinzona/",
        "/en/agenda/",
        "/fr/vademecum/",
        "/en/search/?q=porto",
    ):
        page.goto(path)

    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_missing_page_helps_on(page: Page, browser_errors: list[str]):
    page.goto("/en/no/such/page/")
    browser_errors.clear()  # Chromium calls a 404 an error

    page.locator("main input[type=search]").fill("Genève")
    page.locator("main input[type=search]").press("Enter")

    expect(page.locator(".hits h3").first).to_contain_text("Genève")


@pytest.mark.parametrize(("zone", "says"), [("Europe/Paris", False), ("America/Montreal", True)])
def test_times_are_those_of_the_place_and_beside_them_the_reader_s(
    open_window: OpenWindow, staged, zone: str, says: bool
):
    page = open_window(timezone_id=zone)

    page.goto(f"/fr/event/{staged.open}/")

    expect(page.locator("main aside")).to_contain_text("UTC+")
    own = page.locator("main aside time[data-local]").first
    expect(own).to_be_visible() if says else expect(own).to_be_hidden()
    if says:
        expect(own).to_contain_text("03:00")
