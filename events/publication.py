"""What follows when an event or its words go public, change, or end: calendars and registrants are told.

Receivers of Wagtail's own signals, because scheduled and bulk publishing have no other hook, and the acts of
the hub that change an event's state.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.signals import page_published, page_unpublished, published, unpublished

from events.dates import EXACT
from events.entries import store_entries
from events.listing import list_event
from events.models.event import CALLED_OFF, Event, State
from events.models.pages import EventPage
from events.models.registration import AuditLine, Registration, RegistrationState
from events.seating import Seating, locked, mail, told_to
from events.told import is_news
from home.models import Cite
from portal.base.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

HIDDEN_PATIENCE = dt.timedelta(hours=1)
# From which states an organiser may go where; a withdrawn event was a mistake and stays withdrawn.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.PLANNED: frozenset({State.CONFIRMED, State.POSTPONED, State.CANCELLED, State.WITHDRAWN}),
    State.CONFIRMED: frozenset({State.POSTPONED, State.CANCELLED, State.WITHDRAWN}),
    State.POSTPONED: frozenset({State.PLANNED, State.CONFIRMED, State.CANCELLED, State.WITHDRAWN}),
    State.CANCELLED: frozenset({State.PLANNED, State.CONFIRMED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}


@receiver(published, sender=Event)
@receiver(unpublished, sender=Event)
def event_went(sender: type[Event], instance: Event, **_kwargs: Any) -> None:
    with transaction.atomic():
        event = locked(instance.pk)
        store_entries(event)
        if event.live:
            tell_registrants(event)
        else:
            take_back(event.registrations.active(), "event_changed")  # drafts are written to its row from now on
            tell_hidden(event)
        Seating(event).settle()  # a date that has become known gives seats to who waited for it


@receiver(published, sender=Cite)
def host_went(sender: type[Cite], instance: Cite, **_kwargs: Any) -> None:
    """Events without a country of their own are in the feeds of their host's."""
    for pk in instance.events.filter(country="").exclude(calendar_entries=None).values_list("pk", flat=True):
        with transaction.atomic():
            list_event(locked(pk), has_changed=False)


@receiver(page_published, sender=EventPage)
def words_came(sender: type[EventPage], instance: EventPage, **_kwargs: Any) -> None:
    if instance.event_id and not instance.alias_of_id:
        with transaction.atomic():
            store_entries(locked(instance.event_id))


@receiver(page_unpublished, sender=EventPage)
def words_went(sender: type[EventPage], instance: EventPage, **_kwargs: Any) -> None:
    if instance.event_id and not instance.alias_of_id:
        with transaction.atomic():
            # A page that is about to be deleted is still there, and live.
            store_entries(locked(instance.event_id), without=instance)


@transaction.atomic
def change_state(event_id: int, state: str, *, user: Any = None, why: str = "") -> Event:
    """Confirm, postpone, cancel or withdraw an event: for everybody, at once.

    Raises ValidationError if there is no way from the present state to this one.
    """
    event = locked(event_id)
    if state not in TRANSITIONS[event.state]:
        raise ValidationError(
            _("An event that is %(state)s cannot become this.") % {"state": event.get_state_display()}
        )
    before, event.state = event.state, state
    if event.first_published_at:
        event.sequence = F("sequence") + 1
    event.save(update_fields=["state", "sequence"])
    event.refresh_from_db()
    AuditLine.objects.create(
        event=event,
        user=user,
        who="organiser" if user else "system",
        what="state",
        data={"from": before, "to": state, "why": why},
    )
    store_entries(event)
    if event.live:
        tell_registrants(event)
    Seating(event).settle()
    return event


def tell_registrants(event: Event) -> None:
    """Queue a mail to everybody registered who was last told something else; not once the event is over.

    Call it with the event's row locked.
    """
    if event.is_over:
        return
    rows = list(event.registrations.active())
    for row in rows:
        row.event = event
    rows = [row for row in rows if row.told != told_to(row)]
    now = timezone.now()
    take_back(rows, "event_changed", "event_cancelled", "event_hidden")
    kind = "event_cancelled" if event.state in CALLED_OFF else "event_changed"
    for row in rows:
        told = told_to(row)
        row.show_in_calendar(now)
        if row.state == RegistrationState.PENDING:  # whose address may be somebody else's
            row.told = told
        elif row.told != told and is_news(event, row.told, told):
            mail(row, kind, cause_of(event, told), before=row.told)
            row.told = told
    Registration.objects.bulk_update(rows, ["told", "calendar_changed_at"], batch_size=200)


def tell_hidden(event: Event) -> None:
    """Queue a mail to everybody whose calendar has a seat at an event that is not published any more.

    It leaves after a while: who mends an event and publishes it again has told nobody.
    """
    if event.is_over:
        return
    later = timezone.now() + HIDDEN_PATIENCE
    for row in event.registrations.filter(state=RegistrationState.CONFIRMED):
        row.event = event
        if was_told_to_come(row.told):
            mail(row, "event_hidden", str(event.sequence), at=later, before=row.told)
            row.told = {**row.told, "live": ""}
            row.save(update_fields=["told"])


def was_told_to_come(told: dict[str, str]) -> bool:
    """Whether, by what was told last, the event takes place on a date that calendars know."""
    is_dated = told.get("precision") in EXACT and bool(told.get("starts_on"))
    return is_dated and told.get("state") == State.CONFIRMED and "live" not in told


def cause_of(event: Event, told: dict[str, str]) -> str:
    """What the mail is queued once for: calendars are not told of the link, so its change has no SEQUENCE."""
    return f"{event.sequence}:{timezone.now():%Y%m%d%H%M%S%f}" if told["link"] else f"{event.sequence}"


def take_back(rows: Iterable[Registration], *kinds: str) -> None:
    """Withhold what has not left, and remember again what people were really told."""
    by_uuid: dict[UUID | None, Registration] = {row.uuid: row for row in rows}
    in_nobodys_hands = Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())
    found = OutgoingMail.objects.waiting().filter(in_nobodys_hands, kind__in=kinds, about__in=by_uuid)
    for older in found.order_by("-pk"):
        row = by_uuid[older.about]
        is_held = found.filter(pk=older.pk).update(withheld_at=timezone.now())
        if is_held and older.to == row.email:  # else the address has changed hands
            row.told = older.params.get("before", {})
            row.save(update_fields=["told"])
