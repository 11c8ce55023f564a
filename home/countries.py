"""Countries by ISO 3166-1 code and time zones by IANA name, in the reader's language (Unicode CLDR)."""

from __future__ import annotations

import zoneinfo
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from portal.base.languages import current_language
from portal.base.sorting import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

# Parts of a country with a code of their own that the network's places are in, or may be.
TERRITORY_CODES = ("GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT", "AX", "FO", "GL", "AW", "CW", "SX")


@cache
def names(language: str) -> dict[str, str]:
    """Names of the countries in a language, by code."""
    try:
        territories = Locale.parse(language, sep="-").territories
    except UnknownLocaleError:
        territories = Locale("en").territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}


def country_name(code: str) -> str:
    """The name of a country in the language of the page; the bare code for an unknown one."""
    return names(current_language()).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    return sorted_countries(current_language())


@cache
def sorted_countries(language: str) -> list[tuple[str, str]]:
    skip = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    rows = [(code, name) for code, name in names(language).items() if code not in skip]
    return sorted(rows, key=lambda row: sort_key(row[1], language))


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """These countries by name, in the order of the reader's alphabet."""
    return sorted(((code, country_name(code)) for code in codes), key=lambda row: sort_key(row[1]))


def territory_choices() -> list[tuple[str, str]]:
    return [(code, country_name(code)) for code in TERRITORY_CODES]


@cache
def zone_choices() -> list[tuple[str, str]]:
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
    return [(zone, zone.replace("_", " ")) for zone in zones if not zone.startswith(("Etc/", "SystemV/"))]


# Of countries with several zones the table names the easternmost first; most people live in another.
POPULOUS = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto"}


@cache
def zones_by_country() -> dict[str, str]:
    """The time zone of each country, by ISO code; of a country with several that of its capital or most people."""
    found = dict(POPULOUS)
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text()
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _position, zone, *_comment = line.split("\t")
            found.setdefault(code, zone)
    return found
