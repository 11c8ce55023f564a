"""Events as public data, coming and past: what their pages say of the facts, without people's names and addresses.

How many seats are left is not among them: it changes with each registration, and an answer may be a quarter of an
hour old. It stands on the event's page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.dates import EXACT, Precision
from events.models import Event
from events.models.event import Kind, State
from home.models import Cite, Project
from portal.base.open_data import Part, absolute, clock, data_response, day, moment, said, sources
from portal.base.pages import with_words

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest, HttpResponse

    from portal.base.facts import FactQuerySet
    from portal.base.pages import Entry

PAGE_SIZE = 200  # a tenth of a second of work
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
# What is known of a date, of its ISO form: 2027, 2027-03 or 2027-03-14.
KNOWN_LENGTH = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.UNKNOWN: 0}


@csrf_exempt
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """All events in the order in which they were entered, so that full parts change only with their events."""
    shown = Event.objects.shown().order_by("pk").select_related("admission").prefetch_related("sessions", "sources")
    parts = Paginator(shown, PAGE_SIZE)
    number = part_number(request)
    if number > parts.num_pages:
        raise Http404
    entries = with_words(parts.page(number).object_list)
    hosts = entries_of(Cite.objects.shown(), {entry.fact.cite_id for entry in entries})
    projects = entries_of(Project.objects.shown(), {entry.fact.project_id for entry in entries})
    return data_response(
        request,
        "events",
        [event_row(entry, hosts, projects) for entry in entries],
        Part(number, parts.num_pages, parts.count),
        title=_("Cités des métiers: the events"),
        description=_("Meetings, trainings and other events of the international network of Cités des métiers."),
    )


def part_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not PAGE_NUMBER.fullmatch(text):
        raise Http404
    return int(text)


def entries_of(rows: FactQuerySet, wanted: set[int | None]) -> dict[int | None, Entry]:
    return {entry.fact.pk: entry for entry in with_words(rows.filter(pk__in=wanted - {None}))}


def event_row(entry: Entry, hosts: dict[int | None, Entry], projects: dict[int | None, Entry]) -> dict[str, Any]:
    event: Event = entry.fact
    host, project = hosts.get(event.cite_id), projects.get(event.project_id)
    return {
        "id": event.pk,
        "uuid": str(event.uuid),
        "page": absolute(entry.url),
        "neutral_address": absolute(event.get_absolute_url()),
        "calendar": absolute(reverse("feed-event", args=[event.pk])) if event.last_dates else None,
        "title": said(entry.title),
        "summary": said(entry.summary),
        "texts_in": list(entry.languages),
        "is_demonstration": event.is_demonstration,
        "kind": event.kind,
        "kind_name": str(Kind(event.kind).label),  # ten times as fast as get_kind_display
        "state": event.state,
        "state_name": str(State(event.state).label),
        "host": reference(host, slug=host.fact.slug) if host else None,
        "project": reference(project, id=project.fact.pk) if project else None,
        "date": date(event),
        "sessions": sessions(event),
        "place": place(event),
        "is_online": event.is_online,
        "working_languages": event.languages or None,
        "registration": registration(event),
        "sources": sources(event.sources.all()),
    }


def reference(entry: Entry, **identity: Any) -> dict[str, Any]:
    return {**identity, "name": said(entry.title), "page": absolute(entry.url)}


def date(event: Event) -> dict[str, Any]:
    """Days and times as the clocks of the place show them, as exactly as they are known, and the same in UTC."""
    has_time = event.precision == Precision.TIME
    return {
        "precision": event.precision,
        "first_day": as_known(event, event.starts_on),
        "last_day": as_known(event, event.last_day),
        "start_time": clock(event.start_time) if has_time else None,
        "end_time": clock(event.end_time) if has_time else None,
        "timezone": event.timezone if event.has_exact_date else None,
        "begins_at": moment(event.begins_at) if has_time else None,
        "ends_at": moment(event.ends_at) if has_time else None,
    }


def as_known(event: Event, on: dt.date | None) -> str | None:
    text = day(on) or ""
    known = text if event.precision in EXACT else text[: KNOWN_LENGTH[Precision(event.precision)]]
    return known or None


def sessions(event: Event) -> list[dict[str, Any]]:
    return [
        {
            "uuid": str(row.uuid),
            "day": day(row.on),
            "part": row.part,
            "part_name": row.get_part_display(),
            "opens": clock(row.opens),
            "closes": clock(row.closes),
            "title": said(row.label),
        }
        for row in event.sessions.all()
        if not row.withdrawn
    ]


def place(event: Event) -> dict[str, Any] | None:
    has_position = event.latitude is not None and event.longitude is not None
    if not (event.has_place or event.country or has_position):
        return None
    return {
        "name": event.place_name or None,
        "street": event.address or None,
        "city": event.city or None,
        "country": event.country or None,
        "country_name": event.country_name or None,
        "position": {"latitude": event.latitude, "longitude": event.longitude} if has_position else None,
    }


def registration(event: Event) -> dict[str, Any] | None:
    """The way in, where one registers on this portal; it is not said whether it is open at this moment."""
    admission = event.admission_or_none
    takes_place = event.state in {State.PLANNED, State.CONFIRMED} and event.has_exact_date
    if admission is None or not admission.seats or not takes_place:
        return None
    return {
        "page": absolute(reverse("register", args=[event.pk])),
        "seats_on_site": admission.seats_on_site,
        "seats_online": admission.seats_online,
        "opens_at": moment(admission.opens_at),
        "closes_at": moment(admission.deadline),
        "by_invitation": admission.by_invitation,
        "needs_approval": admission.needs_approval,
    }
