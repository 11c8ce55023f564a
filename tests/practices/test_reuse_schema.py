"""What search engines read of a sheet, compared as a whole: nothing in it that nobody has said."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup

from tests.factories import make_cite, make_practice, make_tree, practice_page
from tests.practices.sheets import full_sheet

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)
NETWORK = {
    "@type": "Organization",
    "name": "Réseau international des Cités des métiers",
    "url": f"{SITE}/",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield


def blocks(client, path: str) -> list[Any]:
    page = BeautifulSoup(client.get(path).content, "html.parser")
    return [json.loads(block.string) for block in page.select('script[type="application/ld+json"]')]


def host(data: Any) -> Any:
    """Wagtail's whole addresses have the host of its site row; what matters is the path."""
    return json.loads(json.dumps(data).replace("http://localhost/", f"{SITE}/"))


def test_sheet_says_all_that_is_known(client):
    sheet = full_sheet(make_tree("fr", "en"))

    (data,) = host(blocks(client, "/fr/vademecum-fr/un-atelier/"))

    page = f"{SITE}/fr/vademecum-fr/un-atelier/"
    assert data == {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": page,
        "url": page,
        "name": "Un atelier",
        "headline": "Un atelier",
        "alternativeHeadline": "Comment faire ?",
        "abstract": "En un mot.",
        "inLanguage": "fr",
        "datePublished": "2027-01-10T12:00:00Z",
        "dateModified": "2027-01-10T12:00:00Z",
        "creditText": "Équipe de Porto",
        "publisher": NETWORK,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "isPartOf": {"@type": "CreativeWork", "name": "vademecum fr", "url": f"{SITE}/fr/vademecum-fr/"},
        "about": [
            {"@type": "DefinedTerm", "name": "Faire vivre", "termCode": "run"},
            {"@type": "Organization", "name": "Cité porto", "url": f"{SITE}/fr/cite/porto/"},
        ],
        "audience": [{"@type": "Audience", "audienceType": "Jeunes"}],
        "workTranslation": [
            {
                "@type": "Article",
                "@id": f"{SITE}/en/vademecum-en/a-workshop/",
                "inLanguage": "en",
                "name": "A workshop",
            }
        ],
    }
    assert sheet.contact_email not in json.dumps(data)


def test_translation_says_what_it_translates(client):
    full_sheet(make_tree("fr", "en"))

    (data,) = host(blocks(client, "/en/vademecum-en/a-workshop/"))

    assert (data["inLanguage"], "workTranslation" in data) == ("en", False)
    assert data["translationOfWork"]["@id"] == f"{SITE}/fr/vademecum-fr/un-atelier/"


def test_neutral_address_speaks_of_the_original(client):
    trees = make_tree("fr", "en")
    sheet = make_practice("a")
    practice_page(trees["fr"]["vademecum"], sheet, "Un")

    (data,) = host(blocks(client, f"/en/practice/{sheet.pk}/"))

    assert (data["@id"], data["inLanguage"]) == (f"{SITE}/fr/vademecum-fr/un/", "fr")


def test_sheet_of_which_little_is_known_says_little(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    practice_page(vademecum, make_practice("a", licence="reserved"), "Bare")

    (data,) = blocks(client, f"{vademecum.get_url()}bare/")

    assert set(data) == {
        *("@context", "@type", "@id", "url", "name", "headline", "inLanguage", "datePublished", "dateModified"),
        *("publisher", "isPartOf", "about"),
    }


def test_owner_wrote_it_where_nobody_else_is_named(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    practice_page(vademecum, make_practice("a", cite=make_cite("porto")), "Named")
    practice_page(vademecum, make_practice("b", cite=make_cite("draft", live=False)), "Hidden")

    (named,), (hidden,) = (blocks(client, f"{vademecum.get_url()}{slug}/") for slug in ("named", "hidden"))

    assert (named["author"]["name"], "author" in hidden) == ("Cité porto", False)


def test_demonstration_is_said_in_its_name(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    practice_page(vademecum, make_practice("a", is_demonstration=True), "Made up")

    (data,) = blocks(client, f"{vademecum.get_url()}made-up/")

    assert (data["name"], data["headline"]) == ("Demonstration: Made up", "Demonstration: Made up")


def test_nothing_breaks_out_of_the_block(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    page = practice_page(vademecum, make_practice("a", authors="</script><script>alert(1)</script>"), "x")
    type(page).objects.update(question="</script><script>alert(2)</script><!--")

    response = client.get(page.get_url())

    assert "<script>alert" not in response.content.decode()
    assert len(blocks(client, page.get_url())) == 1
