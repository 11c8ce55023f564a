"""How editors change the facts of an event, as Wagtail does it: a draft is a revision, publishing writes it."""

from typing import Any

from events.models import Event
from tests.factories import stored


def draft(event: Event, **facts: Any) -> Any:
    """A revision with these facts changed; the row itself stays as it is."""
    drafted = stored(event).get_latest_revision_as_object()
    for name, value in facts.items():
        setattr(drafted, name, value)
    return drafted.save_revision()


def change(event: Event, **facts: Any) -> Event:
    """Publish the event with these facts changed, and give the row."""
    draft(event, **facts).publish()
    return stored(event)


def unpublish(event: Event) -> Event:
    stored(event).unpublish()
    return stored(event)
