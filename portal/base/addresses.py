"""The address of a translation, where nobody has translated the original's."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from wagtail.coreutils import string_to_ascii
from wagtail_localize.models import StringSegment, StringTranslation

from portal.base.pages import RESERVED_SLUGS

if TYPE_CHECKING:
    from wagtail_localize.models import Translation

LENGTH = 200  # of a slug; wagtail-localize may add a number to it


def settle_address(translation: Translation, page: Any, user: Any) -> None:
    """Take the translated title if the original's address follows from its own, else the original's address.

    Called when the page is published. It is stored as a passage, so that it stays when the title changes later; one
    that has been public stays as it is.
    """
    rows = StringSegment.objects.filter(source=translation.source_id, context__path__in=("title", "slug"))
    segments = {row.context.path: row for row in rows.select_related("context", "string")}
    if len(segments) != 2 or found(translation, segments["slug"]):
        return
    slug = page.slug if page.first_published_at else slug_of(translation, **segments)
    if slug:
        StringTranslation.objects.create(
            translation_of=segments["slug"].string,
            context=segments["slug"].context,
            locale=translation.target_locale,
            data=slug,
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
            last_translated_by=user,
        )


def slug_of(translation: Translation, *, title: StringSegment, slug: StringSegment) -> str:
    """Nothing where the original's address was chosen by somebody, or the title gives none that may be used."""
    was_chosen = not re.fullmatch(re.escape(ascii_slug(title.string.data)) + r"(-\d+)?", ascii_slug(slug.string.data))
    own = found(translation, title)
    made = ascii_slug(own.data) if own and not was_chosen else ""
    return "" if made in RESERVED_SLUGS else made


def found(translation: Translation, segment: StringSegment) -> StringTranslation | None:
    return StringTranslation.objects.filter(
        translation_of=segment.string_id, context=segment.context_id, locale=translation.target_locale_id
    ).first()


def ascii_slug(words: str) -> str:
    """Letters, numbers and hyphens, from any script; wagtail-localize takes no others."""
    return slugify(string_to_ascii(unescape(words)))[:LENGTH].strip("-")
