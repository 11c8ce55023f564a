"""What is due: published on schedule, mails to retry, drafts that were begun and left."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from events.models import Event
from home.models import Cite, Project
from portal.base.outbox import retry_due
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Callable

ABANDONED = dt.timedelta(days=30)  # autosave makes a draft of every form that somebody opens and leaves
logger = logging.getLogger(__name__)


def publish_scheduled() -> None:
    call_command("publish_scheduled", verbosity=0)


def delete_abandoned_drafts() -> None:
    """Drafts never published, without a text, untouched for a month."""
    limit = timezone.now() - ABANDONED
    for model in (Event, Practice, Cite, Project):
        old = model.objects.filter(first_published_at=None, live=False, pages=None)
        for fact in old.filter(latest_revision__created_at__lt=limit):
            if fact.is_deletable():
                fact.delete()


def forget_task_results() -> None:
    if settings.TASKS["mail"]["BACKEND"].startswith("django_tasks_db"):  # others keep no results
        call_command("prune_db_task_results", "--backend", "mail", "--queue-name", "*", verbosity=0)


# In this order; each on its own, so that one that fails stops none of the others.
DUE: tuple[Callable[[], object], ...] = (retry_due, publish_scheduled, delete_abandoned_drafts, forget_task_results)


def tick() -> list[str]:
    """Do what is due; return the names of what failed, which is logged with its trace."""
    failed = []
    for act in DUE:
        try:
            act()
        except Exception:
            logger.exception("tick: %s failed", act.__name__)
            failed.append(act.__name__)
    return failed
