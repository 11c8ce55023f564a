"""The people of a Cité who have an address, and the language in which each works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from wagtail.users.models import UserProfile

if TYPE_CHECKING:
    from django.db.models import QuerySet


def people() -> QuerySet[Any]:
    """Accounts that mails can be sent to."""
    return get_user_model().objects.filter(is_active=True).exclude(email="").order_by("pk")


def editors_of(cite: Any) -> QuerySet[Any]:
    """The editors of a Cité, given as a row, its key, or a reference to a query around this one."""
    return people().filter(groups__cite_team__cite=cite).distinct()


def language_of(user: Any) -> str:
    """The language in which the user works here, as far as mails are written in it."""
    profile = UserProfile.objects.filter(user=user).first()
    language = (profile.preferred_language if profile else "")[:2]
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
