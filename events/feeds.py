"""Calendar feeds over HTTP: stored entries joined into bytes, the same for every client."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.calendar import calendar, single
from events.conditional import feed_response
from events.models import CalendarEntry, Event
from portal.base.languages import current_language
from portal.base.neutral import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

PAST = dt.timedelta(days=90)
MAX_EVENTS = 1000
MAX_BYTES = 980_000  # of events; with its names and zones a feed stays below 1 MB, where Google stops reading
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # an empty feed was never changed
SITE_ZONE = "Europe/Paris"


def entries() -> QuerySet[CalendarEntry]:
    """Entries in the language of the address, the soonest first; what was unpublished is among them, cancelled."""
    public = Event.objects.without_private_words()
    return CalendarEntry.objects.filter(language=current_language(), event__in=public).order_by("ends_at", "pk")


def changed_at(newest: dt.datetime | None, since: dt.datetime) -> dt.datetime:
    """When a feed last changed: an entry did, or one became too old for it."""
    left = entries().filter(ends_at__lt=since).aggregate(last=Max("ends_at"))["last"]
    return max(moment for moment in (newest, left and left + PAST, FIRST) if moment)


def fitting(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """As many entries, from the soonest on, as clients take."""
    total = 0
    for body in bodies:
        total += len(body)
        if total > MAX_BYTES:
            return
        yield body


@csrf_exempt
@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    """The feed of all events."""
    since = timezone.now() - PAST
    rows = list(entries().filter(ends_at__gte=since).values_list("body", "modified_at")[:MAX_EVENTS])
    body = calendar(
        fitting(bytes(body) for body, _modified in rows),
        name=_("Cités des métiers: all events"),
        description=_("Meetings, trainings and other events of the international network of Cités des métiers."),
        language=current_language(),
        site_zone=SITE_ZONE,
        source_url=settings.SITE_URL + request.path,
    )
    newest = max((modified for _body, modified in rows), default=None)
    return feed_response(request, body, filename="cites-des-metiers.ics", last_modified=changed_at(newest, since))


@csrf_exempt
@require_safe
def one_event(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of one event, also of one that is long over."""
    entry = entries().filter(event=min(pk, MAX_ID)).first()
    if entry is None:
        raise Http404
    return feed_response(
        request,
        single(bytes(entry.body)),
        filename=f"event-{pk}.ics",
        last_modified=entry.modified_at,
        attachment=True,
    )
