"""Practices to review, changes that reviewers ask for, and practices that nobody has looked at for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.models import WorkflowState
from wagtail.permissions import policy_registry

from portal.base import when
from portal.base.permissions import ANY
from portal.base.texts import shelf
from portal.base.todo import Line, to_do
from practices.models import Practice
from practices.models.review import is_reviewer, reviews

if TYPE_CHECKING:
    from django.db.models import QuerySet

LOOKED_AT = 100


@shelf(order=30)
def own_practices(user: Any) -> QuerySet[Practice]:
    own = policy_registry.get_by_type(Practice).instances_user_has_any_permission_for(user, ANY)
    return Practice.objects.filter(pk__in=own.values("pk"))


def under_review(status: str, among: QuerySet[Practice]) -> list[Practice]:
    """Those whose review is at this status, the one that waits longest first."""
    states = reviews().filter(status=status).order_by("created_at")
    places = {int(key): place for place, key in enumerate(states.values_list("object_id", flat=True))}
    pairs = among.filter(pages__in=list(places)).values_list("pages", "pk")
    order = {pk: places[page] for page, pk in pairs if page in places}
    found = among.filter(pk__in=list(order)).distinct()
    return sorted(found, key=lambda practice: order[practice.pk])[:LOOKED_AT]


@to_do(order=5, list_url_name="practices:list")
def waiting_for_review(user: Any) -> list[Line]:
    if not is_reviewer(user):
        return []
    rows = under_review(WorkflowState.STATUS_IN_PROGRESS, Practice.objects.select_related("cite"))
    text = _("The practice “%(practice)s” of %(owner)s waits for a review.")
    return [
        Line(text % {"practice": practice, "owner": practice.cite or _("the network")}, practice.admin_url)
        for practice in rows
    ]


@to_do(order=6, list_url_name="practices:list")
def changes_asked_for(user: Any) -> list[Line]:
    own = policy_registry.get_by_type(Practice).instances_user_has_permission_for(user, "change")
    rows = under_review(WorkflowState.STATUS_NEEDS_CHANGES, Practice.objects.filter(pk__in=own.values("pk")))
    text = _("The reviewers ask for changes in the practice “%(practice)s”.")
    return [Line(text % {"practice": practice}, practice.admin_url) for practice in rows]


@to_do(order=40, list_url_name="practices:list")
def to_check(user: Any) -> list[Line]:
    """Checked more than five years ago; or never, and public for as long."""
    own = policy_registry.get_by_type(Practice).instances_user_has_permission_for(user, "change")
    rows = Practice.objects.stale().filter(pk__in=own.values("pk")).order_by("checked_on", "pk")
    return [line(practice) for practice in rows[:LOOKED_AT]]


def line(practice: Practice) -> Line:
    if practice.checked_on:
        text = _("The practice “%(practice)s” was last checked on %(day)s. Is it still so?")
        text %= {"practice": practice, "day": when.long_day(practice.checked_on)}
    else:
        text = _("Nobody has checked the practice “%(practice)s” for five years. Is it still so?")
        text %= {"practice": practice}
    check = reverse("practices:check", args=[practice.pk])
    return Line(text, practice.admin_url, button=_("Checked today"), post_url=check)
