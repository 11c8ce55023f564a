"""What search engines read of a Cité, compared as a whole."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup

from home.models import CiteName, OpeningException, OpeningInterval
from home.structured_data import structured_cite
from tests.factories import cite_page, make_cite, make_tree, publish

pytestmark = pytest.mark.django_db

URL = "https://portal.example/en/network/porto/"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
PLAIN = {
    "@type": ["Organization", "Place"],
    "name": "Cité porto",
    "url": URL,
    "knowsLanguage": ["pt", "fr"],
    "address": {"@type": "PostalAddress", "addressLocality": "Porto", "addressCountry": "PT"},
}


def data_of(summary: str = "", **fields: Any) -> Any:
    return structured_cite(make_cite("porto", **fields), summary=summary, url=URL)


def test_cite_of_which_little_is_known_says_little():
    assert data_of() == PLAIN


def test_cite_says_all_that_is_known():
    cite = make_cite(
        "reunion",
        official_name="Cité\ndes métiers",
        address="1 rue X",
        city="Saint-Denis",
        country="FR",
        territory="RE",
        latitude=-20.9,
        longitude=55.4,
        is_exact_position=True,
        timezone="Indian/Reunion",
        languages=["fr"],
        opened_on=dt.date(2012, 5, 4),
        phone="+262 1",
        email="cite@example.org",
        website="https://example.org/",
        are_hours_known=True,
        access_contact="maria@example.org",
    )
    cite.names = [CiteName(name="Kaz", language="rcf")]
    cite.intervals = [OpeningInterval(weekday=day, opens=dt.time(9), closes=dt.time(12, 30)) for day in (1, 7)]
    cite.exceptions = [
        OpeningException(first_on=dt.date(2026, 12, 24), last_on=dt.date(2027, 1, 9)),
        OpeningException(first_on=dt.date(2027, 1, 11), last_on=dt.date(2027, 1, 12)),
        OpeningException(
            first_on=dt.date(2027, 1, 20), last_on=dt.date(2027, 1, 20), opens=dt.time(14), closes=dt.time(16)
        ),
    ]
    cite = publish(cite)

    with time_machine.travel(NOON, tick=False):
        found = structured_cite(cite, summary="In a\nword.", url=URL)

    assert found == {
        "@type": ["Organization", "Place"],
        "name": "Cité des métiers",
        "alternateName": ["Kaz"],
        "description": "In a word.",
        "url": URL,
        "sameAs": ["https://example.org/"],
        "telephone": "+262 1",
        "email": "cite@example.org",
        "foundingDate": "2012-05-04",
        "knowsLanguage": ["fr"],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "1 rue X",
            "addressLocality": "Saint-Denis",
            "addressCountry": "RE",
        },
        "geo": {"@type": "GeoCoordinates", "latitude": -20.9, "longitude": 55.4},
        "openingHoursSpecification": [
            {"@type": "OpeningHoursSpecification", "dayOfWeek": day, "opens": "09:00", "closes": "12:30"}
            for day in ("Monday", "Sunday")
        ],
        "specialOpeningHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": "2027-01-11",
                "validThrough": "2027-01-12",
                "opens": "00:00",
                "closes": "00:00",
            },
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": "2027-01-20",
                "validThrough": "2027-01-20",
                "opens": "14:00",
                "closes": "16:00",
            },
        ],
    }


@pytest.mark.parametrize(
    "fields", [{"are_hours_known": False}, {"are_hours_known": True, "days_not_known": ["6"]}], ids=["none", "some"]
)
def test_hours_that_are_not_all_known_are_left_out(fields):
    cite = make_cite("porto", **fields)
    cite.intervals = [OpeningInterval(weekday=1, opens=dt.time(9), closes=dt.time(12))]

    assert structured_cite(publish(cite), summary="", url=URL) == PLAIN


def test_middle_of_the_town_is_not_given_for_the_door():
    assert data_of(latitude=41.1, longitude=-8.6) == PLAIN


def test_year_is_enough_of_a_date():
    assert data_of(year_opened=2006) == PLAIN | {"foundingDate": "2006"}


@pytest.mark.parametrize(
    "fields",
    [
        *({"state": state} for state in ("unknown", "project", "former", "unidentified")),
        {"live": False},
        {"is_demonstration": True},
    ],
)
def test_cite_that_nobody_says_is_in_operation_is_left_out(fields):
    assert data_of(**fields) is None


def test_page_carries_the_data(client):
    network = make_tree("en")["en"]["network"]
    page = cite_page(network, make_cite("porto"), "Porto", summary="</script><script>alert(1)</script>")

    text = client.get(page.url).content.decode()

    found = BeautifulSoup(text, "html.parser").select('script[type="application/ld+json"]')
    assert [json.loads(str(tag.string)) for tag in found] == [
        {"@context": "https://schema.org", **PLAIN}
        | {"description": "</script><script>alert(1)</script>", "url": page.full_url}
    ]
    assert text.count("alert(1)") == 3  # in the data, in the description for search engines, and shown
