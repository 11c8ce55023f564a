"""What a translated passage must keep of its original, wherever it comes from: the editor, a file, a machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail_localize.models import StringSegment, StringTranslation
from wagtail_localize.strings import StringValue, validate_translation_links

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from wagtail_localize.models import Translation

PLACEHOLDER = re.compile(r"\{\w*\}")


def why_unusable(original: str, text: str) -> str:
    """Markup and placeholders must be the original's; a sentence that says what is wrong, or nothing."""
    wanted = PLACEHOLDER.findall(original)
    if sorted(wanted) != sorted(PLACEHOLDER.findall(text)):
        if not wanted:
            return _("The original has nothing in braces.")
        return _("Keep what stands in braces as it is: %(braces)s.") % {"braces": ", ".join(wanted)}
    try:
        StringValue.from_translated_html(text)
        validate_translation_links(original, text)
    except RecursionError:
        return _("There is too much markup.")
    except ValueError as error:
        return str(error.args[0])
    return ""


def why_not_stored(path: str, text: str) -> str:
    """wagtail-localize writes a translated title beside its page at once, where no longer one has room."""
    most = Page._meta.get_field("draft_title").max_length
    if path == "title" and len(text) > most:
        return _("A title has at most %(number)s characters.") % {"number": most}
    return ""


def mark_unusable(translation: Translation, segments: QuerySet[StringSegment]) -> dict[int, str]:
    """Note beside these passages of a translation what is wrong with them; return it by segment.

    As wagtail-localize does with markup: what was written stays in the editor, but is in no page and counts as not
    translated.
    """
    reasons = {}
    for segment in segments.select_related("string"):
        passage = StringTranslation.objects.filter(
            translation_of=segment.string_id, context=segment.context_id, locale=translation.target_locale_id
        ).first()
        why = why_unusable(segment.string.data, passage.data) if passage else ""
        if passage and why:
            reasons[segment.pk] = why
            passage.has_error, passage.field_error = True, why
            passage.save(update_fields=["has_error", "field_error"])
    return reasons
