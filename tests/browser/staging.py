"""What the demonstration does not show; `manage.py shell` runs this in the server's database."""

import json
from dataclasses import dataclass

from django.utils import translation

from events.delegation import register_group
from events.links import manage_url
from events.models import AgendaPage, Choice, Event, Question
from events.models.admission import QuestionKind
from events.publication import change_state
from events.registration import register
from home.models import Cite
from tests.factories import admit, applicant, come, event_page, make_event
from tests.practices.reviewed import make_sheet


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
    "asking": Plan("Atelier qui demande beaucoup", "Workshop that asks a lot", seats=5, seats_online=5),
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


def ask(event: Event) -> None:
    """One question of each kind."""
    for order, kind in enumerate(QuestionKind):
        labels = {"fr": f"Une question ({kind}) ?", "en": f"A question ({kind})?"}
        purposes = {"fr": "Pour préparer.", "en": "To prepare."}
        question = Question.objects.create(
            event=event, kind=kind, labels=labels, purposes=purposes, sort_order=order, is_required=kind == "choice"
        )
        if question.has_choices:
            for code in ("a", "b"):
                Choice.objects.create(
                    question=question, code=code, labels={"fr": f"Choix {code}", "en": f"Choice {code}"}
                )


def stage() -> None:
    """Make the events and print their numbers, and the link of a person who has a seat."""
    agendas = {page.language: page for page in AgendaPage.objects.filter(alias_of=None)}
    with translation.override("fr"):
        events = {name: make(plan, agendas, 40 + place) for place, (name, plan) in enumerate(PLANS.items())}
        seat = come(events["full"], "place.prise@example.org", name="Maria Prise")
        waits = come(events["full"], "attend@example.org", name="Jo Attend")
        begun = register(events["open"].pk, applicant("commence@example.org", name="Lou Commence"))
        group = register_group(events["open"].pk, applicant("equipe@example.org"), [("Ana", "ana.equipe@example.org")])
        admit(events["asking"], 5, 5, needs_approval=True, asks_access=True, asks_diet=True, asks_interpretation=True)
        ask(events["asking"])
    change_state(events["cancelled"].pk, "cancelled")
    numbers = {name: event.pk for name, event in events.items()}
    links = {"manage_url": seat, "waiting_url": waits, "pending_url": begun, "group_url": group}
    found = {name: manage_url(row) for name, row in links.items() if row}
    print(json.dumps(numbers | found))  # noqa: T201 - read by the fixture


def stage_sheet() -> None:
    """Make a short public sheet of Porto and print its number, and that of its page."""
    cite = Cite.objects.get(slug="porto")
    sheet = make_sheet(cite, cite.pages.get(locale__language_code="fr"), "Venu d’un autre programme", live=True)
    print(json.dumps({"practice": sheet.practice.pk, "page": sheet.page.pk}))  # noqa: T201 - read by the test
