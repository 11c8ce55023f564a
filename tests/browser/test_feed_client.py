"""A calendar program that subscribes: what it reads is what the pages say, and it is asked little."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from tests.browser.client import Answer, Client
from tests.browser.conftest import Staged

LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def subscribed(client: Client, language: str) -> Calendar:
    """The feed at the address that the agenda offers."""
    home = client.get(f"/{language}/")
    agenda = next(str(tag["href"]) for tag in home.document.select("nav#menu a") if "Agenda" in tag.get_text())
    offered = client.get(agenda).one("link[rel=alternate][type='text/calendar']")["href"]
    calendar = Calendar.from_ical(client.get(str(offered)).body)
    assert isinstance(calendar, Calendar)
    return calendar


def entries(calendar: Calendar) -> dict[str, Any]:
    return {str(entry["UID"]): entry for entry in calendar.walk("VEVENT")}


def page_of(client: Client, entry: Any) -> Answer:
    """The page that an entry names; the prepared demonstration knows the host, not yet the port."""
    return client.get(urlsplit(str(entry["URL"])).path)


def day(moment: dt.date | dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d")


@LANGUAGES
def test_a_program_can_read_the_feed(client: Client, staged: Staged, language: str):
    calendar = subscribed(client, language)

    assert staged
    assert str(calendar["VERSION"]) == "2.0"
    assert "Cités des métiers" in str(calendar["X-WR-CALNAME"])
    assert [part.errors for part in calendar.walk() if part.errors] == []
    uids = [str(entry["UID"]) for entry in calendar.walk("VEVENT")]
    assert len(uids) == len(set(uids)) > 5


@LANGUAGES
def test_every_entry_says_what_its_page_says(client: Client, language: str):
    for entry in entries(subscribed(client, language)).values():
        page = page_of(client, entry)
        title, shown = page.words("h1"), page.document.select(".page-head time.date")[0]
        start = entry["DTSTART"].dt

        assert page.status == 200
        assert title in " ".join(str(entry["SUMMARY"]).split())
        assert str(shown["datetime"])[:10] == day(start)
        assert (entry.get("STATUS") == "CANCELLED") == bool(page.document.select("main .notice.error"))
        if isinstance(start, dt.datetime) and start.utcoffset() is not None:
            assert f"{start:%H:%M}" in page.words("main aside")


@LANGUAGES
def test_every_coming_event_with_a_date_is_in_the_feed(client: Client, language: str):
    home = client.get(f"/{language}/")
    agenda = next(str(tag["href"]) for tag in home.document.select("nav#menu a") if "Agenda" in tag.get_text())
    rows = client.get(agenda).document.select(".events .event")
    dated = {" ".join(row.select_one("h3 a").get_text().split()) for row in rows if row.select_one("time[datetime]")}

    said = {page_of(client, entry).words("h1") for entry in entries(subscribed(client, language)).values()}

    assert len(dated) > 5
    assert dated - said == set()


def test_an_event_is_the_same_entry_in_every_language(client: Client):
    french, english = (entries(subscribed(client, language)) for language in ("fr", "en"))

    assert set(french) == set(english)
    for uid, entry in french.items():
        for name in ("DTSTART", "DTEND", "SEQUENCE", "STATUS"):
            assert entry.get(name) == english[uid].get(name), (uid, name)
        assert urlsplit(str(english[uid]["URL"])).path.startswith("/en/")


def test_the_file_of_one_event_is_its_entry_of_the_feed(client: Client, staged: Staged):
    for number in (staged.open, staged.cancelled):
        answer = client.get(f"/en/calendar/event/{number}.ics")
        (alone,) = entries(Calendar.from_ical(answer.body)).values()

        assert "attachment" in answer.headers["Content-Disposition"]
        assert alone.to_ical() == entries(subscribed(client, "en"))[str(alone["UID"])].to_ical()


def test_a_program_that_has_it_already_gets_nothing_again(client: Client):
    first = client.get("/fr/calendar/all.ics")

    by_tag = client.get("/fr/calendar/all.ics", If_None_Match=first.headers["ETag"])
    by_date = client.get("/fr/calendar/all.ics", If_Modified_Since=first.headers["Last-Modified"])

    assert [(answer.status, answer.body) for answer in (by_tag, by_date)] == [(304, b""), (304, b"")]
    assert "max-age=" in first.headers["Cache-Control"]


def test_the_feed_is_the_same_for_every_program(client: Client):
    bodies = {
        client.get("/fr/calendar/all.ics", User_Agent=name, Accept_Language=language, Cookie=cookie).body
        for name, language, cookie in (
            ("Google-Calendar-Importer", "en", ""),
            ("iOS/18.0 dataaccessd/1.0", "de-DE", "sessionid=x"),
            ("Microsoft.Exchange/15.20", "*", "django_language=en"),
            ("Thunderbird/140.0", "", ""),
        )
    }

    assert len(bodies) == 1
