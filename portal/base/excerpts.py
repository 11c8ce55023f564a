"""Where in a text the words are that somebody looked for: a few words around the first, each hit marked.

A hit is a word that has a form in common with a word asked for, as in the index: "carrières" for "carriere".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.base.analysis import WORD, composed, forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.base.analysis import Forms

Span = tuple[int, int]

BEFORE = 90  # characters before the first hit that still may be shown
LENGTH = 240  # of all that is shown
SENTENCE_END = re.compile(r"[.!?…:]\s+|\n+")
SPACE = re.compile(r"\s+")
GAP = "…"


def wanted_forms(words: Iterable[Forms]) -> frozenset[str]:
    return frozenset(form for found in words for form in found)


def hits(text: str, language: str, wanted: frozenset[str]) -> Iterator[Span]:
    """Where the words of a composed text are that were asked for."""
    for word in WORD.finditer(text):
        if not wanted.isdisjoint(forms(language, word[0].lower())):
            yield word.span()


def marked(text: str, language: str, wanted: frozenset[str]) -> SafeString:
    """A whole text with its hits marked; safe, whatever it holds."""
    text = composed(text)
    return with_marks(text, list(hits(text, language, wanted)))


def with_marks(text: str, spans: list[Span]) -> SafeString:
    parts, at = [], 0
    for start, end in spans:
        parts += [conditional_escape(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return mark_safe("".join([*parts, conditional_escape(text[at:])]))  # noqa: S308  (each part is escaped)


def excerpt(passages: Iterable[str], language: str, wanted: frozenset[str]) -> SafeString:
    """What is around the first hit, in the first passage that has one; empty if none has."""
    for passage in passages:
        text = composed(SPACE.sub(" ", passage).strip())
        spans = list(hits(text, language, wanted))
        if spans:
            return around(text, spans)
    return SafeString("")


def around(text: str, spans: list[Span]) -> SafeString:
    start = beginning(text, spans[0][0])
    end = ending(text, max(start + LENGTH, spans[0][1]))
    shown = [(first - start, last - start) for first, last in spans if last <= end]
    before, after = f"{GAP} " if start else "", f" {GAP}" if end < len(text) else ""
    return SafeString(before) + with_marks(text[start:end], shown) + SafeString(after)


def beginning(text: str, hit: int) -> int:
    """The sentence with the hit, or some words before it where the sentence begins far away."""
    if hit <= BEFORE:
        return 0
    ends = [end.end() for end in SENTENCE_END.finditer(text, hit - BEFORE, hit)]
    space = text.find(" ", hit - BEFORE, hit)
    return ends[-1] if ends else (space + 1 if space >= 0 else hit)


def ending(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - BEFORE, end + 1)
    return space if space > 0 else end
