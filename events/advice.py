"""Settings of an event that contradict each other, or that people will ask about: said on its hub, never refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from events.dates import Precision
from events.models.event import State

if TYPE_CHECKING:
    from events.models import Admission, Event

SOON = dt.timedelta(days=14)


def advice_on(event: Event, draft: Event) -> list[str]:
    """Sentences in the language of whoever reads them, about an event as drafted and who may come in as it is now."""
    if event.is_over or event.state in {State.CANCELLED, State.WITHDRAWN}:
        return []
    admission = event.admission_or_none
    is_late = not event.live and draft.begins_at is not None and draft.begins_at - timezone.now() < SOON
    found = on_facts(draft) + true_of((is_late, _("It begins within two weeks and is not public yet.")))
    return found + on_admission(draft, admission) if admission and admission.seats else found


def on_facts(draft: Event) -> list[str]:
    whole_days = draft.precision == Precision.DAY and not draft.half_days
    return true_of(
        (not draft.has_place and not draft.is_online, _("No place is given, and it is not marked as online.")),
        (whole_days, _("Neither hours nor half-days are given: people cannot tell when to come.")),
        (not draft.languages, _("The working languages are not given.")),
    )


def on_admission(draft: Event, admission: Admission) -> list[str]:
    opens, closes, begins = admission.opens_at, admission.closes_at, draft.begins_at
    linkless = draft.is_online and not draft.online_link
    return true_of(
        (begins and closes and closes > begins, _("Registration closes after it has begun.")),
        (begins and opens and opens >= begins, _("Registration opens only when it has begun.")),
        (not draft.has_exact_date, _("There are seats but no exact date: nobody can register yet.")),
        (admission.seats_online and not draft.is_online, _("There are seats online, but it is not marked as online.")),
        (admission.seats_online and linkless, _("The link to take part online is missing; people will wait for it.")),
        (admission.seats_on_site and not draft.has_place, _("There are seats on site, but no place.")),
        (not draft.contact_email, _("There is no e-mail for questions: answers to our mails reach nobody.")),
    )


def true_of(*cases: tuple[object, str]) -> list[str]:
    return [sentence for is_so, sentence in cases if is_so]
