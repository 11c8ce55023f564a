"""Sheets of the vademecum where other apps show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.db.models import F

from home.skills import grouped
from portal.base.languages import current_language
from portal.base.pages import Entry, published_words, with_words
from portal.base.structured_data import data_block
from practices.data_fields import Fields, codes, of_practices
from practices.embed import codes as frame_codes
from practices.models import Practice, VademecumPage
from practices.models.practice import Evidence, Licence
from practices.structured_data import structured_practice

if TYPE_CHECKING:
    from django.template import Context
    from django.utils.safestring import SafeString

    from events.embed import Code
    from events.models import Event
    from home.models import Cite, Project
    from practices.models import PracticePage

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_practices(context: Context, limit: int = 3) -> list[Entry]:
    """Give the sheets that were published last; those of real Cités before demonstrations."""
    sheets = Practice.objects.shown().select_related("cite", "chapter")
    newest = sheets.order_by("is_demonstration", F("first_published_at").desc(nulls_last=True), "pk")
    return with_words(newest[:limit], context.get("request"))


@register.simple_tag(takes_context=True)
def cite_practices(context: Context, cite: Cite) -> list[Entry]:
    return of(context, cite=cite)


@register.simple_tag(takes_context=True)
def cite_taken_up(context: Context, cite: Cite) -> list[Entry]:
    """Give the practices of others that a Cité took up."""
    return of(context, taken_up_by=cite)


@register.simple_tag(takes_context=True)
def project_practices(context: Context, project: Project) -> list[Entry]:
    return of(context, project=project)


@register.simple_tag(takes_context=True)
def event_practices(context: Context, event: Event) -> list[Entry]:
    return of(context, events=event)


@register.simple_tag(takes_context=True)
def practices_by_skill(context: Context, limit: int = 5) -> dict[int, list[Entry]]:
    """Give for each skill the first of its sheets, in as many queries however many skills there are."""
    sheets = list(Practice.objects.shown().exclude(skills=None).distinct().select_related("cite", "chapter"))
    links = Practice.skills.through.objects.filter(practice__in=[sheet.pk for sheet in sheets])
    return grouped(links.values_list("skill_id", "practice_id"), with_words(sheets, context.get("request")), limit)


def of(context: Context, **owner: object) -> list[Entry]:
    sheets = Practice.objects.shown().filter(**owner).select_related("cite", "chapter")
    return with_words(sheets, context.get("request"))


@register.simple_tag
def practice_data(practice: Practice | None, page: PracticePage, owner: Entry | None) -> SafeString:
    """Write what search engines read of a sheet; nothing in the preview of a page that has no facts."""
    if practice is None or not practice.pk or not page.pk:
        return data_block(None)
    index = VademecumPage.objects.live().public().filter(locale__language_code=current_language()).first()
    words = published_words(practice)
    return data_block(structured_practice(practice, page, owner=owner, vademecum=index, words=words))


@register.simple_tag
def practice_embed_codes(cite: Cite) -> list[Code]:
    """Give the frames with practices that a Cité may set up on its own site."""
    return frame_codes(cite)


@register.simple_tag
def practice_fields() -> Fields:
    """Say what the fields of a sheet mean in the public data."""
    return of_practices()


@register.simple_tag
def evidence_codes() -> Fields:
    return codes(Evidence)


@register.simple_tag
def licence_codes() -> Fields:
    return codes(Licence)
