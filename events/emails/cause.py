"""What a mail is about, as it stands when the mail is made, and when there is nothing to say about it any more."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from events.links import manage_url
from events.models.event import CALLED_OFF, State
from events.models.registration import RegistrationState
from events.seating import held_until, told_to
from events.told import changes_between
from events.when import moment
from portal.base.pages import with_words

if TYPE_CHECKING:
    from events.letters import Change
    from events.models import Event, Registration
    from portal.base.languages import Text

S = RegistrationState


@dataclass
class Cause:
    """What a mail is made from, and to whom, which is not always who has the registration now.

    `manage_url` is left out of previews, which must not hold a link that works.
    """

    registration: Registration
    to: str
    params: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    @property
    def event(self) -> Event:
        return self.registration.event

    @cached_property
    def manage_url(self) -> str:
        return self.url or manage_url(self.registration)

    @cached_property
    def title(self) -> Text:
        return title_of(self.event)

    @cached_property
    def changes(self) -> list[Change]:
        before = self.params.get("before", {})
        return changes_between(self.event, before, told_to(self.registration), self.registration.country)

    @property
    def had_seat(self) -> bool:
        """Whether the reader has a seat, or had one before what the mail is about."""
        return (self.params.get("was") or state_before(self.registration)) == S.CONFIRMED

    def held(self, usual: dt.timedelta, soon: dt.timedelta) -> str:
        """Until when the seat or rank is held, by the event's clock; in a preview from now if nothing is held."""
        until = self.registration.held_until or held_until(self.event, timezone.now(), usual, soon)
        return moment(until, self.event)


def title_of(event: Event) -> Text:
    return with_words([event])[0].title


def state_before(row: Registration) -> str:
    """The state that a registration has, or had until it ended."""
    if row.is_active:
        return row.state
    line = row.audit_lines.filter(data__to=row.state).first()
    return line.data["from"] if line else ""


def as_in(states: tuple[str, ...], registration: Registration) -> Registration:
    """The registration in a state in which the mail is sent, on which nothing is ever saved."""
    if not states or registration.state in states:
        return registration
    then = copy.copy(registration)
    then.state = S.CONFIRMED if S.CONFIRMED in states else states[0]
    then.show_in_calendar(timezone.now(), before=registration.state)
    return then


# --- when there is nothing to say any more
def does_not_take_place(event: Event) -> bool:
    return event.is_over or event.state in CALLED_OFF


def is_off(cause: Cause) -> bool:
    return does_not_take_place(cause.event)


def has_ended(cause: Cause) -> bool:
    """Whether what the mail asks for can be done no more."""
    until = cause.registration.held_until
    return until is None or until <= timezone.now() or is_off(cause)


def is_on(cause: Cause) -> bool:
    return cause.event.state not in CALLED_OFF or cause.event.is_over


def is_back(cause: Cause) -> bool:
    return cause.event.live or is_off(cause)


def is_no_change(cause: Cause) -> bool:
    return is_off(cause) or bool(cause.params.get("before") and not cause.changes)


def is_not_near(cause: Cause) -> bool:
    """Whether the event to be reminded of does not begin any more when it should have."""
    event = cause.event
    is_coming = event.begins_at is not None and event.begins_at > timezone.now()
    is_moved = cause.params.get("begins") not in {None, event.begins_at and event.begins_at.isoformat()}
    return not takes_place(event) or not is_coming or is_moved


def takes_place(event: Event) -> bool:
    """Whether calendars show it: published, with a date, neither postponed nor cancelled."""
    return event.live and event.state in {State.PLANNED, State.CONFIRMED} and event.has_exact_date
