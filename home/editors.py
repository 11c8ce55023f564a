"""The people of a Cité who have an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from django.db.models import QuerySet


def people() -> QuerySet[Any]:
    """Accounts that mails can be sent to."""
    return get_user_model().objects.filter(is_active=True).exclude(email="").order_by("pk")


def editors_of(cite: Any) -> QuerySet[Any]:
    """The editors of a Cité, given as a row, its key, or a reference to a query around this one."""
    return people().filter(groups__cite_team__cite=cite).distinct()
