"""Guests of an event in the admin: invite them, see who has come in, take an invitation back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from events.below_hub import BelowHub, OfEvent
from events.fields import UNSEEN, AddressField
from events.invitation import invite, revoke
from events.models import Invitation
from events.models.registration import ACTIVE
from events.registration import RegistrationRefused
from portal.base.languages import current_language, language_choices

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from events.models import Event

NAMED = re.compile(r"""^["']?(?P<name>[^<>"]*?)["']?\s*<(?P<email>[^<>]+)>$""")
MAX_GUESTS = 500  # at once


class GuestsField(forms.CharField):
    """Lines like "Maria Silva <maria@example.org>", or addresses alone, as they come out of a mail program."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        guests: dict[str, str] = {}
        wrong = []
        for entry in entries(text):
            name, address = apart(entry)
            try:
                email = AddressField(max_length=254).clean(address)
            except ValidationError:
                wrong.append(entry)
            else:
                guests.setdefault(email, UNSEEN.sub(" ", name)[:120])
        if wrong:
            message = gettext("No e-mail address: %(lines)s") % {"lines": ", ".join(wrong[:10])}
            raise ValidationError(message)
        if len(guests) > MAX_GUESTS:
            raise ValidationError(gettext("At most %(number)s at once.") % {"number": MAX_GUESTS})
        return [(name, email) for email, name in guests.items()]


def entries(text: str) -> list[str]:
    """One guest each: lines and what semicolons part; where no names are given, commas part as well."""
    found = [part.strip(" ,\t\r") for part in re.split(r"[\n;]", text)]
    apart_too = [part.split(",") if "<" not in part else [part] for part in found]
    return [each.strip() for parts in apart_too for each in parts if each.strip()]


def apart(entry: str) -> tuple[str, str]:
    found = NAMED.match(entry)
    return (found["name"].strip(), found["email"]) if found else ("", entry)


class InvitationForm(forms.Form):
    guests = GuestsField(
        label=_("Guests, one a line"), help_text=_("For example: Maria Silva <maria@example.org>"), max_length=100_000
    )
    language = forms.ChoiceField(label=_("Language of the mails"), choices=language_choices, initial=current_language)


class InvitationsView(BelowHub):
    template_name = "events/admin/invitations.html"
    header_icon = "mail"

    def get_page_title(self) -> str:
        return gettext("Invitations")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": InvitationForm(), "guests": guests(self.event), **kwargs})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = InvitationForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            invited = invite(pk, form.cleaned_data["guests"], language=form.cleaned_data["language"], user=request.user)
        except RegistrationRefused as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        number = len(invited)
        said = ngettext("%(number)s guest is invited.", "%(number)s guests are invited.", number)
        messages.success(request, said % {"number": number})
        return redirect(request.path)


def guests(event: Event) -> list[dict[str, Any]]:
    """Everybody who was invited, and how far it has come."""
    came = {
        row.email: row for row in event.registrations.filter(state__in=ACTIVE).exclude(email="").only("email", "event")
    }
    rows = []
    for guest in event.invitations.all():
        registration = came.get(guest.email)
        rows.append(
            {
                "guest": guest,
                "state": state_of(guest, is_registered=registration is not None),
                "url": reverse("events:registration", args=[event.pk, registration.pk]) if registration else "",
                "revoke_url": ""
                if guest.revoked_at
                else reverse("events:invitation_revoke", args=[event.pk, guest.pk]),
            }
        )
    return rows


def state_of(guest: Invitation, *, is_registered: bool) -> str:
    if is_registered:
        return gettext("registered")
    return gettext("revoked") if guest.revoked_at else gettext("invited")


class RevokeView(OfEvent):
    """POST: the link of an invitation opens nothing any more."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
        found = get_object_or_404(Invitation, pk=invitation, event=pk)
        revoke(found.pk, user=request.user)
        messages.success(request, gettext("The invitation is revoked; its link opens nothing any more."))
        return redirect(reverse("events:invitations", args=[pk]))
