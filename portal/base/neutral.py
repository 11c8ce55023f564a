"""The address of a thing that works in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from wagtail.models import Locale

from portal.base.languages import current_language
from portal.base.pages import choose, published_words

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import Fact
    from portal.base.pages import WordsPage


MAX_ID = 2**63 - 1  # of a BigAutoField


def neutral(request: HttpRequest, fact: Fact, page_model: type[WordsPage]) -> HttpResponse:
    """Lead to the page in the reader's language; where there is none, show the original words in its frame.

    The frame says which language the words are in, names the original as canonical, and is not indexed.
    """
    words = published_words(fact)
    own = words.get(current_language())
    url = own.get_url(request) if own else None
    if url:
        return redirect(url)
    page = choose(words, fact.original_language) or unwritten(fact, page_model)
    context: dict[str, Any] = page.get_context(request)
    context |= {"untranslated": page.language != current_language(), "noindex": True}
    context["canonical"] = page.full_url if page.pk else None
    response = TemplateResponse(request, page.get_template(request), context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def unwritten(fact: Fact, page_model: type[WordsPage]) -> WordsPage:
    """A page that says the facts alone, for a fact that nobody has written words for."""
    title = fact.working_title
    page = page_model(title=title.text, locale=Locale.get_active())
    setattr(page, page_model.fact_field, fact)
    return page


def published_or_404(rows: QuerySet[Any], **lookup: Any) -> Any:
    """The row, or a 404 also for numbers that no database column holds."""
    if lookup.get("pk", 0) > MAX_ID:
        raise Http404
    return get_object_or_404(rows, **lookup)
