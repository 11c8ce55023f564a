"""The feed of new and changed sheets: valid, stable, and in the reader's language or honest about it."""

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import feedparser
import pytest
import time_machine
from bs4 import BeautifulSoup
from wagtail.models import PageViewRestriction

from home.models import Cite, TargetGroup
from practices.models import Chapter, Practice
from tests.factories import make_practice, make_tree, practice_page, publish, stored
from tests.practices.atom_checklist import ATOM, LANG, broken
from tests.practices.sheets import HOSTILE, full_sheet

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def read(client, language: str = "en") -> Any:
    response = client.get(f"/{language}/practices.atom")
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert broken(response.content) == []
    return ET.fromstring(response.content)  # noqa: S314 - our own bytes


def entries(client, language: str = "en") -> list[dict[str, str]]:
    found = []
    for element in read(client, language).iter(f"{ATOM}entry"):
        values = {child.tag.removeprefix(ATOM): child.text or "" for child in element}
        found.append({**values, "lang": element.get(LANG, "")})
    return found


def titles(client, language: str = "en") -> list[str]:
    return [entry["title"] for entry in entries(client, language)]


def test_feed_without_sheets_is_valid(client):
    root = read(client)

    assert root.findtext(f"{ATOM}title") == "Cités des métiers: new and changed practices"
    assert (root.get(LANG), root.findtext(f"{ATOM}updated")) == ("en", "2027-01-10T12:00:00Z")


def test_entry_is_compared_as_a_whole(client):
    sheet = full_sheet(make_tree("fr"), is_demonstration=False)

    (element,) = read(client, "fr").iter(f"{ATOM}entry")

    links = {child.get("rel"): dict(child.attrib) for child in element.findall(f"{ATOM}link")}
    assert links == {
        "alternate": {
            "rel": "alternate",
            "type": "text/html",
            "hreflang": "fr",
            "href": f"{SITE}/fr/vademecum-fr/un-atelier/",
        },
        "license": {"rel": "license", "href": "https://creativecommons.org/licenses/by/4.0/"},
    }
    assert [(child.get("term"), child.get("label")) for child in element.findall(f"{ATOM}category")] == [
        ("run", "Faire vivre"),
        ("young", "Jeunes"),
    ]
    assert {name: element.findtext(f"{ATOM}{name}") for name in ("title", "summary", "published", "rights")} == {
        "title": "Un atelier",
        "summary": "Comment faire ?\n\nEn un mot.",
        "published": "2027-01-10T12:00:00Z",
        "rights": "CC BY 4.0",
    }
    assert element.findtext(f"{ATOM}author/{ATOM}name") == "Équipe de Porto"
    assert element.get(LANG) is None
    assert sheet.contact_email not in ET.tostring(element, encoding="unicode")


def test_a_reader_of_feeds_understands_it(client):
    sheet = full_sheet(make_tree("fr", "en"))

    found = feedparser.parse(client.get("/bg/practices.atom").content)

    assert (found.bozo, found.version, found.feed.language) == (False, "atom10", "bg")
    (entry,) = found.entries
    assert (entry.title, entry.title_detail.language, entry.summary) == (
        "Un atelier",
        "fr",
        "Comment faire ?\n\nEn un mot.",
    )
    assert (entry.link, entry.author) == (f"{SITE}/bg/practice/{sheet.pk}/", "Équipe de Porto")
    assert [tag.label for tag in entry.tags] == ["Faire vivre", "Jeunes"]
    assert {entry.published, entry.updated} == {"2027-01-10T12:00:00Z"}


def test_a_reader_of_feeds_takes_hostile_words_for_plain_text(client):
    page = practice_page(make_tree("en")["en"]["vademecum"], make_practice("x", authors=HOSTILE), "x")
    type(page).objects.update(title=HOSTILE, summary=HOSTILE)

    found = feedparser.parse(client.get("/en/practices.atom").content)

    (entry,) = found.entries
    assert (found.bozo, entry.title_detail.type, entry.summary_detail.type) == (False, "text/plain", "text/plain")


def test_words_that_are_not_translated_name_their_language(client):
    full_sheet(make_tree("fr", "en"))

    assert [
        (entry["title"], entry["lang"]) for language in ("fr", "en", "bg") for entry in entries(client, language)
    ] == [
        ("Un atelier", ""),
        ("A workshop", ""),
        ("Un atelier", "fr"),
    ]


def test_id_stays_when_words_and_facts_and_the_address_of_the_portal_change(client, clock, settings):
    trees = make_tree("fr", "en")
    sheet = make_practice("a")
    page = practice_page(trees["fr"]["vademecum"], sheet, "Un")
    first = entries(client)

    clock.shift(3600)
    page.title = "Deux"
    page.save_revision().publish()
    by_words = entries(client)
    clock.shift(3600)
    sheet = stored(sheet)
    sheet.authors = "Nous"
    publish(sheet)
    by_facts = entries(client)
    clock.shift(3600)
    practice_page(trees["en"]["vademecum"], sheet, "Two")
    settings.SITE_URL = "https://portal.example"
    translated = entries(client)

    seen = [first, by_words, by_facts, translated]
    assert [[entry["title"] for entry in found] for found in seen] == [["Un"], ["Deux"], ["Deux"], ["Two"]]
    assert [found[0]["updated"][11:16] for found in seen] == ["12:00", "13:00", "14:00", "15:00"]
    assert {found[0]["published"] for found in seen} == {"2027-01-10T12:00:00Z"}
    assert len({found[0]["id"] for found in seen}) == 1
    assert entries(client, "fr")[0]["id"] != first[0]["id"]


def test_a_change_in_another_language_changes_nothing(client, clock):
    trees = make_tree("fr", "en")
    sheet = make_practice("a")
    page = practice_page(trees["en"]["vademecum"], sheet, "One")
    practice_page(trees["fr"]["vademecum"], sheet, "Un")
    first = client.get("/fr/practices.atom")

    clock.shift(60)
    page.summary = "Other"
    page.save_revision().publish()

    assert client.get("/fr/practices.atom", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_newest_comes_first_and_the_list_ends(client, clock, monkeypatch):
    vademecum = make_tree("en")["en"]["vademecum"]
    monkeypatch.setattr("practices.atom.NEWEST", 3)
    for name in "abcde":
        clock.shift(60)
        practice_page(vademecum, make_practice(name), name)

    assert titles(client) == ["e", "d", "c"]


def test_what_is_not_public_any_more_vanishes_and_the_feed_says_when(client, clock):
    vademecum = make_tree("en")["en"]["vademecum"]
    pages = {name: practice_page(vademecum, make_practice(name), name) for name in "abcd"}
    practice_page(vademecum, make_practice("words are a draft"), live=False)
    make_practice("without words")
    first = client.get("/en/practices.atom")
    clock.shift(60)

    stored(pages["a"].practice).unpublish()
    stored(pages["b"]).unpublish()
    PageViewRestriction.objects.create(page=pages["c"], restriction_type=PageViewRestriction.LOGIN)
    after = client.get("/en/practices.atom", headers={"if-none-match": first["ETag"]})

    assert after.status_code == 200
    assert titles(client) == ["d"]
    assert read(client).findtext(f"{ATOM}updated") == "2027-01-10T12:01:00Z"


def test_demonstration_is_said_in_the_title(client):
    practice_page(make_tree("en")["en"]["vademecum"], make_practice("a", is_demonstration=True), "Made up")

    assert titles(client) == ["Demonstration: Made up"]


def test_hostile_words_are_text(client):
    page = practice_page(make_tree("en")["en"]["vademecum"], make_practice("x", authors=HOSTILE), "x")
    type(page).objects.update(title=HOSTILE, summary=HOSTILE, question="<img src=x onerror=alert(1)>")

    text = client.get("/en/practices.atom").content.decode()
    (entry,) = entries(client)

    assert "script" not in text
    assert "<" not in entry["title"] + entry["summary"]
    assert ("onerror" in text, "\x0b" in text) == (False, False)


def test_title_that_is_nothing_but_markup_leaves_the_working_title(client):
    page = practice_page(make_tree("en")["en"]["vademecum"], make_practice("Working"), "x")
    type(page).objects.update(title="<script>x</script>")

    assert titles(client) == ["Working"]


def test_feed_is_named_in_the_head_of_the_index_and_on_its_page(client):
    vademecum = make_tree("en")["en"]["vademecum"]

    page = BeautifulSoup(client.get(vademecum.get_url()).content, "html.parser")

    assert [(link["type"], link["href"]) for link in page.select("head link[rel=alternate]:not([hreflang])")] == [
        ("application/atom+xml", "/en/practices.atom"),
        ("application/json", "/en/data/practices.json"),
    ]
    assert len(page.select("main a[href='/en/practices.atom'], main a[href='/en/data/practices.csv']")) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_feed_asks_the_database_as_often_for_three_as_for_one(client, django_assert_num_queries, number):
    vademecum = make_tree("fr", "en")["fr"]["vademecum"]
    for index in range(number):
        practice_page(vademecum, make_practice(f"{index}"), f"{index}")
    client.get("/en/practices.atom")

    with django_assert_num_queries(10):
        assert len(entries(client)) == number


def test_checklist_finds_what_is_broken():
    """A checklist that finds nothing in anything would hold nothing."""
    ok = '<author><name>A</name></author><link rel="self" href="http://x/"/>'
    head = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>T</title>{ok}'
    entry = "<entry><id>e</id><title/><updated>2027-01-10</updated><category/><x/></entry>"

    assert broken(f"{head}<updated>2027-01-10T12:00:00Z</updated></feed>".encode()) == []
    assert broken(f"{head}<updated>now</updated></feed>".encode()) == ["3.3: 'now' is no date"]
    assert broken(f"{head}<updated>2027-01-10T12:00:00Z</updated>{entry}</feed>".encode()) == [
        "4.1.2: x is not allowed",
        "4.2.6: 'e' is no IRI",
        "3.1: title is empty",
        "3.3: '2027-01-10' is no date",
        "4.2.2.1: a category has no term",
        "4.1.2: an entry has neither content nor an alternate link",
    ]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Chapter, {"labels": {"fr": "Mener"}}),
        (TargetGroup, {"labels": {"fr": "Des jeunes"}}),
        (Cite, {"official_name": "Autre nom"}),
        (Practice, {"licence": "cc0"}),
        (Practice, {"checked_on": dt.date(2027, 1, 12)}),
    ],
)
def test_feed_and_data_tell_of_what_changed_without_a_publication(client, clock, model, fields):
    sheet = full_sheet(make_tree("fr", "en"))
    Practice.objects.update(authors="")
    first = read(client, "fr").findtext(f"{ATOM}updated")
    assert client.get("/fr/data/practices.json").json()["changed_at"] == first
    clock.shift(dt.timedelta(days=2))
    assert read(client, "fr").findtext(f"{ATOM}updated") == first

    model.objects.update(**fields)

    data = client.get("/fr/data/practices.json").json()
    assert (read(client, "fr").findtext(f"{ATOM}updated"), data["changed_at"]) == ("2027-01-12T12:00:00Z",) * 2
    checked = stored(sheet).checked_on is not None
    assert entries(client, "fr")[0]["updated"] == ("2027-01-12T00:00:00Z" if checked else "2027-01-10T12:00:00Z")
