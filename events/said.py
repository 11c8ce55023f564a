"""Codes of audit lines and mails in words, and what happened to one registration as one story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.emails import KINDS
from events.models.admission import Way
from events.models.event import State
from events.models.registration import AuditLine, RegistrationState
from portal.base.languages import pick
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    import datetime as dt

    from events.models import Registration

ACTS = {
    # of one registration
    "registered": _("registered"),
    "address confirmed": _("address confirmed"),
    "confirmed": _("seat confirmed"),
    "waiting": _("put on the waiting list"),
    "offered": _("seat offered"),
    "offer accepted": _("offered seat accepted"),
    "offer returned": _("offer taken back: the mail came back"),
    "expired": _("time ran out"),
    "cancelled": _("registration cancelled"),
    "undone": _("cancellation undone"),
    "approved": _("approved"),
    "refused": _("not accepted"),
    "seated by hand": _("free seat given by hand"),
    "switched": _("way of taking part changed"),
    "changed": _("details changed"),
    "handed over": _("seat handed over to a colleague"),
    "received": _("seat received from a colleague"),
    "replaced": _("colleague replaced"),
    "mail returned": _("a mail came back"),
    "mail sent again": _("mail sent again"),
    "message": _("message sent"),
    "erased": _("personal data erased"),
    # of the event
    "admission": _("seats and rules changed"),
    "question": _("questions changed"),
    "state": _("state changed"),
    "invited": _("guests invited"),
    "invitation revoked": _("invitation revoked"),
    "exported": _("list exported"),
    "forgotten": _("data deleted whose time is over"),
}

# Mails that are not about one registration; of the others events.emails knows the names.
OTHER_MAILS = {
    "delegation_pending": _("confirm the group"),
    "delegation_confirmed": _("group confirmed"),
    "invitation": _("invitation"),
    "registration_links": _("links to all registrations"),
    "organiser_returned": _("to the organisers: a mail came back"),
    "cite_verification": _("to the editors: verify the facts of the Cité"),
}

WHO = {
    "organiser": _("organiser"),
    "registrant": _("registrant"),
    "coordinator": _("coordinator of the group"),
    "system": _("the portal"),
}

# Fields of a registration that "changed" names.
FIELDS = {
    "name": _("name"),
    "organisation": _("organisation"),
    "country": _("country"),
    "language": _("language of the mails"),
    "access_needs": _("access needs"),
    "diet": _("diet"),
    "interpretation": _("interpretation"),
}


def act_said(what: str) -> str:
    return str(ACTS.get(what, what))


def mail_kind(kind: str) -> str:
    return str(KINDS.get(kind) or OTHER_MAILS.get(kind) or kind)


def who_said(line: AuditLine) -> str:
    return str(line.user) if line.user else str(WHO.get(line.who, line.who))


def details(line: AuditLine) -> str:
    """What an audit line says beside the act: from where to where, which seat, why."""
    data = line.data
    parts = (
        transition(line),
        str(dict(Way.choices).get(data["way"], data["way"])) if data.get("way") else "",
        gettext("seat %(seat)s") % {"seat": data["seat"]} if data.get("seat") else "",
        ", ".join(str(FIELDS.get(name, name)) for name in data.get("fields", [])),
        gettext("%(rows)s rows") % {"rows": data["rows"]} if "rows" in data else "",
        pick(data["labels"]).text if "labels" in data else "",
        gettext("“%(why)s”") % {"why": data["why"]} if data.get("why") else "",
    )
    return " · ".join(part for part in parts if part)


def transition(line: AuditLine) -> str:
    if "from" not in line.data or "to" not in line.data:
        return ""
    states = dict(State.choices if line.what == "state" else RegistrationState.choices)
    before, after = (str(states.get(line.data[name], line.data[name])) for name in ("from", "to"))
    return f"{before} → {after}"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a registration's story."""

    at: dt.datetime
    what: str
    who: str = ""
    more: str = ""
    is_mail: bool = False
    is_bad: bool = False


def story(row: Registration) -> list[Happening]:
    """What was done with a registration and what became of its mails, the latest first."""
    lines: Any = AuditLine.objects.filter(registration=row).select_related("user").order_by("at", "pk")
    found = [Happening(at=line.at, what=act_said(line.what), who=who_said(line), more=details(line)) for line in lines]
    for mail in OutgoingMail.objects.filter(about=row.uuid).order_by("pk"):
        for at, state in mail.timeline:
            is_bad = state in {"bounced", "complained", "failed"}
            found.append(
                Happening(
                    at=at,
                    what=gettext("Mail “%(kind)s”: %(state)s") % {"kind": mail_kind(mail.kind), "state": state.label},
                    more=mail.last_error if is_bad else "",
                    is_mail=True,
                    is_bad=is_bad,
                )
            )
    found.sort(key=lambda happening: happening.at)
    found.reverse()  # so that of two at the same time the later one comes first
    return found
