"""Words as search sees them: folded, without accents, and stemmed by the language they are in.

Done in Python, so that SQLite and PostgreSQL find the same. A word is kept in two forms, the stem of the word as
written and the stem of the word without accents, because people type "carriere" and mean "carrière".
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

import snowballstemmer
from django.utils.html import strip_tags
from modelsearch.query import And, Or, PlainText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelsearch.query import SearchQuery

Forms = tuple[str, ...]

ANALYSIS_VERSION = 3  # raise it when the index holds other words of the same page: `prepare` then writes it anew

# Bulgarian has no stemmer in Snowball: its words are folded only.
STEMMERS = {
    "fr": "french",
    "en": "english",
    "it": "italian",
    "pt": "portuguese",
    "es": "spanish",
    "de": "german",
    "da": "danish",
    "nl": "dutch",
}
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})
APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'"})
ELISION = re.compile(r"\b(?:l|d|j|m|t|s|c|n|qu|jusqu|lorsqu|puisqu|un|dell|all|nell|sull|dall|quell)'", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
STOP_WORDS = {
    "fr": "le la les un une des du de et en à au aux dans par pour sur avec ou où que qui ne pas ce cette ces est",
    "en": "the a an and or of to in on for with by is are be this that from at as it",
    "it": "il lo la i gli le un una di a da in con su per e o che non è",
    "es": "el la los las un una de y en a con por para que no es o del al",
    "pt": "o a os as um uma de e em com por para que não é ou do da dos das no na",
    "de": "der die das und oder in im zu mit den dem des ein eine ist für von auf",
    "nl": "de het een en of in op te met voor van is dat",
    "da": "den det en et og eller i på til med for af er at som",
    "bg": "и в на с за от по да се не е или при",
}
STOP = {language: frozenset(words.split()) for language, words in STOP_WORDS.items()}
MAX_QUERY_LENGTH = 200  # characters
MAX_QUERY_WORDS = 12


@lru_cache(maxsize=50_000)
def stem(language: str, word: str) -> str:
    """The stem, and its stem: of "conseillers" Snowball makes "conseiller", and of that "conseil"."""
    name = STEMMERS.get(language)
    if name is None:
        return word
    stemmed = str(_stemmers.of(name).stemWord(word))
    return stemmed if stemmed == word else stem(language, stemmed)


class _Stemmers(threading.local):
    """Of each thread its own: a stemmer keeps the word that it works on, and two threads would stem each other's."""

    def __init__(self) -> None:
        self.by_name: dict[str, Any] = {}

    def of(self, name: str) -> Any:
        if name not in self.by_name:
            self.by_name[name] = snowballstemmer.stemmer(name)
        return self.by_name[name]


_stemmers = _Stemmers()


def fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.translate(LIGATURES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def composed(text: str) -> str:
    """One letter with its accent, where some keyboards and files write two."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=50_000)
def forms(language: str, word: str) -> Forms:
    """The one or two forms under which a word in small letters is found; none if everybody uses it."""
    if word in STOP.get(language, ()):
        return ()
    return tuple(dict.fromkeys((fold(stem(language, word)), stem(language, fold(word)))))


def analyse(text: str, language: str) -> list[Forms]:
    """The words of a text, each in the forms under which it is found."""
    text = composed(text.lower()).translate(APOSTROPHES)
    if language in {"fr", "it"}:
        text = ELISION.sub(" ", text)
    return [found for word in WORD.findall(text) if (found := forms(language, word))]


def document(parts: Iterable[object], language: str) -> str:
    """What the index holds of a page."""
    # A space before each tag, or the last word of a paragraph and the first of the next would be one.
    text = " ".join(unescape(strip_tags(str(part or "").replace("<", " <"))) for part in parts)
    return analysed(text, language)


@lru_cache(maxsize=4)  # the index asks for the words of a page three times in a row
def analysed(text: str, language: str) -> str:
    return " ".join(form for found in analyse(text, language) for form in found)


def asked_words(text: str, languages: Iterable[str]) -> dict[str, tuple[Forms, ...]]:
    """What somebody asks for, as each of the languages has it; not those in which it holds no word."""
    found = {code: tuple(analyse(text[:MAX_QUERY_LENGTH], code)[:MAX_QUERY_WORDS]) for code in languages}
    return {code: words for code, words in found.items() if words}


def query(asked: Iterable[tuple[Forms, ...]]) -> SearchQuery | None:
    """What to ask the index: all words of one of the languages. Any input is safe: only letters get through."""
    alternatives = [
        joined(And, [joined(Or, [PlainText(form) for form in found]) for found in words]) for words in asked
    ]
    return joined(Or, alternatives) if alternatives else None


def joined(how: type[And | Or], parts: list[SearchQuery]) -> SearchQuery:
    return parts[0] if len(parts) == 1 else how(parts)
