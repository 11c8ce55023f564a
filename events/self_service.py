"""What the links in mails open: see, change, hand over, cancel; without an account, and never by a GET."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.availability import availability_of
from events.calendar_acts import CALENDAR_ACTS, back_to_calendars, calendar_context
from events.changing import change, switch
from events.display import event_context
from events.erasure import erase
from events.forms import ChangeForm, ColleagueForm
from events.handover import hand_over
from events.limits import is_address_over
from events.links import registration_for, token_of
from events.models import Registration
from events.models.admission import Way
from events.models.registration import RegistrationState
from events.my_data import data_of
from events.private_calendars import Owner
from events.registration import RegistrationRefused, accept, cancel, confirm, undo
from events.retention import evidence_until, logistics_until
from events.views import dead_link, private
from events.waiting import position, waiting_count
from portal.base.pages import with_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from events.calendar_acts import CalendarForm

S = RegistrationState


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """See one registration, and change it by buttons."""
    found = registration_for(token)
    if found is None:
        return dead_link(request)
    if request.method != "POST":
        return manage_page(request, found)
    act = ACTS.get(request.POST.get("act", ""))
    try:
        answer = act(request, found) if act else None
    except RegistrationRefused as error:
        found = registration_for(token)
        if found is None:
            return dead_link(request)
        return manage_page(request, found, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return answer or redirect(reverse("registration", args=[token]))


def plainly(rule: Callable[[int], Registration]) -> Callable[[HttpRequest, Registration], None]:
    """A button that needs no more than the registration."""

    def act(_request: HttpRequest, found: Registration) -> None:
        rule(found.pk)

    return act


def switch_own(_request: HttpRequest, found: Registration) -> None:
    switch(found.pk, other_way(found))


def erase_own(request: HttpRequest, found: Registration) -> HttpResponse:
    erase(found.pk, who="registrant")
    return private(render(request, "events/erased.html", {"noindex": True}))


def other_way(row: Registration) -> str:
    return Way.ON_SITE if row.way == Way.ONLINE else Way.ONLINE


def change_own(request: HttpRequest, found: Registration) -> HttpResponse:
    form = ChangeForm(request.POST, registration=found)
    if not form.is_valid():
        return manage_page(request, found, change_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        change(found.pk, answers=form.answers(), **form.changes())
    except RegistrationRefused as error:
        return manage_page(request, found, change_form=form, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(f"{reverse('registration', args=[token_of(found)])}?done=changed")


def act_on_calendars(request: HttpRequest, found: Registration) -> HttpResponse:
    act = request.POST["act"]
    form = CALENDAR_ACTS[act](request, Owner(found.email, found))
    if form is not None:
        return manage_page(request, found, calendar_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to_calendars(request, act)


def hand_own_over(request: HttpRequest, found: Registration) -> HttpResponse:
    form = ColleagueForm(request.POST, prefix="colleague")
    if not form.is_valid():
        return manage_page(request, found, colleague_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    is_same = data["email"] == found.email
    try:
        if not is_same:
            require_patience(found.email)
        hand_over(found.pk, name=data["name"], email=data["email"])
    except RegistrationRefused as error:
        return manage_page(
            request, found, colleague_form=form, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    if is_same:
        return redirect(f"{reverse('registration', args=[token_of(found)])}?done=changed")
    context = event_context(found.event) | {
        "entry": with_words([found.event], request)[0],
        "colleague": data["name"],
        "email": data["email"],
        "noindex": True,
    }
    return private(render(request, "events/handed_over.html", context))


def manage_page(
    request: HttpRequest,
    found: Registration,
    *,
    refusal: str = "",
    change_form: ChangeForm | None = None,
    colleague_form: ColleagueForm | None = None,
    calendar_form: CalendarForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    event, now = found.event, timezone.now()
    availability = availability_of([event])[event.pk]
    admission = event.admission_or_none
    is_late = admission is not None and admission.is_late(now)
    is_mine = found.is_active and not event.is_over
    other = other_way(found)
    calendars = calendar_context(
        request, Owner(found.email, found), can_add=is_mine and found.state != S.PENDING, form=calendar_form
    )
    context = (
        event_context(event, availability)
        | calendars
        | {
            "registration": found,
            "entry": with_words([event], request)[0],
            "refusal": refusal,
            "is_done": request.GET.get("done") == "changed",
            "is_over_time": found.held_until is not None and found.held_until <= now,
            "position": position(found),
            "ahead": max(0, position(found) - 1),
            "waiting": waiting_count(event, found.way) if found.state == S.WAITING else 0,
            "can_register": event.is_shown and availability.takes_people,
            "can_change": is_mine,
            "can_cancel": is_mine,
            "can_hand_over": found.state == S.CONFIRMED and not event.is_over and not is_late,
            "other_way": Way(other).label if is_mine and other in availability.ways else "",
            "other_left": availability.left_for(other),
            "change_form": change_form or ChangeForm(registration=found),
            "colleague_form": colleague_form or ColleagueForm(prefix="colleague"),
            "answers": list(found.answers.select_related("question").prefetch_related("question__choices")),
            "evidence_until": evidence_until(event),
            "logistics_until": logistics_until(event),
            "noindex": True,
        }
    )
    return private(render(request, "events/registration.html", context, status=status))


ACTS: dict[str, Callable[[HttpRequest, Registration], HttpResponse | None]] = {
    "confirm": plainly(confirm),
    "accept": plainly(accept),
    "cancel": plainly(cancel),
    "undo": plainly(undo),
    "switch": switch_own,
    "change": change_own,
    "hand-over": hand_own_over,
    "erase": erase_own,
    **dict.fromkeys(CALENDAR_ACTS, act_on_calendars),
}


@never_cache
@require_safe
def registration_data(request: HttpRequest, token: str) -> HttpResponse:
    """All that is kept about one registration, as a file (GDPR, article 20)."""
    found = registration_for(token)
    if found is None:
        return dead_link(request)
    body = json.dumps(data_of(found), ensure_ascii=False, indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="registration.json"'
    return private(response)


def require_patience(email: str) -> None:
    """A link must not become a way to send mails to strangers."""
    if is_address_over(email):
        raise RegistrationRefused(_("This was done too often within the hour. Please try again later."))
