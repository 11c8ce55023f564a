"""The admin of events and registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import policy_registry

from events.acts import AdmissionView, DuplicateView, PublishEventView, StateView
from events.dashboard import lines
from events.exports import ExportView
from events.hub import EventHub
from events.invitations_admin import InvitationsView, RevokeView
from events.models import AgendaPage, Event, Registration
from events.numbers import NumbersView
from events.questions_admin import QuestionsView, QuestionView, WithdrawView
from events.registration_acts import RegistrationActsView
from events.registration_page import MailsView, RedirectToEvent, RegistrationView
from events.registrations_admin import AddView, RegistrationsView, WaitingListView, registration_url
from home.viewsets import cite_pages, own_cite
from portal.base.columns import LANGUAGES, TellingIndexView
from portal.base.hub import PUBLIC, FactViewSet
from portal.base.permissions import OwnRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from events.models.registration import RegistrationQuerySet
    from home.models import Cite

# Below the hub of an event: address, view, name.
PAGES = (
    ("state", StateView, "state"),
    ("admission", AdmissionView, "admission"),
    ("duplicate", DuplicateView, "duplicate"),
    ("registrations", RegistrationsView, "registrations"),
    ("registrations/waiting", WaitingListView, "waiting"),
    ("registrations/numbers", NumbersView, "numbers"),
    ("registrations/add", AddView, "registrations_add"),
    ("registrations/act", RegistrationActsView, "registrations_act"),
    ("registrations/export", ExportView, "registrations_export"),
    ("registrations/<int:registration>", RegistrationView, "registration"),
    ("registrations/<int:registration>/mails", MailsView, "registration_mails"),
    ("invitations", InvitationsView, "invitations"),
    ("invitations/<int:invitation>/revoke", RevokeView, "invitation_revoke"),
    ("questions", QuestionsView, "questions"),
    ("questions/add", QuestionView, "question_add"),
    ("questions/<int:question>", QuestionView, "question"),
    ("questions/<int:question>/withdraw", WithdrawView, "question_withdraw"),
)


def event_at(cite: Cite) -> Event:
    """A new event with what its host says of itself."""
    same = ("timezone", "languages", "address", "city", "country", "latitude", "longitude")
    facts = {name: getattr(cite, name) for name in same}
    return Event(cite=cite, place_name=cite.official_name, contact_email=cite.email, **facts)


class EventIndex(TellingIndexView):
    """The list of events: when, how full, who waits."""

    related = ("cite",)

    def tell(self, rows: Sequence[Any]) -> None:
        super().tell(rows)
        for row, told in zip(rows, lines(list(rows)), strict=True):
            row.told_in_list = told


def seats_said(event: Any) -> str:
    told = event.told_in_list
    return f"{told['taken']}/{told['seats']}" if told["seats"] else ""


def people_said(event: Any) -> str:
    """Who waits for a seat or a decision; empty where nobody does."""
    told = event.told_in_list
    return str(told["waiting"] + told["awaiting"] or "")


class EventViewSet(FactViewSet):
    model = Event
    icon = "date"
    menu_label = _("Events")
    menu_name = "events"
    menu_order = 110
    admin_url_namespace = "events"
    base_url_path = "events"
    hub_view_class = EventHub
    publish_view_class = PublishEventView
    index_view_class = EventIndex
    list_display = [
        "name",
        Column("when", label=_("When"), accessor=lambda event: event.told_in_list["when"].day, sort_key="begins_at"),
        "kind",
        "cite",
        "state",
        Column("seats", label=_("seats taken"), accessor=seats_said),
        Column("people", label=_("waiting or awaiting approval"), accessor=people_said),
        LANGUAGES,
        PUBLIC,
    ]
    list_filter = ["kind", "state"]

    def new_fact(self, request: HttpRequest) -> Event:
        cite = own_cite(request)
        return event_at(cite) if cite else Event()

    def words_parents(self, fact: Any) -> list[Any]:
        return cite_pages(fact.cite) if fact.cite else list(AgendaPage.objects.filter(alias_of=None))

    def get_urlpatterns(self) -> list[Any]:
        below = [
            path(
                f"<int:pk>/{address}/",
                self.construct_view(view, model=Event, breadcrumbs_items=self.breadcrumbs_items),
                name=name,
            )
            for address, view, name in PAGES
        ]
        return [*super().get_urlpatterns(), *below]


class PeopleIndex(generic.IndexView):
    """Who registered for which of the user's own events; each name leads to the registration below its event."""

    def get_base_queryset(self) -> Any:
        policy = policy_registry.get_by_type(Registration)
        allowed = policy.instances_user_has_permission_for(self.request.user, "view")
        return Registration.objects.filter(pk__in=allowed.values("pk")).select_related("event")

    def search_queryset(self, queryset: RegistrationQuerySet) -> RegistrationQuerySet:
        return queryset.named(self.search_query) if self.is_searching else queryset

    def get_edit_url(self, instance: Registration) -> str:
        return registration_url(instance)


class RegistrationViewSet(OwnRows, ModelViewSet):
    """To find somebody over all events; what is done, is done below the event."""

    model = Registration
    name = "registrations"
    url_prefix = "registrations"
    icon = "group"
    menu_label = _("People")
    menu_name = "registrations"
    menu_order = 120
    add_to_admin_menu = True
    index_view_class = PeopleIndex
    list_display = ["name", "organisation", "country", Column("event", label=_("Event")), "state"]
    list_filter = ["state"]
    search_fields = ["name", "email", "organisation"]
    form_fields = ["name"]  # Wagtail wants some; the policy lets nobody edit

    def get_urlpatterns(self) -> list[Any]:
        leading = self.construct_view(RedirectToEvent, model=Registration)
        return [*super().get_urlpatterns(), path("inspect/<int:pk>/", leading, name="inspect")]
