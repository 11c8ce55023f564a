"""Public calendar feeds over HTTP: stored entries joined into bytes, the same for every client.

A feed is joined once for each of its revisions and language, and then answered from the memory of the process; what a
polling client costs is one query. Which events a feed has is in events.listing.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, Max
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from wagtail.models import PageViewRestriction

from events.calendar import calendar, single
from events.listing import ALL, cite_scope, country_scope, kind_scope
from events.models import CalendarEntry, Event, Feed
from events.models.event import Kind
from home.countries import country_choices, country_name
from home.models import Cite
from portal.base.conditional import Body, feed_response
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
REMEMBERED = 64  # joined feeds in the memory of a process: 1.5 MB each at most, and a few kB where there is little


class Address(NamedTuple):
    """A feed as it is asked for: its scope, its address, and what it is called there."""

    scope: str
    path: str
    name: str
    filename: str


class Version(NamedTuple):
    """What a feed's bytes depend on, beside its name; `since` is the begin of a day in UTC."""

    revision: UUID | None
    changed_at: dt.datetime
    since: dt.datetime
    is_open: bool  # nobody has made any words private


class Joined(NamedTuple):
    body: Body
    last_modified: dt.datetime


# --- the feeds
@csrf_exempt
@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    """The feed of all events."""
    return feed(request, Address(ALL, reverse("feed-all"), _("Cités des métiers: all events"), "cites-des-metiers"))


@csrf_exempt
@require_safe
def of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in Kind.values:
        raise Http404
    name = _("Cités des métiers: %(what)s") % {"what": Kind(kind).label}
    return feed(request, Address(kind_scope(kind), reverse("feed-kind", args=[kind]), name, kind))


@csrf_exempt
@require_safe
def of_country(request: HttpRequest, code: str) -> HttpResponse:
    """The events in a country, and those online whose host is there."""
    code = code.lower()
    if code.upper() not in dict(country_choices()):
        raise Http404
    name = _("Cités des métiers: %(what)s") % {"what": country_name(code.upper())}
    return feed(request, Address(country_scope(code), reverse("feed-country", args=[code]), name, code))


@csrf_exempt
@require_safe
def of_cite(request: HttpRequest, slug: str) -> HttpResponse:
    cite = cite_or_404(slug)
    path = reverse("feed-cite", args=[cite.slug])
    return feed(request, Address(cite_scope(cite.pk), path, cite.official_name, cite.slug))


@csrf_exempt
@require_safe
def of_cite_and_kind(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    if kind not in Kind.values:
        raise Http404
    cite = cite_or_404(slug)
    name = _("%(cite)s: %(what)s") % {"cite": cite.official_name, "what": Kind(kind).label}
    path = reverse("feed-cite-kind", args=[cite.slug, kind])
    return feed(request, Address(cite_scope(cite.pk, kind), path, name, f"{cite.slug}-{kind}"))


@csrf_exempt
@require_safe
def one_event(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of one event, also of one that is long over."""
    entry = entries(current_language(), is_open=False).filter(event=min(pk, MAX_ID)).first()
    if entry is None:
        raise Http404
    return feed_response(
        request,
        single(bytes(entry.body)),
        filename=f"event-{pk}.ics",
        last_modified=entry.modified_at,
        attachment=True,
    )


def cite_or_404(slug: str) -> Cite:
    found: Cite | None = Cite.objects.shown().filter(slug=slug).only("pk", "slug", "official_name").first()
    if found is None:
        raise Http404
    return found


# --- how they are made
def feed(request: HttpRequest, address: Address) -> HttpResponse:
    version = version_of(address.scope)
    join = joined if version.is_open else joined.__wrapped__
    made = join(address, current_language(), version)
    return feed_response(request, made.body, filename=f"{address.filename}.ics", last_modified=made.last_modified)


def version_of(scope: str) -> Version:
    """What the feed is made of by now, in one query."""
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - PAST
    rows = Feed.objects.filter(scope=scope).annotate(is_restricted=Exists(PageViewRestriction.objects.all()))
    found = rows.values_list("revision", "changed_at", "is_restricted").first()
    if found is None:
        return Version(None, FIRST, since, is_open=True)
    revision, changed_at, is_restricted = found
    return Version(revision, changed_at, since, is_open=not is_restricted)


@lru_cache(maxsize=REMEMBERED)
def joined(address: Address, language: str, version: Version) -> Joined:
    """Join the entries of a feed, those that end the soonest first; the bytes stay the same for the same arguments."""
    listed = entries(language, is_open=version.is_open)
    if address.scope != ALL:
        listed = listed.filter(event__feeds__scope=address.scope)
    bodies = listed.filter(ends_at__gte=version.since).values_list("body", flat=True)[:MAX_EVENTS]
    body = calendar(
        fitting(map(bytes, bodies)) if version.revision else (),
        name=address.name,
        description=_("Meetings, trainings and other events of the international network of Cités des métiers."),
        language=language,
        site_zone=SITE_ZONE,
        source_url=settings.SITE_URL + address.path,
    )
    left = listed.filter(ends_at__lt=version.since).aggregate(last=Max("ends_at"))["last"]
    return Joined(Body(body), max(version.changed_at, left_at(left), FIRST))


def entries(language: str, *, is_open: bool) -> QuerySet[CalendarEntry]:
    """Entries in a language, the soonest first; what was unpublished is among them, cancelled.

    Those whose words somebody has made private are not, which need not be asked where nothing `is_open` but all is.
    """
    found = CalendarEntry.objects.filter(language=language).order_by("ends_at", "pk")
    return found if is_open else found.filter(event__in=Event.objects.without_private_words())


def left_at(ended: dt.datetime | None) -> dt.datetime:
    """When the last event that is too old for a feed left it: with the first day that begins 90 days after its end."""
    if ended is None:
        return FIRST
    day = (ended + PAST).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + dt.timedelta(days=1)


def fitting(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """As many entries, from the soonest on, as clients take."""
    total = 0
    for body in bodies:
        total += len(body)
        if total > MAX_BYTES:
            return
        yield body
