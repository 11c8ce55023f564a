"""Public calendar feeds over HTTP: stored entries joined into bytes, the same for every client.

A feed is joined once for each of its revisions and language, and then answered from the memory of the process; what a
polling client costs is one query. Which events a feed has is in events.listing.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from wagtail.models import PageViewRestriction

from events.calendar import calendar, single
from events.dates import SITE_ZONE
from events.listing import ALL, cite_scope, country_scope, kind_scope
from events.models import CalendarEntry, Event, Feed
from events.models.event import Kind
from events.subscribing import Subscription, to_all, to_cite, to_country, to_kind
from home.countries import country_choices
from home.models import Cite
from portal.base.conditional import Body, feed_response
from portal.base.languages import current_language
from portal.base.neutral import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

PAST = dt.timedelta(days=90)
MAX_EVENTS = 1000
MAX_BYTES = 980_000  # of events; with its names and zones a feed stays below 1 MB, where Google stops reading
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # an empty feed was never changed
REMEMBERED = 64  # joined feeds in the memory of a process: 1.5 MB each at most, and a few kB where there is little


class Asked(NamedTuple):
    """Which feed is asked for: all events, or those of a kind, a country, a Cité."""

    kind: str = ""
    country: str = ""
    cite: int = 0
    cite_slug: str = ""
    cite_name: str = ""

    @property
    def scope(self) -> str:
        if self.cite:
            return cite_scope(self.cite, self.kind)
        return country_scope(self.country) if self.country else kind_scope(self.kind) if self.kind else ALL


class Version(NamedTuple):
    """What a feed's bytes depend on; without a revision it never had an event."""

    revision: str
    changed_at: str | dt.datetime  # as the database gives it
    today: dt.date  # in UTC
    is_open: bool  # nobody has made any words private


class Joined(NamedTuple):
    body: Body
    last_modified: dt.datetime
    filename: str


# --- the feeds
@csrf_exempt
@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    """The feed of all events."""
    return feed(request, Asked())


@csrf_exempt
@require_safe
def of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    require_kind(kind)
    return feed(request, Asked(kind))


@csrf_exempt
@require_safe
def of_country(request: HttpRequest, code: str) -> HttpResponse:
    """The events in a country, and those online whose host is there."""
    code = code.lower()
    if code.upper() not in dict(country_choices()):
        raise Http404
    return feed(request, Asked(country=code))


@csrf_exempt
@require_safe
def of_cite(request: HttpRequest, slug: str) -> HttpResponse:
    return feed(request, asked_of_cite(slug))


@csrf_exempt
@require_safe
def of_cite_and_kind(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    require_kind(kind)
    return feed(request, asked_of_cite(slug, kind))


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


def require_kind(kind: str) -> None:
    if kind not in Kind.values:
        raise Http404


def asked_of_cite(slug: str, kind: str = "") -> Asked:
    """The same bytes at a former address: not every calendar program follows a redirect for good."""
    found = Cite.objects.shown().only("slug", "official_name").at(slug)
    if found is None:
        raise Http404
    return Asked(kind, "", found.pk, found.slug, found.official_name)


# --- what they are called
def subscription_to(asked: Asked) -> Subscription:
    if asked.cite:
        return to_cite(Cite(slug=asked.cite_slug, official_name=asked.cite_name), asked.kind)
    if asked.country:
        return to_country(asked.country)
    return to_kind(asked.kind) if asked.kind else to_all()


def filename_of(asked: Asked) -> str:
    parts = (asked.cite_slug, asked.country, asked.kind)
    return f"{'-'.join(part for part in parts if part) or 'cites-des-metiers'}.ics"


# --- how they are made
def feed(request: HttpRequest, asked: Asked) -> HttpResponse:
    version = version_of(asked.scope)
    made = (latest if version.is_open else joined)(asked, current_language(), version)
    return feed_response(request, made.body, filename=made.filename, last_modified=made.last_modified)


# Written out, since the ORM takes longer to build such a query than all the rest of an answer from memory takes.
VERSION = (
    f"SELECT revision, changed_at, EXISTS (SELECT 1 FROM {PageViewRestriction._meta.db_table})"  # noqa: S608 our names
    f" FROM {Feed._meta.db_table} WHERE scope = %s"
)


def version_of(scope: str) -> Version:
    """What the feed is made of by now, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION, [scope])
        revision, changed_at, is_restricted = cursor.fetchone() or ("", FIRST, False)
    return Version(revision, changed_at, dt.datetime.now(dt.UTC).date(), is_open=not is_restricted)


@dataclass
class Kept:
    """The last version of a feed that this process has joined; threads replace the pair in one step."""

    last: tuple[Version, Joined] | None = None


@lru_cache(maxsize=REMEMBERED)
def kept(_asked: Asked, _language: str) -> Kept:
    return Kept()


def latest(asked: Asked, language: str, version: Version) -> Joined:
    """A feed from memory, where it replaces the version before: each change lets go of a megabyte, or has its room."""
    place = kept(asked, language)
    if (last := place.last) is None or last[0] != version:
        place.last = last = version, joined(asked, language, version)
    return last[1]


def joined(asked: Asked, language: str, version: Version) -> Joined:
    """Join the entries of a feed, those that end the soonest first; the bytes stay the same for the same arguments."""
    subscription = subscription_to(asked)
    select = selection(asked.scope, language, version.today, is_open=version.is_open)
    bodies, zones = stored(*select) if version.revision else ((), ())
    room = room_for(bodies)
    body = calendar(
        bodies[:room],
        zones=set(zones[:room]) - {""},
        name=subscription.name,
        description=_("Meetings, trainings and other events of the international network of Cités des métiers."),
        language=language,
        site_zone=SITE_ZONE,
        source_url=subscription.address,
    )
    changed_at = max(as_time(version.changed_at), last_left_at(asked.scope, version.today))
    return Joined(Body(body), changed_at, filename_of(asked))


def as_time(stored_time: str | dt.datetime) -> dt.datetime:
    """SQLite gives the text that it stores, which is in UTC."""
    time = dt.datetime.fromisoformat(stored_time) if isinstance(stored_time, str) else stored_time
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def since_when(today: dt.date) -> dt.datetime:
    """What ended before is in no feed of this day."""
    return dt.datetime.combine(today, dt.time(), dt.UTC) - PAST


@lru_cache(maxsize=REMEMBERED)
def last_left_at(scope: str, today: dt.date) -> dt.datetime:
    """When the last event that is too old for a feed left it: with the first day that begins 90 days after its end.

    Whatever changes later on this day has changed the feed later than that.
    """
    old = CalendarEntry.objects.filter(event__feeds__scope=scope, ends_at__lt=since_when(today))
    ended = old.aggregate(last=Max("ends_at"))["last"]
    if ended is None:
        return FIRST
    day = (ended + PAST).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + dt.timedelta(days=1)


def entries(language: str, *, is_open: bool) -> QuerySet[CalendarEntry]:
    """Entries in a language, the soonest first; what was unpublished is among them, cancelled.

    Those whose words somebody has made private are not, which need not be asked where nothing `is_open` but all is.
    """
    found = CalendarEntry.objects.filter(language=language).order_by("ends_at", "pk")
    return found if is_open else found.filter(event__in=Event.objects.without_private_words())


@lru_cache(maxsize=4 * REMEMBERED)
def selection(scope: str, language: str, today: dt.date, *, is_open: bool) -> tuple[str, Sequence[Any]]:
    """Write the query for a feed's entries, once a day: the ORM takes a tenth of a first answer for it."""
    listed = entries(language, is_open=is_open)
    if scope != ALL:
        listed = listed.filter(event__feeds__scope=scope)
    current = listed.filter(ends_at__gte=since_when(today)).values_list("body", "timezone")[:MAX_EVENTS]
    return current.query.sql_with_params()


def room_for(bodies: Sequence[bytes]) -> int:
    """How many entries, from the soonest on, clients take."""
    if sum(map(len, bodies)) <= MAX_BYTES:
        return len(bodies)
    return bisect_right(list(accumulate(map(len, bodies))), MAX_BYTES)


def stored(sql: str, params: Sequence[Any]) -> tuple[Sequence[bytes], Sequence[str]]:
    """Bytes and zones as the database gives them; making a value of each takes as long as reading it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    bodies, zones = zip(*rows, strict=True) if rows else ((), ())
    return bodies, zones
