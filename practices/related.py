"""Sheets beside a sheet: those before and after it in its chapter, and those that have most in common with it."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from math import log2
from typing import TYPE_CHECKING

from portal.base.languages import current_language
from practices.matrix import LANGUAGE, Matrix, places_of, words_in

if TYPE_CHECKING:
    from practices.models import Practice

# What sheets may have in common; "country" and "language" say where one may look, not what it is about.
SHARED = ("chapter", "group", "partner", "principle", "project", "skill", "cite")
RELATED = 3


def neighbours(matrix: Matrix, shown: int, practice: Practice) -> tuple[int | None, int | None]:
    """The sheets before and after this one in its chapter, by working title as in the index."""
    place = matrix.places.get(practice.pk)
    if place is None or not practice.chapter_id:
        return None, None
    chapter = matrix.of("chapter", practice.chapter_id) & shown
    before, after = chapter & ((1 << place) - 1), chapter >> (place + 1)
    first_after = place + (after & -after).bit_length()
    return (
        matrix.keys[before.bit_length() - 1] if before else None,
        matrix.keys[first_after] if after else None,
    )


def related(matrix: Matrix, shown: int, practice: Practice) -> list[int]:
    """The three sheets with which this one has most in common, the nearest first.

    Each value of a facet and each word of title or question that both have counts log2(1 + N / n), where n of N other
    sheets have it: what nearly all have says little (1), what one in seven has says 3, what two of 2,000 share says 10.
    Words are compared in one language: the reader's where this sheet has words in it, else its original's.  A sheet
    with nothing in common is not among them.  Equals are in the order of the index, so the same sheets have the same
    neighbours until something is published.
    """
    place = matrix.places.get(practice.pk)
    if place is None:
        return []
    own = 1 << place
    others = shown & ~own
    total = others.bit_count()
    scores: dict[int, float] = defaultdict(float)
    vocabularies = [matrix.having[name].values() for name in SHARED]
    words = words_in(matrix, language_of(matrix, own, practice)).values()
    for bits in (bits & others for bits in chain(*vocabularies, words) if bits & own):
        weight = log2(1 + total / bits.bit_count()) if bits else 0
        for other in places_of(bits) if bits else ():
            scores[other] += weight
    nearest = sorted(scores, key=lambda other: (-scores[other], other))[:RELATED]
    return [matrix.keys[other] for other in nearest]


def language_of(matrix: Matrix, own: int, practice: Practice) -> str:
    here = current_language()
    return here if matrix.of(LANGUAGE, here) & own else practice.original_language
