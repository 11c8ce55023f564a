"""The people of one event in the admin: the list with its filters, the waiting list, adding somebody by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from events.approval import add_by_hand
from events.availability import ways_of
from events.below_hub import BelowHub
from events.fields import AddressField, NameField, OneLineField
from events.forms import countries_to_choose
from events.models.admission import Admission, Way
from events.models.registration import Registration, RegistrationState
from events.registration import Applicant, RegistrationRefused
from events.registration_acts import ACTS
from events.registration_filter import FilterForm
from portal.base.languages import current_language, language_choices

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from events.models import Event
    from events.models.registration import RegistrationQuerySet

S = RegistrationState
PER_PAGE = 100


def ranks(event: Event) -> dict[int, int]:
    """The place in line of everybody who waits, way by way."""
    found: dict[int, int] = {}
    counts = dict.fromkeys(Way.values, 0)
    for pk, way in event.registrations.in_line().values_list("pk", "way"):
        counts[way] += 1
        found[pk] = counts[way]
    return found


class RegistrationsView(BelowHub):
    """Everybody who registered for the event, with what can be done to those who are ticked."""

    template_name = "events/admin/registrations.html"

    def get_page_title(self) -> str:
        return gettext("Registrations")

    def found(self, form: FilterForm) -> RegistrationQuerySet:
        return form.found()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = FilterForm(self.request.GET, event=self.event)
        page = Paginator(self.found(form), PER_PAGE).get_page(self.request.GET.get("p"))
        places = ranks(self.event)
        query = self.request.GET.copy()
        query.pop("p", None)
        number = page.paginator.count
        return super().get_context_data(
            filter_form=form,
            page_obj=page,
            rows=[{"registration": row, "rank": places.get(row.pk), "url": registration_url(row)} for row in page],
            number=ngettext("%(number)s registration", "%(number)s registrations", number) % {"number": number},
            acts=ACTS.values(),
            act_url=with_query(reverse("events:registrations_act", args=[self.event.pk]), query.urlencode()),
            export_url=with_query(reverse("events:registrations_export", args=[self.event.pk]), query.urlencode()),
            add_url=reverse("events:registrations_add", args=[self.event.pk]),
            here=self.request.get_full_path(),
            query=query.urlencode(),
            **kwargs,
        )


class WaitingListView(RegistrationsView):
    """Who waits, in the order in which seats are offered."""

    def get_page_title(self) -> str:
        return gettext("Waiting list")

    def found(self, form: FilterForm) -> RegistrationQuerySet:
        return form.found().filter(state=S.WAITING).order_by("way", "ranked_at", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_line=True, **kwargs)


def registration_url(row: Registration) -> str:
    return reverse("events:registration", args=[row.event_id, row.pk])


def with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


class PersonForm(forms.Form):
    """Somebody who has written or called; takes part in a way that the event has."""

    name = NameField(label=_("Name"), max_length=120)
    email = AddressField(label=_("E-mail"), max_length=254)
    organisation = OneLineField(label=_("Organisation"), max_length=200, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=countries_to_choose)
    language = forms.ChoiceField(label=_("Language of the mails"), choices=language_choices, initial=current_language)
    way = forms.ChoiceField(label=_("Takes part"))

    def __init__(self, data: Any = None, *, event: Event) -> None:
        super().__init__(data)
        way = self.fields["way"]
        if isinstance(way, forms.ChoiceField):
            ways = ways_of(event, event.admission_or_none or Admission(event_id=event.pk))
            way.choices = [(code, Way(code).label) for code in ways]

    def applicant(self) -> Applicant:
        return Applicant(**self.cleaned_data)


class AddView(BelowHub):
    """Somebody is registered by the organisers, also outside the window."""

    template_name = "events/admin/registration_add.html"
    view_action = "publish"
    above = ("events:registrations", _("Registrations"))

    def get_page_title(self) -> str:
        return gettext("Add somebody by hand")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": PersonForm(event=self.event), **kwargs})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PersonForm(request.POST, event=self.event)
        if form.is_valid():
            try:
                row = add_by_hand(pk, form.applicant(), user=request.user)
            except RegistrationRefused as error:
                form.add_error(None, str(error))
            else:
                said = {"name": row.name, "state": row.get_state_display()}
                messages.success(request, gettext("%(name)s: %(state)s. A mail is on its way.") % said)
                return redirect(registration_url(row))
        return self.render_to_response(self.get_context_data(form=form), status=422)
