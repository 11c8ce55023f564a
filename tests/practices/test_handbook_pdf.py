"""The PDF as others read it: pikepdf its structure, poppler its words, pdfua what a machine can check of PDF/UA-1."""

from __future__ import annotations

import io
import re
import time

import pikepdf
import pytest
from django.utils import translation
from pdfua import validate

from practices.handbook import coverage, of_chapter, of_selection
from practices.models import Practice, PracticePage
from practices.typesetting import TypesettingFailed, typeset
from tests.factories import make_practice, practice_page
from tests.pdf_words import flat, words_in

pytestmark = pytest.mark.django_db

HOSTILE = '#eval("1") $x$ \\ #{panic("a")} [*b*] `c` <script> = Titre @sheet-1 // -- "q" \' ~ #read("/etc/passwd")'


def pdf_of(language, make=lambda: of_chapter(None)):
    with translation.override(language):
        return typeset(make(), seconds=120).pdf


def opened(content):
    return pikepdf.open(io.BytesIO(content))


def elements(node, found=None):
    """The structure tree in its order."""
    found = [] if found is None else found
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            elements(kid, found)
    return found


def tree(pdf):
    return elements(pdf.Root.StructTreeRoot)


@pytest.mark.parametrize("language", ["fr", "en", "bg"])
def test_an_independent_checker_finds_nothing(vademecum, tmp_path, language):
    file = tmp_path / f"{language}.pdf"
    file.write_bytes(pdf_of(language))

    assert [str(finding) for finding in validate(file).findings] == []


@pytest.mark.parametrize(("language", "title"), [("fr", "Vademecum"), ("bg", "Вадемекум")])
def test_the_file_names_its_language_and_title_and_shows_it(vademecum, language, title):
    pdf = opened(pdf_of(language))

    assert str(pdf.Root.Lang) == language
    assert title in str(pdf.docinfo.Title)
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.MarkInfo.Marked
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"


def test_the_structure_has_every_heading_in_order_and_no_level_is_skipped(vademecum):
    pdf = opened(pdf_of("fr"))
    levels = [int(str(each.S)[2:]) for each in tree(pdf) if re.fullmatch(r"/H\d", str(each.S))]

    # Contents, about; a chapter, its sheet, two parts with a heading in each, body; the other; three indexes.
    assert levels == [1, 1, 1, 2, 3, 4, 3, 4, 3, 1, 2, 3, 1, 1, 1]


def test_bookmarks_lead_to_chapters_and_sheets_in_order(vademecum):
    with opened(pdf_of("fr")) as pdf, pdf.open_outline() as outline:
        found = [(top.title, [sheet.title for sheet in top.children]) for top in outline.root]

    assert found[2:4] == [
        ("Accueillir", ["Accueillir sans rendez-vous"]),
        ("Piloter", ["Décider à plusieurs"]),
    ]


def test_words_in_another_language_are_marked_in_the_structure(vademecum):
    pdf = opened(pdf_of("en"))

    assert "fr" in {str(each.Lang) for each in tree(pdf) if "/Lang" in each}


def test_lists_links_and_quotations_are_tagged_as_such(vademecum):
    pdf = opened(pdf_of("fr"))
    kinds = {str(each.S) for each in tree(pdf)}

    assert {"/L", "/LI", "/LBody", "/Link", "/P", "/H1"} <= kinds
    links = [each for page in pdf.pages for each in page.get("/Annots", [])]
    assert links
    assert all("/StructParent" in each and "/Contents" in each for each in links)


def test_every_font_is_embedded_with_its_way_back_to_letters(vademecum):
    pdf = opened(pdf_of("bg"))
    fonts = {font.objgen: font for page in pdf.pages for font in page.Resources.get("/Font", {}).values()}

    assert len(fonts) >= 3
    for font in fonts.values():
        assert "/ToUnicode" in font
        assert {"/FontFile2", "/FontFile3"} & set(font.DescendantFonts[0].FontDescriptor.keys())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_poppler_reads_every_heading_and_paragraph_of_the_pages(vademecum, tmp_path, client, language):
    found = words_in(pdf_of(language), tmp_path)

    from bs4 import BeautifulSoup

    for practice in Practice.objects.filter(live=True):
        answer = client.get(f"/{language}/practice/{practice.pk}/", follow=True)
        page = BeautifulSoup(answer.content, "html.parser").find("main")
        said = [page.find("h1"), *page.select(".lead"), *page.select(".prose :is(h2, h3, p, li)")]
        assert len(said) >= 3
        for element in said:
            for nested in element.find_all(["ul", "ol"]):
                nested.extract()
            assert flat(element.get_text()) in found


def test_nothing_that_an_editor_writes_is_code(vademecum, tmp_path):
    practice = make_practice("x", authors=HOSTILE, chapter=vademecum["full"].chapter)
    parent = PracticePage.objects.get(title="Secret").get_parent()
    stored = "<p>{}</p>".format(HOSTILE.replace("<", "&lt;"))
    page = practice_page(parent, practice, "x", slug="hostile", question=HOSTILE, context=stored)
    PracticePage.objects.filter(pk=page.pk).update(title=HOSTILE)  # longer than an editor's may be

    found = words_in(pdf_of("fr"), tmp_path)

    assert found.count(flat(HOSTILE)) >= 4


def test_any_text_makes_a_valid_file(vademecum):
    everything = "".join(chr(code) for code in [*range(0x20, 0x3000), 0xFB01, 0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF])
    page = PracticePage.objects.get(title="Décider à plusieurs")
    page.context = "<p>{}</p>".format(everything.replace("&", "&amp;").replace("<", "&lt;"))
    page.results = "<h3>a</h3><h3></h3><ul><li></li></ul><ol><li><ul><li>b</li></ul></li></ol>" + "<p>mot</p>" * 400
    page.documents = '[{"type": "link", "value": {"title": "' + "é" * 300 + '", "url": "https://e.org/é à?x=ж"}}]'
    page.save_revision().publish()

    assert pdf_of("fr", lambda: of_selection([vademecum["bare"]])).startswith(b"%PDF")
    assert len(coverage()[0]) == len(coverage()[1])


# Willow leaves its temporary files to be closed when they are collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_pictures_carry_their_alternative_text_and_those_that_decorate_none(vademecum):
    import json

    from wagtail.images.tests.utils import get_test_image_file

    from portal.base.models import PortalImage

    image = PortalImage.objects.create(title="Façade", file=get_test_image_file())
    gone = PortalImage.objects.create(title="Partie", file=get_test_image_file(filename="gone.png"))
    gone.file.storage.delete(gone.file.name)
    page = PracticePage.objects.get(title="Décider à plusieurs")
    values = [
        (image.pk, "La porte ouverte", False, ""),
        (image.pk, "", True, "Légende"),
        (gone.pk, "x", False, "Perdue"),
    ]
    page.body = json.dumps(
        [
            {
                "type": "picture",
                "value": {"image": {"image": pk, "alt_text": alt, "decorative": decorative}, "caption": said},
            }
            for pk, alt, decorative, said in values
        ]
    )
    page.save_revision().publish()

    pdf = opened(pdf_of("fr", lambda: of_selection([vademecum["bare"]])))

    assert [str(each.Alt) for each in tree(pdf) if str(each.S) == "/Figure"] == ["La porte ouverte"]


def test_a_making_that_takes_too_long_is_ended(vademecum):
    begun = time.monotonic()

    with translation.override("fr"), pytest.raises(TypesettingFailed, match="not done after"):
        typeset(of_chapter(None), seconds=0.01)

    assert time.monotonic() - begun < 5
