"""The index of the vademecum: facets that combine, with counts, and words, all in the address."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import CharField, F, IntegerField, Value
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from home.countries import country_choices, country_name
from home.models import Cite, PartnerKind, Principle, Project, Skill, TargetGroup
from portal.base.asking import asked_in
from portal.base.languages import Text, current_language, language_name, pick
from portal.base.pages import with_words
from portal.base.sorting import sort_key
from practices.address import FACETS, MAX_SHEETS, MAX_VALUES, Address, Pair, read
from practices.matrix import LANGUAGE, Matrix, joined, matrix_now, places_of, sheets_with, words_in
from practices.models.handbook import Handbook
from practices.models.practice import Chapter, Evidence, Practice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from portal.base.pages import Entry

PAGE_SIZE = 20
# What a card says of a sheet; the row of a Cité has forty columns.
ON_CARDS = (
    *("uuid", "name", "original_language", "is_demonstration", "chapter__code", "chapter__labels"),
    *("cite__slug", "cite__official_name", "cite__name_language"),
)
HEADINGS = {
    "chapter": _("Chapter"),
    "group": _("For whom"),
    "partner": _("Kind of partner"),
    "country": _("Country"),
    "cite": _("Cité"),
    "principle": _("Principle of the charter"),
    "project": _("Project"),
    "language": _("Available in"),
    "evidence": _("How far it is proved"),
    "skill": _("Skill"),
}
VOCABULARIES: dict[str, Any] = {
    "chapter": Chapter,
    "group": TargetGroup,
    "partner": PartnerKind,
    "principle": Principle,
    "skill": Skill,
}


class Choice(NamedTuple):
    """A value that a facet has: its words, and its sheets."""

    label: Text
    bits: int


Choices = dict[str, dict[str, Choice]]  # by facet and code, in the order that they are shown in


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


@dataclass(frozen=True, slots=True)
class Part:
    """The sheets of a page of the list that are in one chapter; without a chapter where words give the order."""

    chapter: Text | None
    code: str
    number: int
    count: int
    entries: list[Entry]
    handbook: Handbook | None = None  # the file of the chapter


@dataclass(frozen=True, slots=True)
class Proposal:
    """A filter to drop where all together show nothing, or the only one to keep, and how many sheets that shows."""

    label: Text
    count: int
    query: str
    is_kept: bool = False


# --- what there is to choose
def choices(matrix: Matrix, shown: int, wanted: dict[str, list[str]]) -> Choices:
    """All values of all facets, in three queries: vocabularies, Cités, projects."""
    found: Choices = {name: {} for name in FACETS}
    for name, pk, code, label in vocabulary_rows():
        found[name][code] = Choice(label, matrix.of(name, pk) & shown)
    owners = list(
        Cite.objects.filter(pk__in=matrix.numbers("cite")).only(
            "slug", "official_name", "name_language", "country", "live"
        )
    )
    names = [
        (row.slug, Text(row.official_name, row.name_language), matrix.of("cite", row.pk)) for row in owners if row.live
    ]
    found["cite"] = by_name(names, shown)
    countries: dict[str, int] = {code: 0 for code in wanted["country"] if code in dict(country_choices())}
    for row in owners:
        countries[row.country] = countries.get(row.country, 0) | matrix.of("cite", row.pk)
    found["country"] = by_name(((code, Text(country_name(code), ""), bits) for code, bits in countries.items()), shown)
    projects = Project.objects.filter(live=True, pk__in=matrix.numbers("project")).only("slug", "name", "acronym")
    found["project"] = by_name(
        ((row.slug, Text(str(row), ""), matrix.of("project", row.pk)) for row in projects), shown
    )
    spoken = ((code, Text(language_name(code), ""), matrix.of(LANGUAGE, code)) for code, _name in settings.LANGUAGES)
    found["language"] = by_name(spoken, shown)
    for code, said in Evidence.choices:
        found["evidence"][code] = Choice(Text(capfirst(str(said)), ""), matrix.of("evidence", code) & shown)
    return found


def vocabulary_rows() -> list[tuple[str, int, str, Text]]:
    """Facet, number, code and label of the terms of all vocabularies, in one query and in their order."""
    area = {"skill": (F("area__sort_order"), F("area__code"))}
    none = (Value(0, IntegerField()), Value("", CharField()))
    parts = [
        model.objects.order_by().values_list(
            Value(name, CharField()), *area.get(name, none), "sort_order", "code", "pk", "labels"
        )
        for name, model in VOCABULARIES.items()
    ]
    rows = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[:5])
    return [(name, pk, code, pick(labels) or Text(code, "")) for name, _a, _b, _order, code, pk, labels in rows]


def by_name(rows: Iterable[tuple[str, Text, int]], shown: int) -> dict[str, Choice]:
    """Names in the order of the reader's alphabet; the labels of vocabularies come in an order of their own."""
    ordered = sorted(rows, key=lambda row: (sort_key(row[1]), row[0]))
    return {code: Choice(label, bits & shown) for code, label, bits in ordered}


# --- what an address shows of it
@dataclass(slots=True)
class Results:
    """The sheets that an address asks for."""

    matrix: Matrix
    shown: int
    address: Address
    choices: Choices
    ladder: list[int]  # sheets with all the words, with one of them in their title, with two of them ..; all if none
    unknown: int = 0  # chosen values that there are not

    def __post_init__(self) -> None:
        """A value that there is not filters nothing: an old link still shows what it can."""
        known = {
            name: [code for code in codes if code in self.choices[name]] for name, codes in self.address.facets.items()
        }
        self.unknown = sum(map(len, self.address.facets.values())) - sum(map(len, known.values()))
        self.address.facets = known

    def matching(self, *, but_facet: str = "", but: Pair = ("", "")) -> int:
        """Sheets that have the words and one of the chosen values of every facet, or of all but one."""
        result = self.shown if but[0] == "q" else self.ladder[0]
        for name, codes in self.address.facets.items():
            left = [code for code in codes if (name, code) != but]
            if left and name != but_facet:
                result &= joined(self.choices[name][code].bits for code in left)
        return result

    def keys(self) -> list[int]:
        return [self.matrix.keys[place] for place in places_of(self.matching())]

    def facets(self) -> list[Facet]:
        """Facets with their counts; a value that would show nothing is hidden unless it is chosen."""
        result = []
        for name, heading in HEADINGS.items():
            others, wanted = self.matching(but_facet=name), self.address.facets[name]
            counts = [(code, label, (bits & others).bit_count()) for code, (label, bits) in self.choices[name].items()]
            options = [
                Option(code, label, count, code in wanted, self.address.without(name, code) if code in wanted else "")
                for code, label, count in counts
                if count or code in wanted
            ]
            result.append(Facet(name, heading, options))
        return result

    def proposals(self) -> list[Proposal]:
        """Which one filter to drop where all together show nothing, the one that leaves most first.

        Where dropping one is not enough, which one to keep.
        """
        pairs, own = self.address.filters, self.address.sheet_pairs
        found = [
            Proposal(self.label(*pair), self.matching(but=pair).bit_count(), self.address.without(*pair))
            for pair in pairs
        ]
        if not any(row.count for row in found):
            found = [
                Proposal(self.label(*pair), self.alone(*pair).bit_count(), urlencode([pair, *own]), is_kept=True)
                for pair in pairs
            ]
        return sorted((row for row in found if row.count), key=lambda row: -row.count)

    def alone(self, name: str, code: str) -> int:
        return self.ladder[0] if name == "q" else self.choices[name][code].bits

    def label(self, name: str, code: str) -> Text:
        return Text(code, "") if name == "q" else self.choices[name][code].label

    def in_order(self) -> list[int]:
        """By chapter and working title; where words are asked for, those with most of them in their title first."""
        found, chapters, places = self.matching(), self.choices["chapter"].values(), list[int]()
        for step in reversed(self.ladder):
            here = found & step
            by_chapter = [here & choice.bits for choice in chapters]
            places += chain.from_iterable(map(places_of, [*by_chapter, here & ~joined(by_chapter)]))
            found &= ~step
        return places

    def parts(self, entries: dict[int, Entry], handbooks: dict[str, Handbook]) -> list[Part]:
        """What a page of the list shows, by place, under the headings of its chapters with their files."""
        if self.address.words:
            return [Part(None, "", 0, 0, list(entries.values()))] if entries else []
        found, rest = self.matching(), dict(entries)
        result = []
        for number, (code, choice) in enumerate(self.choices["chapter"].items(), start=1):
            here = [rest.pop(place) for place in entries if choice.bits >> place & 1]
            if here:
                count = (found & choice.bits).bit_count()
                result.append(Part(choice.label, code, number, count, here, handbooks.get(code)))
        return [*result, Part(None, "", 0, 0, list(rest.values()))] if rest else result


def searched(matrix: Matrix, shown: int, text: str) -> list[int]:
    """Sheets with all the words in one of their languages, and those of them that have some in title or question.

    The titles are read once for each version of the matrix.
    """
    asked = asked_in(text, matrix.having[LANGUAGE])
    if not asked:
        return [0]
    ladder = [sheets_with(matrix, asked) & shown]
    for language, words in asked.items():
        known = words_in(matrix, language)
        steps = [ladder[0]]
        for wanted in map(set, words):
            having = joined(bits for word, bits in known.items() if not wanted.isdisjoint(word))
            higher = [step & having for step in steps]
            steps = [lower | upper for lower, upper in zip([*steps, 0], [0, *higher], strict=True)]
        ladder = [own | more for own, more in zip_longest(ladder, steps, fillvalue=0)]
    return ladder


def results_of(address: Address) -> Results:
    matrix, shown = matrix_now()
    ladder = searched(matrix, shown, address.words) if address.words else [shown]
    return Results(matrix, shown, address, choices(matrix, shown, address.facets), ladder)


def vademecum_context(request: HttpRequest) -> dict[str, Any]:
    results = results_of(read(request.GET))
    address, matrix = results.address, results.matrix
    address.sheets = [pk for pk in address.sheets if results.shown & matrix.bits([pk])]
    page = Paginator(results.in_order(), PAGE_SIZE).get_page(address.page)
    here = {matrix.keys[place]: place for place in page.object_list}
    entries = entries_of([*here, *address.sheets], matrix, request)
    facets = results.facets()
    handbooks = Handbook.objects.stored(current_language())
    return {
        "paginator_page": page,
        "parts": results.parts({place: entries[pk] for pk, place in here.items() if pk in entries}, handbooks),
        "handbook": handbooks.get(""),
        "facets": facets,
        "active": [option for facet in facets for option in facet.options if option.is_chosen],
        "proposals": results.proposals() if not page.object_list else [],
        "address": address,
        "unknown": results.unknown,
        "without_words": address.without("q", address.words),
        "everything": urlencode(address.sheet_pairs),
        "selection": [(entries[pk], address.without("sheet", str(pk))) for pk in address.sheets if pk in entries],
        "elsewhere": [pk for pk in address.sheets if pk not in here],
        "max_sheets": MAX_SHEETS,
        "max_values": MAX_VALUES,
        "noindex": bool(address.words or address.sheets),
    }


def entries_of(keys: list[int], matrix: Matrix, request: HttpRequest) -> dict[int, Entry]:
    """These sheets with their words, in two queries."""
    live = Practice.objects.filter(pk__in=set(keys), live=True).select_related("chapter", "cite")
    rows = list(live.only(*ON_CARDS))
    here = matrix.of(LANGUAGE, current_language())
    own = [row.pk for row in rows if matrix.bits([row.pk]) & here]
    return {entry.fact.pk: entry for entry in with_words(rows, request, own=own)}
