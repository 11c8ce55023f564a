"""The admin page of one event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.acts import StateForm
from events.admission_form import admission_form, exceptions
from events.advice import advice_on
from events.availability import availability_of
from events.below_hub import neighbours
from events.models.event import State
from events.models.registration import RegistrationState
from events.publication import TRANSITIONS
from events.said import act_said, details, mail_kind, who_said
from events.when import when_of
from portal.base.hub import HubView
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from events.models import Event

LATEST = 20  # lines of what was done, and mails, that the hub shows
STATE_ACTS = {
    State.PLANNED: _("Plan it again"),
    State.CONFIRMED: _("Confirm it takes place"),
    State.POSTPONED: _("Postpone it"),
    State.CANCELLED: _("Cancel it"),
    State.WITHDRAWN: _("Withdraw it: it was published by mistake"),
}


class EventHub(HubView):
    template_name = "events/hub.html"

    def advice(self) -> list[str]:
        return advice_on(self.live, self.object)

    def facts_rows(self) -> list[tuple[str, Any]]:
        event = self.object
        when = when_of(event)
        place = ", ".join(part for part in (event.place_name, event.city, event.country_name) if part)
        return [
            (gettext("Kind"), event.get_kind_display()),
            (gettext("Host"), event.cite or gettext("the network")),
            (gettext("When"), f"{when.day}. {when.time}" if when.time else when.day),
            (gettext("Where"), place or (gettext("Online") if event.is_online else "")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event = self.live
        form, rows = admission_form(event), exceptions(event)
        return super().get_context_data(
            media=form.media + (rows.media if rows else form.media),
            state_form=StateForm(),
            state_label=event.get_state_display(),
            acts=[(state, STATE_ACTS[state]) for state in State if state in TRANSITIONS[event.state]],
            state_url=reverse("events:state", args=[event.pk]),
            admission_url=reverse("events:admission", args=[event.pk]),
            duplicate_url=reverse("events:duplicate", args=[event.pk]) if self.can("add") else "",
            admission_form=form,
            exceptions=rows,
            availability=availability_of([event])[event.pk],
            people=people(event),
            neighbours=neighbours(event),
            event_zone=event.timezone,
            mails=[
                (mail.created_at, mail_kind(mail.kind), mail.to, mail.state.label, mail.last_error)
                for mail in mails_about(event)
            ],
            audit=[
                (line.at, act_said(line.what), details(line), who_said(line))
                for line in event.audit_lines.select_related("user")[:LATEST]
            ],
            **kwargs,
        )


def people(event: Event) -> list[dict[str, Any]]:
    """How many registrations there are in each state that matters, with the way to them."""
    rows = event.registrations.order_by().values_list("state").annotate(number=Count("pk"))
    counts = dict(rows)
    address = reverse("events:registrations", args=[event.pk])
    return [
        {"label": state.label, "number": counts[state], "url": f"{address}?state={state}"}
        for state in RegistrationState
        if counts.get(state)
    ]


def mails_about(event: Event) -> QuerySet[OutgoingMail]:
    """The latest mails to the people who registered."""
    return OutgoingMail.objects.filter(about__in=event.registrations.values("uuid")).order_by("-pk")[:LATEST]
