"""How editors change the facts of an event, as Wagtail does it: a draft is a revision, publishing writes it."""

from typing import Any

from events.models import Event, Session
from tests.factories import make_event, stored


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


def half_day(event: Event, part: str = "morning", **fields: Any) -> Session:
    return Session(on=event.starts_on, part=part, **fields)


def with_sessions(*parts: str) -> Event:
    """A published event with these half-days."""
    event = make_event()
    return change(event, sessions=[half_day(event, part) for part in parts])


def sessions(event: Event) -> list[tuple[Any, ...]]:
    rows = Session.objects.filter(event=event).order_by("pk")
    return list(rows.values_list("pk", "uuid", "part", "withdrawn"))
