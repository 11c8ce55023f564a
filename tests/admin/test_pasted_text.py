"""A sheet as its form is sent: by an editor, out of Word, or by hand with the worst in mind; and what readers get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Page
from wagtail_localize.models import StringSegment, Translation, TranslationSource

from home.models import PlainPage
from tests import factories
from tests.admin.conftest import logged_in
from tests.factories import make_practice, practice_page
from tests.filled_forms import posted
from tests.practices.reviewed import make_reviewer
from tests.practices.sheets import HOSTILE

pytestmark = pytest.mark.django_db

NO_BLOCKS = {"documents-count": "0", "body-count": "0"}  # which a script writes into the form


@pytest.fixture
def sheet(trees, porto):
    return practice_page(porto.pages.get(), make_practice("a", cite=porto, original_language=""), "Atelier")


@pytest.fixture
def reviewer(porto):
    return logged_in(make_reviewer())


def block(text: str, kind: str = "unstyled", **rest: Any) -> dict[str, Any]:
    return {"key": "abc12", "type": kind, "text": text, "depth": 0, "inlineStyleRanges": [], "entityRanges": [], **rest}


def save(client: Client, sheet: Any, **fields: Any) -> Any:
    address = f"/admin/pages/{sheet.pk}/edit/"
    return client.post(address, posted(client.get(address)) | NO_BLOCKS | {"action-publish": "1"} | fields)


def content(*blocks: Any, **entities: Any) -> str:
    return json.dumps({"blocks": blocks, "entityMap": entities})


def shown(sheet: Any) -> BeautifulSoup:
    response = Client().get(factories.stored(sheet).get_url())
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_sheet_from_word_is_clean_in_the_page_and_in_every_file(reviewer, sheet):
    word = content(
        block("Contexte", "header-three", inlineStyleRanges=[{"offset": 0, "length": 8, "style": "UNDERLINE"}]),
        block("\xa0"),
        block("·       Réunir les partenaires", inlineStyleRanges=[{"offset": 8, "length": 6, "style": "BOLD"}]),
        block("·       Écrire la convention"),
        block("image", "atomic", entityRanges=[{"offset": 0, "length": 5, "key": "0"}]),
        **{"0": {"type": "IMAGE", "mutability": "IMMUTABLE", "data": {"src": "file:///C:/image001.png"}}},
    )

    assert save(reviewer, sheet, context=word).status_code == 302

    part = shown(sheet).select_one("section[aria-labelledby=context] .rich")
    for tag in part.find_all(True):
        del tag["data-block-key"]
    assert str(part.decode_contents()).strip() == (
        "<h3>Contexte</h3><ul><li><b>Réunir</b> les partenaires</li><li>Écrire la convention</li></ul><p>image</p>"
    )
    found = json.loads(Client().get("/fr/data/practices.json").content)["practices"][0]["parts"]
    assert found["context"]["text"] == "Contexte\n\n- Réunir les partenaires\n- Écrire la convention\n\nimage"


@pytest.mark.parametrize(
    "sent",
    [
        "<p>x</p>",
        "[]",
        '{"blocks": 5}',
        content(5),
        content(block("x", entityRanges=[{"offset": 0, "length": 1, "key": 9}]), **{"9": []}),
    ],
)
def test_form_that_no_editor_sends_changes_nothing(editor, sheet, sent):
    response = save(editor, sheet, context=sent)

    assert response.status_code in {302, 400}
    assert "x" not in factories.stored(sheet).context


def test_form_that_lacks_a_part_is_a_bad_request(editor, sheet):
    assert save(editor, sheet, **{"documents-count": []}).status_code == 400


def test_hostile_sheet_is_harmless_everywhere(reviewer, sheet):
    hostile = content(
        block(HOSTILE, "<script>", entityRanges=[{"offset": 0, "length": 5, "key": "0"}]),
        block("to nowhere", entityRanges=[{"offset": 0, "length": 5, "key": "1"}]),
        **{
            "0": {"type": "LINK", "data": {"url": "java\tscript:alert(1)", "onmouseover": "alert(1)"}},
            "1": {"type": "LINK", "data": {"id": "1 OR 1=1"}},
        },
    )
    saved = save(
        reviewer, sheet, context=hostile, title=HOSTILE.replace("\r\n", " ")[:90], summary=HOSTILE[:90], slug="x"
    )
    assert saved.status_code == 302
    path = factories.stored(sheet).get_url()

    text = " ".join(
        Client().get(address).content.decode()
        for address in (
            path,
            "/fr/practices.atom",
            "/fr/embed/cite/porto/practices/",
            f"/fr/practice/{sheet.practice_id}/",
        )
    )

    page = shown(sheet)
    assert [
        script for script in page.find_all("script") if "alert" in (script.string or "") and not script.get("type")
    ] == []
    assert [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
    assert [link["href"] for link in page.find_all("a", href=True) if "script:" in link["href"]] == []
    assert "<script>alert" not in text
    table = Client().get("/fr/data/practices.csv").content.decode("utf-8-sig")
    assert ",=HYPERLINK" not in table
    assert "'=HYPERLINK" in table


def test_link_to_a_page_that_is_gone_breaks_no_page(reviewer, trees, sheet):
    target = factories.make_page(trees["fr"]["home"], PlainPage, "Target")
    link = content(
        block("words", entityRanges=[{"offset": 0, "length": 5, "key": "0"}]),
        **{"0": {"type": "LINK", "data": {"id": target.pk}}},
    )
    save(reviewer, sheet, context=link)

    Page.objects.get(pk=target.pk).delete()

    assert "words" in shown(sheet).main.get_text()


def test_passage_with_markup_without_end_is_refused(editor, trees, porto, sheet):
    page = factories.stored(sheet)
    page.context = "<p>Bonjour</p>"
    page.save_revision().publish()
    cite_page = porto.pages.get()
    factories.cite_page(trees["en"]["network"], porto, "Porto", translation_key=cite_page.translation_key)
    source, _created = TranslationSource.update_or_create_from_instance(factories.stored(sheet))
    translation = Translation.objects.create(source=source, target_locale=factories.locale("en"))
    translation.save_target(publish=False)
    segment = StringSegment.objects.get(source=source, string__data="Bonjour")
    address = f"/admin/localize/translate/{translation.pk}/strings/{segment.pk}/edit/"

    answers = [
        editor.put(address, f"value={value}", "application/x-www-form-urlencoded").status_code
        for value in ("<b>" * 5000 + "x", "Hello")
    ]

    assert answers == [400, 201]


def test_sheet_of_thirty_pages_is_saved_and_read(reviewer, sheet):
    pages = content(*[block("Un paragraphe de la longueur habituelle, ni plus ni moins. " * 15)] * 100)

    assert save(reviewer, sheet, **dict.fromkeys(("context", "steps", "results"), pages)).status_code == 302

    assert len(shown(sheet).main.get_text()) > 250_000
    assert len(Client().get("/fr/data/practices.json").content) > 250_000
