"""How many people come, from where, how, and what they need: counted from the registrations, for the organisers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from events.below_hub import BelowHub
from events.models.admission import QuestionKind, Way
from events.models.registration import Answer, Channel, Registration, RegistrationState
from home.countries import country_name
from portal.base.languages import language_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from events.models import Event, Question

S = RegistrationState
IN_LINE = (S.AWAITING, S.WAITING, S.OFFERED)
COUNTED = (S.CONFIRMED, *IN_LINE)  # who has not confirmed the address yet may be anybody


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    confirmed: int
    in_line: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered to one question: numbers where there are choices, else texts."""

    question: Question
    number: int
    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def tally(rows: Iterable[Registration], keys: Callable[[Registration], Iterable[str]], label: Any) -> list[Line]:
    """Count rows by their keys, the most first."""
    confirmed: Counter[str] = Counter()
    in_line: Counter[str] = Counter()
    for row in rows:
        (confirmed if row.state == S.CONFIRMED else in_line).update(keys(row))
    order = sorted(set(confirmed) | set(in_line), key=lambda key: (-confirmed[key], -in_line[key], str(label(key))))
    return [Line(str(label(key)), confirmed[key], in_line[key]) for key in order]


def spellings(rows: Iterable[Registration]) -> dict[str, str]:
    """The commonest spelling of each organisation, by its key."""
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(row.organisation_key, Counter())[row.organisation] += 1
    return {key: names.most_common(1)[0][0] for key, names in counted.items()}


def numbers(event: Event) -> list[tuple[str, list[Line]]]:
    """The tables: heading and lines."""
    rows = list(event.registrations.filter(state__in=COUNTED))
    names = spellings(rows)
    ways, channels = dict(Way.choices), dict(Channel.choices)
    tables = [
        (_("Country"), tally(rows, lambda row: [row.country], country_name)),
        (_("Organisation"), tally(rows, lambda row: [row.organisation_key], lambda key: names[key] or _("none"))),
        (_("Takes part"), tally(rows, lambda row: [row.way], lambda way: ways[way])),
        (_("Came by"), tally(rows, lambda row: [row.channel], lambda channel: channels[channel])),
        (_("Language of the mails"), tally(rows, lambda row: [row.language], language_name)),
        (_("Needs interpretation from"), tally(rows, lambda row: row.interpretation, language_name)),
        (_("Diet"), tally(rows, lambda row: [row.diet] if row.diet else [], str)),
        (_("Access needs"), tally(rows, lambda row: [row.access_needs] if row.access_needs else [], str)),
    ]
    return [(heading, lines) for heading, lines in tables if lines]


def states(event: Event) -> list[tuple[str, int]]:
    counts = Counter(event.registrations.values_list("state", flat=True))
    return [(str(state.label), counts[state]) for state in S if counts[state]]


def answers(event: Event) -> list[Answers]:
    """What was answered to the event's questions, also to those that are asked no more."""
    given: dict[int, list[Answer]] = {}
    found = Answer.objects.filter(question__event=event, registration__state__in=COUNTED)
    for answer in found.select_related("registration").order_by("pk"):
        given.setdefault(answer.question_id, []).append(answer)
    questions = event.questions.prefetch_related("choices")
    return [summary(question, given.get(question.pk, [])) for question in questions]


def summary(question: Question, given: list[Answer]) -> Answers:
    if question.kind == QuestionKind.TEXT:
        return Answers(question, len(given), texts=[str(answer.value) for answer in given])
    values = {answer.registration_id: answer.value for answer in given}
    lines = tally(
        [answer.registration for answer in given],
        lambda row: [question.said(value) for value in as_list(values[row.pk])],
        str,
    )
    return Answers(question, len(given), lines=lines)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class NumbersView(BelowHub):
    """All counts of an event on one page."""

    template_name = "events/admin/numbers.html"

    def get_page_title(self) -> str:
        return _("Numbers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            states=states(self.event), tables=numbers(self.event), answers=answers(self.event), **kwargs
        )
