"""What somebody finds first in the admin: his next events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from events.availability import availability_of
from events.models import Event
from events.when import when_of

if TYPE_CHECKING:
    from django.http import HttpRequest

SHOWN = 8


class NextEvents(Component):
    """The user's events that are not over: when, seats left, and the way to each."""

    name = "next_events"
    template_name = "events/dashboard.html"
    order = 60

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        policy = policy_registry.get_by_type(Event)
        if not policy.user_has_permission(self.request.user, "add"):
            return {}
        rows = policy.instances_user_has_permission_for(self.request.user, "view").values("pk")
        events = list(Event.objects.filter(pk__in=rows).upcoming()[:SHOWN])
        seats = availability_of(events)
        return {
            "events": [{"event": event, "when": when_of(event), "seats": seats[event.pk]} for event in events],
            "add_url": reverse("events:add"),
        }
