"""A new event like another one: the same facts, but no dates, no seats, no registrations and no texts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from events.models.event import Event

# Not the link to take part: it was given to the people of the other event. Not the sources: they tell of that one.
COPIED = (
    *("kind", "project", "timezone", "languages", "contact_name", "contact_email", "is_demonstration"),
    *("place_name", "address", "city", "country", "latitude", "longitude", "is_online"),
)


@transaction.atomic
def duplicate(event: Event, user: Any) -> Event:
    """Make a draft from the latest draft of another event; its host stays the same."""
    draft = event.get_latest_revision_as_object()
    name = _("Copy of %(name)s") % {"name": draft.name}
    copy = Event(name=name[:200], cite=event.cite, live=False, **{field: getattr(draft, field) for field in COPIED})
    copy.save()
    copy.save_revision(user=user, log_action="wagtail.create", clean=False)
    return copy
