"""What organisers do to one registration or to several at once: each through its rule, and each refusal is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from events import approval, registration
from events.approval import undecidable
from events.below_hub import BelowHub
from events.changing import switch
from events.emails import queue_message
from events.models.admission import Way
from events.models.registration import ACTIVE, RegistrationState
from events.registration import RegistrationRefused
from events.registration_filter import FilterForm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, HttpResponse

    from events.models import Registration

S = RegistrationState
NUMBER = re.compile(r"[0-9]{1,18}")
REACHED = tuple(state for state in ACTIVE if state != S.PENDING)  # whose address is known to be right


class ReasonForm(forms.Form):
    why = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is written in the mail, in your words and your language."),
    )


class MessageForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=150)
    text = forms.CharField(
        label=_("Text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Plain text. Greeting, event and link are written around it, in each person's language."),
    )


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to a registration in one of some states; `form` asks for more first."""

    code: str
    label: Any
    done: Any  # with the number of people
    run: Callable[..., object]  # takes the registration, the user, and what the form says
    states: tuple[str, ...]
    form: type[forms.Form] | None = None
    explanation: Any = ""
    is_main: bool = False  # what is mostly wanted where it is possible
    is_grave: bool = False
    way: str = ""

    def is_for(self, row: Registration) -> bool:
        return row.state in self.states and row.way != self.way and not row.erased_at


def approve(row: Registration, user: Any) -> None:
    approval.approve(row.pk, user=user)


def refuse(row: Registration, user: Any, why: str = "") -> None:
    approval.refuse(row.pk, user=user, why=why)


def seat(row: Registration, user: Any) -> None:
    approval.seat_by_hand(row.pk, user=user)


def cancel(row: Registration, user: Any, why: str = "") -> None:
    if not row.is_active:
        raise RegistrationRefused(undecidable(row))
    registration.cancel(row.pk, user=user, why=why)


def to_site(row: Registration, user: Any) -> None:
    switch(row.pk, Way.ON_SITE, user=user)


def to_online(row: Registration, user: Any) -> None:
    switch(row.pk, Way.ONLINE, user=user)


def resend(row: Registration, user: Any) -> None:
    approval.resend(row.pk, user=user)


@transaction.atomic
def message(row: Registration, user: Any, subject: str, text: str) -> None:
    if row.state not in REACHED or row.erased_at:
        raise RegistrationRefused(undecidable(row))
    queue_message(row, subject=subject, text=text, user=user)


ACTS = {
    act.code: act
    for act in (
        Act(
            "approve",
            _("Approve"),
            ngettext_lazy("%(number)s person is approved.", "%(number)s people are approved.", "number"),
            approve,
            (S.AWAITING, S.REFUSED),
            is_main=True,
        ),
        Act(
            "refuse",
            _("Do not accept…"),
            ngettext_lazy("%(number)s person is not accepted.", "%(number)s people are not accepted.", "number"),
            refuse,
            (S.AWAITING, S.WAITING),
            ReasonForm,
            _("Each of them gets a mail that the registration could not be accepted."),
            is_grave=True,
        ),
        Act(
            "seat",
            _("Give a free seat"),
            ngettext_lazy("%(number)s person has a seat now.", "%(number)s people have a seat now.", "number"),
            seat,
            (S.WAITING, S.OFFERED),
            is_main=True,
        ),
        Act(
            "to-site",
            _("Switch to on site"),
            ngettext_lazy("%(number)s person takes part on site.", "%(number)s people take part on site.", "number"),
            to_site,
            ACTIVE,
            way=Way.ON_SITE,
        ),
        Act(
            "to-online",
            _("Switch to online"),
            ngettext_lazy("%(number)s person takes part online.", "%(number)s people take part online.", "number"),
            to_online,
            ACTIVE,
            way=Way.ONLINE,
        ),
        Act(
            "message",
            _("Send a message…"),
            ngettext_lazy("%(number)s message is on its way.", "%(number)s messages are on their way.", "number"),
            message,
            REACHED,
            MessageForm,
            _("Each of them gets a mail of his own and sees no other address. Answers go to the event's contact."),
        ),
        Act(
            "resend",
            _("Send the last mail again"),
            ngettext_lazy("%(number)s mail is on its way again.", "%(number)s mails are on their way again.", "number"),
            resend,
            ACTIVE,
        ),
        Act(
            "cancel",
            _("Cancel…"),
            ngettext_lazy("%(number)s registration is cancelled.", "%(number)s registrations are cancelled.", "number"),
            cancel,
            ACTIVE,
            ReasonForm,
            _("Seats become free at once and are offered to the waiting list. Each of them gets a mail."),
            is_grave=True,
        ),
    )
}


def acts_for(row: Registration, ways: Iterable[str]) -> list[Act]:
    """What can be done to this one; switching only to a way that there is."""
    return [act for act in ACTS.values() if act.is_for(row) and (not act.way or act.way in ways)]


class RegistrationActsView(BelowHub):
    """POST: one act on the ticked registrations; an act that has a form asks before it is done."""

    http_method_names = ["post", "options"]
    template_name = "events/admin/registrations_act.html"
    above = ("events:registrations", _("Registrations"))

    def get_page_title(self) -> str:
        return str(self.act.label).rstrip("…")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        act = ACTS.get(request.POST.get("act", ""))
        people = self.people()
        if act is None or not people:
            messages.warning(request, gettext("Nothing is done: tick at least one person first."))
            return redirect(self.next_url())
        self.act = act
        is_asked = "confirm" in request.POST
        form = act.form(request.POST if is_asked else None) if act.form else None
        if form is None or (is_asked and form.is_valid()):
            self.carry_out(people, form.cleaned_data if form else {})
            return redirect(self.next_url())
        context = self.get_context_data(
            act=act, form=form, people=people, action=request.path, next_url=self.next_url()
        )
        return self.render_to_response(context, status=422 if is_asked else 200)

    def people(self) -> list[Registration]:
        """The ticked ones in the order in which they came, or all that the filters of the address find."""
        if self.request.POST.get("everybody"):
            found = FilterForm(self.request.GET, event=self.event).found()
        else:
            ticked = [int(pk) for pk in self.request.POST.getlist("registration") if NUMBER.fullmatch(pk)]
            found = self.event.registrations.filter(pk__in=ticked)
        return list(found.order_by("ranked_at", "pk"))

    def carry_out(self, people: list[Registration], data: dict[str, Any]) -> None:
        number = 0
        for row in people:
            try:
                self.act.run(row, self.request.user, **data)
            except RegistrationRefused as error:
                messages.error(self.request, str(error))
            else:
                number += 1
        if number:
            messages.success(self.request, self.act.done % {"number": number})

    def next_url(self) -> str:
        wanted = self.request.POST.get("next", "")
        if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
            return wanted
        return reverse("events:registrations", args=[self.event.pk])
