"""Words as search sees them: folded, without accents, and stemmed by the language they are in.

Done in Python, so that SQLite and PostgreSQL find the same. A word is kept in two forms, the stem of the word as
written and the stem of the word without accents, because people type "carriere" and mean "carrière".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

import snowballstemmer
from django.utils.html import strip_tags
from modelsearch.query import And, Or, PlainText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelsearch.query import SearchQuery

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
    stemmed = str(_stemmer(name).stemWord(word))
    return stemmed if stemmed == word else stem(language, stemmed)


@lru_cache(maxsize=16)
def _stemmer(name: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(name)


def fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.translate(LIGATURES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def analyse(text: str, language: str) -> list[tuple[str, ...]]:
    """The words of a text, each in the one or two forms under which it is found."""
    text = text.lower().translate(APOSTROPHES)
    if language in {"fr", "it"}:
        text = ELISION.sub(" ", text)
    words = (word for word in WORD.findall(text) if word not in STOP.get(language, ()))
    return [tuple(dict.fromkeys((fold(stem(language, word)), stem(language, fold(word))))) for word in words]


def document(parts: Iterable[object], language: str) -> str:
    """What the index holds of a page."""
    # A space before each tag, or the last word of a paragraph and the first of the next would be one.
    text = " ".join(unescape(strip_tags(str(part or "").replace("<", " <"))) for part in parts)
    return " ".join(form for forms in analyse(text, language) for form in forms)


def query(text: str, language: str) -> SearchQuery | None:
    """What to ask the index; None where the text holds no word. Any input is safe: only letters get through."""
    words = analyse(text[:MAX_QUERY_LENGTH], language)[:MAX_QUERY_WORDS]
    terms = [PlainText(forms[0]) if len(forms) == 1 else Or([PlainText(form) for form in forms]) for forms in words]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else And(terms)
