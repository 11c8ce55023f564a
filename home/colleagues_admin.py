"""The people of a Cité in the admin: who they are, inviting one more, taking one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from home.colleagues import InvitationRefused, colleagues_of, invite_colleague, remove_colleague
from home.models import Cite
from portal.base.languages import current_language, language_choices
from portal.base.permissions import is_coordinator

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


class ColleagueForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices, initial=current_language)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class OfCite(WagtailAdminTemplateMixin, FormView[forms.Form]):
    """About the people of the Cité of the address, for those who may change it."""

    model: Any = None  # the Cité's; the guard of the viewset wants it
    _show_breadcrumbs = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.cite = get_object_or_404(Cite, pk=kwargs["pk"])
        policy = policy_registry.get(self.cite)
        if not policy.user_has_permission_for_instance(request.user, "change", self.cite):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        trail = [(self.cite.admin_url, str(self.cite)), ("", str(self.get_page_title()))]
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in trail)]

    def get_success_url(self) -> str:
        return reverse("cites:colleagues", args=[self.cite.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cite=self.cite, **kwargs)


class ColleaguesView(OfCite):
    form_class = ColleagueForm
    template_name = "home/admin/colleagues.html"
    page_title = _("Colleagues")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Addresses alone: a name that differs from the one just entered would tell of an account.
        people = [(person.email or person.get_username(), person.pk) for person in colleagues_of(self.cite)]
        may_remove = is_coordinator(self.request.user)
        rows = [
            (label, reverse("cites:remove_colleague", args=[self.cite.pk, pk]) if may_remove else "")
            for label, pk in people
        ]
        return super().get_context_data(rows=rows, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            invite_colleague(self.cite, **form.cleaned_data, inviter=self.request.user)
        except InvitationRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        email = form.cleaned_data["email"]
        messages.success(self.request, gettext("An invitation goes to %(email)s.") % {"email": email})
        return super().form_valid(form)


class RemoveColleagueView(OfCite):
    """GET asks, POST does it."""

    form_class = forms.Form
    template_name = "home/admin/remove_colleague.html"
    page_title = _("Take out")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_coordinator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = get_object_or_404(colleagues_of(kwargs["pk"]), pk=kwargs["person"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(person=self.person, back=self.get_success_url(), **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        remove_colleague(self.cite, self.person, by=self.request.user)
        who = self.person.email or self.person.get_username()
        messages.success(self.request, gettext("%(who)s no longer edits this Cité.") % {"who": who})
        return super().form_valid(form)
