"""What an editor's browser sends of a text, before it is stored: only what the text may hold, and no remains of Word.

Draftail filters what somebody pastes, but in the browser; whoever sends a request by hand is filtered here. Content
state that no Draftail has made is a bad request; what a text may not hold loses its form and keeps its words.

Browsers count UTF-16 code units and Wagtail characters, so that what is bold begins too late behind an emoji; here
one is made into the other on either way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.forms import HiddenInput
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea
from wagtail.whitelist import check_url

from portal.base.middleware import CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

PLAIN = "unstyled"
MAX_BLOCKS = 5000  # ten times a sheet of thirty pages
MAX_DEPTH = 4  # of lists in lists, as Draft.js has it
LONGEST_URL = 2000
MAX_ID = 2**31
KEY = re.compile(r"[\w-]{1,20}")
# How Word writes an item of a list that is none in its HTML: a bullet of the fonts Symbol, Wingdings or Courier New,
# or a number, then spaces.
BULLET = re.compile(r"[·•▪§o\uf0a7\uf0b7\uf0d8\uf076][\s\xa0]{2,}")
NUMBER = re.compile(r"\d{1,2}[.)][\s\xa0]{2,}")
ITEMS = ((BULLET, "unordered-list-item"), (NUMBER, "ordered-list-item"))


class RichTextInput(DraftailRichTextArea):
    """Wagtail's editor, which here believes nothing of what it is sent."""

    def format_value(self, value: Any) -> str:
        content = json.loads(super().format_value(value))
        for block in content["blocks"]:
            for row in (*block["inlineStyleRanges"], *block["entityRanges"]):
                begin = units(block["text"][: row["offset"]])
                end = units(block["text"][: row["offset"] + row["length"]])
                row["offset"], row["length"] = begin, end - begin
        return json.dumps(content)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:
        sent = HiddenInput().value_from_datadict(data, files, name)
        if sent is None:
            return None
        return str(self.converter.exporter.render(cleaned(sent, self.converter)))


def cleaned(sent: str, converter: ContentstateConverter) -> dict[str, Any]:
    """Content state with nothing in it that this converter has no rule for; raises BadRequest."""
    try:
        content = json.loads(sent or "null") or {}
        blocks, entities = list_of(content.get("blocks")), dict(content.get("entityMap") or {})
        if len(blocks) > MAX_BLOCKS:
            raise BadRequest("too many blocks")
        cleaner = Cleaner(converter, entities)
        return {"blocks": [block for block in map(cleaner.block, blocks) if block], "entityMap": cleaner.entities}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadRequest("no content state") from error


def list_of(value: Any) -> list[Any]:
    if not isinstance(value, list | None):
        raise TypeError
    return value or []


def number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return min(max(value, 0), most)


class Cleaner:
    """The rules of one editor: its features, and the links that one text has."""

    def __init__(self, converter: ContentstateConverter, entities: dict[str, Any]) -> None:
        rules = converter.exporter
        self.types = set(rules.block_options) - {"fallback", "atomic"}  # pictures have a block of their own
        self.styles = set(rules.style_options) - {"FALLBACK"}
        found = {str(key): entity(value) for key, value in entities.items()}
        self.entities = {key: value for key, value in found.items() if value and value["type"] in rules.entity_options}

    def block(self, sent: Any) -> dict[str, Any] | None:
        """One paragraph, heading or item; None where it says nothing."""
        text = CONTROL.sub(" ", text_of(sent["text"]))
        if not text.strip():
            return None
        kind, skipped = self.kind(str(sent.get("type")), text)
        key = sent.get("key")
        return {
            "key": key if isinstance(key, str) and KEY.fullmatch(key) else None,
            "type": kind,
            "text": text[skipped:],
            "depth": number(sent.get("depth", 0), MAX_DEPTH) if kind.endswith("list-item") else 0,
            "inlineStyleRanges": [
                {**place(row, skipped, text), "style": row["style"]}
                for row in list_of(sent.get("inlineStyleRanges"))
                if row["style"] in self.styles
            ],
            "entityRanges": apart(
                {**place(row, skipped, text), "key": str(row["key"])}
                for row in list_of(sent.get("entityRanges"))
                if str(row["key"]) in self.entities
            ),
        }

    def kind(self, sent: str, text: str) -> tuple[str, int]:
        """The type of a block, and how many characters at its beginning only said what it is."""
        if sent == PLAIN:
            for pattern, item in ITEMS:
                found = pattern.match(text)
                if found and item in self.types and len(found[0]) < len(text):
                    return item, len(found[0])
        return (sent if sent in self.types else PLAIN), 0


def text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.encode(errors="replace").decode()  # halves of surrogate pairs, which no database takes


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def characters(text: str, most: int) -> int:
    """How many characters of a text its first UTF-16 code units are."""
    return len(text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore"))


def place(row: Any, skipped: int, text: str) -> dict[str, int]:
    """Where a style or link is, in characters, within a text whose first ones are skipped."""
    begin = number(row["offset"], units(text))
    ends = (begin, begin + number(row["length"], units(text)))
    begin, end = (max(characters(text, at) - skipped, 0) for at in ends)
    return {"offset": begin, "length": end - begin}


def apart(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Links that do not overlap, which no Draftail makes and the exporter refuses."""
    found: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: int(row["offset"])):
        if row["length"] and (not found or row["offset"] >= found[-1]["offset"] + found[-1]["length"]):
            found.append(row)
    return found


def entity(sent: Any) -> dict[str, Any] | None:
    """A link to a page, a file or an address of a kind that is harmless; None for all else."""
    data = sent.get("data") or {}
    kept = {"type": text_of(sent.get("type")), "mutability": "MUTABLE"}
    if data.get("id") is not None:
        is_row = str(data["id"]).isdecimal() and str(data["id"]).isascii() and int(str(data["id"])[:12]) < MAX_ID
        return {**kept, "data": {"id": int(data["id"])}} if is_row else None
    url = data.get("url")
    if kept["type"] != "LINK" or not isinstance(url, str) or not url.strip() or len(url) > LONGEST_URL:
        return None
    return {**kept, "data": {"url": url.strip()}} if check_url(url) and not CONTROL.search(url) else None
