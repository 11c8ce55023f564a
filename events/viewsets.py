"""The admin of events and registrations."""

from __future__ import annotations

import datetime as dt
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from django_filters import ModelChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

from events.hub import AdmissionView, DuplicateView, EventHub, StateView
from events.models import AgendaPage, Event, Registration
from events.registration import cancel
from home.viewsets import cite_pages, own_cite
from portal.base.hub import PUBLIC, FactViewSet
from portal.base.permissions import OwnRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from home.models import Cite


def event_at(cite: Cite) -> Event:
    """A new event with what its host says of itself."""
    same = ("timezone", "languages", "address", "city", "country", "latitude", "longitude")
    facts = {name: getattr(cite, name) for name in same}
    return Event(cite=cite, place_name=cite.official_name, contact_email=cite.email, **facts)


class EventViewSet(FactViewSet):
    model = Event
    icon = "date"
    menu_label = _("Events")
    menu_name = "events"
    menu_order = 110
    admin_url_namespace = "events"
    base_url_path = "events"
    hub_view_class = EventHub
    list_display = ["name", "kind", "cite", "starts_on", "state", PUBLIC]
    list_filter = ["kind", "state"]

    def new_fact(self, request: HttpRequest) -> Event:
        cite = own_cite(request)
        return event_at(cite) if cite else Event()

    def words_parents(self, fact: Any) -> list[Any]:
        return cite_pages(fact.cite) if fact.cite else list(AgendaPage.objects.filter(alias_of=None))

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/state/", self.construct_view(StateView, model=Event), name="state"),
            path("<int:pk>/admission/", self.construct_view(AdmissionView, model=Event), name="admission"),
            path("<int:pk>/duplicate/", self.construct_view(DuplicateView, model=Event), name="duplicate"),
        ]


def harmless(text: str) -> str:
    """As text, also where a spreadsheet would take it for a formula: what strangers typed is never run."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def own_events(request: HttpRequest) -> QuerySet[Event]:
    return policy_registry.get_by_type(Event).instances_user_has_permission_for(request.user, "view")


class RegistrationFilters(WagtailFilterSet):
    event = ModelChoiceFilter(queryset=own_events, label=_("Event"))

    class Meta:
        model = Registration
        fields = ["event", "state"]


class RegistrationIndex(generic.IndexView):
    """Registrations of the user's own events."""

    export_filename = "registrations"
    export_headings = {
        "get_country_display": _("Country"),
        "get_language_display": _("Language of the mails"),
        "get_way_display": _("Takes part"),
        "get_state_display": _("State"),
    }
    custom_value_preprocess = {
        **generic.IndexView.custom_value_preprocess,
        str: {"csv": harmless},
        dt.datetime: {**generic.IndexView.custom_value_preprocess[dt.datetime], "csv": "{:%Y-%m-%d %H:%M}".format},
    }

    def get_base_queryset(self) -> Any:
        policy = policy_registry.get_by_type(Registration)
        return policy.instances_user_has_permission_for(self.request.user, "view").select_related("event")

    def stream_csv(self, queryset: Any) -> Iterator[bytes]:
        """At once, while the user's language is active; begun with the mark by which Excel knows UTF-8."""
        return iter([BOM_UTF8, *super().stream_csv(queryset)])


class CancelRegistrationView(View):
    """POST: an organiser gives a seat back for somebody."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        registration = get_object_or_404(Registration.objects.select_related("event"), pk=pk)
        policy = policy_registry.get_by_type(Event)
        if not policy.user_has_permission_for_instance(request.user, "publish", registration.event):
            raise PermissionDenied
        if registration.is_active:
            cancel(pk, user=request.user)
            messages.success(request, gettext("The registration is cancelled; the person has a mail."))
        return redirect(f"{reverse('registrations:index')}?event={registration.event_id}")


class RegistrationViewSet(OwnRows, ModelViewSet):
    """To look at; registrations change through the rules alone."""

    model = Registration
    name = "registrations"
    url_prefix = "registrations"
    icon = "group"
    menu_label = _("Registrations")
    menu_name = "registrations"
    menu_order = 120
    add_to_admin_menu = True
    index_view_class = RegistrationIndex
    inspect_view_enabled = True
    inspect_template_name = "events/registration_inspect.html"
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
    list_display = ["name", "organisation", "country", Column("event", label=_("Event")), "state"]
    list_export = ["name", "email", "organisation", *RegistrationIndex.export_headings, "created_at"]
    filterset_class = RegistrationFilters
    search_fields = ["name", "email", "organisation"]
    form_fields = ["name"]  # Wagtail wants some; the policy lets nobody edit

    def get_urlpatterns(self) -> list[Any]:
        cancelling = self.construct_view(CancelRegistrationView, model=Registration)
        return [*super().get_urlpatterns(), path("<int:pk>/cancel/", cancelling, name="cancel")]
