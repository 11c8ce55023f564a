"""What the data say, the public pages say, in both languages; what is a draft is nowhere."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.browser.client import Answer, Client

DEMO = Path(__file__).parents[2] / "portal" / "demo"
CLOSED = re.compile(r"\b(closed|fermée?)\b", re.IGNORECASE)
NOT_KNOWN = {"fr": "Horaires non renseignés", "en": "Hours not known"}


@cache
def records(name: str) -> list[dict[str, Any]]:
    return next(iter(tomllib.loads((DEMO / f"{name}.toml").read_text()).values()))


PUBLISHED = [cite for cite in records("cites") if cite["published"]]
DRAFTS = [cite for cite in records("cites") if not cite["published"]]
OPEN = [cite for cite in PUBLISHED if cite["state"] == "open"]
WITHOUT_HOURS = [cite["slug"] for cite in PUBLISHED if not cite["hours_known"]]


def section(client: Client, language: str, kind: str) -> str:
    """The address of a section, as the menu of the home page has it."""
    places = {"network": 0, "vademecum": 1, "agenda": 2, "projects": 3}
    found = client.get(f"/{language}/").document.select("nav#menu a[href]")
    return str(found[places[kind]]["href"])


def linked(page: Answer, text: str) -> list[str]:
    return [str(tag["href"]) for tag in page.document.select("main a[href]") if text in tag.get_text()]


def test_the_data_are_what_these_tests_expect():
    assert len(PUBLISHED) > 30
    assert {cite["slug"] for cite in DRAFTS} >= {"canada", "germany", "mauritius"}
    assert {cite["slug"] for cite in PUBLISHED} - set(WITHOUT_HOURS)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_home_page_names_the_computed_numbers(client: Client, language: str):
    numbers = [len(OPEN), len({cite["country"] for cite in OPEN})]

    page = client.get(f"/{language}/")

    assert [int(number) for number in re.findall(r"\d+", page.words(".hero .lead"))] == numbers
    assert [int(number) for number in re.findall(r"\d+", page.words("#map h2"))] == numbers
    counts = [int(re.findall(r"\d+", tag.get_text())[0]) for tag in page.document.select("#map .countries li")]
    assert [sum(counts), len(counts)] == numbers
    assert sum(int(tag.get_text()) for tag in page.document.select("#map .pin text")) == numbers[0]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_published_cite_has_a_page_in_both_languages(client: Client, language: str):
    wrong = {}
    for cite in PUBLISHED:
        page = client.get(f"/{language}/cite/{cite['slug']}/")
        is_own = page.path.startswith(section(client, language, "network"))
        if page.status != 200 or not is_own or cite["official_name"] not in page.words("main"):
            wrong[cite["slug"]] = (page.status, page.path)

    assert wrong == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_hours_that_nobody_knows_are_never_called_closed(client: Client, language: str):
    wrong = {}
    for slug in WITHOUT_HOURS:
        page = client.get(f"/{language}/cite/{slug}/")
        if page.document.select("table.hours"):
            continue  # an editor has given them since
        visit, head = page.words("main aside"), page.words(".page-head")
        if NOT_KNOWN[language] not in visit or CLOSED.search(visit) or CLOSED.search(head):
            wrong[slug] = visit

    assert wrong == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_directory_calls_only_those_closed_whose_hours_are_known(client: Client, language: str):
    page = client.get(section(client, language, "network"))

    names = {
        tag.select_one("h3 a").get_text()
        for tag in page.document.select(".directory .row")
        if CLOSED.search(tag.get_text())
    }

    unknown = {cite["official_name"] for cite in PUBLISHED if cite["slug"] in WITHOUT_HOURS}
    with_table = {name for name in names & unknown if client.get(linked(page, name)[0]).document.select("table.hours")}
    assert names & unknown == with_table


@pytest.mark.parametrize(
    ("language", "town", "days"), [("fr", "Bruxelles", "24–25 janv. 2019"), ("en", "Brussels", "24–25 Jan 2019")]
)
def test_the_last_cocade_meeting_is_in_the_past_agenda(client: Client, language: str, town: str, days: str):
    agenda = section(client, language, "agenda")

    page = client.get(f"{agenda}?when=past&kind=meeting&country=BE")

    rows = [
        row for row in page.document.select(".events .event") if "COCADE" in row.get_text() and town in row.get_text()
    ]
    assert [row.select_one("time[datetime]")["datetime"] for row in rows] == ["2019-01-24"]
    assert days in " ".join(rows[0].get_text(" ").split())
    assert "COCADE" not in client.get(agenda).words("main")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_project_page_has_both_grants_each_with_its_source(client: Client, language: str):
    project = next(record for record in records("projects") if record.get("acronym") == "COCADE")
    url = linked(client.get(section(client, language, "projects")), "COCADE")[0]

    rows = [" ".join(row.get_text(" ").split()) for row in client.get(url).document.select("table tr:has(td.number)")]

    assert len(rows) == len(project["grants"]) == 2
    for row, grant in zip(rows, project["grants"], strict=True):
        digits = re.sub(r"\D", "", str(grant["amount"]).removesuffix(".00").removesuffix(".0"))
        source = project["sources"][grant["source"] - 1] if isinstance(grant.get("source"), int) else grant
        assert digits in re.sub(r"[^\dA-Za-z]", "", row)
        assert source.get("title") or source.get("source_title") in row


@pytest.mark.parametrize("language", ["fr", "en", "it"])
def test_drafts_have_no_address(client: Client, language: str):
    assert {client.get(f"/{language}/cite/{cite['slug']}/").status for cite in DRAFTS} == {404}


def test_drafts_are_nowhere_to_be_read(client: Client):
    lists = [client.get(section(client, code, kind)) for code in ("fr", "en") for kind in ("network", "agenda")]
    places = [
        client.get(f"/{code}/search/?q={word}") for code in ("fr", "en") for word in ("germany", "canada", "maurit")
    ]
    files = [client.get(path) for path in ("/sitemap.xml", "/fr/calendar/all.ics", "/en/calendar/all.ics")]

    for cite in DRAFTS:
        said = [cite["official_name"], cite["words"]["fr"].get("title") or cite["official_name"]]
        shown = [answer.url for answer in [*lists, *places, *files] for name in said if name in answer.text]
        assert shown == [], cite["slug"]


@pytest.mark.parametrize("word", ["Germany", "Allemagne", "Canada", "Maurice", "Mauritius"])
def test_search_finds_no_draft(client: Client, word: str):
    assert client.get(f"/fr/search/?q={word}").document.select("#found-cite") == []


def test_countries_of_drafts_are_no_filter(client: Client):
    page = client.get(section(client, "en", "network"))

    assert {"DE", "CA", "MU", "CL"} & {str(tag["value"]) for tag in page.document.select("#country option")} == set()
