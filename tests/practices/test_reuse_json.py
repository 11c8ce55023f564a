"""The sheets as public data: whole files compared, what must not be in them, and how they are answered."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.utils.http import http_date
from wagtail.models import PageViewRestriction

from tests.factories import make_cite, make_practice, make_tree, practice_page, publish, stored
from tests.practices.sheets import HOSTILE, full_sheet

pytestmark = pytest.mark.django_db

PATH = "/en/data/practices.json"
SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def read(client, path: str = PATH) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    return json.loads(response.content)


def titles(client, path: str = PATH) -> list[str]:
    return [row["title"]["text"] for row in read(client, path)["practices"]]


def test_file_says_what_it_is(client):
    assert read(client) == {
        "changed_at": "2027-01-10T12:00:00Z",
        "title": "Cités des métiers: the vademecum",
        "description": "The good practices of the international network of Cités des métiers, sheet by sheet.",
        "format": 1,
        "language": "en",
        "url": f"{SITE}{PATH}",
        "documentation": f"{SITE}/en/data/",
        "licence": None,
        "count": 0,
        "next": None,
        "practices": [],
    }


def test_what_is_known_is_said_with_licence_and_sources(client):
    trees = make_tree("fr", "en")
    sheet = full_sheet(trees)
    event = sheet.events.get()

    (in_french,) = read(client, "/fr/data/practices.json")["practices"]

    document = in_french["documents"][0].pop("url")
    assert document.startswith(f"{SITE}/documents/")
    assert in_french == {
        "id": sheet.pk,
        "uuid": str(sheet.uuid),
        "page": f"{SITE}/fr/vademecum-fr/un-atelier/",
        "neutral_address": f"{SITE}/fr/practice/{sheet.pk}/",
        "title": {"text": "Un atelier", "language": "fr"},
        "question": {"text": "Comment faire ?", "language": "fr"},
        "summary": {"text": "En un mot.", "language": "fr"},
        "parts": {
            "context": {"text": "Un quartier & une école.\n\n- A\n- B", "language": "fr"},
            "steps": {"text": "1. Réunir", "language": "fr"},
            "more": {"text": "Plus\n\nEncore.", "language": "fr"},
        },
        "documents": [
            {"title": {"text": "Guide", "language": "fr"}},
            {"title": {"text": "Site", "language": "fr"}, "url": "https://example.org/"},
            {"title": {"text": "Livre", "language": "fr"}, "url": None},
        ],
        "texts_in": ["fr", "en"],
        "is_demonstration": False,
        "owner": {"slug": "porto", "name": {"text": "Cité porto", "language": "fr"}, "page": f"{SITE}/fr/cite/porto/"},
        "authors": "Équipe de Porto",
        "licence": {
            "code": "cc-by",
            "name": "CC BY 4.0",
            "url": "https://creativecommons.org/licenses/by/4.0/",
        },
        "chapter": {"code": "run", "name": {"text": "Faire vivre", "language": "fr"}},
        "target_groups": [{"code": "young", "name": {"text": "Jeunes", "language": "fr"}}],
        "partner_kinds": [{"code": "school", "name": {"text": "School", "language": "en"}}],
        "principles": [{"code": "free", "name": {"text": "Free", "language": "en"}}],
        "skills": [{"code": "n1", "name": {"text": "To link", "language": "en"}}],
        "evidence": "measured",
        "evidence_name": "effets mesurés",
        "since": "2017-09",
        "until": "2019",
        "project": {
            "id": sheet.project_id,
            "name": {"text": "COCADE", "language": None},
            "page": f"{SITE}/fr/project/{sheet.project_id}/",
        },
        "taken_up_by": [
            {"slug": "lyon", "name": {"text": "Cité lyon", "language": "fr"}, "page": f"{SITE}/fr/cite/lyon/"}
        ],
        "events": [
            {
                "id": event.pk,
                "name": {"text": "Rencontre", "language": "fr"},
                "page": f"{SITE}/fr/event/{event.pk}/",
            }
        ],
        "checked_on": None,
        "published_at": "2027-01-10T12:00:00Z",
        "updated_at": "2027-01-10T12:00:00Z",
        "sources": [{"title": "Report", "url": "https://example.org/r", "date": "2019"}],
    }


def test_words_that_are_not_translated_are_those_of_the_original_and_facts_are_the_same(client, settings):
    full_sheet(make_tree("fr", "en"))
    same = ("id", "uuid", "licence", "evidence", "since", "until", "texts_in", "sources", "published_at")

    found = {code: read(client, f"/{code}/data/practices.json")["practices"][0] for code, _name in settings.LANGUAGES}

    assert {code: row["title"] for code, row in found.items() if code in {"en", "it"}} == {
        "en": {"text": "A workshop", "language": "en"},
        "it": {"text": "Un atelier", "language": "fr"},
    }
    facts = [{name: row[name] for name in same} for row in found.values()]
    assert facts == [facts[0]] * 9


def test_what_is_not_known_is_null(client):
    practice_page(make_tree("en")["en"]["vademecum"], make_practice("Bare"), "Bare")

    (found,) = read(client)["practices"]

    assert {name: value for name, value in found.items() if value in (None, [], {})} == {
        **dict.fromkeys(("question", "summary", "owner", "authors", "licence", "project")),
        **dict.fromkeys(("since", "until", "checked_on")),
        "parts": {},
        **{name: [] for name in ("documents", "target_groups", "partner_kinds", "principles", "skills")},
        **{name: [] for name in ("taken_up_by", "events", "sources")},
    }


def test_only_what_is_public_is_told(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    practice_page(vademecum, make_practice("a", contact_email="maria@example.org"), "shown")
    practice_page(vademecum, make_practice("b", live=False), "facts are a draft")
    practice_page(vademecum, make_practice("c"), "words are a draft", live=False)
    make_practice("nobody has written words")
    private = practice_page(vademecum, make_practice("d"), "private")
    practice_page(vademecum, make_practice("e", cite=make_cite("draft-cite", live=False)), "owner is a draft")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)

    text = client.get(PATH).content.decode()

    assert titles(client) == ["shown", "owner is a draft"]
    hidden = ("draft-cite", "maria@example.org", "nobody has", "private", "facts are", "words are")
    assert [word for word in hidden if word in text] == []


def test_unpublished_sheet_leaves_and_its_date_tells(client, clock):
    vademecum = make_tree("en")["en"]["vademecum"]
    for name in ("a", "b"):
        practice_page(vademecum, make_practice(name), name)
    first = client.get(PATH)
    clock.shift(60)
    same = client.get(PATH, headers={"if-none-match": first["ETag"]})

    stored(vademecum.get_children().first().specific.practice).unpublish()
    after = client.get(PATH, headers={"if-modified-since": first["Last-Modified"]})

    assert (same.status_code, same.content) == (304, b"")
    assert (after.status_code, after["Last-Modified"]) == (200, http_date(NOON.timestamp() + 60))
    assert [row["title"]["text"] for row in json.loads(after.content)["practices"]] == ["b"]


def test_hostile_words_stay_words(client):
    trees = make_tree("en")
    sheet = make_practice("x", authors=HOSTILE)
    page = practice_page(trees["en"]["vademecum"], sheet, "x", slug="x", summary=HOSTILE[:200], context="<p>y</p>")
    type(page).objects.filter(pk=page.pk).update(title=HOSTILE, context=f"<p>{HOSTILE}</p><script>z</script>")

    response = client.get(PATH)

    (found,) = json.loads(response.content)["practices"]
    assert (found["title"]["text"], found["authors"]) == (HOSTILE, HOSTILE)
    assert "<" not in found["parts"]["context"]["text"].replace("<b>", "")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/json", "nosniff")


def test_long_list_comes_in_parts(client):
    vademecum = make_tree("en")["en"]["vademecum"]
    for number in range(101):
        practice_page(vademecum, make_practice(f"{number}"), f"{number}")

    first, second = read(client), read(client, f"{PATH}?page=2")

    assert [len(part["practices"]) for part in (first, second)] == [100, 1]
    assert (first["count"], first["next"], second["next"]) == (101, f"{SITE}{PATH}?page=2", None)


@pytest.mark.parametrize("page", ["0", "2", "x", "-1", "1.0", "9" * 30, "²", ""])
def test_part_that_is_not_there_is_not_found(client, page):
    assert client.get(f"{PATH}?page={page}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_file_asks_the_database_as_often_for_three_as_for_one(client, django_assert_num_queries, number):
    trees = make_tree("fr", "en")
    first = full_sheet(trees)
    for index in range(1, number):
        sheet = make_practice(f"{index}", cite=make_cite(f"cite-{index}"), project=first.project, live=False)
        sheet.target_groups, sheet.skills = first.target_groups.all(), first.skills.all()
        sheet.taken_up_by, sheet.events = first.taken_up_by.all(), first.events.all()
        documents = first.pages.get(title="Un atelier").documents
        practice_page(trees["fr"]["vademecum"], publish(sheet), f"{index}", documents=documents)
    path = "/fr/data/practices.json"
    client.get(path)

    with django_assert_num_queries(19):
        assert len(read(client, path)["practices"]) == number


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["data/practices.json", "data/practices.csv", "practices.atom"])
def test_files_cannot_be_written_to(client, method, path):
    client.handler.enforce_csrf_checks = True

    response = getattr(client, method)(f"/en/{path}")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
