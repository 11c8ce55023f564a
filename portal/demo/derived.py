"""What is derived from pages is written once, when all is loaded, rather than at each save of a page."""

from __future__ import annotations

from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_save
from modelsearch.index import get_indexed_models
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry
from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.signals import page_published

from events.models import EventPage
from events.publication import words_came

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 100  # pages held in memory at once


@contextmanager
def derived_at_the_end() -> Iterator[None]:
    """Write no index and no calendar while this lasts, and in the end all that is missing, of an interrupted load too.

    For a process with one thread: what others save meanwhile would not be indexed.
    """
    models = [model for model in get_indexed_models() if post_save.disconnect(post_save_signal_handler, sender=model)]
    page_published.disconnect(words_came, sender=EventPage)
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        for model in models:
            post_save.connect(post_save_signal_handler, sender=model)
        page_published.connect(words_came, sender=EventPage)
    index_words()
    index_references()
    call_command("render_calendar", stdout=StringIO())  # also because SITE_URL, which entries name, may be another now


def index_words() -> None:
    backend = get_search_backend()
    for model in get_indexed_models():
        for rows in missing(model, model.get_indexed_objects(), IndexEntry.objects):
            backend.get_index_for_model(model).add_items(model, rows)


def index_references() -> None:
    for model in ReferenceIndex.indexed_models:
        for rows in missing(model, model._default_manager, ReferenceIndex.objects):
            with transaction.atomic():
                for row in rows:
                    ReferenceIndex.create_or_update_for_object(row)


def missing(model: Any, rows: Any, entries: Any) -> Iterator[list[Any]]:
    """The rows of a model that have no entry, in chunks."""
    known = {*entries.filter(content_type=ContentType.objects.get_for_model(model)).values_list("object_id", flat=True)}
    keys = [pk for pk in rows.order_by("pk").values_list("pk", flat=True) if str(pk) not in known]
    for start in range(0, len(keys), CHUNK):
        yield list(rows.filter(pk__in=keys[start : start + CHUNK]))
