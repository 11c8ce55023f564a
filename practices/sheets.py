"""The public sheets, for programs: which they are, their words as plain text, and when they changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.base.pages import published_words_of
from portal.base.rich_text import as_plain_text, parse, parse_words
from practices.models import Practice, PracticePage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.base.facts import FactQuerySet

# What a file tells of a sheet besides its own row; all of it is read ahead.
FACTS = ("target_groups", "partner_kinds", "principles", "skills", "taken_up_by", "events", "sources")


def public_sheets() -> FactQuerySet:
    """Sheets that readers may see and that somebody has written words for."""
    words = PracticePage.objects.live().filter(alias_of=None, practice=OuterRef("pk"))
    return Practice.objects.shown().filter(Exists(words))


def words_of(sheets: Sequence[Practice]) -> dict[int, dict[str, PracticePage]]:
    """The public words of each sheet by language, in two queries."""
    return published_words_of(sheets)


def plain_parts(page: PracticePage) -> dict[str, str]:
    """The parts that somebody has written, by name, in reading order; what is beside the parts comes last.

    From the trees that page and handbook are written from. Nothing is asked of the database: plain text has no
    addresses, so the numbers of its links stay unread.
    """
    trees = {name: parse(html) for name, _heading, html in page.parts} | {"more": parse_words(page.body)}
    texts = {name: as_plain_text(tree) for name, tree in trees.items()}
    return {name: text for name, text in texts.items() if text}


def licence_of(practice: Practice) -> dict[str, str | None] | None:
    """Code, name and address of a sheet's licence; None while its owner has not decided."""
    if not practice.licence:
        return None
    return {
        "code": practice.licence,
        "name": practice.get_licence_display(),
        "url": practice.licence_url or None,
    }


def published_at(practice: Practice, page: PracticePage) -> dt.datetime:
    """When the sheet first became public, as far as that is known."""
    return practice.first_published_at or page.first_published_at


def updated_at(practice: Practice, page: PracticePage) -> dt.datetime:
    """When its facts or these words were last published; a later check counts from the beginning of its day."""
    known: list[Any] = [practice.last_published_at, page.last_published_at, published_at(practice, page)]
    if practice.checked_on:
        known.append(timezone.make_aware(dt.datetime.combine(practice.checked_on, dt.time.min)))
    return max(at for at in known if at)
