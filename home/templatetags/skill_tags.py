"""Skills where they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from portal.base import when

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

register = template.Library()


@register.filter
def under(rows: Mapping[Any, list[Any]], key: Any) -> list[Any]:
    """Give what stands under this key; nothing where it is not there."""
    return rows.get(key, [])


@register.filter
def in_hours(amount: Decimal) -> str:
    return when.hours(amount)
