"""Skills where they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from home.structured_data import structured_module
from portal.base import when
from portal.base.structured_data import data_block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from django.utils.safestring import SafeString

    from home.models import Skill, TrainingModule, TrainingModulePage
    from portal.base.pages import Entry

register = template.Library()


@register.filter
def under(rows: Mapping[Any, list[Any]], key: Any) -> list[Any]:
    """Give what stands under this key; nothing where it is not there."""
    return rows.get(key, [])


@register.filter
def in_hours(amount: Decimal) -> str:
    return when.hours(amount)


@register.simple_tag
def module_data(
    module: TrainingModule | None, page: TrainingModulePage, skills: list[Skill], before: list[Entry]
) -> SafeString:
    """Write what search engines read of a module; nothing in the preview of a page without facts or address."""
    if module is None or not page.pk:
        return data_block(None)
    data = structured_module(
        module, title=page.title, summary=page.summary, url=page.full_url, skills=skills, before=before
    )
    return data_block(data)
