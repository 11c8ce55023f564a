"""Which public feeds an event is in, and what tells that one of them has changed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from events.calendar import SERIALIZER_VERSION, tzdata_version
from events.models.calendar import Feed, new_revision
from events.models.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL = "all"
NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def kind_scope(kind: str) -> str:
    return f"kind/{kind}"


def country_scope(code: str) -> str:
    return f"country/{code.lower()}"


def cite_scope(cite_id: int, kind: str = "") -> str:
    return f"cite/{cite_id}/{kind}" if kind else f"cite/{cite_id}"


def scopes_of(event: Event) -> set[str]:
    """The feeds that an event is in by its facts of now; its country, like the agenda's, is else its host's."""
    cite = event.cite
    scopes = {ALL, kind_scope(event.kind)}
    if country := event.country or (cite.country if cite else ""):
        scopes.add(country_scope(country))
    if cite:
        scopes |= {cite_scope(cite.pk), cite_scope(cite.pk, event.kind)}
    return scopes


def made_with() -> str:
    return f"{SERIALIZER_VERSION}:{tzdata_version()}"


def list_event(event: Event, *, has_changed: bool) -> None:
    """Put an event into the feeds where it belongs by now, and renew those of which it is a part if it has changed.

    Call it with the event's row locked, after its entries are stored.
    """
    scopes, known = scopes_of(event), set(event.feeds.values_list("scope", flat=True))
    if new := scopes - known:
        rows = [Feed(scope=scope, changed_at=NEVER) for scope in sorted(new)]
        Feed.objects.bulk_create(rows, ignore_conflicts=True)
        event.feeds.add(*Feed.objects.filter(scope__in=new))
    if new or has_changed:
        newest = event.calendar_entries.aggregate(newest=Max("modified_at"))["newest"]
        renew(event.feeds.values_list("pk", flat=True) if has_changed else feeds_of(new), newest)


def feeds_of(scopes: Iterable[str]) -> Iterable[int]:
    return Feed.objects.filter(scope__in=scopes).values_list("pk", flat=True)


def renew(feeds: Iterable[int], newest: dt.datetime | None = None) -> None:
    """Say that these feeds have changed; Last-Modified is not before `newest` and rises, also within one second."""
    # In one order, so that two who publish at once never wait for each other.
    rows = list(Feed.objects.select_for_update().filter(pk__in=list(feeds)).order_by("scope"))
    now = timezone.now().replace(microsecond=0)
    for row in rows:
        row.revision = new_revision()
        row.changed_at = max(now, newest or now, row.changed_at + dt.timedelta(seconds=1))
        row.made_with = made_with()
    Feed.objects.bulk_update(rows, ["revision", "changed_at", "made_with"])


def is_outdated() -> bool:
    """Whether feeds were made by an older version of the portal, or before there were feeds of this kind."""
    unlisted = Event.objects.filter(calendar_entries__isnull=False, feeds=None)
    return Feed.objects.exclude(made_with=made_with()).exists() or unlisted.exists()


@transaction.atomic
def renew_outdated() -> int:
    """Renew the feeds that were made with another serializer or tz database; return how many they were."""
    outdated = list(Feed.objects.exclude(made_with=made_with()).values_list("pk", flat=True))
    renew(outdated)
    return len(outdated)
