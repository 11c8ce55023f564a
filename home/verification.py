"""Once a year somebody of each Cité says that its facts are right: with one button, asked for by mail."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from home.editors import editors_of
from home.models import Cite
from portal.base.accounts import queue_for

if TYPE_CHECKING:
    from home.models.cite import CiteQuerySet

YEAR = dt.timedelta(days=365)
ACT = "home.verify"  # in the history of the Cité
KIND = "cite_verification"


@transaction.atomic
def verify(cite_id: int, user: Any) -> Cite:
    """Say that the public facts are right today; what is drafted stays a draft.

    Raises Cite.DoesNotExist if the Cité is not public, PermissionDenied if the user may not publish it.
    """
    cite: Cite = Cite.objects.select_for_update(of=("self",)).get(pk=cite_id, live=True)
    if not policy_registry.get(cite).user_has_permission_for_instance(user, "publish", cite):
        raise PermissionDenied
    before = cite.verified_on
    cite.verified_on, cite.verified_by = cite.local_today, user
    cite.save(update_fields=["verified_on", "verified_by"])
    log(cite, ACT, user=user, data={"before": before and before.isoformat()})
    return cite


def unverified(today: dt.date | None = None) -> CiteQuerySet:
    """Public Cités whose facts nobody has verified for a year, the oldest first."""
    found = Cite.objects.unverified_since((today or timezone.localdate()) - YEAR)
    return found.order_by("verified_on", "country", "city", "pk")


def overdue(now: dt.datetime) -> CiteQuerySet:
    """Those of them that are to be written to: a year is over since the last word, or since they became public."""
    limit = timezone.localdate(now) - YEAR
    silent = Q(verified_on__isnull=False) | Q(first_published_at__lt=now - YEAR)
    unasked = Q(reminded_on=None) | Q(reminded_on__lt=limit)
    return Cite.objects.unverified_since(limit).filter(silent, unasked).order_by("pk")


def ask_to_verify(now: dt.datetime | None = None) -> int:
    """Queue the mails that ask for it, once a year for each Cité; return how many."""
    now = now or timezone.now()
    with_people = overdue(now).filter(Exists(editors_of(OuterRef("pk"))))
    return sum(ask(pk, now) for pk in list(with_people.values_list("pk", flat=True)))


@transaction.atomic
def ask(cite_id: int, now: dt.datetime) -> int:
    """Write to each editor of the Cité, unless that has been done, or was verified, meanwhile."""
    cite = overdue(now).select_for_update(of=("self",)).filter(pk=cite_id).first()
    if cite is None:
        return 0
    cite.reminded_on = timezone.localdate(now)
    cite.save(update_fields=["reminded_on"])
    editors = list(editors_of(cite))
    queue_for(editors, cause=f"{KIND}:{cite.uuid}:{cite.reminded_on.isoformat()}", kind=KIND, cite=cite.pk)
    return len(editors)


def without_people() -> CiteQuerySet:
    """Unverified Cités where nobody has an account with an address: there is nobody to ask."""
    return unverified().filter(~Exists(editors_of(OuterRef("pk"))))
