"""Search finds a thing by its facts too: the town of a Cité, the place of an event."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from wagtail.search import index
from wagtail.signals import published

from portal.base.facts import Fact


@receiver(published)
def words_follow_facts(sender: type[Any], instance: Any, **_kwargs: Any) -> None:
    """Index the words of facts anew when the facts change."""
    if issubclass(sender, Fact):
        for page in instance.pages.filter(live=True):
            index.insert_or_update_object(page)
