"""Days, times and sums in the words of each language."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from portal.base import when

DAY = dt.date(2027, 1, 14)


@pytest.mark.parametrize("language", ["fr", "en", "it", "es", "pt", "de", "nl", "da", "bg"])
def test_weeks_begin_on_monday(language):
    with translation.override(language):
        assert when.first_weekday() == 0


@pytest.mark.parametrize(
    ("language", "day", "days", "clock"),
    [
        ("fr", "jeudi 14 janvier 2027", "14–16 janv. 2027", "18:00"),
        ("en", "Thursday, 14 January 2027", "14–16 Jan 2027", "18:00"),
        ("it", "giovedì 14 gennaio 2027", "14–16 gen 2027", "18:00"),
        ("es", "jueves, 14 de enero de 2027", "14–16 de enero de 2027", "18:00"),
        ("pt", "quinta-feira, 14 de janeiro de 2027", "14–16 de jan. de 2027", "18:00"),
        ("de", "Donnerstag, 14. Januar 2027", "14.–16. Jan. 2027", "18:00"),
        ("nl", "donderdag 14 januari 2027", "14–16 jan 2027", "18:00"),
        ("da", "torsdag den 14. januar 2027", "14.–16. jan. 2027", "18.00"),
        ("bg", "четвъртък, 14 януари 2027 г.", "14 – 16 януари 2027 г.", "18:00"),
    ],
)
def test_days_and_times_are_in_the_language_of_the_page(language, day, days, clock):
    with translation.override(language):
        written = (when.full_day(DAY), when.days(DAY, dt.date(2027, 1, 16)), when.clock(dt.time(18)))

    assert [" ".join(text.split()) for text in written] == [day, days, clock]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2019", "2019"),
        ("2019-05", "May 2019"),
        ("2019-05-14", "14 May 2019"),
        ("about 1999", "about 1999"),
        ("2019-13", "2019-13"),
        ("", ""),
    ],
)
def test_partial_dates_are_written_as_exactly_as_they_are_known(text, words):
    with translation.override("en"):
        assert when.partial(text) == words


@pytest.mark.parametrize(
    ("zone", "month", "text"),
    [
        ("Europe/Rome", 1, "UTC+1"),
        ("Europe/Rome", 7, "UTC+2"),
        ("Africa/Lome", 1, "UTC+0"),
        ("America/Guadeloupe", 1, "UTC−4"),
        ("Asia/Kolkata", 1, "UTC+5:30"),
        ("America/St_Johns", 1, "UTC−3:30"),
    ],
)
def test_offset_from_utc_is_written_out(zone, month, text):
    assert when.offset(dt.datetime(2027, month, 14, 18, tzinfo=ZoneInfo(zone))) == text


def test_sums_have_cents_only_where_there_are_some():
    with translation.override("en"):
        assert (when.sum_of(Decimal("318315.00"), "EUR"), when.sum_of(Decimal("10.50"), "EUR")) == (
            "€318,315",
            "€10.50",
        )


def test_lists_are_joined_as_the_language_does():
    with translation.override("fr"):
        assert when.listed(["italien", "français", "anglais"]) == "italien, français et anglais"


def test_town_of_a_zone_has_its_name_in_the_language():
    with translation.override("de"):
        assert when.city_of(ZoneInfo("Europe/Rome")) == "Rom"


def test_unknown_language_falls_back_to_english():
    with translation.override("en-xx"):
        assert when.month_and_year(DAY) == "January 2027"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "mercredi 9 décembre"),
        ("en", "Wednesday 9 December"),
        ("it", "mercoledì 9 dicembre"),
        ("es", "miércoles, 9 de diciembre"),
        ("pt", "quarta-feira, 9 de dezembro"),
        ("de", "Mittwoch, 9. Dezember"),
        ("nl", "woensdag 9 december"),
        ("da", "onsdag den 9. december"),
        ("bg", "сряда, 9 декември"),
    ],
)
def test_day_within_a_known_year(language, said):
    with translation.override(language):
        assert when.weekday_and_day(dt.date(2026, 12, 9)) == said
