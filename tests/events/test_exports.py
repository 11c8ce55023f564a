"""The list of registrations as a file: complete, in the reader's language, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from events.exports import harmless
from events.models import AuditLine, Question, Registration
from events.questions import Offered, save_question
from events.registration import register
from tests import factories
from tests.admin.conftest import logged_in
from tests.admin.people import registered
from tests.factories import admit, applicant, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cite():
    factories.make_tree("fr")
    return factories.make_cite("porto")


@pytest.fixture
def event(cite):
    return make_event("Formation", cite=cite)


@pytest.fixture
def editor(cite):
    return logged_in(factories.make_user("editor", cite=cite))


def export(client, event, query="", **data):
    answer = client.post(f"/admin/events/{event.pk}/registrations/export/{query}", data)
    assert answer.status_code == 200
    return answer


def as_rows(answer):
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_of(answer):
    return load_workbook(io.BytesIO(answer.content)).active


def test_file_tells_everything_with_the_answers_last(editor, event):
    admit(event, 1)
    question = save_question(
        Question(event=event),
        choices=[Offered("", {"en": "Monday"}), Offered("", {"en": "Tuesday"})],
        user=None,
        kind="choices",
        labels={"en": "Which days?"},
        purposes={"en": "Meals"},
    )
    registered(
        event,
        name="Élodie",
        organisation="Mission locale",
        diet="vegan",
        access_needs="Step-free",
        interpretation=("fr", "de"),
        answers={question.pk: ["c1", "c2"]},
    )
    registered(event, "b@example.org", name="Bea", country="IT", language="it")
    Registration.objects.update(created_at=dt.datetime(2027, 1, 2, 9, 30, tzinfo=dt.UTC))

    rows = as_rows(export(editor, event, "?order=name"))

    assert [row["Name"] for row in rows] == ["Bea", "Élodie"]
    assert rows[1] == {
        "State": "confirmed",
        "Rank": "",
        "Takes part": "on site",
        "Seat": "1",
        "Name": "Élodie",
        "E-mail": "maria@example.org",
        "Organisation": "Mission locale",
        "Country": "Portugal",
        "Language of the mails": "French",
        "Access needs": "Step-free",
        "Diet": "vegan",
        "Needs interpretation from": "French, German",
        "Came by": "the form",
        "Registered at (Europe/Paris)": "2027-01-02 10:30",
        "Which days?": "Monday, Tuesday",
    }
    assert (rows[0]["State"], rows[0]["Rank"], rows[0]["Seat"]) == ("on the waiting list", "1", "")


def test_headings_are_in_the_language_of_the_user(event, cite):
    client = logged_in(factories.make_user("editrice", cite=cite), language="fr")
    admit(event)
    registered(event)

    row = as_rows(export(client, event))[0]

    assert (row["Pays"], "Country" in row) == ("Portugal", False)


def test_file_begins_with_the_mark_by_which_excel_knows_utf8(editor, event):
    assert export(editor, event).content[:3] == b"\xef\xbb\xbf"


def test_filter_of_the_list_holds_for_the_file(editor, event):
    admit(event)
    registered(event)
    registered(event, "b@example.org", country="IT")

    rows = as_rows(export(editor, event, "?country=IT"))

    assert [row["E-mail"] for row in rows] == ["b@example.org"]


@pytest.mark.parametrize(
    ("query", "data", "number"), [("", {}, 1), ("", {"pending": "1"}, 2), ("?state=pending", {}, 1)]
)
def test_unconfirmed_addresses_are_left_out_unless_asked_for(editor, event, query, data, number):
    admit(event)
    registered(event)
    register(event.pk, applicant("b@example.org"))

    assert len(as_rows(export(editor, event, query, **data))) == number


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_took_the_list_is_noted(editor, event, kind):
    admit(event)
    registered(event)

    answer = export(editor, event, format=kind)

    line = AuditLine.objects.get(what="exported")
    assert (line.user.username, line.data) == ("editor", {"rows": 1, "format": kind})
    assert answer["Content-Disposition"].endswith(f'.{kind}"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("x;=1", "x;'=1"),
        ("x\n=1", "x\n'=1"),
        ("Anne-Marie", "Anne-Marie"),
        ("a = b", "a = b"),
        ("", ""),
    ],
)
def test_formulas_become_text(text, expected):
    assert harmless(text) == expected


def test_what_strangers_typed_is_never_run(editor, event):
    admit(event)
    registered(event, name="=cmd|' /C calc'!A0", organisation="+1", access_needs="@x")

    row = as_rows(export(editor, event))[0]
    sheet = sheet_of(export(editor, event, format="xlsx"))

    assert (row["Name"], row["Organisation"], row["Access needs"]) == ("'=cmd|' /C calc'!A0", "'+1", "'@x")
    kinds = {cell.data_type for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)}
    assert (kinds, sheet["E2"].value) == ({"s"}, "=cmd|' /C calc'!A0")


def test_sheet_has_numbers_and_dates_as_such(editor, event):
    admit(event)
    registered(event)
    Registration.objects.update(created_at=dt.datetime(2027, 1, 2, 9, 30, tzinfo=dt.UTC))

    sheet = sheet_of(export(editor, event, format="xlsx"))

    assert (sheet["D2"].value, sheet["N2"].value) == (1, dt.datetime(2027, 1, 2, 10, 30))


def test_sheet_survives_characters_that_excel_does_not_know(editor, event):
    admit(event)
    row = registered(event)
    Registration.objects.filter(pk=row.pk).update(access_needs="a\x0bb")

    sheet = sheet_of(export(editor, event, format="xlsx"))

    assert sheet["J2"].value == "ab"


def test_file_is_for_those_whose_event_it_is(editor, event):
    theirs = make_event("Theirs", cite=factories.make_cite("lyon"))

    answer = editor.post(f"/admin/events/{theirs.pk}/registrations/export/", {"format": "csv"})

    assert (answer.status_code, AuditLine.objects.filter(what="exported").count()) == (403, 0)
