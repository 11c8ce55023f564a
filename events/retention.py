"""What is asked of people, why, and how long it is kept: written once, for forms, deletion and the record.

Two classes. Logistics (access needs, diet, interpretation, and answers that say so) go soon after the event.
Evidence (name, address, organisation, country, and answers that say so) is kept as long as a funder may ask:
until five years after the end of the project that pays (Erasmus+ grant agreements, five years after the
balance), three years after an event without a project (French attendance certificates).

Only who has a seat at an event that takes place is evidence; of all others everything goes with the logistics.
Where no date is known, nothing could be counted from it: there, what has been quiet for a year goes.
events.forgetting does it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from events.models.admission import Retention
from events.models.event import State

if TYPE_CHECKING:
    from events.models import Event

LOGISTICS_DAYS = 30  # after the last day
EVIDENCE_YEARS_PROJECT = 5  # after the project's end
EVIDENCE_YEARS = 3  # after the event's last day
UNCONFIRMED_DAYS = 7  # after the registration that nobody confirmed
QUIET_DAYS = 365  # without a date: after the person's or the organisers' last change
MAIL_DAYS = 30  # after a mail that is about no single registration
CALENDAR_DAYS = 395  # thirteen months, after a private calendar was last asked for


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that people are asked: the registration's field, what for, and which class it belongs to."""

    field: str
    label: Any
    purpose: Any
    retention: str


ASKED = (
    Asked("name", _("Your name"), _("For the list of participants and the attestation."), Retention.EVIDENCE),
    Asked(
        "email",
        _("E-mail address"),
        _("We send the confirmation here, and nothing else but news of this event."),
        Retention.EVIDENCE,
    ),
    Asked(
        "country",
        _("Country"),
        _("The organisers report how many countries took part."),
        Retention.EVIDENCE,
    ),
    Asked(
        "organisation",
        _("Organisation or Cité"),
        _("The organisers show it on the list of participants."),
        Retention.EVIDENCE,
    ),
    Asked("language", _("Language of our mails"), _("So that you can read them."), Retention.EVIDENCE),
    Asked(
        "access_needs",
        _("What do you need to take part?"),
        _("For example step-free access or large print. Only the organisers see it, to prepare the day."),
        Retention.LOGISTICS,
    ),
    Asked(
        "diet",
        _("What should the kitchen know?"),
        _("Only the organisers see it, to order the meals."),
        Retention.LOGISTICS,
    ),
    Asked(
        "interpretation",
        _("From which languages do you need interpretation?"),
        _("The organisers count how many interpreters are needed."),
        Retention.LOGISTICS,
    ),
)
BY_FIELD = {asked.field: asked for asked in ASKED}


def last_day(event: Event) -> dt.date | None:
    """None also for a postponed event, whose former date says nothing."""
    return event.last_day if event.has_exact_date and event.state != State.POSTPONED else None


def takes_place(event: Event) -> bool:
    return last_day(event) is not None and event.state not in {State.CANCELLED, State.WITHDRAWN}


def logistics_until(event: Event) -> dt.date | None:
    """The day on which logistics are deleted; None while the event has no date."""
    day = last_day(event)
    return day + dt.timedelta(days=LOGISTICS_DAYS) if day else None


def evidence_until(event: Event) -> dt.date | None:
    """The day on which evidence is deleted, never before the logistics; None while the event has no date."""
    day, logistics = last_day(event), logistics_until(event)
    if day is None or logistics is None:
        return None
    admission = event.admission_or_none
    if admission is not None and admission.keep_until:
        return max(admission.keep_until, logistics)
    if not takes_place(event):
        return logistics
    project_end = event.project.ends_on if event.project else None
    if project_end:
        return years_after(max(day, project_end), EVIDENCE_YEARS_PROJECT)
    return years_after(day, EVIDENCE_YEARS)


def quiet_until(event: Event, changed_at: dt.datetime) -> dt.date:
    """The day on which everything of a person is deleted while the event has no date."""
    latest = max(changed_at, event.last_published_at or changed_at)
    return latest.astimezone(event.zone).date() + dt.timedelta(days=QUIET_DAYS)


def years_after(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def kept_until(event: Event, retention: str) -> dt.date | None:
    return logistics_until(event) if retention == Retention.LOGISTICS else evidence_until(event)
