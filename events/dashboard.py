"""What somebody finds first in the admin: the next events with their people, and mails that came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from events.availability import availability_of
from events.models import Event, Registration
from events.models.registration import RegistrationState
from events.people import RECENT, head_counts, returned_since
from events.registrations_admin import registration_url
from events.said import mail_kind
from events.when import when_of
from portal.base.permissions import is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest

S = RegistrationState
SHOWN, SHOWN_TO_COORDINATORS = 8, 40  # events
MAILS = 20


class NextEvents(Component):
    """The user's events that are not over: when, seats taken, who waits; for coordinators mails that failed."""

    name = "next_events"
    template_name = "events/dashboard.html"
    order = 60

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = self.request.user
        policy = policy_registry.get_by_type(Event)
        if not policy.user_has_permission(user, "add"):
            return {}
        is_over_all = is_coordinator(user)
        rows = policy.instances_user_has_permission_for(user, "view").values("pk")
        shown = SHOWN_TO_COORDINATORS if is_over_all else SHOWN
        events = list(Event.objects.filter(pk__in=rows).upcoming()[:shown])
        return {
            "events": lines(events),
            "add_url": reverse("events:add"),
            "mails": returned_mails() if is_over_all else [],
        }


def lines(events: list[Event]) -> list[dict[str, Any]]:
    seats = availability_of(events)
    people = head_counts(events)
    return [
        {
            "event": event,
            "when": when_of(event),
            "seats": seats[event.pk].seats,
            "taken": seats[event.pk].seats - seats[event.pk].left,
            "waiting": people[event.pk][S.WAITING],
            "awaiting": people[event.pk][S.AWAITING],
            "waiting_url": reverse("events:waiting", args=[event.pk]),
            "awaiting_url": f"{reverse('events:registrations', args=[event.pk])}?state={S.AWAITING}",
        }
        for event in events
    ]


def returned_mails() -> list[dict[str, Any]]:
    """Mails of late that did not reach the person, the latest first, each with the registration that it is about."""
    mails = list(returned_since(timezone.now() - RECENT).order_by("-pk")[:MAILS])
    people = {
        row.uuid: row for row in Registration.objects.filter(uuid__in=[mail.about for mail in mails if mail.about])
    }
    return [
        {
            "mail": mail,
            "kind": mail_kind(mail.kind),
            "state": mail.state.label,
            "person": person,
            "url": registration_url(person) if person else "",
        }
        for mail, person in ((mail, people.get(mail.about) if mail.about else None) for mail in mails)
    ]
