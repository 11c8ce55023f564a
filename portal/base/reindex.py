"""Search finds a thing by its facts too: the town of a Cité, the place of an event. And by words as analysed now."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from django.core.management import call_command
from django.dispatch import receiver
from django.utils import timezone
from wagtail.search import index
from wagtail.signals import published

from portal.base.analysis import ANALYSIS_VERSION
from portal.base.facts import Fact
from portal.base.models import Edition

EDITION = "search index"


@receiver(published)
def words_follow_facts(sender: type[Any], instance: Any, **_kwargs: Any) -> None:
    """Index the words of facts anew when the facts change."""
    if issubclass(sender, Fact):
        for page in instance.pages.filter(live=True):
            index.insert_or_update_object(page)


def made_with() -> str:
    return f"{ANALYSIS_VERSION}:{version('snowballstemmer')}"


def is_outdated() -> bool:
    """Whether the words in the index were analysed otherwise than those that people look for now."""
    return not Edition.objects.filter(name=EDITION, digest=made_with()).exists()


def index_anew() -> None:
    """Write the whole index; said to be done only afterwards, so that an interrupted one is done again."""
    call_command("update_index", verbosity=0)
    Edition.objects.update_or_create(name=EDITION, defaults={"digest": made_with(), "changed_at": timezone.now()})
