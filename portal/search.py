"""Search over everything: Cités, events, practices, projects and pages, in the reader's language first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.models import Locale, Page

from portal.base.analysis import MAX_QUERY_LENGTH, query
from portal.base.languages import current_language
from portal.base.pages import hidden_pages

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PAGE_SIZE = 20
MAX_HITS = 200  # ranked; who needs more will ask more exactly


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Search"), required=False, max_length=MAX_QUERY_LENGTH)
    page = forms.IntegerField(min_value=1, max_value=MAX_HITS, required=False)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    text = form.cleaned_data.get("q", "")
    hits = find(text) if text else []
    page = Paginator(hits, PAGE_SIZE).get_page(form.cleaned_data.get("page") or 1)
    for hit in page.object_list:
        hit["url"] = address(hit["page"], request)
    context = {"form": form, "query": text, "paginator_page": page, "noindex": True}
    return render(request, "portal/search.html", context, status=200 if is_valid else 400)


def find(text: str) -> list[dict[str, Any]]:
    """Hits in the reader's language, then those in other languages that have no translation into it."""
    here = current_language()
    own: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    locales = {locale.pk: locale.language_code for locale in Locale.objects.all()}
    for pk, language in sorted(locales.items(), key=lambda row: row[1] != here):
        (own if language == here else others).extend(hits(text, pk, language))
    keys = {page.translation_key for page in translated(others, here)}
    hidden = hidden_pages()
    found = own + [hit for hit in others if hit["page"].translation_key not in keys]
    return [hit for hit in found if hit["page"].pk not in hidden]


def hits(text: str, locale_id: int, language: str) -> list[dict[str, Any]]:
    words = query(text, language)
    if words is None:
        return []
    pages = Page.objects.live().public().filter(alias_of=None, locale_id=locale_id, depth__gt=1)
    return [{"page": page, "language": language} for page in pages.specific().search(words)[:MAX_HITS]]


def translated(found: list[dict[str, Any]], language: str) -> Any:
    keys = [hit["page"].translation_key for hit in found]
    return Page.objects.live().filter(translation_key__in=keys, locale__language_code=language, alias_of=None)


def address(page: Any, request: HttpRequest) -> str | None:
    """The page's own address in the reader's language, else the neutral one of its facts."""
    fact = getattr(page, "fact", None)
    if fact is not None and page.language != current_language():
        return str(fact.get_absolute_url())
    return page.get_url(request)
