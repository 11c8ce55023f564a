"""One mailed link to all registrations of an address."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from events.calendar_acts import CALENDAR_ACTS, back_to_calendars, calendar_context
from events.emails import KEPT_FOR
from events.forms import AddressForm
from events.limits import is_address_over, is_network_over
from events.links import address_for, digest, token_of
from events.models import Delegation, Registration
from events.models.registration import RegistrationState
from events.private_calendars import Owner
from events.registration import RegistrationRefused
from events.views import dead_link, private
from portal.base.outbox import queue_mail
from portal.base.pages import with_words

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest

    from events.calendar_acts import CalendarForm

S = RegistrationState


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
@require_http_methods(["GET", "HEAD", "POST"])
def my_registrations_of(request: HttpRequest, token: str) -> HttpResponse:
    """All registrations of the address that the link was mailed to, for half an hour; and its calendars."""
    email = address_for(token, KEPT_FOR)
    if not email:
        return dead_link(request)
    act = request.POST.get("act", "")
    if act not in CALENDAR_ACTS:
        return redirect(request.path) if request.method == "POST" else page_of(request, email)
    try:
        form = CALENDAR_ACTS[act](request, Owner(email))
    except RegistrationRefused as error:
        return page_of(request, email, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if form is not None:
        return page_of(request, email, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to_calendars(request, act)


def page_of(
    request: HttpRequest,
    email: str,
    *,
    form: CalendarForm | None = None,
    refusal: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    rows = list(Registration.objects.active().filter(email=email).select_related("event").order_by("event__begins_at"))
    groups = list(Delegation.objects.filter(email=email, erased_at=None).select_related("event"))
    entries = dict(zip([row.pk for row in rows], with_words([row.event for row in rows], request), strict=True))
    lists: dict[str, list[Any]] = {"coming": [], "waiting": [], "past": []}
    for row in rows:
        name = "past" if row.event.is_over else "waiting" if row.state in {S.WAITING, S.AWAITING} else "coming"
        lists[name].append((row, entries[row.pk], reverse("registration", args=[token_of(row)])))
    context = calendar_context(request, Owner(email), can_add=bool(rows), form=form) | {
        "lists": lists,
        "groups": [
            (group, entry, reverse("delegation", args=[token_of(group)]))
            for group, entry in zip(groups, with_words([group.event for group in groups], request), strict=True)
        ],
        "refusal": refusal,
        "noindex": True,
    }
    return private(render(request, "events/my_registrations_of.html", context, status=status))
