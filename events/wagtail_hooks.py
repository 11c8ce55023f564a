"""Only registers; the classes live elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from events import todo  # noqa: F401 - registers what it finds
from events.dashboard import NextEvents
from events.models import Event, Registration
from events.policy import RegistrationPolicy
from portal.base.permissions import OwnRowsPolicy

if TYPE_CHECKING:
    from django.http import HttpRequest

register_permission_policy(Event, OwnRowsPolicy(Event, "cite__team__group"))

register_permission_policy(Registration, RegistrationPolicy(Registration, "event__cite__team__group"))

from events.viewsets import EventViewSet, RegistrationViewSet  # noqa: E402 - policies come first

register_snippet(EventViewSet)


@hooks.register("register_admin_viewset")
def registrations() -> RegistrationViewSet:
    return RegistrationViewSet()


@hooks.register("construct_homepage_panels")
def next_events(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(NextEvents(request))


@hooks.register("construct_snippet_action_menu")
def publish_in_the_hub(menu_items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Where people have registered, facts are published on the event's page, which says first who will hear of it."""
    event = context.get("instance")
    if isinstance(event, Event) and event.pk and event.live and event.registrations.active().exists():
        menu_items[:] = [item for item in menu_items if item.name != "action-publish"]
