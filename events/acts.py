"""Acts on one event: state, seats and rules, publishing, a copy. Each says first who will hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages

from events.admission import AdmissionRefused, change_admission
from events.admission_form import admission_form, exceptions, quotas
from events.below_hub import BelowHub, may
from events.duplication import duplicate
from events.foresight import Foresight, foresee
from events.letters import Change
from events.models import Event
from events.models.event import State
from events.publication import change_state
from events.told import changes_between
from events.waiting import waiting_count
from portal.base.hub import PublishAllView
from portal.base.publishing import publish_all, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

OFFER = "registration_offered"
NOT_CARRIED = {"csrfmiddlewaretoken", "confirm"}


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=State)
    why = forms.CharField(
        label=_("Why (for your colleagues, not public)"), required=False, max_length=300, widget=forms.TextInput
    )


def said(form: forms.Form) -> str:
    """The errors in one line, with the names of the fields."""
    return " ".join(
        f"{form[name].label}: {' '.join(str(text) for text in texts)}" for name, texts in form.errors.items()
    )


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, to be posted again with the confirmation."""
    return [(name, value) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values]


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirm") == "1"


class ActView(BelowHub):
    """POST: an act on a live event, for those who may publish it; it may ask before it does it."""

    http_method_names = ["post", "options"]
    template_name = "events/admin/foresight.html"
    title: Any = ""

    def get_page_title(self) -> str:
        return str(self.title)

    def ask(self, foresight: Foresight, changes: Iterable[Change] = (), **more: Any) -> HttpResponse:
        """Say what would follow, and wait for the confirmation."""
        return ask(self, self.request, foresight, changes, **more)

    def done(self) -> HttpResponse:
        return redirect(self.event.admin_url)


def ask(view: Any, request: HttpRequest, foresight: Foresight, changes: Iterable[Change], **more: Any) -> HttpResponse:
    context = view.get_context_data(
        question=people_said(foresight),
        foresight=foresight,
        changes=list(changes),
        carried=carried(request),
        action=request.path,
        back_url=view.event.admin_url,
        **more,
    )
    return TemplateResponse(request, "events/admin/foresight.html", context)


def people_said(foresight: Foresight) -> str:
    return ngettext(
        "%(people)s person gets a mail about it.", "%(people)s people get a mail about it.", foresight.people
    ) % {"people": foresight.people}


class StateView(ActView):
    title = _("Change the state")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = StateForm(request.POST)
        if not form.is_valid():
            messages.error(request, said(form))
            return self.done()
        given = {**form.cleaned_data, "user": request.user}
        try:
            if not is_confirmed(request):
                foresight = foresee(self.event, lambda: change_state(pk, **given))
                if foresight:
                    return self.ask(foresight, [self.change(given["state"])])
            changed = change_state(pk, **given)
        except ValidationError as error:
            messages.error(request, say(error, self.event))
        else:
            text = gettext("The event is now: %(state)s.") % {"state": changed.get_state_display()}
            messages.success(request, text)
        return self.done()

    def change(self, state: str) -> Change:
        return Change(gettext("State"), str(self.event.get_state_display()), str(State(state).label))


class AdmissionView(ActView):
    """The hub's form of seats and rules; shown again with its errors, and asked back if people would hear of it."""

    title = _("Seats and registration")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form, rows = admission_form(self.event, request.POST), exceptions(self.event, request.POST)
        if not form.is_valid() or not (rows is None or rows.is_valid()):
            return self.again(form, rows)
        given = {**form.cleaned_data, "user": request.user}
        if rows is not None:
            given["quotas"] = quotas(rows, form.cleaned_data["quota_by"])
        try:
            if not is_confirmed(request):
                foresight = foresee(self.event, lambda: change_admission(pk, **given))
                if foresight:
                    return self.ask_for_seats(foresight)
            change_admission(pk, **given)
        except AdmissionRefused as error:
            form.add_error(None, str(error))
            return self.again(form, rows)
        messages.success(request, gettext("Seats and rules are changed."))
        return self.done()

    def again(self, form: Any, rows: Any) -> HttpResponse:
        rows = exceptions(self.event) if rows is None else rows
        context = self.get_context_data(
            admission_form=form,
            exceptions=rows,
            admission_url=self.request.path,
            media=form.media + rows.media,
            back_url=self.event.admin_url,
        )
        return TemplateResponse(self.request, "events/admin/admission.html", context, status=422)

    def ask_for_seats(self, foresight: Foresight) -> HttpResponse:
        offered = foresight.registrations(OFFER)
        waiting = waiting_count(self.event) - len(offered)
        return self.ask(foresight, offered=offered, waiting=waiting)


class PublishEventView(PublishAllView):
    """The hub's button; a change of date or place is told to people, so it asks first."""

    def before_publishing(self, request: HttpRequest, fact: Any, chosen: list[int]) -> HttpResponse | None:
        if is_confirmed(request) or not fact.live:
            return None
        foresight = foresee(fact, lambda: publish_all(fact, chosen, request.user))
        if not foresight:
            return None
        draft = fact.get_latest_revision_as_object()
        page = PublishQuestion(request=request, event=fact)
        return ask(page, request, foresight, changes_between(draft, fact.told(), draft.told()))


class PublishQuestion(BelowHub):
    """The page that asks before publishing; it has no address of its own."""

    def __init__(self, *, request: HttpRequest, event: Event) -> None:
        super().__init__()
        self.request, self.event = request, event

    def get_page_title(self) -> str:
        return gettext("Publish the changed facts")


class DuplicateView(View):
    """POST: a new event like this one, for those who may add some; its dates are asked for next."""

    model: Any = None

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = get_object_or_404(Event, pk=pk)
        if not may(request.user, "add", event):
            raise PermissionDenied
        copy = duplicate(event, request.user)
        messages.success(
            request, gettext("This is a new event with the same facts. It has no dates yet, and nobody sees it.")
        )
        return redirect(reverse("events:edit", args=[copy.pk]))
