"""What to look for instead, where nothing was found: words that titles have, and that are nearly the same."""

from __future__ import annotations

from difflib import SequenceMatcher
from heapq import nlargest
from typing import TYPE_CHECKING

from wagtail.models import Page

from portal.base.analysis import MAX_QUERY_LENGTH, WORD, composed, fold, forms
from portal.base.languages import current_language
from portal.finding import asked_for, matching, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TITLES = 3000  # the newest
MAX_WORDS = 4  # of the words that somebody typed
MAX_SUGGESTIONS = 5
SHORTEST = 3  # letters
COMPARED = 12  # words that share most pairs of letters, and so are worth a closer look
NEAR = 0.72

Vocabulary = dict[str, str]  # a word without accents: the word as titles have it


def suggestions(text: str) -> list[str]:
    """What finds something, the likeliest first."""
    typed = long_words(text[:MAX_QUERY_LENGTH])[:MAX_WORDS]
    known = vocabulary()
    nearest = [near(word, known) for word in typed]
    words = [word for found in nearest for word in found]
    whole = " ".join(found[0] for found in nearest if found)
    first = [whole] if len(typed) > 1 and all(nearest) and matching(asked_for(whole)).exists() else []
    return list(dict.fromkeys([*first, *words]))[:MAX_SUGGESTIONS]


def vocabulary() -> Vocabulary:
    """The words of titles in the reader's language; of all titles where none is in it."""
    titles = shown(Page.objects.order_by("-pk")).values_list("title", flat=True)
    own = list(titles.filter(locale__language_code=current_language())[:MAX_TITLES])
    return {fold(word): word for title in own or titles[:MAX_TITLES] for word in long_words(title)}


def long_words(text: str) -> list[str]:
    language = current_language()
    words = WORD.findall(composed(text.lower()))
    return list(dict.fromkeys(word for word in words if len(word) >= SHORTEST and forms(language, word)))


def near(word: str, known: Vocabulary) -> list[str]:
    """The word itself where titles have it, else the most similar ones."""
    plain = fold(word)
    if plain in known:
        return [known[plain]]
    pairs = pairs_of(plain)
    likely = nlargest(COMPARED, known, key=lambda other: overlap(pairs, pairs_of(other)))
    ratios = {other: SequenceMatcher(None, plain, other).ratio() for other in likely}
    return [known[other] for other in sorted(ratios, key=lambda other: -ratios[other]) if ratios[other] >= NEAR][:3]


def pairs_of(word: str) -> set[str]:
    return {word[place : place + 2] for place in range(len(word) - 1)}


def overlap(pairs: Iterable[str], others: set[str]) -> float:
    common = len(others.intersection(pairs))
    return common / (len(others) + 1)
