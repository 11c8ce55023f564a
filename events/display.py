"""What the page of an event shows beside its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.availability import availability_of
from portal.base.pages import public_entry

if TYPE_CHECKING:
    from events.availability import Availability
    from events.models.event import Event


def event_context(event: Event | None, availability: Availability | None = None) -> dict[str, Any]:
    if event is None:  # a page whose facts are not chosen yet, in a preview
        return {"event": None}
    if availability is None and event.pk:
        availability = availability_of([event])[event.pk]
    return {
        "event": event,
        "availability": availability,
        "sessions": [session for session in event.sessions.all() if not session.withdrawn],
        "host": public_entry(event.cite),
        "project": public_entry(event.project),
    }
