"""The Cités as public data: whole files compared, what must not be in them, and how they are answered."""

import datetime as dt
import gzip
import json
from typing import Any

import pytest
import time_machine
from django.utils.http import http_date
from wagtail.models import PageViewRestriction

from home.models import (
    AssociatedCentre,
    CiteFigure,
    CiteLink,
    CiteName,
    CitePartner,
    CitePole,
    CiteSource,
    LabelStage,
    OpeningException,
    OpeningInterval,
    PartnerKind,
    Pole,
)
from tests.factories import cite_page, make_cite, make_tree, publish

pytestmark = pytest.mark.django_db

PATH = "/en/data/cites.json"
SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
HOSTILE = "</script><!--<b>\u2028\u2029&amp;\n\r\t\x0b'\"\\ é 𝄞 \u202e" + "x" * 150


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def read(client, path: str = PATH) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    return json.loads(response.content)


def slugs(client, path: str = PATH) -> list[str]:
    return [cite["slug"] for cite in read(client, path)["cites"]]


NOTHING_KNOWN = {
    "is_demonstration": False,
    "state_in_source": None,
    "verified_on": None,
    "other_names": [],
    "title": None,
    "summary": None,
    "texts_in": [],
    "position": None,
    "associated_centres": [],
    "phone": None,
    "email": None,
    "website": None,
    "links": [],
    "languages": None,
    "appointment": None,
    "getting_here": None,
    "step_free": None,
    "hearing_loop": None,
    "sign_language": None,
    "opening_hours": None,
    "opening_exceptions": [],
    "opened": None,
    "bearer": None,
    "bearer_kind": None,
    "bearer_kind_name": None,
    "label_stages": [],
    "poles": [],
    "partners": [],
    "figures": [],
    "sources": [],
}


def test_file_says_what_it_is(client):
    assert read(client) == {
        "changed_at": "2027-01-10T12:00:00Z",
        "title": "Cités des métiers: the Cités",
        "description": "The Cités des métiers of the international network, as this portal publishes them.",
        "format": 1,
        "language": "en",
        "url": f"{SITE}{PATH}",
        "documentation": f"{SITE}/en/data/",
        "licence": None,
        "count": 0,
        "next": None,
        "cites": [],
    }


def test_what_is_not_known_is_null(client):
    cite = make_cite("porto", city="", languages=[], name_language="")

    (found,) = read(client)["cites"]

    assert found == NOTHING_KNOWN | {
        "slug": "porto",
        "uuid": str(cite.uuid),
        "page": f"{SITE}/en/cite/porto/",
        "neutral_address": f"{SITE}/en/cite/porto/",
        "calendar": f"{SITE}/en/calendar/cite/porto.ics",
        "name": {"text": "Cité porto", "language": None},
        "state": "open",
        "state_name": "in operation",
        "address": {
            "street": None,
            "city": None,
            "country": "PT",
            "country_name": "Portugal",
            "territory": None,
            "territory_name": None,
        },
        "timezone": "Europe/Lisbon",
    }


def full_cite() -> Any:
    pole = Pole.objects.create(code="choose-x", labels={"fr": "Choisir", "en": "Choose"})
    kind = PartnerKind.objects.create(code="museum", labels={"fr": "musée"})
    cite = make_cite(
        "reunion",
        name_language="fr",
        state="project",
        state_read_from="labelled, works",
        address="1 rue X",
        city="Saint-Denis",
        country="FR",
        territory="RE",
        latitude=-20.9,
        longitude=55.4,
        timezone="Indian/Reunion",
        languages=["fr"],
        other_languages="rcf",
        year_opened=2012,
        opened_on=dt.date(2012, 5, 4),
        bearer="Région",
        bearer_kind="department",
        phone="+262 1",
        email="cite@example.org",
        website="https://example.org/",
        appointment="some",
        are_hours_known=True,
        days_not_known=["6"],
        hours_note={"fr": "Sauf juillet"},
        access={"en": "By bus"},
        step_free="yes",
        hearing_loop="no",
        access_contact="maria@example.org",
        verified_on=dt.date(2026, 12, 1),
    )
    cite.names = [CiteName(name="Kaz", language="rcf")]
    cite.stages = [LabelStage(stage="project", on="2012-05", notes={"en": "first"})]
    cite.poles = [CitePole(network_pole=pole), CitePole(labels={"fr": "Mobilité"})]
    cite.intervals = [OpeningInterval(weekday=1, opens=dt.time(9), closes=dt.time(12, 30))]
    cite.exceptions = [OpeningException(first_on=dt.date(2027, 1, 1), last_on=dt.date(2027, 1, 2), notes={"en": "New"})]
    cite.partners = [CitePartner(name="Musée", kind=kind, pole=pole, url="https://example.org/m")]
    cite.associated_centres = [
        AssociatedCentre(
            name="Annexe",
            city="Saint-Paul",
            country="FR",
            latitude=-21.0,
            longitude=55.2,
            source_title="List",
            source_url="https://example.org/l",
        )
    ]
    cite.links = [CiteLink(labels={"en": "Agenda"}, url="https://example.org/a")]
    cite.figures = [
        CiteFigure(labels={"en": "visits"}, values={"en": "1,000"}, as_of="2019", source_title="Report", source_url="")
    ]
    cite.sources = [CiteSource(title="EPALE", url="https://example.org/e", as_of="2019-01-24")]
    return publish(cite)


def test_what_is_known_is_said_with_its_sources(client):
    trees = make_tree("fr", "en")
    cite = full_cite()
    page = cite_page(trees["fr"]["network"], cite, "La Cité", summary="En un mot.")

    (found,) = read(client)["cites"]
    (in_french,) = read(client, "/fr/data/cites.json")["cites"]

    assert found == {
        "slug": "reunion",
        "uuid": str(cite.uuid),
        "page": f"{SITE}/en/cite/reunion/",
        "neutral_address": f"{SITE}/en/cite/reunion/",
        "calendar": f"{SITE}/en/calendar/cite/reunion.ics",
        "name": {"text": "Cité reunion", "language": "fr"},
        "other_names": [{"text": "Kaz", "language": "rcf"}],
        "title": {"text": "La Cité", "language": "fr"},
        "summary": {"text": "En un mot.", "language": "fr"},
        "texts_in": ["fr"],
        "is_demonstration": False,
        "state": "project",
        "state_name": "in project",
        "state_in_source": "labelled, works",
        "verified_on": "2026-12-01",
        "address": {
            "street": "1 rue X",
            "city": "Saint-Denis",
            "country": "FR",
            "country_name": "France",
            "territory": "RE",
            "territory_name": "Réunion",
        },
        "position": {"latitude": -20.9, "longitude": 55.4, "of": "town"},
        "timezone": "Indian/Reunion",
        "associated_centres": [
            {
                "name": "Annexe",
                "address": {"street": None, "city": "Saint-Paul", "country": "FR", "country_name": "France"},
                "position": {"latitude": -21.0, "longitude": 55.2, "of": None},
                "website": None,
                "source": {"title": "List", "url": "https://example.org/l", "date": None},
            }
        ],
        "phone": "+262 1",
        "email": "cite@example.org",
        "website": "https://example.org/",
        "links": [{"title": {"text": "Agenda", "language": "en"}, "url": "https://example.org/a"}],
        "languages": ["fr", "rcf"],
        "appointment": "some",
        "getting_here": {"text": "By bus", "language": "en"},
        "step_free": True,
        "hearing_loop": False,
        "sign_language": None,
        "opening_hours": {
            "week": [{"weekday": 1, "opens": "09:00", "closes": "12:30"}],
            "weekdays_not_known": [6],
            "note": {"text": "Sauf juillet", "language": "fr"},
        },
        "opening_exceptions": [
            {
                "first_day": "2027-01-01",
                "last_day": "2027-01-02",
                "opens": None,
                "closes": None,
                "note": {"text": "New", "language": "en"},
            }
        ],
        "opened": "2012-05-04",
        "bearer": "Région",
        "bearer_kind": "department",
        "bearer_kind_name": "department",
        "label_stages": [
            {
                "stage": "project",
                "stage_name": "project label",
                "date": "2012-05",
                "note": {"text": "first", "language": "en"},
            }
        ],
        "poles": [
            {"network_pole": "choose-x", "name": {"text": "Choose", "language": "en"}},
            {"network_pole": None, "name": {"text": "Mobilité", "language": "fr"}},
        ],
        "partners": [
            {
                "name": "Musée",
                "kind": "museum",
                "kind_name": {"text": "musée", "language": "fr"},
                "leads_pole": "choose-x",
                "website": "https://example.org/m",
            }
        ],
        "figures": [
            {
                "label": {"text": "visits", "language": "en"},
                "value": {"text": "1,000", "language": "en"},
                "date": "2019",
                "source": {"title": "Report", "url": None, "date": None},
            }
        ],
        "sources": [{"title": "EPALE", "url": "https://example.org/e", "date": "2019-01-24"}],
    }
    assert in_french["page"] == f"{SITE}{page.get_url()}"
    assert in_french["poles"][0] == {"network_pole": "choose-x", "name": {"text": "Choisir", "language": "fr"}}


def test_facts_are_the_same_in_every_language(client, settings):
    make_tree("fr", "en")
    full_cite()
    same = ("slug", "uuid", "state", "position", "timezone", "opening_exceptions", "opened", "sources")

    found = {code: read(client, f"/{code}/data/cites.json") for code, _name in settings.LANGUAGES}

    assert {code: content["language"] for code, content in found.items()} == {code: code for code in found}
    facts = [[{name: cite[name] for name in same} for cite in content["cites"]] for content in found.values()]
    assert facts == [facts[0]] * 9


def test_licence_is_what_the_network_decided(client, settings):
    settings.DATA_LICENCE = {"name": "CC BY 4.0", "url": "https://example.org/by"}

    assert read(client)["licence"] == {"name": "CC BY 4.0", "url": "https://example.org/by"}


def test_hostile_words_stay_words(client):
    make_tree("en")
    make_cite("porto", official_name=HOSTILE)

    response = client.get(PATH)

    assert json.loads(response.content)["cites"][0]["name"]["text"] == HOSTILE
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_drafts_and_private_words_are_not_published(client):
    network = make_tree("en")["en"]["network"]
    make_cite("shown")
    make_cite("draft", live=False)
    hidden, page = make_cite("hidden"), None
    page = cite_page(network, hidden)
    before = slugs(client)

    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    changed = make_cite("changed")
    changed.official_name = "only a draft"
    changed.save_revision()

    assert (before, slugs(client)) == (["hidden", "shown"], ["changed", "shown"])
    assert "only a draft" not in client.get(PATH).content.decode()


def test_draft_words_and_contacts_for_access_needs_are_not_published(client):
    network = make_tree("en")["en"]["network"]
    cite_page(network, make_cite("porto", access_contact="maria@example.org"), "Draft title", live=False)

    text = client.get(PATH).content.decode()

    assert [part in text for part in ("Draft title", "maria@example.org", "porto")] == [False, False, True]


@pytest.mark.parametrize("number", [1, 3])
def test_file_asks_the_database_as_often_for_three_as_for_one(client, django_assert_num_queries, number):
    network = make_tree("en")["en"]["network"]
    pole = Pole.objects.create(code="choose-x", labels={"fr": "Choisir"})
    kind = PartnerKind.objects.create(code="museum", labels={"fr": "musée"})
    for index in range(number):
        cite = make_cite(f"cite-{index}")
        cite.poles = [CitePole(network_pole=pole), CitePole(labels={"fr": "Mobilité"})]
        cite.partners = [CitePartner(name="Musée", kind=kind, pole=pole)]
        cite_page(network, publish(cite))
    client.get(PATH)

    with django_assert_num_queries(16):
        assert len(read(client)["cites"]) == number


def test_file_is_answered_as_programs_expect(client):
    make_cite()

    response = client.get(PATH)

    del response.headers["Content-Length"], response.headers["ETag"]
    assert dict(response.headers) == {
        "Content-Type": "application/json",
        "Last-Modified": http_date(NOON.timestamp()),
        "Vary": "Accept-Encoding",
        "Content-Disposition": 'inline; filename="cites.json"',
        "Cache-Control": "public, max-age=900",
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Language": "en",
        "Content-Security-Policy": response["Content-Security-Policy"],
        "Permissions-Policy": response["Permissions-Policy"],
    }
    assert response.cookies == {}


def test_file_is_the_same_until_something_changes(client, clock):
    cite = make_cite("porto")
    make_cite("namur")
    first = client.get(PATH)

    clock.shift(86400)
    same = client.get(f"{PATH}?utm=1", headers={"accept-language": "fr", "cookie": "sessionid=x"})
    by_tag = client.get(PATH, headers={"if-none-match": first["ETag"]})
    by_date = client.get(PATH, headers={"if-modified-since": first["Last-Modified"]})
    cite.unpublish()
    after = client.get(PATH, headers={"if-modified-since": first["Last-Modified"]})

    assert (same.content, same["ETag"]) == (first.content, first["ETag"])
    assert [(answer.status_code, answer.content) for answer in (by_tag, by_date)] == [(304, b"")] * 2
    assert (after.status_code, after["Last-Modified"]) == (200, http_date(NOON.timestamp() + 86400))
    assert json.loads(after.content)["changed_at"] == "2027-01-11T12:00:00Z"


def test_file_can_be_squeezed_and_asked_for_with_head(client):
    make_cite()
    plain = client.get(PATH)

    squeezed = client.get(PATH, headers={"accept-encoding": "gzip"})
    head = client.head(PATH)

    assert (squeezed["Content-Encoding"], gzip.decompress(squeezed.content)) == ("gzip", plain.content)
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(plain.headers))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_file_cannot_be_written_to(client, method):
    client.handler.enforce_csrf_checks = True

    response = getattr(client, method)(PATH)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/xx/data/cites.json", "/data/cites.json", "/en/data/cite.json", "/en/data/x/"])
def test_file_that_is_not_there_is_not_found(client, path):
    make_tree("en")

    assert client.get(path).status_code == 404
