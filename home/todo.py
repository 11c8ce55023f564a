"""What a Cité itself needs: to be verified once a year, and somebody who can be asked."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.permissions import policy_registry

from home.models import Cite
from home.verification import unverified, without_people
from portal.base import when
from portal.base.permissions import is_coordinator
from portal.base.todo import Line, to_do

LOOKED_AT = 100


@to_do(order=10, list_url_name="cites:list")
def to_verify(user: Any) -> list[Line]:
    own = policy_registry.get_by_type(Cite).instances_user_has_permission_for(user, "publish")
    return [verify_line(cite) for cite in unverified().filter(pk__in=own.values("pk"))[:LOOKED_AT]]


def verify_line(cite: Cite) -> Line:
    if cite.verified_on:
        text = _("The facts of “%(cite)s” were last verified on %(day)s. Are they still right?")
        text %= {"cite": cite, "day": when.long_day(cite.verified_on)}
    else:
        text = _("Nobody has verified the facts of “%(cite)s” yet. Are they right?") % {"cite": cite}
    return Line(text, cite.admin_url, button=_("Verified today"), post_url=reverse("cites:verify", args=[cite.pk]))


@to_do(order=15, list_url_name="cites:list")
def to_find_people_for(user: Any) -> list[Line]:
    """For coordinators: Cités that the yearly mail cannot reach."""
    if not is_coordinator(user):
        return []
    text = _("Nobody of “%(cite)s” has an account with an address: ask the Cité itself whether its facts are right.")
    return [Line(text % {"cite": cite}, cite.admin_url) for cite in without_people()[:LOOKED_AT]]
