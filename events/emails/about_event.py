"""Mails about the event itself, and the organisers' own words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.emails.calendars import calendar_ways, calls_off, updates
from events.emails.cause import Cause, is_back, is_no_change, is_not_near, is_on
from events.emails.coming_in import seat_letter
from events.emails.writing import letter, writes
from events.letters import Letter
from events.models import Registration
from events.models.event import State
from events.models.registration import ACTIVE, RegistrationState
from events.seating import mail as queue_registration_mail
from events.seating import note

S = RegistrationState


@writes("event_changed", gettext_lazy("change of the event"), *ACTIVE, unless=is_no_change)
def event_changed(cause: Cause) -> Letter:
    event = cause.event
    if event.state == State.POSTPONED and cause.params.get("before", {}).get("state") != State.POSTPONED:
        return letter(
            cause,
            _("Postponed: %(title)s"),
            _("The event that you registered for has been postponed, and its new date is not known yet."),
            _("You keep your place, and we write to you again."),
            changes=[change for change in cause.changes if change.label != _("State")],
            button=_("See or change my registration"),
            **updates(cause),
        )
    return letter(
        cause,
        _("Changed: %(title)s"),
        _("Something has changed about the event that you registered for:")
        if cause.changes
        else _("Something has changed about the event that you registered for. This is how it stands now:"),
        changes=cause.changes,
        button=_("See or change my registration"),
        ways=calendar_ways(event),
        after=[_("You cannot come any more? Please cancel, so that somebody else can have your place.")],
        **updates(cause),
    )


@writes("event_cancelled", gettext_lazy("event cancelled"), *ACTIVE, unless=is_on)
def event_cancelled(cause: Cause) -> Letter:
    if cause.event.state == State.WITHDRAWN:
        said = _("The event that you registered for does not take place. You need not do anything.")
    else:
        said = _("The event that you registered for has been cancelled. You need not do anything.")
    return letter(cause, _("Cancelled: %(title)s"), said, **calls_off(cause))


@writes("event_hidden", gettext_lazy("event not published any more"), S.CONFIRMED, unless=is_back)
def event_hidden(cause: Cause) -> Letter:
    return letter(
        cause,
        _("Not published at the moment: %(title)s"),
        _("The organisers have taken the event that you registered for off this site for now."),
        _("You keep your place, and we write to you when it is back. Until then calendars show it as cancelled."),
        button=_("See or change my registration"),
        **calls_off(cause),
    )


@writes("registration_reminder", gettext_lazy("reminder"), S.CONFIRMED, unless=is_not_near)
def registration_reminder(cause: Cause) -> Letter:
    return seat_letter(cause, _("Soon: %(title)s"), _("The event that you registered for is near. You have a seat."))


@writes("registration_message", gettext_lazy("message from the organisers"), *ACTIVE)
def registration_message(cause: Cause) -> Letter:
    made = letter(
        cause,
        "%(title)s",
        _("The organisers of this event write to you:"),
        quote=cause.params.get("text", ""),
        button=_("See or change my registration"),
    )
    made.subject = " – ".join(part for part in (cause.params.get("subject", ""), str(cause.title)) if part)
    return made


def queue_message(row: Registration, *, subject: str, text: str, user: Any) -> None:
    """Queue an organiser's own words to somebody; call it inside a transaction."""
    line = note(row, "message", user=user)
    queue_registration_mail(row, "registration_message", line, subject=subject, text=text)
