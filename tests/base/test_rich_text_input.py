"""What is stored of a text that an editor, Word or somebody who means harm has sent."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import BadRequest
from wagtail.admin.rich_text import get_rich_text_editor_widget

from portal.base.blocks import TEXT_FEATURES
from portal.base.rich_text_input import RichTextInput

ALLOWED = {"p", "h3", "b", "a", "ul", "ol", "li", "br"}


@pytest.fixture(scope="module")
def widget() -> Any:
    return get_rich_text_editor_widget(features=TEXT_FEATURES)


def block(text: str, kind: str = "unstyled", **rest: Any) -> dict[str, Any]:
    return {"key": "abc12", "type": kind, "text": text, "depth": 0, "inlineStyleRanges": [], "entityRanges": [], **rest}


def stored(widget: Any, *blocks: Any, entities: Any = None) -> str:
    sent = json.dumps({"blocks": list(blocks), "entityMap": entities or {}})
    html = widget.value_from_datadict({"text": sent}, {}, "text")
    assert {tag.name for tag in BeautifulSoup(html, "html.parser").find_all(True)} <= ALLOWED
    return re.sub(r' data-block-key="[\w-]*"', "", html)


def with_link(text: str, data: Any, kind: str = "LINK") -> tuple[dict[str, Any], dict[str, Any]]:
    ranges = [{"offset": 0, "length": len(text), "key": 0}]
    return block(text, entityRanges=ranges), {"0": {"type": kind, "mutability": "MUTABLE", "data": data}}


def test_every_rich_text_of_the_portal_is_read_by_it(widget):
    assert type(widget) is RichTextInput


def test_what_an_editor_writes_is_stored_as_it_was(widget):
    link, entities = with_link("site", {"url": "https://example.org/?a=1&b=2"})

    assert stored(
        widget,
        block("Title", "header-three"),
        block("bold é 𝄞 end", inlineStyleRanges=[{"offset": 10, "length": 3, "style": "BOLD"}]),
        block("one", "unordered-list-item"),
        block("below", "unordered-list-item", depth=1),
        block("first", "ordered-list-item"),
        block("a < b & c\nd"),
        link,
        entities=entities,
    ) == (
        "<h3>Title</h3><p>bold é 𝄞 <b>end</b></p><ul><li>one<ul><li>below</li></ul></li></ul><ol><li>first</li></ol>"
        '<p>a &lt; b &amp; c<br/>d</p><p><a href="https://example.org/?a=1&amp;b=2">site</a></p>'
    )


def test_place_behind_an_emoji_is_the_same_after_a_round_trip(widget):
    text = "🎯 un 👩🏽‍🏫 mot gras"
    bold = [{"offset": 14, "length": 3, "style": "BOLD"}]  # as a browser counts
    html = stored(widget, block(text, inlineStyleRanges=bold))

    (shown,) = json.loads(widget.format_value(html))["blocks"]

    assert html == "<p>🎯 un 👩🏽‍🏫 <b>mot</b> gras</p>"
    assert [{key: row[key] for key in bold[0]} for row in shown["inlineStyleRanges"]] == bold


@pytest.mark.parametrize("sent", ["null", "", '{"blocks": []}', json.dumps({"blocks": [block(""), block(" \xa0\n")]})])
def test_text_that_says_nothing_is_empty(widget, sent):
    assert widget.value_from_datadict({"text": sent}, {}, "text") == ""


def test_text_that_was_not_sent_is_none(widget):
    assert widget.value_from_datadict({}, {}, "text") is None


@pytest.mark.parametrize(
    "sent",
    [
        *("<p>x</p>", "[]x", "[1]", "5", '"x"', "{", '{"blocks": 5}', '{"blocks": {}}', '{"blocks": [5]}'),
        *('{"blocks": [{}]}', '{"blocks": [{"text": 5}]}', '{"blocks": [{"text": null}]}', '{"blocks": [null]}'),
        *('{"blocks": [], "entityMap": 5}', '{"blocks": [], "entityMap": [5]}'),
        json.dumps({"blocks": [block("x", "unordered-list-item", depth="1")]}),
        json.dumps({"blocks": [block("x", "unordered-list-item", depth=True)]}),
        json.dumps({"blocks": [block("x", inlineStyleRanges=[{"style": "BOLD"}])]}),
        json.dumps({"blocks": [block("x", inlineStyleRanges=[{"offset": 0, "length": 1, "style": []}])]}),
        json.dumps({"blocks": [block("x", entityRanges=[{"offset": 0}])]}),
        json.dumps({"blocks": [block("x")] * 5001}),
        '{"blocks": ' + "[" * 100_000,
        json.dumps({"blocks": [block("x")], "entityMap": {"0": {"type": 5, "data": {}}}}),
    ],
)
def test_what_no_editor_sends_is_a_bad_request(widget, sent):
    with pytest.raises(BadRequest):
        widget.value_from_datadict({"text": sent}, {}, "text")


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "jav\tascript:alert(1)", "\x01javascript:alert(1)"),
        *(
            "javascript&#58;alert(1)\x00",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
        ),
        *("", " ", "https://example.org/" + "x" * 2000),
    ],
)
def test_link_that_could_do_harm_leaves_its_words(widget, url):
    link, entities = with_link("words", {"url": url})

    assert stored(widget, link, entities=entities) == "<p>words</p>"


@pytest.mark.parametrize(
    "data", [{}, {"url": None}, {"url": 5}, {"id": "1' onclick='x"}, {"id": "9" * 30}, {"id": -1}, {"id": {}}]
)
def test_link_to_nothing_leaves_its_words(widget, data):
    link, entities = with_link("words", data)

    assert stored(widget, link, entities=entities) == "<p>words</p>"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("LINK", {"id": 3, "url": "/x/"}, '<p><a id="3" linktype="page">words</a></p>'),
        ("DOCUMENT", {"id": "4", "url": "/x/"}, '<p><a id="4" linktype="document">words</a></p>'),
        ("LINK", {"url": "mailto:a@example.org", "onclick": "x"}, '<p><a href="mailto:a@example.org">words</a></p>'),
        ("DOCUMENT", {"url": "https://example.org/"}, "<p>words</p>"),
        ("IMAGE", {"id": 1, "alt": "x"}, "<p>words</p>"),
        ("EMBED", {"url": "https://example.org/"}, "<p>words</p>"),
        ("SCRIPT", {"url": "https://example.org/"}, "<p>words</p>"),
    ],
)
def test_only_links_to_pages_files_and_addresses_are_kept(widget, kind, data, expected):
    link, entities = with_link("words", data, kind)

    html = stored(widget, link, entities=entities)

    soup = BeautifulSoup(html, "html.parser")
    assert soup == BeautifulSoup(expected, "html.parser")


def test_what_a_text_may_not_hold_keeps_its_words(widget):
    ranges = [
        {"offset": 0, "length": 3, "style": style} for style in ("STRIKETHROUGH", "CODE", "color:red", "FALLBACK")
    ]

    assert (
        stored(
            widget,
            block("one", "atomic"),
            block("two", "header-one", inlineStyleRanges=ranges),
            block("six", "fallback"),
            block("ten", "<script>"),
        )
        == "<p>one</p><p>two</p><p>six</p><p>ten</p>"
    )


def test_ranges_and_depths_without_end_are_cut(widget):
    bold = [{"offset": 2, "length": 10**9, "style": "BOLD"}, {"offset": -5, "length": 1, "style": "BOLD"}]
    links = [{"offset": offset, "length": 3, "key": 0} for offset in (0, 1, 2, 3)]

    html = stored(
        widget,
        block("abcd", inlineStyleRanges=bold),
        block("deep", "unordered-list-item", depth=10**6),
        block("abcdef", entityRanges=links),
        entities={"0": {"type": "LINK", "data": {"url": "https://example.org/"}}},
    )

    assert html.startswith("<p><b>a</b>b<b>cd</b></p>")
    assert (html.count("<ul>"), html.count("<a ")) == (5, 2)


def test_markup_in_words_and_keys_is_text(widget):
    hostile = '<script>alert(1)</script><!--[if mso]><o:p>&nbsp;</o:p><![endif]-->"'

    html = widget.value_from_datadict(
        {"text": json.dumps({"blocks": [block(hostile, key='"><script>'), block("\x00\x0b\ud800x")]})}, {}, "text"
    )

    assert BeautifulSoup(html, "html.parser").find_all(True) == BeautifulSoup(html, "html.parser").find_all("p")
    assert html.count("<") == 4
    assert not set(html) & set("\x00\x0b\ud800")


def test_list_that_word_writes_as_paragraphs_becomes_a_list(widget):
    assert stored(
        widget,
        block("·       Réunir les partenaires", inlineStyleRanges=[{"offset": 8, "length": 6, "style": "BOLD"}]),
        block("\uf0a7\xa0\xa0Écrire"),
        block("o   dire"),
        block("1.  un"),
        block("2)\xa0\xa0\xa0deux"),
    ) == (
        "<ul><li><b>Réunir</b> les partenaires</li><li>Écrire</li><li>dire</li></ul><ol><li>un</li><li>deux</li></ol>"
    )


@pytest.mark.parametrize("text", ["o que fazer", "2. La ville", "· ", "·   ", "1990  ans", "ou  bien", "12.  "])
def test_sentence_that_only_begins_like_an_item_stays_one(widget, text):
    assert "<li>" not in stored(widget, block(text), block("x"))


def test_thirty_pages_take_little_time(widget):
    text = "Un paragraphe de la longueur habituelle. " * 20

    html = stored(widget, *[block(text, inlineStyleRanges=[{"offset": 3, "length": 9, "style": "BOLD"}])] * 200)

    assert (len(html) > 150_000, html.count("<p>")) == (True, 200)
