"""The page that describes the public data: what there is, what the words mean, under which licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.models.event import Kind, State
from home.models.cite import State as CiteState
from portal.base.open_data import FORMAT, absolute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

Fields = list[tuple[list[str], str]]  # names, and what they mean


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    context = {
        "licence": settings.DATA_LICENCE,
        "format": FORMAT,
        "address": absolute(request.path),
        "of_file": of_file(),
        "of_both": of_both(),
        "of_cites": of_cites(),
        "of_events": of_events(),
        "cite_states": codes(CiteState),
        "event_states": codes(state for state in State if state != State.WITHDRAWN),
        "kinds": codes(Kind),
    }
    return render(request, "events/data.html", context | {"noindex": True})


def codes(choices: Iterable[Any]) -> Fields:
    return [([choice.value], str(choice.label)) for choice in choices]


def of_file() -> Fields:
    return [
        (["format", "language", "url"], _("The number of the format, the language, and the address of this file.")),
        (["changed_at"], _("Since when the file says what it says. Until something changes it stays the same.")),
        (["licence"], _("The name and the address of the licence; null while it is to be confirmed.")),
        (["count", "next"], _("How many there are in all, and where they go on; null in the last part.")),
    ]


def of_both() -> Fields:
    return [
        (
            ["slug", "id", "uuid"],
            _("What stays the same in all languages. The uuid of an event is its UID in calendars."),
        ),
        (
            ["page", "neutral_address", "calendar"],
            _("The page in this language, an address that works in every language, and the calendar."),
        ),
        (["title", "summary", "texts_in"], _("The words, and the languages that they have been written in.")),
        (
            ["state", "kind", "bearer_kind"],
            _("Codes that stay. Beside each stands its meaning in this language: state_name, kind_name and so on."),
        ),
        (["is_demonstration"], _("Whether it was made up to show how the portal works.")),
        (["sources"], _("Where the facts are from: title, address, and date as far as it is known.")),
    ]


def of_cites() -> Fields:
    return [
        (["name", "other_names"], _("The official name, which is never translated, and names in other languages.")),
        (
            ["state_in_source", "verified_on"],
            _("What a source says of the state, and when the Cité verified its facts."),
        ),
        (["address", "position", "timezone"], _("Where it is. The position is that of the door or of the town.")),
        (
            ["opening_hours", "opening_exceptions"],
            _("Local times. The hours are null where they are not known; this does not mean closed."),
        ),
        (["phone", "email", "website", "links"], _("How to reach the service. No person is named.")),
        (
            ["languages", "appointment", "getting_here", "step_free", "hearing_loop", "sign_language"],
            _("What a visit is like. True and false only where somebody has said so."),
        ),
        (
            ["opened", "bearer", "label_stages", "poles", "partners", "associated_centres", "figures"],
            _("What the Cité is, with whom, and since when. Each figure has its date and its source."),
        ),
    ]


def of_events() -> Fields:
    return [
        (["host", "project"], _("The Cité that invites, and the project that the event belongs to.")),
        (
            ["date"],
            _("Days and times as clocks show them there, the time zone, and the same in UTC; as exactly as is known."),
        ),
        (["sessions"], _("The half-days.")),
        (["place", "is_online", "working_languages"], _("Where it takes place, and in which languages one works.")),
        (
            ["registration"],
            _("How many seats there are, and until when one may register. Seats left are on the event’s page."),
        ),
    ]
