"""Days, times and sums in the words of the page's language (Unicode CLDR); hours count to 24 everywhere."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_currency
from babel.units import format_unit

from portal.base.languages import current_language

if TYPE_CHECKING:
    from decimal import Decimal

REGIONS = {"en": "en_GB", "pt": "pt_PT"}  # else CLDR means the United States and Brazil
FRENCH_FIRST = re.compile(r"(?<!\d)1 (?=[a-zéû]{3})")
OF_THE_YEAR = re.compile(r",?\s*(?:'de'\s)?y(?:\s'г'\.)?$")  # at the end of a pattern of CLDR
YEAR, MONTH = len("2019"), len("2019-05")


def locale() -> Locale:
    language = current_language()
    try:
        return Locale.parse(REGIONS.get(language, language), sep="_" if language in REGIONS else "-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def first_of_month(text: str) -> str:
    """French says "1er décembre"; CLDR writes "1 décembre"."""
    return FRENCH_FIRST.sub("1er ", text) if current_language() == "fr" else text


def full_day(day: dt.date) -> str:
    """Thursday, 14 January 2027."""
    return first_of_month(format_date(day, "full", locale=locale()))


def long_day(day: dt.date) -> str:
    """14 January 2027."""
    return first_of_month(format_date(day, "long", locale=locale()))


def weekday_and_day(day: dt.date) -> str:
    """Thursday 14 January: the full date without its year. CLDR's skeletons shorten both names in most languages."""
    pattern = OF_THE_YEAR.sub("", locale().date_formats["full"].pattern)
    if current_language() == "en":
        pattern = pattern.replace(",", "")  # it stands in sentences, and before hours
    return first_of_month(format_date(day, pattern, locale=locale()))


def month_and_year(day: dt.date) -> str:
    """January 2027."""
    return format_skeleton("yMMMM", day, locale=locale())


def days(first: dt.date, last: dt.date) -> str:
    """14–16 Jan 2027."""
    return format_interval(first, last, "yMMMMd", locale=locale())


def short_month(day: dt.date) -> str:
    return format_date(day, "LLL", locale=locale())


def short_weekday(day: dt.date) -> str:
    return format_date(day, "ccc", locale=locale())


def weekday(day: dt.date) -> str:
    return format_date(day, "cccc", locale=locale())


def first_weekday() -> int:
    """The day that weeks begin with, counted from Monday, which is 0."""
    # Of the language alone: CLDR has Portugal's weeks begin on Sunday, its standard and its offices on Monday.
    return Locale.parse(current_language(), sep="-").first_week_day


def clock(time: dt.time | dt.datetime) -> str:
    """18:00."""
    return format_time(time, "short", tzinfo=getattr(time, "tzinfo", None), locale=locale())


def city_of(zone: dt.tzinfo) -> str:
    """Name the town that a time zone is named after."""
    return get_timezone_location(zone, locale=locale(), return_city=True)


def offset(moment: dt.datetime) -> str:
    """UTC+1, UTC+5:30."""
    minutes = round((moment.utcoffset() or dt.timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def partial(text: str) -> str:
    """Write a date given as 2019, 2019-05 or 2019-05-14; anything else as it stands."""
    try:
        if len(text) == YEAR:
            return str(dt.date(int(text), 1, 1).year)
        if len(text) == MONTH:
            return month_and_year(dt.date.fromisoformat(f"{text}-01"))
        return long_day(dt.date.fromisoformat(text))
    except ValueError:
        return text


def listed(words: list[str]) -> str:
    """Join words as the language does: Italian, French and English."""
    return format_list(words, locale=locale())


def hours(amount: Decimal) -> str:
    """Write "7 hours" or "3.5 hours", as the language does (CLDR)."""
    return str(format_unit(amount.normalize(), "duration-hour", locale=locale()))


def sum_of(amount: Decimal, currency: str) -> str:
    """€318,315; with cents only where there are some."""
    if amount == amount.to_integral_value():
        return format_currency(amount, currency, locale=locale(), currency_digits=False, format=whole())
    return format_currency(amount, currency, locale=locale())


def whole() -> str:
    """Give the language's pattern for sums, without its decimals."""
    return locale().currency_formats["standard"].pattern.replace("0.00", "0")
