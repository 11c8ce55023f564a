"""Mails to organisers, groups and guests, and the link to all registrations of an address."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.emails.cause import does_not_take_place, title_of
from events.emails.writing import about_event, dear, intro_of, questions
from events.letters import Letter, Way, message_of
from events.links import address_token, manage_url
from events.models import Registration
from events.models.registration import Delegation, Invitation
from events.when import moment
from portal.base.outbox import renders

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

    from portal.base.models import OutgoingMail

KEPT_FOR = dt.timedelta(minutes=30)  # the link to all registrations of an address


@renders("organiser_returned")
def organiser_returned(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """To an organiser, in the organiser's language."""
    found = [
        model.objects.select_related("event").filter(pk=mail.params.get(name), erased_at=None).first()
        for name, model in (("registration", Registration), ("delegation", Delegation), ("invitation", Invitation))
    ]
    row: Any = next((row for row in found if row is not None), None)
    if row is None:
        return None
    made = Letter(
        subject=_("A mail came back: %(title)s") % {"title": row.event.name},
        greeting=_("Good day,"),
        paragraphs=[
            _("Our mail to %(name)s (%(email)s) could not be delivered.") % {"name": row.name, "email": row.email}
        ],
    )
    if isinstance(row, Registration):
        made.paragraphs.append(
            _("No seat is offered to this address any more until you send a mail again from the page below.")
        )
        url = reverse("events:registration", args=[row.event_id, row.pk])
    else:
        url = reverse("events:registrations", args=[row.event_id])
    made.button = Way(_("See the registration"), settings.SITE_URL + url)
    return message_of(made, mail.to)


# --- groups, guests, and all registrations of an address
@renders("delegation_pending")
def delegation_pending(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    group = Delegation.objects.select_related("event").filter(pk=mail.params["delegation"]).first()
    if group is None or group.erased_at or group.confirmed_at or does_not_take_place(group.event):
        return None
    if group.held_until is None or group.held_until <= timezone.now():
        return None
    made = group_letter(
        group,
        _("Please confirm your group: %(title)s"),
        _("You have registered colleagues for this event. Please confirm it by %(moment)s; until then it is kept.")
        % {"moment": moment(group.held_until, group.event)},
        button=_("Confirm the group"),
    )
    made.after.insert(0, _("If it was not you, there is nothing to do."))
    return message_of(made, mail.to)


@renders("delegation_confirmed")
def delegation_confirmed(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    group = Delegation.objects.select_related("event").filter(pk=mail.params["delegation"]).first()
    if group is None or group.erased_at or does_not_take_place(group.event):
        return None
    made = group_letter(
        group,
        _("Your group is registered: %(title)s"),
        _("Your colleagues have been told, each in a mail with a link to decline."),
        _("On the page of your group you see how each one stands, and can put another person in a place."),
        button=_("See my group"),
    )
    made.after.insert(0, _("This link is yours alone: whoever has it can change your group."))
    return message_of(made, mail.to)


def group_letter(group: Delegation, subject: str, *paragraphs: str, button: str) -> Letter:
    event = group.event
    return Letter(
        subject=subject % {"title": title_of(event)},
        greeting=dear(group.name),
        paragraphs=list(paragraphs),
        about=about_event(event, group.country),
        button=Way(button, manage_url(group)),
        after=questions(event),
        reply_to=event.contact_email,
    )


@renders("invitation")
def invitation(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    guest = Invitation.objects.select_related("event").filter(pk=mail.params["invitation"]).first()
    if guest is None or guest.revoked_at or guest.erased_at or does_not_take_place(guest.event):
        return None
    event = guest.event
    made = Letter(
        subject=_("You are invited: %(title)s") % {"title": title_of(event)},
        greeting=dear(guest.name) if guest.name else _("Good day,"),
        paragraphs=[_("The organisers invite you to this event. Registering takes one minute and needs no account.")],
        intro=intro_of(event),
        about=about_event(event),
        button=Way(_("Register"), manage_url(guest)),
        after=[_("This invitation is for you alone."), *questions(event)],
        reply_to=event.contact_email,
    )
    return message_of(made, mail.to)


@renders("registration_links")
def registration_links(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """One link to all that is registered under the address; it works for a short time after this mail has left."""
    found: Any = Registration.objects.filter(pk=mail.params.get("registration"), email=mail.to).first()
    found = found or Delegation.objects.filter(pk=mail.params.get("delegation"), email=mail.to).first()
    if found is None:
        return None
    url = settings.SITE_URL + reverse("my-registrations-of", args=[address_token(found)])
    made = Letter(
        subject=_("Your registrations"),
        greeting=_("Good day,"),
        paragraphs=[
            _("You asked for the link to all that is registered under this address. It works for %(minutes)s minutes.")
            % {"minutes": KEPT_FOR.seconds // 60},
        ],
        button=Way(_("See my registrations"), url),
        after=[_("This link is yours alone. If you did not ask for it, there is nothing to do.")],
    )
    return message_of(made, mail.to)
