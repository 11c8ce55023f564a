"""Search over everything: Cités, events, practices, projects and pages, in the reader's language first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import BooleanField, CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from modelsearch.query import Or
from wagtail.models import Page

from home.models import HomePage
from portal.base.analysis import MAX_QUERY_LENGTH, query
from portal.base.languages import current_language, locale_code
from portal.base.pages import BasePage, WordsPage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

PAGE_SIZE = 20
MAX_HITS = 200  # ranked; who needs more will ask more exactly


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=MAX_QUERY_LENGTH)
    page = forms.IntegerField(min_value=1, max_value=MAX_HITS, required=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that was found, as a list shows it."""

    title: str
    summary: str
    language: str
    kind: Any
    url: str | None


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    text = form.cleaned_data.get("q", "")
    found = find(text) if text else []
    page = Paginator(found, PAGE_SIZE).get_page(form.cleaned_data.get("page") or 1)
    page.object_list = [hit(row, request) for row in page.object_list]
    context = {"form": form, "query": text, "paginator_page": page, "noindex": True}
    return render(request, "portal/search.html", context, status=200 if is_valid else 400)


def find(text: str) -> list[Page]:
    """Pages in the reader's language, then those in other languages that have no translation into it."""
    here = current_language()
    languages = {here, *(locale_code(pk) for pk in HomePage.objects.live().values_list("locale_id", flat=True))}
    asked = [words for code in sorted(languages) if (words := query(text, code))]
    if not asked:
        return []
    pages = Page.objects.live().public().filter(depth__gt=1)
    ranked = pages.search(Or(asked) if len(asked) > 1 else asked[0])[:MAX_HITS]
    found = [page for page in ranked if not page.alias_of_id]
    details = details_of(page.pk for page in found)
    shown = [page for page in found if details.get(page.pk, {}).get("is_shown")]
    for page in shown:
        page.details = details[page.pk]
    own = [page for page in shown if locale_code(page.locale_id) == here]
    others = [page for page in shown if locale_code(page.locale_id) != here]
    return own + untranslated(others, here)


def untranslated(pages: list[Page], language: str) -> list[Page]:
    """Of the same thing found in several other languages, the first; none that the reader's language has."""
    keys = [page.translation_key for page in pages]
    known = Page.objects.live().filter(translation_key__in=keys, locale__language_code=language, alias_of=None)
    seen = set(known.values_list("translation_key", flat=True)) if keys else set()
    kept = []
    for page in pages:
        if page.translation_key not in seen:
            seen.add(page.translation_key)
            kept.append(page)
    return kept


def details_of(pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Summary of each page, whether its facts are shown, and the last part of their neutral address: one query."""
    wanted = list(pks)
    names = ("pk", "text", "is_shown", "address", "key")
    parts = [columns(model, wanted) for model in concrete_pages()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in parts[0].union(*parts[1:], all=True)}


def concrete_pages() -> list[Any]:
    return [model for model in (*BasePage.__subclasses__(), *WordsPage.__subclasses__()) if not model._meta.abstract]


def columns(model: Any, pks: list[int]) -> Any:
    pages = model.objects.filter(pk__in=pks).order_by()
    name = model.fact_field if issubclass(model, WordsPage) else ""
    if not name:
        nothing = Value("", CharField())
        return pages.annotate(is_shown=Value(True, BooleanField()), address=nothing, key=nothing).values_list(
            "pk", "summary", "is_shown", "address", "key"
        )
    facts = model._meta.get_field(name).related_model
    key: Any = F(f"{name}__slug") if name == "cite" else Cast(f"{name}_id", CharField())
    return pages.annotate(
        is_shown=Exists(facts.objects.shown().filter(pk=OuterRef(f"{name}_id"))),
        address=Value(name, CharField()),
        key=key,
    ).values_list("pk", "summary", "is_shown", "address", "key")


def hit(page: Any, request: HttpRequest) -> Hit:
    """A page in the reader's language by its own address, another by the neutral one of its facts."""
    language, details = locale_code(page.locale_id), page.details
    if details["address"] and language != current_language():
        url = reverse(details["address"], args=[details["key"]])
    else:
        url = page.get_url(request)
    return Hit(page.title, details["text"], language, kind_of(page.specific_class), url)


def kind_of(model: Any) -> str:
    """What a page is about, in the reader's words: a Cité, an event…"""
    if not issubclass(model, WordsPage):
        return str(_("Page"))
    name = str(model._meta.get_field(model.fact_field).related_model._meta.verbose_name)
    return name[:1].upper() + name[1:]
