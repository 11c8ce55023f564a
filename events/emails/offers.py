"""Mails about a seat that is offered."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.emails.cause import Cause, has_ended, is_off
from events.emails.writing import again_ways, intro_of, letter, writes, yours_alone
from events.letters import Letter
from events.models.registration import RegistrationState
from events.seating import OFFER_HOLD, OFFER_HOLD_SOON

S = RegistrationState


@writes("registration_offered", gettext_lazy("seat offered"), S.OFFERED, unless=has_ended)
def registration_offered(cause: Cause) -> Letter:
    return letter(
        cause,
        _("A seat for you: %(title)s"),
        _("A seat has become free, and it is yours if you want it."),
        accept_by(cause),
        intro=intro_of(cause.event),
        button=_("Accept or decline the seat"),
        after=[yours_alone()],
    )


def accept_by(cause: Cause) -> str:
    return _("Please accept it by %(moment)s. After that it goes to the next person on the list.") % {
        "moment": cause.held(OFFER_HOLD, OFFER_HOLD_SOON)
    }


@writes("offer_expired", gettext_lazy("offer has ended"), S.EXPIRED, unless=is_off)
def offer_expired(cause: Cause) -> Letter:
    ways = again_ways(cause.event)
    return letter(
        cause,
        _("The offer of a seat has ended: %(title)s"),
        _("You did not accept the seat in time, so it is offered to the next person on the list."),
        _("You are not on the list any more. If you still want to come, please register again.")
        if ways
        else _("You are not on the list any more."),
        ways=ways,
    )


# --- what organisers decide
def said_why(cause: Cause) -> list[str]:
    return [_("The organisers write:")] if cause.params.get("why") else []
