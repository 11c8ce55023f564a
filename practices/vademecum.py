"""The index of the vademecum: facets that combine, in the address, with counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import CharField, Value
from django.utils.translation import gettext_lazy as _

from home.countries import country_name
from home.models import PartnerKind, Principle, TargetGroup
from portal.base.languages import Text, language_name, pick
from portal.base.pages import with_words
from portal.base.sorting import sort_key
from practices.models.practice import Chapter, Practice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, QueryDict

PAGE_SIZE = 20
MAX_VALUES = 20  # of one facet in one address
MAX_LENGTH = 40  # characters of a code

# name in the address, heading, column of a practice that holds the code
FACETS = (
    ("chapter", _("Chapter"), "chapter__code"),
    ("group", _("For whom"), "target_groups__code"),
    ("partner", _("Kind of partner"), "partner_kinds__code"),
    ("country", _("Country"), "cite__country"),
    ("principle", _("Principle of the charter"), "principles__code"),
    ("language", _("Available in"), "pages__locale__language_code"),
)
VOCABULARIES: dict[str, Any] = {
    "chapter": Chapter,
    "group": TargetGroup,
    "partner": PartnerKind,
    "principle": Principle,
}

Matrix = dict[str, dict[str, set[int]]]


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet, with the number of sheets that it would show."""

    code: str
    label: Text
    count: int
    is_chosen: bool
    without: str  # the query string that drops it


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    heading: Any
    options: list[Option]


def chosen(query: QueryDict) -> dict[str, list[str]]:
    """The facets of an address, each cut to a sensible number of values."""
    return {
        name: [value[:MAX_LENGTH] for value in query.getlist(name)[:MAX_VALUES] if value] for name, _h, _c in FACETS
    }


def matrix() -> Matrix:
    """Which published sheets have which value of which facet: one query for all of them."""
    published = Practice.objects.published().order_by()
    parts = [
        (published.filter(pages__live=True, pages__alias_of=None) if name == "language" else published)
        .exclude(**{column: None})
        .values_list(Value(name, CharField()), column, "pk")
        for name, _heading, column in FACETS
    ]
    found: Matrix = {name: {} for name, _heading, _column in FACETS}
    for name, code, pk in parts[0].union(*parts[1:], all=True):
        found[name].setdefault(code, set()).add(pk)
    return found


def labels() -> dict[str, dict[str, Text]]:
    """The words of all vocabularies, in one query."""
    parts = [
        model.objects.order_by().values_list(Value(name, CharField()), "sort_order", "code", "labels")
        for name, model in VOCABULARIES.items()
    ]
    words: dict[str, dict[str, Text]] = {name: {} for name in VOCABULARIES}
    for name, _order, code, by_language in sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[:3]):
        words[name][code] = pick(by_language) or Text(code, "")
    return words


def matching(found: Matrix, wanted: dict[str, list[str]], *, but: str = "") -> set[int] | None:
    """Sheets that have one of the chosen values of every facet; None means all."""
    result: set[int] | None = None
    for name, values in wanted.items():
        if values and name != but:
            having = set().union(*(found[name].get(value, set()) for value in values))
            result = having if result is None else result & having
    return result


def facets(found: Matrix, wanted: dict[str, list[str]]) -> list[Facet]:
    """Facets with their counts; a value that would show nothing is hidden unless it is chosen."""
    words = labels()
    words["country"] = by_name(found["country"], country_name)
    words["language"] = by_name(found["language"], language_name)
    result = []
    for name, heading, _column in FACETS:
        others = matching(found, wanted, but=name)
        options = []
        for code, label in words[name].items():
            sheets = found[name].get(code, set())
            count = len(sheets if others is None else sheets & others)
            if count or code in wanted[name]:
                options.append(Option(code, label, count, code in wanted[name], without(wanted, name, code)))
        result.append(Facet(name, heading, options))
    return result


def by_name(codes: Iterable[str], name: Callable[[str], str]) -> dict[str, Text]:
    """Names in the order of the reader's alphabet; the labels of vocabularies come in an order of their own."""
    rows = sorted(((code, name(code)) for code in codes), key=lambda row: sort_key(row[1]))
    return {code: Text(text, "") for code, text in rows}


def without(wanted: dict[str, list[str]], name: str, code: str) -> str:
    pairs = [(key, value) for key, values in wanted.items() for value in values if (key, value) != (name, code)]
    return urlencode(pairs)


def vademecum_context(request: HttpRequest) -> dict[str, Any]:
    wanted = chosen(request.GET)
    found = matrix()
    keys = matching(found, wanted)
    practices = Practice.objects.published().select_related("chapter", "cite")
    practices = practices.order_by(*Practice._meta.ordering, "pk")  # none on two pages
    if keys is not None:
        practices = practices.filter(pk__in=keys)
    page = Paginator(practices, PAGE_SIZE).get_page(request.GET.get("page", "1")[:6])
    groups = facets(found, wanted)
    return {
        "paginator_page": page,
        "entries": with_words(page.object_list, request),
        "facets": groups,
        "active": [option for facet in groups for option in facet.options if option.is_chosen],
        "query": without(wanted, "", ""),
    }


def practice_context(practice: Practice | None, request: HttpRequest) -> dict[str, Any]:
    if practice is None:  # a page whose facts are not chosen yet, in a preview
        return {"practice": None}
    owners = with_words([practice.cite], request) if practice.cite and practice.cite.live else []
    projects = with_words([practice.project], request) if practice.project and practice.project.live else []
    same = Practice.objects.published().filter(chapter=practice.chapter).exclude(pk=practice.pk)
    return {
        "practice": practice,
        "owner": owners[0] if owners else None,
        "project": projects[0] if projects else None,
        "related": with_words(same.select_related("cite", "chapter")[:3], request) if practice.chapter_id else [],
    }
