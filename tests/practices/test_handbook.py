"""What the handbook says, as data: the published sheets, in the reader's language or else in their own."""

import datetime as dt
import json

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone, translation

from home.models import Cite, Skill, TargetGroup
from portal.base import when
from practices.handbook import coverage, drawable, of_chapter, of_selection, sheets_of
from practices.models import Chapter, Practice, PracticePage
from tests import translating
from tests.factories import make_practice, practice_page

pytestmark = pytest.mark.django_db


def whole(language="fr", chapter=None):
    with translation.override(language):
        return of_chapter(chapter and Chapter.objects.get(code=chapter))


def sheets(book):
    return [sheet for chapter in book.data["chapters"] for sheet in chapter["sheets"]]


def facts(sheet):
    return {fact["label"]: [value["text"] for value in fact["values"]] for fact in sheet["facts"]}


def test_chapters_come_in_their_order_without_empty_ones_and_drafts(vademecum):
    book = whole()

    assert [chapter["title"]["text"] for chapter in book.data["chapters"]] == ["Accueillir", "Piloter"]
    assert [sheet["title"]["text"] for sheet in sheets(book)] == ["Accueillir sans rendez-vous", "Décider à plusieurs"]
    assert "Secret" not in json.dumps(book.data)
    assert (book.sheets, book.data["count"]) == (2, "2 fiches")


def test_a_chapter_has_its_own_sheets_alone(vademecum):
    assert [sheet["title"]["text"] for sheet in sheets(whole(chapter="run"))] == ["Décider à plusieurs"]
    assert whole(chapter="empty") is None


def test_a_sheet_says_its_facts(vademecum):
    found = facts(sheets(whole("en"))[0])

    assert found == {
        "Whose practice": ["Cidade das Profissões do Porto"],
        "How far it is proved": ["Tried"],
        "When": ["Since September 2017"],
        "For whom": ["adults en", "young en"],
        "With which partners": ["school en"],
        "Skills that it serves": ["listen en"],
        "Project": ["COCADE"],
        "Taken up by": ["Cité des métiers de Lyon"],
        "Questions": ["porto@example.org"],
    }


def test_a_sheet_says_how_to_cite_it_its_licence_and_its_sources(vademecum):
    with translation.override("en"):
        lines = [
            "".join([row["label"], *(value["text"] for value in row["values"])])
            for row in sheets(of_chapter(None))[0]["colophon"]
        ]
        today = when.long_day(timezone.localdate())
        address = f"http://127.0.0.1:8000/en/practice/{vademecum['full'].pk}/"

    assert lines == [
        (
            "How to cite:M. Silva: “Welcoming without appointment”. Vademecum of the international network of Cités "
            f"des métiers. Published on {today}. {address}"
        ),
        "Licence:CC BY 4.0",
        "Source:Rapport annuel (2019)",
        "No Cité has reread this sheet yet.",
    ]


def test_a_sheet_that_is_not_translated_says_so_in_its_own_language(vademecum):
    foreign = sheets(whole("en"))[1]

    assert foreign["title"] == {"text": "Décider à plusieurs", "lang": "fr"}
    assert [part["lang"] for part in foreign["parts"]] == ["fr"]
    assert foreign["notices"] == [
        "This is a demonstration. It was made up to show how the portal works.",
        "This text is not in English yet. You are reading it in French.",
    ]


def test_a_language_without_a_tree_has_the_original_words(vademecum):
    book = whole("bg")

    assert book.data["chapters"][0]["title"] == {"text": "Посрещане", "lang": None}
    assert [sheet["title"]["lang"] for sheet in sheets(book)] == ["fr", "fr"]


def test_no_level_of_heading_is_skipped(vademecum):
    for sheet in sheets(whole()):
        last = 2
        for part in sheet["parts"]:
            levels = [3] * bool(part["heading"]) + [node["level"] for node in part["body"] if node["t"] == "h"]
            for level in levels:
                assert level <= last + 1
                last = level


def test_the_index_names_target_groups_partners_and_cites(vademecum):
    full = vademecum["full"].pk

    assert [
        (index["title"], [(row["name"]["text"], row["sheets"]) for row in index["rows"]])
        for index in whole("en").data["indexes"]
    ] == [
        ("Index of target groups", [("adults en", [full]), ("young en", [full])]),
        ("Index of partners", [("school en", [full])]),
        ("Index of Cités", [("Cidade das Profissões do Porto", [full])]),
    ]


def test_programmes_are_named_where_the_facts_have_them(vademecum):
    assert "Sheets come from these projects: COCADE (Erasmus+ KA2)." in json.dumps(whole("en").data["about"])
    assert "Erasmus" not in json.dumps(whole("en", "run").data)


def test_one_sheet_alone_has_neither_cover_nor_contents(vademecum):
    with translation.override("fr"):
        book = of_selection([vademecum["bare"]])

    assert (book.data["cover"], book.data["contents"], book.data["sheet_level"]) == (False, False, 1)
    assert book.data["title"] == "Décider à plusieurs"


def test_a_selection_keeps_the_order_that_was_chosen(vademecum):
    book = of_selection([vademecum["bare"], vademecum["full"]])

    assert [sheet["id"] for sheet in sheets(book)] == [vademecum["bare"].pk, vademecum["full"].pk]
    assert book.data["indexes"] == []


def test_many_sheets_ask_for_as_much_as_few(vademecum, django_assert_max_num_queries):
    parent = PracticePage.objects.get(title="Secret").get_parent()
    whole()
    with django_assert_max_num_queries(40) as few:
        whole()
    for number in range(5):
        practice = make_practice(f"Plus {number}", cite=vademecum["full"].cite, project=vademecum["full"].project)
        link = f'<p><a linktype="page" id="{parent.pk}">là</a></p>'
        practice_page(parent, practice, f"Plus {number}", context=link, slug=f"plus-{number}")

    with django_assert_max_num_queries(len(few) + 2):  # the links of all sheets together
        assert whole().sheets == 7


def test_the_digest_is_that_of_what_is_said(vademecum):
    before = whole().digest
    assert whole().digest == before
    assert whole("en").digest != before

    page = PracticePage.objects.get(title="Décider à plusieurs")
    page.context = "<p>Seul.</p>"
    page.save_revision().publish()

    assert whole().digest != before


def test_a_private_text_and_one_taken_back_leave(vademecum):
    vademecum["full"].unpublish()

    assert [row.pk for row in sheets_of()] == [vademecum["bare"].pk]
    vademecum["bare"].unpublish()
    assert whole() is None


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Ευρώπη, Жанна, ŁÓDŹ, œuvre\u202f!", "Ευρώπη, Жанна, ŁÓDŹ, œuvre\u202f!"),
        ("rendez\u2011vous", "rendez-vous"),
        ("a\u00adb\u200bc\x07", "abc "),
        ("bien \U0001f44d fait", "bien  fait"),
        ("\ufb01n", "fin"),
        ("e\u0301", "é"),
        ("日本", "??"),
        ("a\u2003b", "a b"),
    ],
)
def test_characters_that_the_fonts_lack_are_stood_in_for(text, drawn):
    assert drawable(text) == drawn


def test_the_fonts_have_every_letter_of_the_nine_languages():
    starts, _ends = coverage()
    letters = "àâæçéèêëîïôœùûüÿ áíóúñ¿¡ ãõ äöüß ĳ åø абвгдежзийклмнопрстуфхцчшщъьюя ѝ «»„“”’–—…€№"

    assert drawable(letters + letters.upper()) == letters + letters.upper()
    assert len(starts) > 100


def test_page_and_handbook_cite_a_sheet_in_the_same_words(vademecum, client):
    address = PracticePage.objects.get(title="Accueillir sans rendez-vous").get_url()
    said = " ".join(BeautifulSoup(client.get(address).content, "html.parser").select_one(".citation").text.split())
    cited = "".join(value["text"] for value in sheets(whole())[0]["colophon"][0]["values"])

    assert " ".join(cited.split()) == said
    assert "« Accueillir sans rendez-vous »" in " ".join(said.split())


def test_a_translation_that_is_old_or_a_machines_says_so(vademecum):
    original = PracticePage.objects.get(title="Décider à plusieurs")
    work = translating.begin(original)
    translating.fill(work, kind="machine")
    translating.publish(work)
    machine = "This text was translated by a machine. Nobody has read it over yet."
    assert sheets(whole("en"))[1]["notices"][1:] == [machine]

    translating.rewrite(original, summary="Autrement.")

    with translation.override("en"):
        day = when.long_day(timezone.localdate())
    assert sheets(whole("en"))[1]["notices"][1:] == [
        f"This translation is older than the original of {day}.",
        machine,
    ]
    assert [sheet["notices"][1:] for sheet in sheets(whole())] == [[], []]


def test_a_sheet_that_nobody_has_checked_for_years_says_so(vademecum):
    Practice.objects.filter(pk=vademecum["full"].pk).update(checked_on=dt.date(2020, 1, 1))

    assert sheets(whole("en"))[0]["notices"] == [
        "Nobody has checked this sheet for more than five years: some of it may no longer be so."
    ]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Chapter, {"labels": {"fr": "Recevoir"}}),
        (TargetGroup, {"labels": {"fr": "Des jeunes"}}),
        (Skill, {"labels": {"fr": "Entendre"}}),
        (Cite, {"official_name": "Autre nom"}),
        (Practice, {"licence": "cc0"}),
        (Practice, {"checked_on": dt.date(2026, 11, 1)}),
    ],
)
def test_the_digest_changes_with_whatever_the_file_names(vademecum, model, fields):
    before = whole().digest

    model.objects.update(**fields)

    assert whole().digest != before
