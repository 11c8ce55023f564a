"""Every promise the data must keep, checked against the data itself. What is said names rows, never people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils import timezone

from events.entries import is_entry_stale
from events.forgetting import due
from events.listing import scopes_of
from events.models import (
    Answer,
    AuditLine,
    CalendarEntry,
    CalendarSubscription,
    Delegation,
    Event,
    Feed,
    Invitation,
    Registration,
)
from events.models.admission import Admission, Retention, Way
from events.models.event import State
from events.models.registration import Channel, RegistrationState
from events.seating import Seating
from portal.base.models import OutgoingMail
from portal.base.pages import WordsPage
from practices.handbook_building import stale

if TYPE_CHECKING:
    from collections.abc import Iterator

S = RegistrationState
STUCK = dt.timedelta(hours=1)  # what is due for so long is not being done: the worker, or `tick`, does not run
# What a person could be known by.
PERSONAL = ("name", "email", "organisation", "organisation_key", "access_needs", "diet", "interpretation")
LOGISTICS = ("access_needs", "diet", "interpretation")
LINKED: dict[type[Any], tuple[str, ...]] = {
    Delegation: ("name", "email", "organisation"),
    Invitation: ("name", "email"),
}


def anything_in(names: tuple[str, ...]) -> Q:
    found = Q()
    for name in names:
        found |= ~Q(**{name: ""})
    return found


# --- seats


def overbooked() -> Iterator[str]:
    counted = Registration.objects.seated().order_by().values("event_id", "way").annotate(taken=Count("pk"))
    admissions = {admission.event_id: admission for admission in Admission.objects.all()}
    for row in counted.order_by("event_id", "way"):
        seats = seats_for(admissions.get(row["event_id"]), row["way"])
        if row["taken"] > seats:
            yield f"event {row['event_id']} is overbooked ({row['way']}): {row['taken']} of {seats} seats are taken"


def seats_beyond_the_last() -> Iterator[str]:
    admissions = {admission.event_id: admission for admission in Admission.objects.all()}
    rows = Registration.objects.seated().order_by("pk").values_list("pk", "event_id", "way", "seat")
    for pk, event_id, way, seat in rows.iterator():
        last = seats_for(admissions.get(event_id), way)
        if seat is not None and seat > last:
            yield f"registration {pk} (event {event_id}) has seat {seat} ({way}), where the last is {last}"


def seats_for(admission: Admission | None, way: str) -> int:
    return admission.seats_for(way) if admission else 0


def held_too_long() -> Iterator[str]:
    for row in Registration.objects.overdue(timezone.now() - STUCK).order_by("pk"):
        yield f"registration {row.pk} ({row.state}) was held until {row.held_until:%Y-%m-%d %H:%M}; is `tick` running?"


def lost_offers() -> Iterator[str]:
    """Somebody waits whose turn it is: the rules offer a free seat in the transaction that frees it."""
    waits = Event.objects.filter(registrations__state=S.WAITING).exclude(ends_at__lte=timezone.now()).distinct()
    for event in waits.order_by("pk"):
        seats = Seating(event)
        for way in Way:
            for row in seats.next_in_line(way, seats.free(way)):
                yield f"event {event.pk}: a seat is free ({way}), and registration {row.pk} waits without an offer"


# --- people and mails


def twice_active() -> Iterator[str]:
    rows = Registration.objects.active().exclude(email="").order_by().values("event_id", "email")
    for row in rows.annotate(number=Count("pk")).filter(number__gt=1).order_by("event_id"):
        yield f"event {row['event_id']}: one address has {row['number']} registrations in force"


def active_without_address() -> Iterator[str]:
    """Who took part and was forgotten since remains a count; any other in force could not be written to."""
    took_place = Q(event__state__in=(State.PLANNED, State.CONFIRMED), event__ends_at__lte=timezone.now())
    is_count = Q(state=S.CONFIRMED, erased_at__isnull=False) & took_place
    for row in Registration.objects.active().filter(email="").exclude(is_count).order_by("pk"):
        yield f"registration {row.pk} ({row.state}) is in force and has no address"


def people_without_mail() -> Iterator[str]:
    """Whoever came in was written to."""
    told = OutgoingMail.objects.filter(about=OuterRef("uuid"))
    # A colleague whose group nobody confirmed is not written to.
    begun = Q(channel=Channel.DELEGATION, email_confirmed_at=None, state__in=(S.PENDING, S.EXPIRED, S.CANCELLED))
    rows = Registration.objects.filter(~Exists(told), erased_at=None).exclude(email="").exclude(begun)
    for row in rows.order_by("pk"):
        yield f"registration {row.pk} ({row.state}): no mail about it was ever queued"


def stuck_mails() -> Iterator[str]:
    for mail in OutgoingMail.objects.stuck(timezone.now() - STUCK):
        yield f"mail {mail.pk} ({mail.kind}) is stuck: {mail.last_error or 'never tried'}"


def states_without_line() -> Iterator[str]:
    """The last line that tells of a state tells of the present one."""
    told: dict[int, str] = {}
    lines = AuditLine.objects.exclude(registration=None).order_by("at", "pk")
    for pk, what, data in lines.values_list("registration_id", "what", "data").iterator():
        if what == "registered":
            told[pk] = S.PENDING
        elif "to" in data:
            told[pk] = data["to"]
    for pk, state in Registration.objects.order_by("pk").values_list("pk", "state").iterator():
        if told.get(pk) != state:
            yield f"registration {pk} is {state}, and its audit lines say {told.get(pk, 'nothing')}"


# --- what is forgotten


def erased_but_known() -> Iterator[str]:
    erased = Registration.objects.exclude(erased_at=None)
    answered = Exists(Answer.objects.filter(registration=OuterRef("pk")))
    for row in erased.filter(anything_in(PERSONAL) | Q(answered) | Q(delegation__isnull=False)).order_by("pk"):
        yield f"registration {row.pk} was erased, and still says something of the person"
    day_answers = Exists(Answer.objects.filter(registration=OuterRef("pk"), question__retention=Retention.LOGISTICS))
    cleared = Registration.objects.filter(erased_at=None).exclude(logistics_erased_at=None)
    for row in cleared.filter(anything_in(LOGISTICS) | Q(day_answers)).order_by("pk"):
        yield f"registration {row.pk}: its logistics were deleted, and are still there"
    for model, names in LINKED.items():
        for row in model.objects.exclude(erased_at=None).filter(anything_in(names)).order_by("pk"):
            yield f"{model._meta.model_name} {row.pk} was erased, and still says something of the person"


def calendars_of_nobody() -> Iterator[str]:
    """The database itself keeps revoked ones empty; who gave a seat away, or was erased, must have none in force."""
    for row in CalendarSubscription.objects.of_nobody().order_by("pk"):
        yield f"calendar subscription {row.pk} is of nobody any more, and still says something of the person"


def mails_to_the_forgotten() -> Iterator[str]:
    models: tuple[type[Any], ...] = (Registration, *LINKED)
    for model in models:
        gone = model.objects.exclude(erased_at=None).values("uuid")
        for mail in OutgoingMail.objects.filter(about__in=gone).exclude(to="", params={}).order_by("pk"):
            yield f"mail {mail.pk} ({mail.kind}) is about somebody who was erased, and still says to whom it went"


def kept_too_long() -> Iterator[str]:
    """Days late: `tick` forgets within the hour."""
    for line in due(timezone.now() - dt.timedelta(days=1)):
        yield f"{line}, and not forgotten; is `tick` running?"


# --- facts, words and calendars


def pages_without_facts() -> Iterator[str]:
    for model in WordsPage.__subclasses__():
        for page in model.objects.filter(**{model.fact_field: None}).order_by("pk"):
            yield f"page {page.pk} ({page}) has no facts"


def stale_calendars() -> Iterator[str]:
    for event in Event.objects.exclude(first_published_at=None).exclude(last_dates=None).order_by("pk"):
        if is_entry_stale(event):
            yield f"event {event.pk} ({event}): its stored calendar entries are not what would be rendered now"


def missing_in_feeds() -> Iterator[str]:
    for event in Event.objects.filter(calendar_entries__isnull=False).distinct().select_related("cite").order_by("pk"):
        missing = scopes_of(event) - set(event.feeds.values_list("scope", flat=True))
        if missing:
            yield f"event {event.pk} is missing in the feeds {', '.join(sorted(missing))}"


def feeds_older_than_their_entries() -> Iterator[str]:
    newest = Feed.objects.annotate(newest=Max("events__calendar_entries__modified_at"))
    for feed in newest.filter(changed_at__lt=F("newest")).order_by("scope"):
        yield f"feed {feed.scope} was not renewed when one of its entries changed"


def calendars_without_events() -> Iterator[str]:
    for entry in CalendarEntry.objects.filter(event__first_published_at=None).order_by("pk"):
        yield f"calendar entry {entry.pk} belongs to an event that was never public"


def stale_handbooks() -> Iterator[str]:
    yield from stale()


CHECKS = (
    overbooked,
    seats_beyond_the_last,
    held_too_long,
    lost_offers,
    twice_active,
    active_without_address,
    people_without_mail,
    stuck_mails,
    states_without_line,
    erased_but_known,
    calendars_of_nobody,
    mails_to_the_forgotten,
    kept_too_long,
    pages_without_facts,
    stale_calendars,
    missing_in_feeds,
    feeds_older_than_their_entries,
    calendars_without_events,
    stale_handbooks,
)


def problems() -> list[str]:
    """One line a broken promise."""
    return [line for check in CHECKS for line in check()]
