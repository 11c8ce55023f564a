"""The table of all sheets: a row a sheet and language, in which no spreadsheet finds a formula."""

import csv
import datetime as dt
import io

import pytest
import time_machine

from tests.factories import make_practice, make_tree, practice_page, publish
from tests.practices.sheets import HOSTILE, full_sheet

pytestmark = pytest.mark.django_db

PATH = "/en/data/practices.csv"
SITE = "http://127.0.0.1:8000"
NOON = dt.datetime(2027, 1, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def read(client, path: str = PATH) -> list[dict[str, str]]:
    response = client.get(path)
    assert (response.status_code, response.content[:3]) == (200, b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_sheet_has_a_row_for_each_language(client, settings):
    settings.DATA_LICENCE = {"name": "CC0", "url": "https://example.org/cc0"}
    sheet = full_sheet(make_tree("fr", "en"))

    french, english = read(client)

    assert french == {
        "id": str(sheet.pk),
        "uuid": str(sheet.uuid),
        "language": "fr",
        "is_original": "true",
        "page": f"{SITE}/fr/vademecum-fr/un-atelier/",
        "title": "Un atelier",
        "question": "Comment faire ?",
        "summary": "En un mot.",
        "is_demonstration": "false",
        "owner": "porto",
        "owner_name": "Cité porto",
        "country": "PT",
        "authors": "Équipe de Porto",
        "licence": "cc-by",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "chapter": "run",
        "chapter_name": "Run",
        "target_groups": "young",
        "target_group_names": "Jeunes",
        "partner_kinds": "school",
        "partner_kind_names": "School",
        "principles": "free",
        "principle_names": "Free",
        "skills": "n1",
        "skill_names": "To link",
        "evidence": "measured",
        "evidence_name": "measured",
        "since": "2017-09",
        "until": "2019",
        "project": "COCADE",
        "taken_up_by": "lyon",
        "checked_on": "",
        "published_at": "2027-01-10T12:00:00Z",
        "updated_at": "2027-01-10T12:00:00Z",
        "sources": "Report 2019 https://example.org/r",
        "data_licence": "CC0 https://example.org/cc0",
    }
    assert {name: english[name] for name in french if english[name] != french[name]} == {
        "language": "en",
        "is_original": "false",
        "page": f"{SITE}/en/vademecum-en/a-workshop/",
        "title": "A workshop",
        "question": "How?",
        "summary": "In a word.",
    }


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", "  =1", "＝1", "x;=1", "\x00=1"])
def test_no_cell_begins_a_formula(client, start):
    vademecum = make_tree("en")["en"]["vademecum"]
    page = practice_page(vademecum, make_practice("x", authors=start.replace("\x00", "")), "x")
    type(page).objects.update(title=start.replace("\x00", "\x01"), summary=start.replace("\x00", ""))

    (row,) = read(client)

    said = start.strip("\x00\t\r\n ")
    expected = said.replace("=", "'=") if said.startswith("x;") else f"'{said}"
    assert [row[name] for name in ("title", "summary", "authors")] == [expected] * 3


def test_hostile_words_stay_in_their_cell(client):
    page = practice_page(make_tree("en")["en"]["vademecum"], make_practice("x", authors=HOSTILE), "x")
    type(page).objects.update(title=HOSTILE, summary=HOSTILE)

    (row,) = read(client)

    one_line = "'=HYPERLINK(\"https://evil.example\")</script><script>alert(1)</script>]]>&lt;'b&gt;"
    assert row["title"].startswith('\'=HYPERLINK("https://evil.example")</script>')
    assert {row["title"], row["summary"], row["authors"]} == {row["title"]}
    assert not set(row["title"]) & set("\x0b\u2028\r\n"), one_line
    assert None not in row


def test_table_is_a_file_that_nothing_else_is_taken_for(client):
    response = client.get(PATH)

    names = ("Content-Type", "Content-Disposition", "X-Content-Type-Options", "Access-Control-Allow-Origin")
    assert [response[name] for name in names] == [
        "text/csv; charset=utf-8; header=present",
        'attachment; filename="practices.csv"',
        "nosniff",
        "*",
    ]
    assert response.cookies == {}
    assert client.get(PATH, headers={"if-none-match": response["ETag"]}).status_code == 304
    assert read(client) == []


@pytest.mark.parametrize("number", [1, 3])
def test_table_asks_the_database_as_often_for_three_as_for_one(client, django_assert_num_queries, number):
    trees = make_tree("fr", "en")
    first = full_sheet(trees)
    for index in range(1, number):
        sheet = make_practice(f"{index}", cite=first.cite, project=first.project, live=False)
        sheet.target_groups, sheet.taken_up_by = first.target_groups.all(), first.taken_up_by.all()
        practice_page(trees["fr"]["vademecum"], publish(sheet), f"{index}")
    client.get(PATH)

    with django_assert_num_queries(13):
        assert len(read(client)) == number + 1
