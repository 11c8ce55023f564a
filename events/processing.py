"""The record of processing, in plain words: what is known of people, why, how long, and who sees it.

It is written from the definitions that forms and deletion use, so that it says what is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from events.models import Event
from events.models.admission import Retention
from events.retention import (
    ASKED,
    CALENDAR_DAYS,
    EVIDENCE_YEARS,
    EVIDENCE_YEARS_PROJECT,
    LOGISTICS_DAYS,
    MAIL_DAYS,
    QUIET_DAYS,
    UNCONFIRMED_DAYS,
)
from home.countries import country_name
from home.models import Cite
from portal.base.models.outbox import MailState
from portal.base.pages import with_words
from portal.base.sorting import sort_key

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# The European Economic Area, with the regions of the Union that have a code of their own: where the GDPR holds.
GDPR_HOLDS = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "  # the Union
    "AX GF GP MF MQ RE YT "
    "IS LI NO"
)


@dataclass(frozen=True, slots=True)
class Period:
    """How long something is kept: what it is, and until when."""

    what: str
    until: str


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    context = {
        "asked": [(asked.label, asked.purpose, kept(asked.retention)) for asked in ASKED],
        "periods": periods(),
        "abroad": abroad(),
        "mail_service": mail_service(),
        "mail_states": [str(label) for label in MailState.labels],
        "contacts": contacts(request),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    return render(request, "events/processing.html", context | {"noindex": True})


def kept(retention: str) -> str:
    return _("until soon after the event") if retention == Retention.LOGISTICS else _("as evidence")


def periods() -> list[Period]:
    return [
        Period(
            _("What was needed for the days of the event, and answers of which the form says so"),
            ngettext(
                "Deleted %(days)s day after the last day of the event.",
                "Deleted %(days)s days after the last day of the event.",
                LOGISTICS_DAYS,
            )
            % {"days": LOGISTICS_DAYS},
        ),
        Period(
            _("Evidence that somebody took part"),
            _(
                "Deleted %(project_years)s years after the end of the project that pays for the event, or %(years)s "
                "years after an event without a project. The organisers may set another day. The form says which day "
                "it is."
            )
            % {"project_years": EVIDENCE_YEARS_PROJECT, "years": EVIDENCE_YEARS},
        ),
        Period(
            _("Everything about people who got no seat, cancelled or were refused; guest lists; cancelled events"),
            ngettext(
                "Deleted %(days)s day after the last day of the event: it is evidence of nothing.",
                "Deleted %(days)s days after the last day of the event: it is evidence of nothing.",
                LOGISTICS_DAYS,
            )
            % {"days": LOGISTICS_DAYS},
        ),
        Period(
            _("Registrations of which nobody confirmed the address"),
            ngettext(
                "Deleted after %(days)s day: somebody else may have typed it.",
                "Deleted after %(days)s days: somebody else may have typed it.",
                UNCONFIRMED_DAYS,
            )
            % {"days": UNCONFIRMED_DAYS},
        ),
        Period(
            _("Registrations for an event whose date is not known, or that was postponed"),
            ngettext(
                "Deleted when neither you nor the organisers have changed anything for %(days)s day.",
                "Deleted when neither you nor the organisers have changed anything for %(days)s days.",
                QUIET_DAYS,
            )
            % {"days": QUIET_DAYS},
        ),
        Period(
            _("To whom our mails went"),
            ngettext(
                "Deleted with the registration that the mail is about; after %(days)s day if it is about several.",
                "Deleted with the registration that the mail is about; after %(days)s days if it is about several.",
                MAIL_DAYS,
            )
            % {"days": MAIL_DAYS},
        ),
        Period(
            _("Addresses of private calendars: what you call the device, the language, the day of its last question"),
            ngettext(
                "Deleted when you revoke the address, with the registrations that it shows, or when no calendar has "
                "asked for %(days)s day.",
                "Deleted when you revoke the address, with the registrations that it shows, or when no calendar has "
                "asked for %(days)s days.",
                CALENDAR_DAYS,
            )
            % {"days": CALENDAR_DAYS},
        ),
    ]


def abroad() -> list[str]:
    """Countries of hosts in which the GDPR does not hold, in the reader's language."""
    codes = set(Cite.objects.published().order_by().values_list("country", flat=True)) - {"", *GDPR_HOLDS.split()}
    return sorted((country_name(code) for code in codes), key=sort_key)


def mail_service() -> str:
    """The service that our mails are handed to; empty where it is the operator's own server."""
    package, _dot, rest = settings.EMAIL_BACKEND.partition(".backends.")
    return rest.partition(".")[0].replace("_", " ").title() if package == "anymail" else ""


def contacts(request: HttpRequest) -> list[dict[str, Any]]:
    """Coming events, each with the organisers' address for questions."""
    found = Event.objects.shown().upcoming().exclude(contact_email="")
    return [{"entry": entry, "email": entry.fact.contact_email} for entry in with_words(found, request)]
