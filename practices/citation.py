"""How a sheet is cited: one sentence, for its page and for the handbook, and the address that always works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from portal.base import when
from portal.base.languages import Text
from portal.base.open_data import absolute

if TYPE_CHECKING:
    from portal.base.pages import Entry
    from practices.models import Practice

PLACE = "\0"  # of the title, in no stored text


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence around the title, which is in a language of its own, and the address after it."""

    before: str
    title: Text
    after: str
    address: str


def citation_of(practice: Practice, page: Any, owner: Entry | None) -> Citation:
    """`page` may be missing; `owner` is the Cité's public entry, without which the sheet is the network's."""
    authors = practice.authors or (str(owner.fact) if owner else capfirst(gettext("the network")))
    sentence = gettext("%(authors)s: “%(title)s”. Vademecum of the international network of Cités des métiers.")
    before, _place, after = (sentence % {"authors": authors, "title": PLACE}).partition(PLACE)
    return Citation(
        before,
        Text(page.title, page.language) if page else practice.working_title,
        " ".join(filter(None, (after, dates(practice, page)))),
        absolute(practice.get_absolute_url()),
    )


def dates(practice: Practice, page: Any) -> str:
    """When these words were first published, and when they or the facts last were."""
    if page is None or page.first_published_at is None:
        return ""
    last = max(filter(None, (page.first_published_at, page.last_published_at, practice.last_published_at)))
    day, last_day = (when.long_day(timezone.localdate(at)) for at in (page.first_published_at, last))
    if day == last_day:
        return gettext("Published on %(day)s.") % {"day": day}
    return gettext("Published on %(day)s, changed on %(last)s.") % {"day": day, "last": last_day}
