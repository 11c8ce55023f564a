"""Practices that nobody has looked at for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.permissions import policy_registry

from portal.base import when
from portal.base.permissions import ANY
from portal.base.texts import shelf
from portal.base.todo import Line, to_do
from practices.models import Practice

if TYPE_CHECKING:
    from django.db.models import QuerySet

LOOKED_AT = 100


@shelf(order=30)
def own_practices(user: Any) -> QuerySet[Practice]:
    own = policy_registry.get_by_type(Practice).instances_user_has_any_permission_for(user, ANY)
    return Practice.objects.filter(pk__in=own.values("pk"))


@to_do(order=40, list_url_name="practices:list")
def to_review(user: Any) -> list[Line]:
    """Sheets of what goes on that nobody has checked for five years."""
    own = policy_registry.get_by_type(Practice).instances_user_has_permission_for(user, "publish")
    stale = Practice.objects.stale().filter(pk__in=own.values("pk"), live=True, until="")
    rows = stale.order_by("checked_on", "pk")
    return [line(practice) for practice in rows[:LOOKED_AT]]


def line(practice: Practice) -> Line:
    if practice.checked_on:
        text = _("The practice “%(practice)s” was last checked on %(day)s. Is it still so?")
        text %= {"practice": practice, "day": when.long_day(practice.checked_on)}
    else:
        text = _("Nobody has checked the practice “%(practice)s” for five years. Is it still so?")
        text %= {"practice": practice}
    return Line(text, reverse("practices:edit", args=[practice.pk]))
