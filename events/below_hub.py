"""Pages of the admin that belong to one event and lie below its hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from events.models import Event

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


def may(user: Any, action: str, event: Event) -> bool:
    allowed: bool = policy_registry.get(event).user_has_permission_for_instance(user, action, event)
    return allowed


class OfEvent(View):
    """About the event of the address: to look at for those who may view it, to act for those who may publish it."""

    model: Any = None  # the event's; the guard of the viewset wants it
    event: Event
    view_action, act_action = "view", "publish"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = Event.objects.select_related("admission", "cite", "project")
        self.event = get_object_or_404(found, pk=kwargs["pk"])
        action = self.view_action if request.method in {"GET", "HEAD"} else self.act_action
        if not may(request.user, action, self.event):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class BelowHub(OfEvent, WagtailAdminTemplateMixin, TemplateView):
    """A page with the trail that leads back to the hub, and the way to its neighbours."""

    header_icon = "group"
    above: tuple[str, Any] | None = None  # address name and title of the page between this one and the hub
    _show_breadcrumbs = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())  # without the arguments of the address

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        trail = [(reverse("events:list"), _("Events")), (self.event.admin_url, str(self.event))]
        if self.above:
            trail.append((reverse(self.above[0], args=[self.event.pk]), str(self.above[1])))
        items = [{"url": url, "label": label} for url, label in (*trail, ("", self.get_page_title()))]
        return [*self.breadcrumbs_items, *items]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            event=self.event,
            can_act=may(self.request.user, "publish", self.event),
            neighbours=self.neighbours(),
            **kwargs,
        )

    def neighbours(self) -> list[dict[str, Any]]:
        return neighbours(self.event, self.request.path)


def neighbours(event: Event, path: str = "") -> list[dict[str, Any]]:
    """The pages about the people of an event; the one that is open is marked."""
    pages = [
        ("events:registrations", _("Registrations")),
        ("events:waiting", _("Waiting list")),
        ("events:numbers", _("Numbers")),
        ("events:invitations", _("Invitations")),
        ("events:questions", _("Questions")),
    ]
    links = [(reverse(name, args=[event.pk]), label) for name, label in pages]
    return [{"url": url, "label": label, "is_here": url == path} for url, label in links]
