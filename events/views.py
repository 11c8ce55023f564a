"""Pages of an event that are not words: register, see one's registration, cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.availability import availability_of
from events.display import event_context
from events.forms import AddressForm, RegistrationForm
from events.links import digest, registration_for, token_of
from events.models import Event, EventPage, Registration
from events.registration import RegistrationRefused, cancel
from events.registration import register as register_applicant
from portal.base.neutral import neutral, published_or_404
from portal.base.outbox import queue_mail
from portal.base.pages import with_words

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse


@require_safe
def event(request: HttpRequest, pk: int) -> HttpResponse:
    return neutral(request, published_or_404(Event.objects.shown(), pk=pk), EventPage)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and what came of it; everything is asked for anew by the rule, under its lock."""
    found = published_or_404(Event.objects.shown().select_related("cite", "project"), pk=pk)
    availability = availability_of([found])[found.pk]
    form = RegistrationForm(request.POST if request.method == "POST" else None, availability=availability)
    refusal = ""
    if request.method == "POST":
        if form.is_valid():
            try:
                return accept(request, found, form)
            except RegistrationRefused as error:
                refusal = str(error)
                availability = availability_of([found])[found.pk]
        status = 422
    else:
        status = 200
    context: dict[str, Any] = event_context(found) | {
        "entry": with_words([found], request)[0],
        "availability": availability,
        "form": form,
        "refusal": refusal,
        "noindex": True,
    }
    return render(request, "events/register.html", context, status=status)


def accept(request: HttpRequest, found: Event, form: RegistrationForm) -> HttpResponse:
    """Register, and show the same page whether or not the address was registered before.

    Only the mail tells; so nobody learns here who takes part.
    """
    applicant = form.applicant()
    if not form.is_robot:
        register_applicant(found.pk, applicant)
    context = event_context(found) | {
        "entry": with_words([found], request)[0],
        "email": applicant.email,
        "noindex": True,
    }
    return render(request, "events/registered.html", context)


def own_registration(token: str) -> Registration:
    found = registration_for(token)
    if found is None:
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """What the link in the mails opens: see the registration; a button cancels it, never a GET."""
    found = own_registration(token)
    if request.method == "POST":
        if request.POST.get("act") == "cancel":
            cancel(found.pk)
        return redirect(reverse("registration", args=[token_of(found)]))
    context = event_context(found.event) | {
        "registration": found,
        "entry": with_words([found.event], request)[0],
        "can_cancel": found.is_active and not found.event.is_over,
        "noindex": True,
    }
    response = render(request, "events/registration.html", context)
    response.headers["Referrer-Policy"] = "same-origin"  # without an Origin the buttons would be refused
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_registrations(request: HttpRequest) -> HttpResponse:
    """Mail one message with the links of all registrations of an address; say the same to everybody."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        send_links(form)
        return render(request, "events/my_registrations.html", {"sent_to": form.cleaned_data["email"]})
    status = 422 if request.method == "POST" else 200
    return render(request, "events/my_registrations.html", {"form": form, "noindex": True}, status=status)


@transaction.atomic
def send_links(form: AddressForm) -> None:
    found = list(form.registrations())
    if not found:
        return
    queue_mail(
        key=f"links:{digest(found[0].email)}:{timezone.now():%Y%m%d%H%M}",
        kind="registration_links",
        to=found[0].email,
        language=found[-1].language,
        params={"registrations": [row.pk for row in found]},
    )
