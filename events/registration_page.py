"""One registration in the admin: how it stands, what the person told, what happened, and each mail as it would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.conf import settings
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from events.availability import availability_of
from events.below_hub import BelowHub, OfEvent
from events.emails import KINDS, preview
from events.forgetting import What, ends_of
from events.models import Registration
from events.models.admission import Retention
from events.models.registration import RegistrationState
from events.registration_acts import acts_for
from events.retention import BY_FIELD
from events.said import story
from events.waiting import position
from events.when import moment
from portal.base.languages import language_name
from portal.base.mail_servers import method_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

S = RegistrationState
# The mail that says how things stand, by state.
PRESENT = {
    S.PENDING: "registration_pending",
    S.AWAITING: "registration_awaiting",
    S.CONFIRMED: "registration_confirmed",
    S.WAITING: "registration_waiting",
    S.OFFERED: "registration_offered",
    S.CANCELLED: "registration_cancelled",
    S.REFUSED: "registration_refused",
    S.EXPIRED: "offer_expired",
}


class Told(NamedTuple):
    """One thing that the person told, and until when it is kept."""

    label: str
    value: str
    until: dt.date | None


class OfRegistration(OfEvent):
    """About one registration of the event of the address, and of no other."""

    row: Registration

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = Registration.objects.select_related("event", "event__admission", "event__cite", "event__project")
        self.row = get_object_or_404(found, pk=kwargs["registration"], event=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)


class RegistrationView(OfRegistration, BelowHub):
    template_name = "events/admin/registration.html"
    above = ("events:registrations", gettext_lazy("Registrations"))

    def get_page_title(self) -> str:
        return str(self.row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = kept_until(self.row)
        ways = availability_of([self.event])[self.event.pk].ways
        return super().get_context_data(
            registration=self.row,
            status=status(self.row),
            told=told(self.row, kept),
            logistics_until=kept[Retention.LOGISTICS],
            evidence_until=kept[Retention.EVIDENCE],
            story=story(self.row),
            acts=acts_for(self.row, ways),
            act_url=reverse("events:registrations_act", args=[self.event.pk]),
            mails_url=reverse("events:registration_mails", args=[self.event.pk, self.row.pk]),
            here=self.request.path,
            **kwargs,
        )


def status(row: Registration) -> str:
    """How the registration stands, in a sentence."""
    until = {"until": moment(row.held_until, row.event) if row.held_until else ""}
    way = {"way": str(row.get_way_display())}
    sentences = {
        S.PENDING: _("The address is not confirmed yet. What is held ends on %(until)s.") % until,
        S.AWAITING: _("The organisers have not decided yet. There is no seat for this person so far."),
        S.CONFIRMED: _("Has a seat (%(way)s).") % way,
        S.WAITING: _("Waits for a seat (%(way)s): number %(rank)s in line.") % {**way, "rank": position(row)},
        S.OFFERED: _("A seat is offered (%(way)s) and has to be accepted by %(until)s.") % {**way, **until},
        S.CANCELLED: _("Cancelled."),
        S.REFUSED: _("Not accepted by the organisers."),
        S.EXPIRED: _("The time ran out: the address was not confirmed, or the offered seat not accepted."),
    }
    if row.can_undo:
        return _("Cancelled. The person can undo it until %(until)s; so long the seat is kept.") % until
    return sentences[S(row.state)]


def kept_until(row: Registration) -> dict[str, dt.date | None]:
    """The day on which each class of data is deleted, as things stand; see events.forgetting."""
    ends = dict(ends_of(row.event, row))
    logistics = ends.pop(What.LOGISTICS, None)
    everything = min((day for day in ends.values() if day), default=None)
    first = min((day for day in (logistics, everything) if day), default=None)
    return {str(Retention.LOGISTICS): first, str(Retention.EVIDENCE): everything}


def told(row: Registration, until: Mapping[str, dt.date | None]) -> list[Told]:
    """Everything that is stored of what the person told, answers to the event's questions included."""
    values = [
        ("name", _("Name"), row.name),
        ("email", _("E-mail"), row.email),
        ("organisation", _("Organisation"), row.organisation),
        ("country", _("Country"), row.country_name),
        ("language", _("Language of the mails"), language_name(row.language)),
        ("access_needs", _("Access needs"), row.access_needs),
        ("diet", _("Diet"), row.diet),
        ("interpretation", _("Needs interpretation from"), ", ".join(map(language_name, row.interpretation))),
    ]
    found = [Told(label, value, until[BY_FIELD[name].retention]) for name, label, value in values]
    for answer in row.answers.select_related("question").prefetch_related("question__choices"):
        question = answer.question
        found.append(Told(str(question), answer.said, until[question.retention]))
    return [each for each in found if each.value]


class MailForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Mail"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = list(KINDS.items())


class MailsView(OfRegistration, BelowHub):
    """Any mail with this person's data, in any of the languages; nothing is sent or written."""

    template_name = "events/admin/registration_mails.html"
    header_icon = "mail"

    def get_page_title(self) -> str:
        return _("Mails to %(name)s") % {"name": self.row}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = {"kind": PRESENT[S(self.row.state)], "language": self.row.language, **self.request.GET.dict()}
        form = MailForm(asked)
        message = self.message(**form.cleaned_data) if form.is_valid() else None
        html = next((body for body, kind in message.alternatives if kind == "text/html"), "") if message else ""
        return super().get_context_data(
            registration=self.row,
            registration_url=reverse("events:registration", args=[self.event.pk, self.row.pk]),
            form=form,
            message=message,
            html=html,
            language=asked["language"],
            attachments=len(message.attachments) if message else 0,
            asked_of_calendar=method_of(message) if message else "",
            **kwargs,
        )

    def message(self, kind: str, language: str) -> Any:
        words = {"name": self.row.name, "why": "", "subject": _("Subject"), "text": _("Text of the message")}
        with translation.override(language):
            return preview(kind, self.row, **words)


class RedirectToEvent(View):
    """The address of a registration without its event, as older mails have it."""

    model: Any = None

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Registration, pk=pk)
        return redirect(reverse("events:registration", args=[row.event_id, row.pk]))
