"""The admin page of one event, and its acts: state, seats, a copy."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.permissions import policy_registry

from events.admission import AdmissionRefused, change_admission
from events.availability import availability_of
from events.duplication import duplicate
from events.models import Event
from events.models.event import State
from events.publication import TRANSITIONS, change_state
from events.when import when_of
from portal.base.hub import HubView, say
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


LATEST = 20  # lines of what was done, and mails, that the hub shows


class AdmissionForm(forms.Form):
    """Seats and window; times are local to the event."""

    seats_on_site = forms.IntegerField(label=_("Seats on site"), min_value=0, max_value=100_000, initial=0)
    seats_online = forms.IntegerField(label=_("Seats online"), min_value=0, max_value=100_000, initial=0)
    opens_at = forms.DateTimeField(
        label=_("Registration opens"), required=False, widget=AdminDateTimeInput, help_text=_("Empty: at once.")
    )
    closes_at = forms.DateTimeField(
        label=_("Registration closes"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Empty: 24 hours before the start."),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        self.zone = zone
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        with timezone.override(self.zone):
            super().full_clean()


def admission_form(event: Event, data: Any = None) -> AdmissionForm:
    admission = event.admission_or_none
    initial = {}
    if admission:
        initial = {
            "seats_on_site": admission.seats_on_site,
            "seats_online": admission.seats_online,
            "opens_at": wall_clock(admission.opens_at, event.zone),
            "closes_at": wall_clock(admission.closes_at, event.zone),
        }
    return AdmissionForm(data, initial=initial, zone=event.zone)


def said(form: forms.Form) -> str:
    """The errors in one line, with the names of the fields."""
    return " ".join(
        f"{form[name].label}: {' '.join(str(text) for text in texts)}" for name, texts in form.errors.items()
    )


def wall_clock(moment: dt.datetime | None, zone: ZoneInfo) -> dt.datetime | None:
    """The time that a clock at the event shows; naive, so that the form does not move it to the user's zone."""
    return moment.astimezone(zone).replace(tzinfo=None) if moment else None


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=State)
    why = forms.CharField(
        label=_("Why (for your colleagues, not public)"), required=False, max_length=300, widget=forms.TextInput
    )


STATE_ACTS = {
    State.PLANNED: _("Plan it again"),
    State.CONFIRMED: _("Confirm it takes place"),
    State.POSTPONED: _("Postpone it"),
    State.CANCELLED: _("Cancel it"),
    State.WITHDRAWN: _("Withdraw it: it was published by mistake"),
}


# Codes of audit lines and mails, in words.
SAID = {
    "admission": _("seats and window changed"),
    "state": _("state changed"),
    "registered": _("registered"),
    "cancelled": _("registration cancelled"),
    "registration_confirmed": _("confirmation"),
    "registration_again": _("link sent again"),
    "registration_cancelled": _("cancellation"),
    "event_changed": _("change of the event"),
    "sent": _("sent"),
    "waiting": _("waiting"),
    "failed": _("failed"),
    "organiser": _("organiser"),
    "registrant": _("registrant"),
    "system": _("the portal"),
}


class EventHub(HubView):
    template_name = "events/hub.html"

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
        form = admission_form(event)
        return super().get_context_data(
            media=form.media,
            state_form=StateForm(),
            state_label=event.get_state_display(),
            acts=[(state, STATE_ACTS[state]) for state in State if state in TRANSITIONS[event.state]],
            state_url=reverse("events:state", args=[event.pk]),
            admission_url=reverse("events:admission", args=[event.pk]),
            duplicate_url=reverse("events:duplicate", args=[event.pk]) if self.can("add") else "",
            admission_form=form,
            availability=availability_of([event])[event.pk],
            registrations_count=event.registrations.active().count(),
            registrations_url=f"{reverse('registrations:index')}?event={event.pk}",
            mails=[
                (mail.created_at, SAID.get(mail.kind, mail.kind), mail.to, SAID[mail.state], mail.last_error)
                for mail in mails_about(event)
            ],
            audit=[
                (line.at, SAID.get(line.what, line.what), line.user or SAID.get(line.who, line.who))
                for line in event.audit_lines.select_related("user")[:LATEST]
            ],
            **kwargs,
        )


def mails_about(event: Event) -> QuerySet[OutgoingMail]:
    """The latest mails to the people who registered."""
    people = list(event.registrations.values_list("pk", flat=True)[:1000])
    return OutgoingMail.objects.filter(params__registration__in=people).order_by("-pk")[:LATEST]


class ActView(View):
    """POST: an act on a live event, for those who may publish it."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(Event, pk=pk)
        if not policy_registry.get(event).user_has_permission_for_instance(request.user, "publish", event):
            raise PermissionDenied
        self.act(request, event)
        return redirect(reverse("events:hub", args=[pk]))

    def act(self, request: HttpRequest, event: Event) -> None:
        raise NotImplementedError


class StateView(ActView):
    def act(self, request: HttpRequest, event: Event) -> None:
        form = StateForm(request.POST)
        if not form.is_valid():
            messages.error(request, said(form))
            return
        try:
            changed = change_state(event.pk, **form.cleaned_data, user=request.user)
        except ValidationError as error:
            messages.error(request, say(error, event))
        else:
            text = gettext("The event is now: %(state)s.") % {"state": changed.get_state_display()}
            messages.success(request, text)


class AdmissionView(ActView):
    def act(self, request: HttpRequest, event: Event) -> None:
        form = admission_form(event, request.POST)
        if not form.is_valid():
            messages.error(request, said(form))
            return
        try:
            change_admission(event.pk, **form.cleaned_data, user=request.user)
        except AdmissionRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Seats and window are changed."))


class DuplicateView(View):
    """POST: a new event like this one, for those who may add some; its dates are asked for next."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(Event, pk=pk)
        if not policy_registry.get(event).user_has_permission_for_instance(request.user, "add", event):
            raise PermissionDenied
        copy = duplicate(event, request.user)
        messages.success(
            request, gettext("This is a new event with the same facts. It has no dates yet, and nobody sees it.")
        )
        return redirect(reverse("events:edit", args=[copy.pk]))
