"""What follows when an event or its words go public, change, or end: calendars and registrants are told.

Receivers of Wagtail's own signals, because scheduled and bulk publishing have no other hook, and the acts of
the hub that change an event's state.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.signals import page_published, page_unpublished, published, unpublished

from events.entries import store_entries
from events.models.event import Event, State
from events.models.pages import EventPage
from events.models.registration import AuditLine, Registration
from events.registration import locked
from portal.base.outbox import queue_mail

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
    return event


def tell_registrants(event: Event) -> None:
    """Queue a mail to everybody with a seat who was last told something else; not once the event is over."""
    if event.is_over:
        return
    told = event.told()
    for registration in event.registrations.active().exclude(told=told):
        queue_mail(
            key=f"event:{event.uuid}:{event.sequence}:{registration.uuid}",
            kind="event_changed",
            to=registration.email,
            language=registration.language,
            params={"registration": registration.pk},
        )
    Registration.objects.filter(event=event).update(told=told)
