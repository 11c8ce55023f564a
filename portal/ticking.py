"""What is due: published on schedule, offers that end, reminders, mails to retry, data to forget, drafts left."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from events.forgetting import forget_due
from events.models import Event
from events.reminders import queue_reminders
from events.waiting import settle_all
from home.models import Cite, Project, TrainingModule
from home.verification import ask_to_verify
from portal.base.outbox import retry_due
from practices.checking import ask_to_check
from practices.handbook_building import look_again, make_due
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Callable

ABANDONED = dt.timedelta(days=30)  # autosave makes a draft of every form that somebody opens and leaves
HOUR = 60 * 60
logger = logging.getLogger(__name__)


def publish_scheduled() -> None:
    call_command("publish_scheduled", verbosity=0)


def delete_abandoned_drafts() -> None:
    """Drafts never published, without a text, untouched for a month."""
    limit = timezone.now() - ABANDONED
    for model in (Event, Practice, Cite, Project, TrainingModule):
        old = model.objects.filter(first_published_at=None, live=False, pages=None)
        for fact in old.filter(latest_revision__created_at__lt=limit):
            if fact.is_deletable():
                fact.delete()


def forget_hourly() -> None:
    """What is forgotten has its day, so that looking once an hour will do."""
    if cache.add("portal.ticking.forget_hourly", True, HOUR):
        forget_due()


def forget_task_results() -> None:
    for name, backend in settings.TASKS.items():
        if backend["BACKEND"].startswith("django_tasks_db"):  # others keep no results
            call_command("prune_db_task_results", "--backend", name, "--queue-name", "*", verbosity=0)


def check_handbooks() -> None:
    """What is due is made; once an hour it is looked at whether more is."""
    if cache.add("portal.ticking.check_handbooks", True, HOUR):
        look_again()
    make_due()


# In this order, so that a date just published is reminded of, and what people wait for comes before what is tidied;
# each on its own, so that one that fails stops none of the others.
DUE: tuple[Callable[[], object], ...] = (
    publish_scheduled,
    settle_all,
    queue_reminders,
    ask_to_verify,
    ask_to_check,
    retry_due,
    check_handbooks,
    delete_abandoned_drafts,
    forget_hourly,
    forget_task_results,
)


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
