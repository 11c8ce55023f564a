"""Which texts are public, missing, in work or outdated: many facts by language, in a constant number of queries.

`portal.base.hub.words_status` says the same of one fact.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page
from wagtail.permissions import policy_registry
from wagtail_localize.models import Translation, TranslationSource

from portal.base import when
from portal.base.hub import STATES, words_state
from portal.base.languages import language_name, locale_code
from portal.base.models import Wording
from portal.base.outdated import works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet

    Rows = Callable[[Any], QuerySet[Any]]

SIGNS = {"live": "✓", "changed": "✓", "draft": "✎", "outdated": "!", "missing": "–"}  # beside the words, not instead
IN_WORK = frozenset({"draft", "changed"})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The user's facts of one kind whose texts matter now."""

    order: int
    rows: Rows


shelves: dict[str, Shelf] = {}


def shelf(order: int) -> Callable[[Rows], Rows]:
    """Register a function from a user to the facts whose texts he is shown."""

    def register(rows: Rows) -> Rows:
        shelves[f"{rows.__module__}.{rows.__qualname__}"] = Shelf(order, rows)
        return rows

    return register


def shelved(user: Any) -> list[QuerySet[Any]]:
    return [each.rows(user) for each in sorted(shelves.values(), key=lambda each: each.order)]


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one fact in one language."""

    code: str
    state: str
    since: dt.datetime | None = None  # outdated
    url: str = ""
    is_original: bool = False

    @property
    def language(self) -> str:
        return language_name(self.code)

    @property
    def sign(self) -> str:
        return SIGNS[self.state]

    @property
    def label(self) -> str:
        if self.since:
            return _("outdated since %(day)s") % {"day": when.long_day(self.since.date())}
        return str(STATES[self.state])

    @property
    def act(self) -> str:
        if self.state == "missing":
            return _("Translate")
        return _("Bring up to date") if self.state == "outdated" else _("Edit")


@dataclass(frozen=True, slots=True)
class Row:
    fact: Any
    cells: list[Cell]

    @property
    def first_url(self) -> str:
        """Where the first text is begun, if there is none."""
        return self.fact.admin_url if all(cell.state == "missing" for cell in self.cells) else ""

    @property
    def kind(self) -> str:
        return str(self.fact._meta.verbose_name)


def text_rows(facts: Sequence[Any], languages: Sequence[str], user: Any) -> list[Row]:
    """The texts of facts of any kinds; what the user may do about each is a link."""
    pages = pages_of(facts)
    everything = [page for found in pages.values() for page in found.values()]
    links, states = Links(everything, user), States(everything)
    rows = []
    for fact in facts:
        found = pages[type(fact), fact.pk]
        original = found.get(fact.original_language)
        rows.append(Row(fact, [cell(code, found.get(code), original, states, links) for code in languages]))
    return rows


def pages_of(facts: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    """The pages of words by fact and language, one query for each kind of fact."""
    keys = defaultdict(list)
    for fact in facts:
        keys[type(fact)].append(fact.pk)
    found: dict[Any, dict[str, Any]] = defaultdict(dict)
    for model, pks in keys.items():
        relation = model._meta.get_field("pages")
        name = relation.field.name
        for page in relation.related_model.objects.filter(alias_of=None, **{f"{name}__in": pks}).defer_streamfields():
            found[model, getattr(page, f"{name}_id")][page.language] = page
    return found


def cell(code: str, page: Any, original: Any, states: States, links: Links) -> Cell:
    state, since = states.of(page, original)
    return Cell(
        code=code,
        state=state,
        since=since,
        url=links.to(code, state, page, original),
        is_original=page is not None and page is original,
    )


class States:
    """What is known of the age of pages and of the work on them, in four queries for however many."""

    def __init__(self, pages: Sequence[Any]) -> None:
        self.wordings = {row.page_id: row for row in Wording.objects.filter(page__in=[page.pk for page in pages])}
        keys = {page.translation_key for page in pages}
        made_from = Translation.objects.filter(source__object_id__in=keys, enabled=True).select_related("source")
        self.works = works(made_from)

    def of(self, page: Any, original: Any) -> tuple[str, dt.datetime | None]:
        """The state of a text and, if it is outdated, since when; an original that is gone outdates nothing."""
        wording = self.wordings.get(page.pk) if page is not None and original is not None else None
        work = self.works.get((page.translation_key, page.locale_id)) if page is not None else None
        state = words_state(page, wording, work)
        return state, wording.outdated_since if wording and state == "outdated" else None


class Links:
    """Where a text is begun, brought up to date or edited, by those who may; four queries for however many."""

    def __init__(self, pages: Sequence[Any], user: Any) -> None:
        policy = policy_registry.get_by_type(Page)
        own = policy.instances_user_has_permission_for(user, "change")
        self.editable = set(own.filter(pk__in=[page.pk for page in pages]).values_list("pk", flat=True))
        sources = TranslationSource.objects.filter(object_id__in={page.translation_key for page in pages})
        self.sources = {(key, locale): pk for pk, key, locale in sources.values_list("pk", "object_id", "locale_id")}
        self.above = languages_above(pages)

    def to(self, code: str, state: str, page: Any, original: Any) -> str:
        if state == "missing":
            return self.to_begin(code, original)
        if state == "outdated":
            source = self.sources.get((original.translation_key, original.locale_id))
            if source and original.pk in self.editable:
                return reverse("wagtail_localize:update_translations", args=[source])
        return reverse("wagtailadmin_pages:edit", args=[page.pk]) if page.pk in self.editable else ""

    def to_begin(self, code: str, original: Any) -> str:
        if original is None or not original.live or original.pk not in self.editable:
            return ""
        if code not in self.above[parent_path(original)]:
            return ""
        return f"{reverse('wagtail_localize:submit_page_translation', args=[original.pk])}?select_locale={code}"


def parent_path(page: Any) -> str:
    return str(page.path)[: -page.steplen]


def languages_above(pages: Iterable[Any]) -> dict[str, set[str]]:
    """The languages that the page above each has a text in, by its path (see portal.base.hub)."""
    above = Page.objects.filter(path__in={parent_path(page) for page in pages}).values_list("path", "translation_key")
    keys = dict(above)
    languages = defaultdict(set)
    found = Page.objects.filter(translation_key__in=set(keys.values()), alias_of=None)
    for key, locale in found.values_list("translation_key", "locale_id"):
        languages[key].add(locale_code(locale))
    return defaultdict(set, {path: languages[key] for path, key in keys.items()})


def counted(rows: Iterable[Row], owner: Callable[[Any], Any]) -> dict[Any, dict[str, Counter[str]]]:
    """How many texts are in which state, by owner and language."""
    counts: dict[Any, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        for each in row.cells:
            counts[owner(row.fact)][each.code]["work" if each.state in IN_WORK else each.state] += 1
    return counts


def codes_of(locales: Iterable[int]) -> list[str]:
    """The codes of some Locale rows, in the order in which the admin lists languages."""
    wanted = set(locales)
    return [locale_code(pk) for pk in Locale.objects.values_list("pk", flat=True) if pk in wanted]
