"""What the page of an event shows beside its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.availability import availability_of
from portal.base.pages import with_words

if TYPE_CHECKING:
    from events.availability import Availability
    from events.models.event import Event


def event_context(event: Event | None, availability: Availability | None = None) -> dict[str, Any]:
    if event is None:  # a page whose facts are not chosen yet, in a preview
        return {"event": None}
    if availability is None and event.pk:
        availability = availability_of([event])[event.pk]
    hosts = with_words([event.cite]) if event.cite and event.cite.live else []
    projects = with_words([event.project]) if event.project and event.project.live else []
    return {
        "event": event,
        "availability": availability,
        "sessions": [session for session in event.sessions.all() if not session.withdrawn],
        "host": hosts[0] if hosts else None,
        "project": projects[0] if projects else None,
    }
