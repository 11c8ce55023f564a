"""Events in the states that the demonstration does not show; `manage.py shell` runs this in the server's database."""

import json
from dataclasses import dataclass

from django.utils import translation

from events.links import manage_url
from events.models import AgendaPage, Event
from events.publication import change_state
from events.registration import register
from tests.factories import admit, applicant, event_page, make_event


@dataclass(frozen=True)
class Plan:
    french: str
    english: str
    seats: int = 1
    seats_online: int = 0


PLANS = {
    "open": Plan("Atelier qui attend du monde", "Workshop that waits for people", seats=20, seats_online=20),
    "full": Plan("Atelier où tout est pris", "Workshop without a free seat"),
    "cancelled": Plan("Atelier qui n’aura pas lieu", "Workshop that will not take place"),
    "one_seat": Plan("Atelier à une seule place", "Workshop with one single seat"),
    "french": Plan("Atelier annoncé seulement en français", ""),
}


def make(plan: Plan, agendas: dict[str, AgendaPage], in_days: int) -> Event:
    """A demonstration event, announced in French and, if there are words, in English."""
    event = make_event(
        plan.french, in_days=in_days, is_demonstration=True, languages=["fr"], is_online=plan.seats_online > 0
    )
    admit(event, seats_on_site=plan.seats, seats_online=plan.seats_online)
    page = event_page(agendas["fr"], event, plan.french, summary="Un événement fait pour un essai du portail.")
    if plan.english:
        same = {"translation_key": page.translation_key, "summary": "An event made for a test of the portal."}
        event_page(agendas["en"], event, plan.english, **same)
    return event


def stage() -> None:
    """Make the events and print their numbers, and the link of a person who has a seat."""
    agendas = {page.language: page for page in AgendaPage.objects.filter(alias_of=None)}
    with translation.override("fr"):
        events = {name: make(plan, agendas, 40 + place) for place, (name, plan) in enumerate(PLANS.items())}
        seat = register(events["full"].pk, applicant("place.prise@example.org", name="Maria Prise"))
    change_state(events["cancelled"].pk, "cancelled")
    numbers = {name: event.pk for name, event in events.items()}
    print(json.dumps(numbers | {"manage_url": manage_url(seat)}))  # noqa: T201 - read by the fixture
