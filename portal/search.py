"""Search over everything: Cités, events, practices, projects and pages, in the reader's language first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Page as PageOfList
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.html import conditional_escape
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.base.analysis import MAX_QUERY_LENGTH
from portal.base.asking import Asked, words_in
from portal.base.excerpts import excerpt, marked, wanted_forms
from portal.base.languages import current_language, language_choices, language_name
from portal.base.pages import WordsPage
from portal.finding import PAGE, Found, asked_for, best, find
from portal.suggestions import suggestions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

PAGE_SIZE = 20
FIRST = 4  # of each kind, where all kinds are shown
HEADINGS = {
    "cite": _("Cités"),
    "event": _("Events"),
    "practice": _("Practices"),
    "project": _("Projects"),
    "module": _("Training plan"),
    PAGE: _("Pages"),
}


class SearchForm(forms.Form):
    """What is none of ours filters nothing, and a page that is none is the first: an old link shows what it can."""

    q = forms.CharField(label=_("Search"), required=False, max_length=MAX_QUERY_LENGTH)
    kind = forms.CharField(required=False)
    lang = forms.CharField(required=False)
    page = forms.CharField(required=False)

    def clean_kind(self) -> str:
        kind = str(self.cleaned_data["kind"])
        return kind if kind in HEADINGS else ""

    def clean_lang(self) -> str:
        code = str(self.cleaned_data["lang"])
        return code if code in dict(language_choices()) else ""

    def clean_page(self) -> int:
        number = str(self.cleaned_data["page"])[:6]
        return max(1, int(number)) if number.isdecimal() else 1


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that was found, as a list shows it: what was looked for is marked."""

    title: SafeString
    text: SafeString
    language: str
    text_language: str  # empty for names, which are in no language
    url: str | None


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter, with the number of hits it would show."""

    value: str | None
    label: Any
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind, or the first of them."""

    kind: str
    heading: Any
    count: int
    hits: list[Hit]

    @property
    def has_more(self) -> bool:
        return self.count > len(self.hits)


class Results:
    """What was found, cut to the kind and the language that somebody chose."""

    def __init__(self, text: str, kind: str = "", language: str = "") -> None:
        self.kind, self.language = kind, language
        self.asked: Asked = asked_for(text) if text else {}
        self.found = find(self.asked)

    @cached_property
    def in_language(self) -> list[Found]:
        if self.language:
            return [row for row in self.found if row.language == self.language]
        return best(self.found)

    @cached_property
    def rows(self) -> list[Found]:
        return [row for row in self.in_language if row.kind == self.kind] if self.kind else self.in_language

    @property
    def kinds(self) -> list[Option]:
        counts = Counter(row.kind for row in self.in_language)
        all_kinds = Option(None, _("All kinds"), len(self.in_language), not self.kind)
        names = [kind for kind in HEADINGS if counts[kind] or kind == self.kind]
        return [all_kinds, *(Option(kind, HEADINGS[kind], counts[kind], kind == self.kind) for kind in names)]

    @property
    def languages(self) -> list[Option]:
        of_kind = [row for row in self.found if not self.kind or row.kind == self.kind]
        counts = Counter(row.language for row in of_kind)
        all_languages = Option(None, _("All languages"), len(best(of_kind)), not self.language)
        codes = [code for code, _name in language_choices() if counts[code] or code == self.language]
        return [
            all_languages,
            *(Option(code, language_name(code), counts[code], code == self.language) for code in codes),
        ]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    asked = form.cleaned_data
    text = asked.get("q", "")
    results = Results(text, asked.get("kind", ""), asked.get("lang", ""))
    context = {"form": form, "query": text, "results": results, "noindex": True}
    if results.rows:
        context |= listed(results, asked.get("page", 1), request)
    elif text and not results.found:
        context["suggestions"] = suggestions(text)
    return render(request, "portal/search.html", context, status=200 if is_valid else 400)


def listed(results: Results, number: int, request: HttpRequest) -> dict[str, Any]:
    """The first hits of each kind; a page of them where there is only one."""
    by_kind: dict[str, list[Found]] = {kind: [] for kind in HEADINGS}
    for row in results.rows:
        by_kind[row.kind].append(row)
    page: PageOfList[Found] | None = None
    shown = {kind: rows[:FIRST] for kind, rows in by_kind.items() if rows}
    if len(shown) == 1:
        page = Paginator(results.rows, PAGE_SIZE).get_page(number)
        shown = {kind: list(page.object_list) for kind in shown}
    hits = hits_of([row for rows in shown.values() for row in rows], results, request)
    groups = [
        Group(kind, HEADINGS[kind], len(by_kind[kind]), [hits[row.pk] for row in rows if row.pk in hits])
        for kind, rows in shown.items()
    ]
    return {"groups": groups, "paginator_page": page}


def hits_of(rows: Iterable[Found], results: Results, request: HttpRequest) -> dict[int, Hit]:
    """Read the words of these pages, in as many queries as they have types."""
    by_model: dict[Any, dict[int, Found]] = {}
    for row in rows:
        by_model.setdefault(row.model, {})[row.pk] = row
    hits: dict[int, Hit] = {}
    for model, wanted in by_model.items():
        pages = list(model.objects.filter(pk__in=wanted))
        prefetch_related_objects(pages, *model.search_related)
        hits |= {page.pk: hit(page, wanted[page.pk], results, request) for page in pages}
    return hits


def hit(page: Any, row: Found, results: Results, request: HttpRequest) -> Hit:
    wanted = wanted_forms(words_in(row.language, results.asked))
    names = excerpt(page.search_facts(), row.language, wanted)
    text = excerpt(page.passages(), row.language, wanted)
    return Hit(
        title=marked(page.title, row.language, wanted),
        text=text or names or conditional_escape(page.summary),
        language=row.language,
        text_language="" if names and not text else row.language,
        url=address(page, row, request),
    )


def address(page: Any, row: Found, request: HttpRequest) -> str | None:
    """Its own, but in the reader's frame where he has no page about it and this one is the original."""
    fact = page.fact if isinstance(page, WordsPage) else None
    if fact and row.is_best and row.language != current_language() and row.language == fact.original_language:
        return str(fact.get_absolute_url())
    url: str | None = page.get_url(request)
    return url
