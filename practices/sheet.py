"""What the page of a sheet shows beside its words: whose it is, what it is about, what goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.models import Event
from home.models import Cite
from portal.base.pages import public_entry, with_words
from practices.citation import citation_of
from practices.matrix import matrix_now
from practices.models.practice import Chapter
from practices.related import neighbours, related
from practices.vademecum import entries_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from portal.base.languages import Text
    from practices.models.practice import Practice


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sheet is about in one vocabulary; `facet` leads to the others with the same."""

    facet: str
    symbol: str
    heading: str
    terms: list[tuple[str, Text]]  # code and label


def practice_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    practice = page.practice
    if practice is None:  # a page whose facts are not chosen yet, in a preview
        return {"practice": None}
    context: dict[str, Any] = {
        "practice": practice,
        "owner": public_entry(practice.cite, request),
        "project": public_entry(practice.project, request),
    }
    if practice.pk is None:
        return context
    context |= {
        "vocabularies": terms_of(practice),
        "taken_up_by": with_words(public(practice.taken_up_by, Cite), request),
        "events": with_words(public(practice.events, Event).order_by("-begins_at", "pk"), request),
        "citation": citation_of(practice, page, context["owner"]),
        "chapter_number": chapter_number(practice),
    }
    return context | beside(practice, request)


def public(relation: Any, model: Any) -> Any:
    """What the public may see of a relation, as the draft in a preview has it too."""
    return model.objects.shown().filter(pk__in=[row.pk for row in relation.all()])


def terms_of(practice: Practice) -> list[Terms]:
    rows = (
        ("group", "users", _("For whom"), practice.target_groups),
        ("partner", "building-2", _("With which partners"), practice.partner_kinds),
        ("principle", "flag", _("Principles of the charter"), practice.principles),
        ("skill", "graduation-cap", _("Skills that it serves"), practice.skills),
    )
    return [
        Terms(facet, symbol, heading, [(term.code, term.label) for term in relation.all()])
        for facet, symbol, heading, relation in rows
    ]


def chapter_number(practice: Practice) -> int:
    """Where its chapter is among all; 0 without one."""
    keys = list(Chapter.objects.values_list("pk", flat=True))
    return keys.index(practice.chapter_id) + 1 if practice.chapter_id in keys else 0


def beside(practice: Practice, request: HttpRequest) -> dict[str, Any]:
    """The sheets before and after it, and those like it: two queries for all of them."""
    matrix, shown = matrix_now()
    before, after = neighbours(matrix, shown, practice)
    like = related(matrix, shown, practice)
    entries = entries_of([pk for pk in (before, after, *like) if pk], matrix, request)
    return {
        "before": entries.get(before or 0),
        "after": entries.get(after or 0),
        "related": [entries[pk] for pk in like if pk in entries],
    }
