"""What the address of the index asks for: facets, words, chosen sheets, a page.  Any address can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal.base.analysis import MAX_QUERY_LENGTH
from portal.base.neutral import MAX_ID

if TYPE_CHECKING:
    from django.http import QueryDict

FACETS = (*("chapter", "group", "partner", "country", "cite", "principle", "project", "language", "evidence", "skill"),)
MAX_VALUES = 20  # of one facet in one address
MAX_LENGTH = 60  # characters of a code
MAX_SHEETS = 30  # of one selection

Pair = tuple[str, str]


@dataclass(slots=True)
class Address:
    facets: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""
    sheets: list[int] = field(default_factory=list)
    page: str = "1"
    is_cut: bool = False  # it names more values of a facet than are read
    is_full: bool = False  # it names more sheets than a selection has

    @property
    def is_narrow(self) -> bool:
        return bool(self.words) or any(self.facets.values())

    def pairs(self, *, but: Pair = ("", ""), sheets: bool = True) -> list[Pair]:
        """All of it but one value, and but the page."""
        pairs = [(name, value) for name, values in self.facets.items() for value in values]
        pairs += [("q", self.words)] if self.words else []
        pairs += self.sheet_pairs if sheets else []
        return [pair for pair in pairs if pair != but]

    @property
    def sheet_pairs(self) -> list[Pair]:
        return [("sheet", str(pk)) for pk in self.sheets]

    @property
    def filters(self) -> list[Pair]:
        """What a form that changes nothing of the filters has to carry."""
        return self.pairs(sheets=False)

    @property
    def kept(self) -> list[Pair]:
        """What a form that changes the facets has to carry."""
        return ([("q", self.words)] if self.words else []) + self.sheet_pairs

    @property
    def facet_and_sheet_pairs(self) -> list[Pair]:
        """What a form that changes the words has to carry."""
        return self.pairs(but=("q", self.words))

    def without(self, name: str, value: str) -> str:
        return urlencode(self.pairs(but=(name, value)))


def read(query: QueryDict) -> Address:
    given = {name: list(dict.fromkeys(filter(None, query.getlist(name)))) for name in FACETS}
    sheets = list(dict.fromkeys(filter(None, map(number, query.getlist("sheet")))))
    return Address(
        facets={name: [value[:MAX_LENGTH] for value in values[:MAX_VALUES]] for name, values in given.items()},
        words=query.get("q", "").strip()[:MAX_QUERY_LENGTH],
        sheets=sheets[:MAX_SHEETS],
        page=query.get("page", "1")[:6],
        is_cut=any(len(values) > MAX_VALUES for values in given.values()),
        is_full=len(sheets) > MAX_SHEETS,
    )


def number(text: str) -> int:
    """The number that a sheet may have; 0 for what is none."""
    return int(text) if text.isdecimal() and len(text) < len(str(MAX_ID)) else 0
