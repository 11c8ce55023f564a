"""Which public sheet has which value of which facet: kept in the memory of the process while nothing changes.

A sheet is a bit of an int, so that to join two choices and to count what they show costs the same for 20 sheets as
for thousands. What a vocabulary says, and what a Cité or a project is called, is not kept but read with each request.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast
from wagtail.models import Page, PageLogEntry, PageViewRestriction

from portal.base.analysis import analyse
from portal.base.asking import pages_with
from portal.base.languages import locale_code
from portal.base.sorting import sort_key
from practices.models.practice import Practice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.base.analysis import Forms
    from portal.base.asking import Asked

# Facets and the columns of a practice that hold their values; "language" is that of live words.
COLUMNS = {
    "chapter": "chapter_id",
    "group": "target_groups",
    "partner": "partner_kinds",
    "cite": "cite_id",
    "principle": "principles",
    "project": "project_id",
    "evidence": "evidence",
    "skill": "skills",
}
LANGUAGE = "language"
KEPT_SECONDS = 60  # that a process remembers what a question found
KEPT_QUESTIONS = 500  # a megabyte at most

Version = tuple[Any, ...]
Values = dict[str, int]  # the sheets that have a value


@dataclass(slots=True)
class Matrix:
    """Sheets in the order of their working titles; the place of a sheet there is its bit."""

    keys: list[int]
    having: dict[str, Values]
    places: dict[int, int] = field(default_factory=dict)
    words: dict[str, dict[Forms, int]] = field(default_factory=dict)  # by language; read when somebody first asks
    hits: dict[str, tuple[float, int]] = field(default_factory=dict)  # by what was asked: since when, and which sheets

    def __post_init__(self) -> None:
        self.places = {key: place for place, key in enumerate(self.keys)}

    @property
    def everything(self) -> int:
        return (1 << len(self.keys)) - 1

    def bits(self, keys: Iterable[int]) -> int:
        """These sheets, but for those that are not public."""
        return joined(1 << self.places[key] for key in keys if key in self.places)

    def of(self, facet: str, value: object) -> int:
        return self.having[facet].get(str(value), 0)

    def numbers(self, facet: str) -> list[int]:
        """The rows that are values of this facet."""
        return [int(value) for value in self.having[facet]]


def joined(parts: Iterable[int]) -> int:
    return reduce(or_, parts, 0)


def places_of(bits: int) -> Iterator[int]:
    """The places of these sheets, in their order."""
    return (place for place, digit in enumerate(reversed(f"{bits:b}")) if digit == "1")


# Written out, since the ORM takes longer to build it than a database to answer it.  Whatever makes a sheet or its words
# public, or no longer public, changes one of these: each publication has a revision of its own, and a place in the log.
VERSION = (
    "SELECT COUNT(*), SUM(id), SUM(live_revision_id), MAX(last_published_at),"
    " (SELECT COUNT(*) FROM {pages}), (SELECT SUM(live_revision_id) FROM {tree}),"
    " (SELECT COUNT(alias_of_id) FROM {tree}), (SELECT MAX(id) FROM {log} WHERE action <> 'wagtail.edit'),"
    " EXISTS (SELECT 1 FROM {restrictions}) FROM {practices} WHERE live"
)


def version_now() -> Version:
    """What the matrix is made of by now, in one query; its last part says whether anything is private."""
    tables = {
        "practices": Practice,
        "pages": pages_model(),
        "tree": Page,
        "log": PageLogEntry,
        "restrictions": PageViewRestriction,
    }
    with connection.cursor() as cursor:
        cursor.execute(VERSION.format(**{name: model._meta.db_table for name, model in tables.items()}))
        return tuple(cursor.fetchone())


def pages_model() -> Any:
    """The model of the words, which knows this module."""
    return Practice._meta.get_field("pages").related_model


@dataclass(slots=True)
class Kept:
    """The last matrix that this process has made; threads replace the pair in one step."""

    last: tuple[Version, Matrix] | None = None


_kept = Kept()
_making = Lock()  # after a change one thread makes it, and the others wait for that


def matrix_now() -> tuple[Matrix, int]:
    """The matrix, and which of its sheets are public to everybody: two queries more where some page is private.

    The version is read before the rows.  If they change in between, the next version is another one.
    """
    version = version_now()
    with _making:
        last = _kept.last
        if last is None or last[0] != version:
            _kept.last = last = version, made()
    matrix = last[1]
    return matrix, matrix.everything & ~private(matrix) if version[-1] else matrix.everything


def private(matrix: Matrix) -> int:
    """Sheets with live words that somebody has made private: as `published` has it, but asked for the few of them."""
    paths = list(PageViewRestriction.objects.values_list("page__path", flat=True))
    if not paths:
        return 0
    below = reduce(or_, (Q(path__startswith=path) for path in paths))
    return matrix.bits(pages_model().objects.live().filter(below).values_list("practice_id", flat=True))


def made() -> Matrix:
    """Three queries: names, values, languages."""
    live = Practice.objects.filter(live=True).order_by()
    rows = sorted(live.values_list("name", "pk"), key=lambda row: (sort_key(row[0], settings.LANGUAGE_CODE), row[1]))
    matrix = Matrix([key for _name, key in rows], {})
    parts = [
        live.exclude(**{column: None}).values_list(Value(name, CharField()), Cast(column, CharField()), "pk")
        for name, column in COLUMNS.items()
    ]
    found: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in (*COLUMNS, LANGUAGE)}
    for name, value, key in parts[0].union(*parts[1:], all=True):
        found[name][value].append(key)
    for locale, key in words_of_sheets().values_list("locale_id", "practice_id"):
        found[LANGUAGE][locale_code(locale)].append(key)
    matrix.having = {
        name: {value: matrix.bits(keys) for value, keys in sorted(values.items())} for name, values in found.items()
    }
    return matrix


def words_of_sheets() -> Any:
    return pages_model().objects.live().filter(alias_of=None).order_by()


def sheets_with(matrix: Matrix, asked: Asked) -> int:
    """Sheets that have all the words, given by language, in one of them: one query, and none for the next minute.

    Readers go on from what they found, to the next page or with one facet more. No longer, since the index of the
    search may be written a moment after what it is an index of, which begins a new matrix.
    """
    key, now = repr(asked), monotonic()
    since, bits = matrix.hits.get(key, (-KEPT_SECONDS, 0))
    if now - since < KEPT_SECONDS:
        return bits
    pages = pages_with(pages_model(), asked).filter(live=True, alias_of=None).order_by()
    bits = matrix.bits(set(pages.values_list("practice_id", flat=True)))
    if len(matrix.hits) >= KEPT_QUESTIONS:
        matrix.hits.clear()
    matrix.hits[key] = now, bits
    return bits


def words_in(matrix: Matrix, language: str) -> dict[Forms, int]:
    """Which sheets have which word in their title or question in this language; read once for each version."""
    if language not in matrix.words:
        found: dict[Forms, list[int]] = defaultdict(list)
        pages = words_of_sheets().filter(locale__language_code=language)
        for key, title, question in pages.values_list("practice_id", "title", "question"):
            for word in set(analyse(f"{title} {question}", language)):
                found[word].append(key)
        matrix.words[language] = {word: matrix.bits(keys) for word, keys in sorted(found.items())}
    return matrix.words[language]
