"""The page that describes the public data: complete, in every language, and honest about the licence."""

import json
import re

import pytest
from django.core.exceptions import ValidationError

from home.models import PlainPage
from tests.factories import make_cite, make_event, make_page, make_practice, make_tree, practice_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    return make_tree("en")["en"]


def main(client, language="en") -> str:
    answer = client.get(f"/{language}/data/")
    assert answer.status_code == 200
    return re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL).group()


def test_page_leads_to_the_files_in_each_language(client, tree, settings):
    for code, _name in settings.LANGUAGES:
        paths = ("data/cites.json", "data/events.json", "data/practices.json", "data/practices.csv", "calendar/all.ics")
        links = [f'href="/{code}/{path}"' for path in (*paths, "practices.atom")]

        text = main(client, code)

        assert [link for link in links if link not in text] == []


def test_page_explains_every_field(client, tree):
    make_cite()
    make_event()
    practice_page(tree["vademecum"], make_practice())
    explained = set(re.findall(r"<code>(\w+)</code>", main(client)))

    files = {name: json.loads(client.get(f"/en/data/{name}.json").content) for name in ("cites", "events", "practices")}

    fields = {key for content in files.values() for key in content} - {"title", "description", "documentation"}
    fields |= {key for name, content in files.items() for key in content[name][0]}
    assert sorted(fields - explained - {"cites", "events", "practices"}) == sorted(
        key for key in fields if key.endswith("_name") and key.removesuffix("_name") in fields
    )


def test_page_says_that_nobody_has_decided_on_a_licence(client, tree, settings):
    undecided = main(client)
    settings.DATA_LICENCE = {"name": "CC BY <4.0>", "url": "https://example.org/by"}
    decided = main(client)

    assert ["The licence is to be confirmed." in text for text in (undecided, decided)] == [True, False]
    assert '<a href="https://example.org/by" rel="license noopener" translate="no">CC BY &lt;4.0&gt;</a>' in " ".join(
        decided.split()
    )


def test_page_sets_no_cookie_and_is_in_the_footer(client, tree):
    answer = client.get("/en/data/")

    assert (answer.cookies, client.post("/en/data/").status_code) == ({}, 405)
    assert '<a href="/en/data/">Public data</a>' in client.get(tree["agenda"].get_url()).content.decode()


def test_its_address_is_kept_free(tree):
    with pytest.raises(ValidationError) as refused:
        make_page(tree["home"], PlainPage, "Data", slug="data")

    assert list(refused.value.message_dict) == ["slug"]
