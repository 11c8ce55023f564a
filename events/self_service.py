"""What the links in mails open: see, change, hand over, cancel; without an account, and never by a GET."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.availability import availability_of
from events.changing import change, switch
from events.delegation import confirm_group, replace_colleague
from events.display import event_context
from events.emails import KEPT_FOR
from events.erasure import erase, erase_group
from events.forms import AddressForm, ChangeForm, ColleagueForm
from events.handover import hand_over
from events.limits import is_address_over, is_network_over
from events.links import address_for, delegation_for, digest, registration_for, token_of
from events.models import AuditLine, Delegation, Registration
from events.models.admission import Way
from events.models.registration import RegistrationState
from events.my_data import data_of
from events.registration import RegistrationRefused, accept, cancel, confirm, undo
from events.retention import evidence_until, logistics_until
from events.views import dead_link, private
from events.waiting import position, waiting_count
from portal.base.outbox import queue_mail
from portal.base.pages import with_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest

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
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    event, now = found.event, timezone.now()
    availability = availability_of([event])[event.pk]
    admission = event.admission_or_none
    is_late = admission is not None and admission.is_late(now)
    is_mine = found.is_active and not event.is_over
    other = other_way(found)
    context = event_context(event) | {
        "registration": found,
        "entry": with_words([event], request)[0],
        "availability": availability,
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delegation(request: HttpRequest, token: str) -> HttpResponse:
    """A coordinator sees the colleagues together, confirms the group, and puts others in their places."""
    found = delegation_for(token)
    if found is None:
        return dead_link(request)
    if request.method != "POST":
        return group_page(request, found)
    act = GROUP_ACTS.get(request.POST.get("act", ""))
    try:
        answer = act(request, found) if act else None
    except RegistrationRefused as error:
        return group_page(request, found, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return answer or redirect(reverse("delegation", args=[token]))


def confirm_own_group(_request: HttpRequest, found: Delegation) -> None:
    confirm_group(found.pk)


def erase_own_group(request: HttpRequest, found: Delegation) -> HttpResponse:
    erase_group(found.pk)
    return private(render(request, "events/erased.html", {"noindex": True}))


def replace_one(request: HttpRequest, found: Delegation) -> HttpResponse | None:
    form, key = ColleagueForm(request.POST, prefix="colleague"), request.POST.get("place", "")
    if not form.is_valid():
        return group_page(request, found, form=form, place=key, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    places = {place.key: place.target for place in places_of(found)}
    if key not in places:
        if place_key(found, data["email"]) in places:  # the button was pressed twice
            return None
        raise RegistrationRefused(_("This registration is not in force any more."))
    try:
        require_patience(found.email)
        replace_colleague(found.pk, places[key], name=data["name"], email=data["email"])
    except RegistrationRefused as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return group_page(request, found, form=form, place=key, refusal=str(error), status=status)
    return None


class Place(NamedTuple):
    """A colleague as the coordinator may see it: the same whether or not somebody was registered before."""

    key: str
    name: str
    state: str
    target: str  # see replace_colleague; never shown, since it tells who was registered


def places_of(found: Delegation) -> list[Place]:
    gone = AuditLine.objects.filter(registration__delegation=found, what="replaced", data__to=S.CANCELLED)
    rows = list(found.registrations.exclude(pk__in=gone.values("registration")).order_by("pk"))
    usual = next((row.get_state_display() for row in rows if row.is_active), usual_state(found))
    places = [
        Place(
            place_key(found, row.email, "" if row.is_active else row.uuid.hex),
            row.name,
            row.get_state_display(),
            str(row.uuid),
        )
        for row in rows
    ]
    places += [Place(place_key(found, other["email"]), other["name"], usual, other["email"]) for other in found.others]
    return sorted(places, key=lambda place: (place.name.casefold(), place.key))


def usual_state(found: Delegation) -> str:
    """How a colleague's registration would stand if nobody had been registered before."""
    if found.confirmed_at is None:
        return str(S.PENDING.label)
    admission = found.event.admission_or_none
    return str((S.AWAITING if admission and admission.needs_approval else S.CONFIRMED).label)


def place_key(found: Delegation, email: str, more: str = "") -> str:
    return salted_hmac("events.delegation.place", f"{found.uuid}:{email}:{more}").hexdigest()[:20]


def require_patience(email: str) -> None:
    """A link must not become a way to send mails to strangers."""
    if is_address_over(email):
        raise RegistrationRefused(_("This was done too often within the hour. Please try again later."))


GROUP_ACTS: dict[str, Callable[[HttpRequest, Delegation], HttpResponse | None]] = {
    "confirm": confirm_own_group,
    "replace": replace_one,
    "erase": erase_own_group,
}


def group_page(
    request: HttpRequest,
    found: Delegation,
    *,
    form: ColleagueForm | None = None,
    refusal: str = "",
    place: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    event, now = found.event, timezone.now()
    admission = event.admission_or_none
    context = event_context(event) | {
        "group": found,
        "entry": with_words([event], request)[0],
        "places": places_of(found),
        "form": form or ColleagueForm(prefix="colleague"),
        "open_place": place,
        "refusal": refusal,
        "is_too_late": found.confirmed_at is None and (found.held_until is None or found.held_until <= now),
        "can_change": not event.is_over and not (admission is not None and admission.is_late(now)),
        "noindex": True,
    }
    return private(render(request, "events/delegation.html", context, status=status))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_registrations(request: HttpRequest) -> HttpResponse:
    """Mail one link to all registrations of an address; say the same to everybody."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not is_network_over(request) and not is_address_over(email):
            send_link(form)
        context = {"sent_to": email, "noindex": True, "minutes": minutes()}
        return private(render(request, "events/my_registrations.html", context))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context = {"form": form, "noindex": True, "minutes": minutes()}
    return render(request, "events/my_registrations.html", context, status=status)


def minutes() -> int:
    return KEPT_FOR.seconds // 60


@transaction.atomic
def send_link(form: AddressForm) -> None:
    found = form.found()
    if found is None:
        return
    queue_mail(
        key=f"links:{digest(found.email)}:{timezone.now():%Y%m%d%H%M}",
        kind="registration_links",
        to=found.email,
        language=found.language,
        params={found.link_url_name: found.pk},
    )


@never_cache
@require_safe
def my_registrations_of(request: HttpRequest, token: str) -> HttpResponse:
    """All registrations of the address that the link was mailed to, for half an hour."""
    email = address_for(token, KEPT_FOR)
    if not email:
        return dead_link(request)
    rows = list(Registration.objects.active().filter(email=email).select_related("event").order_by("event__begins_at"))
    groups = list(Delegation.objects.filter(email=email, erased_at=None).select_related("event"))
    entries = dict(zip([row.pk for row in rows], with_words([row.event for row in rows], request), strict=True))
    lists: dict[str, list[Any]] = {"coming": [], "waiting": [], "past": []}
    for row in rows:
        name = "past" if row.event.is_over else "waiting" if row.state in {S.WAITING, S.AWAITING} else "coming"
        lists[name].append((row, entries[row.pk], reverse("registration", args=[token_of(row)])))
    context = {
        "lists": lists,
        "groups": [
            (group, entry, reverse("delegation", args=[token_of(group)]))
            for group, entry in zip(groups, with_words([group.event for group in groups], request), strict=True)
        ],
        "noindex": True,
    }
    return private(render(request, "events/my_registrations_of.html", context))
