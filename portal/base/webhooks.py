"""What mail providers tell of our mails afterwards, through Anymail: delivered, bounced, complained of.

Events come late, twice, out of order, and sometimes before we have noted that the mail was sent.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from typing import TYPE_CHECKING, Any

from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.signals import EventType
from anymail.urls import urlpatterns as anymail_urls
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from portal.base.models import OutgoingMail
from portal.base.outbox import reference, storable, tell_handlers, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from anymail.signals import AnymailTrackingEvent
    from django.http import HttpRequest, HttpResponseBase

    View = Callable[..., HttpResponseBase]

FIELDS = {  # event: what it dates
    EventType.SENT: "sent_at",
    EventType.DELIVERED: "delivered_at",
    EventType.BOUNCED: "bounced_at",
    EventType.COMPLAINED: "complained_at",
    EventType.REJECTED: "gave_up_at",
    EventType.FAILED: "gave_up_at",
}
# What Anymail raises for a body that is not what the provider sends; json's depth is RecursionError.
NOT_UNDERSTOOD = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    AnymailError,
    AnymailConfigurationError,
)
logger = logging.getLogger(__name__)


class NotNoted(Exception):
    """An event was understood and could not be written down: the provider shall send it again."""


# --- addresses


def answered(view: View) -> View:
    """Answer a stranger, and a body that nobody understands, with a refusal instead of an error of ours.

    Without a secret anybody could say that a mail bounced, so then there is nothing here.
    """

    @csrf_exempt
    @functools.wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponseBase:
        if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            raise Http404
        try:
            return view(request)
        except AnymailWebhookValidationFailure:
            return refusal(401, "Wrong or missing secret.", **{"WWW-Authenticate": "Basic"})
        except NOT_UNDERSTOOD as error:
            logger.warning("webhook %s: not understood (%s)", request.path, type(error).__name__)
            return refusal(400, "Not understood.")

    return wrapped


def refusal(status: int, text: str, **headers: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers or None)


urlpatterns = [
    path(str(address.pattern), answered(address.callback), name=address.name)
    for address in anymail_urls
    if address.name.endswith(("_tracking_webhook", "mandrill_webhook"))
]


# --- events


def on_tracking(sender: object, event: AnymailTrackingEvent, **kwargs: Any) -> None:
    """Receive Anymail's signal."""
    try:
        note_event(event)
    except Exception as error:
        raise NotNoted from error


def note_event(event: AnymailTrackingEvent) -> None:
    """Write down what a provider tells, once each; tell the app the first time that a mail did not arrive."""
    field = FIELDS.get(event.event_type)
    if field is None:
        return
    with transaction.atomic():
        mail = find_mail(event)
        if mail is None or getattr(mail, field):
            return
        was_returned = mail.is_returned
        date(mail, field, event)
        if mail.is_returned and not was_returned:
            tell_handlers(mail)


def date(mail: OutgoingMail, field: str, event: AnymailTrackingEvent) -> None:
    at = max(event_time(event), mail.sent_at or mail.created_at)
    if field != "gave_up_at":  # the provider had it, whatever we noted: no second copy
        mail.sent_at = mail.sent_at or at
    setattr(mail, field, at)
    if mail.is_returned:
        mail.last_error = without_secrets(event.description or event.mta_response or event.event_type)
    mail.save(update_fields=[field, "sent_at", "last_error"])


def find_mail(event: AnymailTrackingEvent) -> OutgoingMail | None:
    """The mail that an event is about, locked: by our own number, or the provider's and the address."""
    mails = OutgoingMail.objects.select_for_update(of=("self",))
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    ours = str(metadata.get("mail", ""))
    number = ours.partition("-")[0]
    if number.isascii() and number.isdecimal() and len(number) < 19:
        mail = mails.filter(pk=int(number)).first()
        return mail if mail and reference(mail) == ours and is_addressed(mail, event) else None
    if not event.message_id:
        return None
    found = mails.filter(message_id=storable(event.message_id)[:200]).order_by("pk")
    return next((mail for mail in found if is_addressed(mail, event)), None)


def is_addressed(mail: OutgoingMail, event: AnymailTrackingEvent) -> bool:
    return not event.recipient or str(event.recipient).strip("<> ").casefold() == mail.to.casefold()


def event_time(event: AnymailTrackingEvent) -> dt.datetime:
    """When it happened, if the provider says so and it makes sense."""
    at, now = event.timestamp, timezone.now()
    return min(at, now) if isinstance(at, dt.datetime) and timezone.is_aware(at) else now
