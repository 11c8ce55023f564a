"""The admin of events: one hub with facts, texts, seats, registrations and mails."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.permissions import policy_registry

from events.admission import AdmissionRefused, change_admission
from events.availability import availability_of
from events.models import AgendaPage, Event, Registration
from events.models.event import State
from events.publication import TRANSITIONS, change_state
from events.registration import cancel
from home.viewsets import cite_pages
from portal.base.hub import FactViewSet, HubView, say
from portal.base.models import OutgoingMail
from portal.base.permissions import OwnRows

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.http import HttpRequest, HttpResponse


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
        with timezone.override(zone):
            super().__init__(*args, **kwargs)

    def in_zone(self, name: str) -> dt.datetime | None:
        """What was typed as a time of the event's zone, aware."""
        value: dt.datetime | None = self.cleaned_data[name]
        return value.replace(tzinfo=self.zone) if value else None


def admission_form(event: Event, data: Any = None) -> AdmissionForm:
    admission = event.admission_or_none
    initial = {}
    if admission:
        local = [
            moment and moment.astimezone(event.zone).replace(tzinfo=None)
            for moment in (admission.opens_at, admission.closes_at)
        ]
        initial = {
            "seats_on_site": admission.seats_on_site,
            "seats_online": admission.seats_online,
            "opens_at": local[0],
            "closes_at": local[1],
        }
    return AdmissionForm(data, initial=initial, zone=event.zone)


STATE_ACTS = {
    State.PLANNED: _("Plan it again"),
    State.CONFIRMED: _("Confirm it takes place"),
    State.POSTPONED: _("Postpone it"),
    State.CANCELLED: _("Cancel it"),
    State.WITHDRAWN: _("Withdraw it: it was published by mistake"),
}


class EventHub(HubView):
    template_name = "events/hub.html"

    def facts_rows(self) -> list[tuple[str, Any]]:
        event = self.object
        when = " – ".join(str(day) for day in (event.starts_on, event.ends_on) if day)
        times = f"{event.start_time:%H:%M}–{event.end_time:%H:%M}" if event.start_time and event.end_time else ""
        place = ", ".join(part for part in (event.place_name, event.city, event.country_name) if part)
        return [
            (_t("Kind"), event.get_kind_display()),
            (_t("Host"), event.cite or _t("the network")),
            (_t("When"), f"{when} {times} ({event.timezone})" if when else event.get_precision_display()),
            (_t("Where"), place or (_t("Online") if event.is_online else "")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        event = self.live
        return super().get_context_data(
            state_label=event.get_state_display(),
            acts=[(state, STATE_ACTS[state]) for state in State if state in TRANSITIONS[event.state]],
            state_url=reverse("events:state", args=[event.pk]),
            admission_url=reverse("events:admission", args=[event.pk]),
            admission_form=admission_form(event),
            availability=availability_of([event])[event.pk],
            registrations_count=event.registrations.active().count(),
            registrations_url=f"{reverse('registrations:index')}?event={event.pk}",
            mails=OutgoingMail.objects.filter(
                params__registration__in=list(event.registrations.values_list("pk", flat=True)[:1000])
            ).order_by("-pk")[:20],
            audit=event.audit_lines.select_related("user")[:20],
            **kwargs,
        )


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
        state = request.POST.get("state", "")
        try:
            changed = change_state(event.pk, state, user=request.user, why=request.POST.get("why", "")[:300])
        except ValidationError as error:
            messages.error(request, say(error, event))
        else:
            text = _t("The event is now: %(state)s.") % {"state": changed.get_state_display()}
            messages.success(request, text)


class AdmissionView(ActView):
    def act(self, request: HttpRequest, event: Event) -> None:
        form = admission_form(event, request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
            return
        try:
            change_admission(
                event.pk,
                seats_on_site=form.cleaned_data["seats_on_site"],
                seats_online=form.cleaned_data["seats_online"],
                opens_at=form.in_zone("opens_at"),
                closes_at=form.in_zone("closes_at"),
                user=request.user,
            )
        except AdmissionRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _t("Seats and window are changed."))


class EventViewSet(FactViewSet):
    model = Event
    icon = "date"
    menu_label = _("Events")
    menu_order = 110
    admin_url_namespace = "events"
    base_url_path = "events"
    hub_view_class = EventHub
    list_display = ["name", "kind", "cite", "starts_on", "state", "live"]
    list_filter = ["kind", "state"]

    def words_parents(self, fact: Any) -> list[Any]:
        return cite_pages(fact.cite) if fact.cite else list(AgendaPage.objects.filter(alias_of=None))

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/state/", self.construct_view(StateView, model=Event), name="state"),
            path("<int:pk>/admission/", self.construct_view(AdmissionView, model=Event), name="admission"),
        ]


class RegistrationIndex(generic.IndexView):
    """Registrations of the user's own events, of one event if the address says so."""

    def get_base_queryset(self) -> Any:
        policy = policy_registry.get_by_type(Registration)
        rows = policy.instances_user_has_any_permission_for(self.request.user, ["view"]).select_related("event")
        event = self.request.GET.get("event", "")
        return rows.filter(event=int(event)) if event.isdecimal() and len(event) < 19 else rows  # noqa: PLR2004


class CancelRegistrationView(View):
    """POST: an organiser gives a seat back for somebody."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        registration = get_object_or_404(Registration.objects.select_related("event"), pk=pk)
        policy = policy_registry.get_by_type(Event)
        if not policy.user_has_permission_for_instance(request.user, "publish", registration.event):
            raise PermissionDenied
        cancel(pk, user=request.user)
        messages.success(request, _t("The registration is cancelled; the person has a mail."))
        return redirect(f"{reverse('registrations:index')}?event={registration.event_id}")


class RegistrationViewSet(OwnRows, ModelViewSet):
    """To look at; registrations change through the rules alone."""

    model = Registration
    name = "registrations"
    url_prefix = "registrations"
    icon = "group"
    menu_label = _("Registrations")
    menu_order = 120
    add_to_admin_menu = True
    index_view_class = RegistrationIndex
    inspect_view_enabled = True
    inspect_view_fields = [
        "event",
        "state",
        "way",
        "name",
        "email",
        "organisation",
        "country",
        "language",
        "created_at",
    ]
    list_display = [
        "name",
        Column("organisation"),
        Column("country"),
        Column("event"),
        Column("get_state_display", label=_("State")),
    ]
    list_export = ["name", "email", "organisation", "country", "language", "way", "state", "created_at"]
    list_filter = ["state"]
    search_fields = ["name", "email", "organisation"]
    form_fields = ["name"]  # Wagtail wants some; the policy lets nobody edit

    def get_urlpatterns(self) -> list[Any]:
        cancelling = self.construct_view(CancelRegistrationView, model=Registration)
        return [*super().get_urlpatterns(), path("<int:pk>/cancel/", cancelling, name="cancel")]
