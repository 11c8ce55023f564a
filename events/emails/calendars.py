"""What of a mail goes into the reader's calendar.

Where the mail server carries invitations, a seat is a REQUEST, and so is each change of the event while somebody has
one; what ends it is a CANCEL, to who had a seat. Elsewhere the event's file is attached, without METHOD. Who has no
seat gets neither: iTIP knows no waiting list, and a "yes" in a calendar must not look like a seat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from events.calendar import Mailbox, single
from events.emails.cause import takes_place
from events.itip import cancellation, request
from events.letters import Way
from events.models.registration import RegistrationState
from portal.base.languages import current_language
from portal.base.mail_servers import carries_invitations

if TYPE_CHECKING:
    from events.emails.cause import Cause
    from events.models import Event

S = RegistrationState


def calendar_ways(event: Event) -> list[Way]:
    """To the event's file, for programs that do nothing by themselves."""
    if not takes_place(event):
        return []
    return [Way(_("Put it into your calendar"), settings.SITE_URL + reverse("feed-event", args=[event.pk]))]


def invites(cause: Cause) -> dict[str, Any]:
    """The parts of a letter to somebody who has a seat now."""
    if not takes_place(cause.event):
        return {}
    carried = request(cause.registration, current_language()) if carries_invitations() else None
    return {"invitation": carried, "calendar": calendar_of(cause.event)}


def updates(cause: Cause) -> dict[str, Any]:
    """The parts of a letter about an event that has changed."""
    if cause.registration.state != S.CONFIRMED:
        return {}
    return invites(cause) if takes_place(cause.event) else calls_off(cause)


def calls_off(cause: Cause) -> dict[str, Any]:
    """The parts of a letter about an event that does not take place, or not then."""
    return {**takes_back(cause), "calendar": calendar_of(cause.event)} if cause.had_seat else {}


def takes_back(cause: Cause) -> dict[str, Any]:
    """The parts of a letter to somebody who has no seat any more."""
    if not cause.had_seat or cause.event.is_over or not carries_invitations():
        return {}
    row = cause.registration
    reader = Mailbox(cause.to, cause.params.get("name") or row.name)
    steps = cause.params.get("steps", row.calendar_steps)
    return {"invitation": cancellation(row, current_language(), reader, steps)}


def calendar_of(event: Event) -> bytes:
    """The event as calendars have it; also one that is cancelled there."""
    entry = event.calendar_entries.filter(language=current_language()).first()
    return single(bytes(entry.body)) if entry else b""
