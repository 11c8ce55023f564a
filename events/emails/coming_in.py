"""Mails to somebody who registers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.emails.calendars import calendar_ways, invites
from events.emails.cause import Cause, has_ended, is_off
from events.emails.writing import (
    intro_of,
    letter,
    line_rules,
    online_ways,
    online_words,
    writes,
    yours_alone,
)
from events.letters import Letter
from events.models.registration import ACTIVE, RegistrationState
from events.seating import PENDING_HOLD, PENDING_HOLD_SOON
from events.waiting import position

S = RegistrationState


@writes("registration_pending", gettext_lazy("confirm your address"), S.PENDING, unless=has_ended)
def registration_pending(cause: Cause) -> Letter:
    row = cause.registration
    until = {"moment": cause.held(PENDING_HOLD, PENDING_HOLD_SOON)}
    if row.seat:
        held = _("A seat is held for you until %(moment)s. Please confirm your registration by then.") % until
    elif row.event.admission_or_none and row.event.admission.needs_approval:
        held = _("The organisers decide about each registration. Please confirm yours by %(moment)s.") % until
    elif not row.event.has_exact_date:
        held = _("The date is not known yet. Please confirm by %(moment)s that you want to be told.") % until
    else:
        held = (
            _(
                "All seats are taken. Your place on the waiting list is kept until %(moment)s. Please confirm your"
                " registration by then."
            )
            % until
        )
    return letter(
        cause,
        _("Please confirm: %(title)s"),
        held,
        button=_("Confirm my registration"),
        after=[
            _(
                "If it was not you, there is nothing to do: without confirmation nothing is kept for you, and your"
                " details are deleted after 7 days."
            )
        ],
    )


@writes("registration_awaiting", gettext_lazy("awaiting approval"), S.AWAITING, unless=is_off)
def registration_awaiting(cause: Cause) -> Letter:
    return letter(
        cause,
        _("We have your registration: %(title)s"),
        _("Thank you. The organisers decide about each registration, and we write to you when they have."),
        _("You have no seat yet. Please do not book a journey before you hear from us."),
        button=_("See or change my registration"),
        after=[yours_alone()],
    )


@writes("registration_confirmed", gettext_lazy("seat confirmed"), S.CONFIRMED, unless=is_off)
def registration_confirmed(cause: Cause) -> Letter:
    subject = _("You are registered: %(title)s")
    return seat_letter(cause, subject, _("You have a seat at this event."), **invites(cause))


def seat_letter(cause: Cause, subject: str, *paragraphs: str, **in_calendar: Any) -> Letter:
    return letter(
        cause,
        subject,
        *paragraphs,
        online_words(cause),
        _("You cannot come? Please give the seat back: somebody else will be glad of it."),
        intro=intro_of(cause.event),
        button=_("See, change or cancel my registration"),
        ways=[*online_ways(cause), *calendar_ways(cause.event)],
        after=[yours_alone()],
        **in_calendar,
    )


@writes("registration_waiting", gettext_lazy("on the waiting list"), S.WAITING, unless=is_off)
def registration_waiting(cause: Cause) -> Letter:
    if not cause.event.has_exact_date:
        return letter(
            cause,
            _("We will tell you the date: %(title)s"),
            _("You are on the list of people who want to come. The date of this event is not known yet."),
            *line_rules(cause),
            button=_("See or change my registration"),
            after=[yours_alone()],
        )
    return letter(
        cause,
        _("You are on the waiting list: %(title)s"),
        place_in_line(cause),
        _("You have no seat yet. Please do not book a journey before you hear from us."),
        *line_rules(cause),
        button=_("See my place in line, or leave the list"),
        after=[yours_alone()],
    )


def place_in_line(cause: Cause) -> str:
    place = position(cause.registration)
    if place <= 1:
        return _("All seats are taken. You are the next in line.")
    return ngettext(
        "All seats are taken. %(ahead)s person is before you in line.",
        "All seats are taken. %(ahead)s people are before you in line.",
        place - 1,
    ) % {"ahead": place - 1}


@writes("registration_again", gettext_lazy("link sent again"), *ACTIVE, unless=is_off)
def registration_again(cause: Cause) -> Letter:
    return letter(
        cause,
        _("You were registered already: %(title)s"),
        _("Somebody has just registered this address once more. You are registered already, and nothing has changed."),
        status_sentence(cause),
        button=_("See or change my registration"),
        after=[_("If it was not you, there is nothing to do."), yours_alone()],
    )


def status_sentence(cause: Cause) -> str:
    sentences = {
        S.PENDING: _("Your address is not confirmed yet."),
        S.AWAITING: _("The organisers have not decided yet."),
        S.CONFIRMED: _("You have a seat at this event."),
        S.WAITING: _("You are on the waiting list."),
        S.OFFERED: _("A seat is offered to you."),
    }
    return sentences.get(S(cause.registration.state), "")
