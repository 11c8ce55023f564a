"""A sheet as search engines read it (schema.org/Article): what its page says, and nothing that nobody has said.

Not a HowTo: most parts of a sheet are no steps, and the steps are one free text. Whoever is named as having written
it may be a person, a team or a body, so the name stands as creditText and no author is made up of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.plain_text import one_line
from events.structured_data import LONGEST_SUMMARY, NETWORK
from portal.base.open_data import absolute, moment
from portal.base.structured_data import known
from practices.sheets import licence_of, published_at, updated_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.base.pages import Entry
    from practices.models import Practice, PracticePage, VademecumPage


def structured_practice(
    practice: Practice,
    page: PracticePage,
    *,
    owner: Entry | None,
    vademecum: VademecumPage | None,
    words: Mapping[str, PracticePage],
) -> dict[str, Any] | None:
    """What this page says of a sheet; None of one that is not public. `words` are all its public ones by language."""
    if not (practice.pk and practice.live and page.pk and page.live):
        return None
    title = one_line(page.title)
    title = _("Demonstration: %(title)s") % {"title": title} if practice.is_demonstration else title
    licence = licence_of(practice) or {}
    cites = [organisation(owner)] if owner else []
    return known(
        {
            "@type": "Article",
            "@id": page.full_url,
            "url": page.full_url,
            "name": title,
            "headline": title,
            "alternativeHeadline": one_line(page.question),
            "abstract": one_line(page.summary, longest=LONGEST_SUMMARY),
            "inLanguage": page.language,
            "datePublished": moment(published_at(practice, page)),
            "dateModified": moment(updated_at(practice, page)),
            "author": None if practice.authors else next(iter(cites), None),
            "creditText": one_line(practice.authors),
            "publisher": {"@type": "Organization", "name": NETWORK, "url": absolute("/")},
            "license": licence.get("url"),
            "isPartOf": part_of(vademecum),
            "about": [*topics(practice), *cites],
            "audience": [
                {"@type": "Audience", "audienceType": one_line(group.label.text)}
                for group in practice.target_groups.all()
            ],
            **translations(practice, page, words),
        }
    )


def organisation(owner: Entry) -> dict[str, Any]:
    return {"@type": "Organization", "name": one_line(owner.fact.official_name), "url": absolute(owner.url)}


def part_of(vademecum: VademecumPage | None) -> dict[str, Any] | None:
    if vademecum is None:
        return None
    return {"@type": "CreativeWork", "name": one_line(vademecum.title), "url": vademecum.full_url}


def topics(practice: Practice) -> list[dict[str, Any]]:
    """The chapter, as a term of the network's own list."""
    chapter = practice.chapter
    if chapter is None:
        return []
    return [{"@type": "DefinedTerm", "name": one_line(chapter.label.text), "termCode": chapter.code}]


def translations(practice: Practice, page: PracticePage, words: Mapping[str, PracticePage]) -> dict[str, Any]:
    """The original says which translations there are, a translation what it translates."""
    original = words.get(practice.original_language)
    if original is None:
        return {}
    if original.pk != page.pk:
        return {"translationOfWork": reference(original)}
    return {"workTranslation": [reference(other) for other in words.values() if other.pk != page.pk]}


def reference(page: PracticePage) -> dict[str, Any]:
    return {"@type": "Article", "@id": page.full_url, "inLanguage": page.language, "name": one_line(page.title)}
