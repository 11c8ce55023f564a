"""Every mail to registrants: a function a message, rendered when it is sent, in the registrant's language."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from events.display import event_context
from events.links import manage_url
from events.models import Registration
from portal.base.models import OutgoingMail
from portal.base.outbox import renders
from portal.base.pages import with_words

EMPTY_LINES = re.compile(r"\n{3,}")


def make_message(mail: OutgoingMail, name: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    """A text message from `templates/events/emails/<name>.txt`, its subject from `<name>_subject.txt`."""
    context |= {"site_url": settings.SITE_URL, "site_name": settings.WAGTAIL_SITE_NAME}
    subject = " ".join(render_to_string(f"events/emails/{name}_subject.txt", context).split())
    body = EMPTY_LINES.sub("\n\n", render_to_string(f"events/emails/{name}.txt", context)).strip() + "\n"
    reply_to = [context["event"].contact_email] if context.get("event") and context["event"].contact_email else None
    return EmailMultiAlternatives(subject, body, to=[mail.to], reply_to=reply_to)


def registration_context(registration: Registration) -> dict[str, Any]:
    event = registration.event
    return event_context(event) | {
        "registration": registration,
        "entry": with_words([event])[0],
        "manage_url": manage_url(registration),
        "event_url": settings.SITE_URL + event.get_absolute_url(),
        "calendar_url": settings.SITE_URL + reverse("feed-event", args=[event.pk]),
    }


def about_one(mail: OutgoingMail, name: str, *, is_active: bool = True) -> EmailMultiAlternatives | None:
    """A message about one registration; None if that has been cancelled or deleted since the mail was queued."""
    registration = Registration.objects.select_related("event").filter(pk=mail.params["registration"]).first()
    if registration is None or registration.is_active != is_active:
        return None
    return make_message(mail, name, registration_context(registration))


@renders("registration_confirmed")
def registration_confirmed(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    return about_one(mail, "registration_confirmed")


@renders("registration_again")
def registration_again(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    return about_one(mail, "registration_again")


@renders("registration_cancelled")
def registration_cancelled(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    return about_one(mail, "registration_cancelled", is_active=False)


@renders("event_changed")
def event_changed(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """None also if a later mail follows, since each says how things stand when it is sent."""
    later = OutgoingMail.objects.filter(
        kind=mail.kind, params__registration=mail.params["registration"], pk__gt=mail.pk
    )
    return None if later.exists() else about_one(mail, "event_changed")


@renders("registration_links")
def registration_links(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    found = Registration.objects.active().select_related("event").filter(pk__in=mail.params["registrations"])
    rows = [(row, with_words([row.event])[0], manage_url(row)) for row in found]
    return make_message(mail, "registration_links", {"rows": rows}) if rows else None
