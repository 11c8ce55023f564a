"""What a search finds: pages of every language, ranked in Python so that every database has the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef
from wagtail.models import Page

from events.models import EventPage
from home.models import CitePage, HomePage, ProjectPage, TrainingModulePage
from portal.base.asking import Asked, asked_in, pages_with, weight
from portal.base.languages import current_language, locale_code
from portal.base.pages import BasePage, WordsPage
from practices.models import PracticePage

if TYPE_CHECKING:
    from collections.abc import Iterable

# The kinds in the order of the results; every other page is a "page".
KINDS: dict[str, Any] = {
    "cite": CitePage,
    "event": EventPage,
    "practice": PracticePage,
    "project": ProjectPage,
    "module": TrainingModulePage,
}
PAGE = "page"
MAX_FOUND = 5000  # the newest: who needs more will ask more exactly


class Found(NamedTuple):
    """A page that has the words, before anything of its text is read."""

    pk: int
    title: str
    language: str
    model: Any
    kind: str
    thing: Any  # the same in every language
    is_best: bool  # no page in the reader's language says the same


def asked_for(text: str) -> Asked:
    """The words as each language has them that pages are in, the reader's among them."""
    locales = HomePage.objects.live().values_list("locale_id", flat=True)
    return asked_in(text, map(locale_code, locales))


def find(asked: Asked) -> list[Found]:
    """All pages with all the words: those with most of them in their title first, then the newest."""
    if not asked:
        return []
    kinds = kinds_of_types()
    rows = matching(asked).annotate(has_own=Exists(own_pages())).order_by(F("first_published_at").desc(), "-pk")
    columns = ("pk", "title", "locale_id", "content_type_id", "translation_key", "has_own")
    found = [row_found(row, kinds) for row in rows.values_list(*columns)[:MAX_FOUND]]
    return sorted(found, key=lambda row: weight(row.title, row.language, asked), reverse=True)


def row_found(row: tuple[Any, ...], kinds: dict[int, tuple[Any, str]]) -> Found:
    pk, title, locale, content_type, thing, has_own = row
    language = locale_code(locale)
    return Found(pk, title, language, *kinds[content_type], thing, language == current_language() or not has_own)


def matching(asked: Asked) -> Any:
    return shown(pages_with(Page, asked))


def shown(pages: Any) -> Any:
    """Of these pages those that a list may name."""
    pages = pages.live().public().filter(alias_of=None, content_type__in=kinds_of_types())
    for model in WordsPage.__subclasses__():
        facts = model._meta.get_field(model.fact_field).related_model.objects.shown().order_by()
        hidden = model.objects.exclude(**{f"{model.fact_field}__in": facts.values("pk")})
        pages = pages.exclude(pk__in=hidden.order_by().values("pk"))
    return pages


def own_pages() -> Any:
    """The page in the reader's language about the same."""
    same = {"translation_key": OuterRef("translation_key"), "locale__language_code": current_language()}
    return Page.objects.live().filter(alias_of=None, **same)


def kinds_of_types() -> dict[int, tuple[Any, str]]:
    """By content type the model and the kind of its pages."""
    names = {model: name for name, model in KINDS.items()}
    types = ContentType.objects.get_for_models(*concrete_pages())
    return {found.pk: (model, names.get(model, PAGE)) for model, found in types.items()}


def concrete_pages() -> list[Any]:
    return [model for model in (*BasePage.__subclasses__(), *WordsPage.__subclasses__()) if not model._meta.abstract]


def best(found: Iterable[Found]) -> list[Found]:
    """Each thing once: in the reader's language, then in another where there is none, in the order given."""
    here = current_language()
    once: dict[Any, Found] = {}
    for row in sorted((row for row in found if row.is_best), key=lambda row: row.language != here):
        once.setdefault(row.thing, row)
    return list(once.values())
