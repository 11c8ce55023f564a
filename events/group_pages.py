"""What the coordinator of a group sees and does, behind the link in the mail."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events.delegation import confirm_group, replace_colleague
from events.display import event_context
from events.erasure import erase_group
from events.forms import ColleagueForm
from events.links import delegation_for
from events.models import AuditLine, Delegation
from events.models.registration import RegistrationState
from events.registration import RegistrationRefused
from events.self_service import require_patience
from events.views import dead_link, private
from portal.base.pages import with_words
from portal.base.sorting import sort_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

S = RegistrationState


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
    return sorted(places, key=lambda place: (sort_key(place.name), place.key))


def usual_state(found: Delegation) -> str:
    """How a colleague's registration would stand if nobody had been registered before."""
    if found.confirmed_at is None:
        return str(S.PENDING.label)
    admission = found.event.admission_or_none
    return str((S.AWAITING if admission and admission.needs_approval else S.CONFIRMED).label)


def place_key(found: Delegation, email: str, more: str = "") -> str:
    return salted_hmac("events.delegation.place", f"{found.uuid}:{email}:{more}").hexdigest()[:20]


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
