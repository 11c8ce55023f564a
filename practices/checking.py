"""Somebody of the owner says that a sheet is still so: with one button, asked for by mail after five years."""

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
from portal.base.accounts import queue_for
from practices.handbook_building import changed
from practices.models import Practice

if TYPE_CHECKING:
    from practices.models.practice import PracticeQuerySet

ACT = "practices.check"  # in the history of the practice
KIND = "practice_check"
ASKED_AGAIN = dt.timedelta(days=365)


@transaction.atomic
def check(practice_id: int, user: Any) -> Practice:
    """Say that the public sheet is still right today; what is drafted stays a draft.

    Raises Practice.DoesNotExist if it is not public, PermissionDenied if the user may not write it.
    """
    practice: Practice = Practice.objects.select_for_update(of=("self",)).get(pk=practice_id, live=True)
    if not policy_registry.get(practice).user_has_permission_for_instance(user, "change", practice):
        raise PermissionDenied
    before = practice.checked_on
    practice.checked_on, practice.checked_by = timezone.localdate(), user
    practice.save(update_fields=["checked_on", "checked_by"])
    log(practice, ACT, user=user, data={"before": before and before.isoformat()})
    transaction.on_commit(changed)  # the handbook says when it was checked
    return practice


def overdue(now: dt.datetime) -> PracticeQuerySet:
    """Stale sheets whose owner has not been asked for a year."""
    today = timezone.localdate(now)
    unasked = Q(asked_on=None) | Q(asked_on__lt=today - ASKED_AGAIN)
    return Practice.objects.stale(today).filter(unasked).order_by("pk")


def ask_to_check(now: dt.datetime | None = None) -> int:
    """Queue the mails that ask for it, once a year for each stale sheet; return how many."""
    now = now or timezone.now()
    with_people = overdue(now).filter(Exists(editors_of(OuterRef("cite"))))
    return sum(ask(pk, now) for pk in list(with_people.values_list("pk", flat=True)))


@transaction.atomic
def ask(practice_id: int, now: dt.datetime) -> int:
    """Write to each editor of the owner, unless that has been done, or was checked, meanwhile."""
    practice = overdue(now).select_for_update(of=("self",)).filter(pk=practice_id).first()
    if practice is None:
        return 0
    practice.asked_on = timezone.localdate(now)
    practice.save(update_fields=["asked_on"])
    editors = list(editors_of(practice.cite_id))
    cause = f"{KIND}:{practice.uuid}:{practice.asked_on.isoformat()}"
    queue_for(editors, cause=cause, kind=KIND, practice=practice.pk)
    return len(editors)
