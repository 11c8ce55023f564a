"""Mails about what organisers, colleagues or the person have decided."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from events.emails.calendars import calendar_ways, invites, takes_back
from events.emails.cause import Cause, is_off
from events.emails.coming_in import place_in_line, seat_letter, status_sentence
from events.emails.offers import accept_by, said_why
from events.emails.writing import (
    again_ways,
    dear,
    intro_of,
    letter,
    line_rules,
    online_ways,
    online_words,
    writes,
    yours_alone,
)
from events.letters import Letter
from events.models.registration import RegistrationState

S = RegistrationState


@writes("registration_approved", gettext_lazy("approved"), S.CONFIRMED, S.WAITING, unless=is_off)
def registration_approved(cause: Cause) -> Letter:
    if cause.registration.state == S.CONFIRMED:
        return seat_letter(
            cause,
            _("Your registration is approved: %(title)s"),
            _("The organisers have approved your registration. You have a seat at this event."),
            **invites(cause),
        )
    return letter(
        cause,
        _("Your registration is approved, you are on the waiting list: %(title)s"),
        _("The organisers have approved your registration."),
        place_in_line(cause),
        *line_rules(cause),
        button=_("See my place in line, or leave the list"),
        after=[yours_alone()],
    )


@writes("registration_refused", gettext_lazy("not accepted"), S.REFUSED)
def registration_refused(cause: Cause) -> Letter:
    return letter(
        cause,
        _("Your registration was not accepted: %(title)s"),
        _("The organisers could not accept your registration for this event."),
        *said_why(cause),
        quote=cause.params.get("why", ""),
    )


@writes("registration_cancelled", gettext_lazy("registration cancelled"), S.CANCELLED)
def registration_cancelled(cause: Cause) -> Letter:
    row = cause.registration
    if cause.params.get("by") == "organiser":
        return letter(
            cause,
            _("Your registration is cancelled: %(title)s"),
            _("The organisers have cancelled your registration for this event."),
            *said_why(cause),
            quote=cause.params.get("why", ""),
            **takes_back(cause),
        )
    ways = again_ways(cause.event)
    if row.can_undo:
        return letter(
            cause,
            _("You have cancelled: %(title)s"),
            _("You have cancelled your registration. Was it a mistake? You can undo it for ten minutes."),
            button=pgettext("registration", "Undo"),
            ways=ways,
            **takes_back(cause),
        )
    said = _("You have cancelled your registration.")
    return letter(cause, _("You have cancelled: %(title)s"), said, ways=ways, **takes_back(cause))


# --- seats that change hands
@writes(
    "registration_received",
    gettext_lazy("seat received from a colleague"),
    *(S.CONFIRMED, S.WAITING, S.AWAITING, S.OFFERED),
    unless=is_off,
)
def registration_received(cause: Cause) -> Letter:
    state = cause.registration.state
    has_seat = state == S.CONFIRMED
    return letter(
        cause,
        _("A colleague has registered you: %(title)s"),
        _("A colleague has registered you for this event, or given you a place."),
        place_in_line(cause) if state == S.WAITING else status_sentence(cause),
        accept_by(cause) if state == S.OFFERED else "",
        online_words(cause) if has_seat else "",
        _("You cannot or do not want to come? Please decline, so that somebody else can."),
        intro=intro_of(cause.event),
        button=_("See, change or decline"),
        ways=[*online_ways(cause), *calendar_ways(cause.event)] if has_seat else [],
        after=[yours_alone()],
        **(invites(cause) if has_seat else {}),
    )


@writes("registration_handed_over", gettext_lazy("seat handed over"))
def registration_handed_over(cause: Cause) -> Letter:
    made = letter(
        cause,
        _("Your place went to a colleague: %(title)s"),
        _("Your place at this event was given to a colleague. You are not registered any more."),
        after=[_("Your old link does not work any more.")],
        **takes_back(cause),
    )
    made.greeting = dear(cause.params.get("name") or cause.registration.name)  # the row has another name now
    return made
