"""What the user's next events need."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.permissions import policy_registry

from events.dates import EXACT
from events.models import Event, EventPage, Registration
from events.models.event import CALLED_OFF, State
from events.models.registration import RegistrationState
from events.people import RECENT, head_counts, returned_since
from events.registrations_admin import registration_url
from events.said import mail_kind
from events.when import when_of
from home.texts import live_languages_of_trees
from portal.base import when
from portal.base.languages import language_name
from portal.base.models import OutgoingMail
from portal.base.permissions import ANY
from portal.base.texts import shelf
from portal.base.todo import Line, to_do

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from events.models.event import EventQuerySet

SOON = dt.timedelta(days=60)
LOOKED_AT = 40  # events
MAILS = 40


def next_events(user: Any) -> list[Event]:
    """What the user may publish, is not over, takes place, and begins soon."""
    own = policy_registry.get_by_type(Event).instances_user_has_permission_for(user, "publish")
    coming: EventQuerySet = Event.objects.filter(pk__in=own.values("pk"), begins_at__lte=timezone.now() + SOON)
    happening = coming.exclude(state__in=(*CALLED_OFF, State.POSTPONED))
    return list(happening.upcoming().select_related("cite")[:LOOKED_AT])


@shelf(order=20)
def own_next_events(user: Any) -> QuerySet[Event]:
    """Whose texts somebody may still read in time."""
    own = policy_registry.get_by_type(Event).instances_user_has_any_permission_for(user, ANY)
    return Event.objects.filter(pk__in=own.values("pk")).exclude(state__in=CALLED_OFF).upcoming()


@to_do(order=20, list_url_name="events:list")
def people_wait(user: Any) -> list[Line]:
    """Mails that did not reach people, people who await a decision or a seat."""
    events = next_events(user)
    counts = head_counts(events)
    awaiting, waiting = RegistrationState.AWAITING, RegistrationState.WAITING
    return [
        *returned(events),
        *(awaiting_line(event, counts[event.pk][awaiting]) for event in events if counts[event.pk][awaiting]),
        *(waiting_line(event, counts[event.pk][waiting]) for event in events if counts[event.pk][waiting]),
    ]


def returned(events: Iterable[Event]) -> list[Line]:
    """Each person once, whose latest mail did not arrive; a mail sent since settles it."""
    people = Registration.objects.active().filter(event__in=list(events), erased_at=None)
    later = OutgoingMail.objects.filter(about=OuterRef("about"), pk__gt=OuterRef("pk"))
    mails = returned_since(timezone.now() - RECENT).filter(~Exists(later), about__in=people.values("uuid"))
    latest = {mail.about: mail for mail in mails.order_by("-pk")[:MAILS]}
    rows = people.filter(uuid__in=latest).select_related("event").order_by("event__begins_at", "pk")
    text = _("A mail to %(person)s did not arrive (%(kind)s, “%(event)s”).")
    return [
        Line(
            text % {"person": row.name, "kind": mail_kind(latest[row.uuid].kind), "event": row.event},
            registration_url(row),
        )
        for row in rows
    ]


def awaiting_line(event: Event, number: int) -> Line:
    text = ngettext(
        "%(number)s person awaits your approval for “%(event)s”.",
        "%(number)s people await your approval for “%(event)s”.",
        number,
    )
    url = f"{reverse('events:registrations', args=[event.pk])}?state={RegistrationState.AWAITING}"
    return Line(text % {"number": number, "event": event}, url)


def waiting_line(event: Event, number: int) -> Line:
    text = ngettext(
        "%(number)s person waits for a seat at “%(event)s”. Can you add one?",
        "%(number)s people wait for a seat at “%(event)s”. Can you add some?",
        number,
    )
    return Line(text % {"number": number, "event": event}, reverse("events:waiting", args=[event.pk]))


@to_do(order=30, list_url_name="events:list")
def facts_missing(user: Any) -> list[Line]:
    """What readers would look for and not find: the event itself, its time, its place, its text."""
    events = next_events(user)
    texts = live_texts(events)
    trees = live_languages_of_trees() if events else []
    return [line for event in events for line in missing_in(event, texts[event.pk], trees)]


def missing_in(event: Event, texts: set[str], trees: list[str]) -> list[Line]:
    said = {"event": event, "day": when_of(event).day}
    edit = reverse("events:edit", args=[event.pk])
    lines = []
    if not event.live:
        lines.append(Line(_("“%(event)s” (%(day)s) is a draft: nobody sees it yet.") % said, event.admin_url))
    if event.precision not in EXACT:
        lines.append(Line(_("“%(event)s” (%(day)s) has no exact date yet.") % said, edit))
    if not event.has_place and not event.is_online:
        lines.append(Line(_("“%(event)s” (%(day)s) has no place yet.") % said, edit))
    spoken = event.cite.languages if event.cite else [event.original_language]
    missing = [code for code in trees if code in spoken and code not in texts]
    if missing:
        languages = when.listed([language_name(code) for code in missing])
        text = _("“%(event)s” (%(day)s) has no text yet in: %(languages)s.") % {**said, "languages": languages}
        lines.append(Line(text, f"{event.admin_url}#hub-words-section"))
    return lines


def live_texts(events: Iterable[Event]) -> dict[int, set[str]]:
    texts: dict[int, set[str]] = {event.pk: set() for event in events}
    pages = EventPage.objects.live().filter(alias_of=None, event__in=list(texts))
    for event, code in pages.values_list("event", "locale__language_code"):
        texts[event].add(code)
    return texts
