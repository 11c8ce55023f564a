"""What only one event asks: changed under its lock, with an audit line, and never so that an answer changes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from events.models.admission import Choice, Question, QuestionKind, Retention
from events.models.registration import AuditLine
from events.seating import locked

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS = ("kind", "labels", "purposes", "retention", "is_required", "sort_order")


class QuestionRefused(Exception):
    """The change would contradict what people were told; the message is meant for the organiser."""


class Offered(NamedTuple):
    """One of the answers to choose from; `code` is empty for a new one."""

    code: str
    labels: dict[str, str]
    is_removed: bool = False


@transaction.atomic
def save_question(question: Question, *, choices: Sequence[Offered], user: Any, **fields: Any) -> Question:
    """Store a question, new or not, with the answers to choose from in their order.

    Raises QuestionRefused if it was answered and its kind would change, or the answers be kept longer than said, or
    if there is nothing to choose from.
    """
    event = locked(question.event_id)
    is_new = question.pk is None
    row = question if is_new else Question.objects.get(pk=question.pk)
    if not is_new and row.answers.exists():
        require_same_sense(row, fields)
    for name in FIELDS:
        if name in fields:
            setattr(row, name, fields[name])
    if row.has_choices and not any(not choice.is_removed for choice in choices):
        raise QuestionRefused(_("Give at least one answer to choose from."))
    row.save()
    if row.has_choices:
        save_choices(row, choices)
    note(event.pk, row, "added" if is_new else "changed", user)
    return row


def require_same_sense(row: Question, fields: dict[str, Any]) -> None:
    if fields.get("kind", row.kind) != row.kind:
        raise QuestionRefused(
            _("Somebody has answered already, so the kind of answer stays. Withdraw the question and ask another.")
        )
    if row.retention == Retention.LOGISTICS and fields.get("retention", row.retention) != Retention.LOGISTICS:
        raise QuestionRefused(
            _("People were told that their answers are deleted soon after the event; they cannot be kept longer.")
        )


def save_choices(row: Question, choices: Sequence[Offered]) -> None:
    """Codes stay for ever; what was chosen by somebody is withdrawn and not deleted."""
    stored = {choice.code: choice for choice in row.choices.all()}
    used = chosen(row)
    for order, offered in enumerate(choices):
        choice = stored.get(offered.code) or Choice(question=row, code=next_code(stored))
        if offered.is_removed and choice.code not in used:
            if choice.pk:
                choice.delete()
            continue
        choice.labels, choice.sort_order, choice.withdrawn = offered.labels, order, offered.is_removed
        choice.save()
        stored[choice.code] = choice


def next_code(stored: dict[str, Choice]) -> str:
    number = 1
    while f"c{number}" in stored:
        number += 1
    return f"c{number}"


def chosen(row: Question) -> set[str]:
    found: set[str] = set()
    for value in row.answers.values_list("value", flat=True):
        found.update(value if isinstance(value, list) else [str(value)])
    return found


@transaction.atomic
def withdraw_question(question: Question, *, user: Any) -> bool:
    """Ask it no more; one that nobody has answered is deleted. Returns whether it was."""
    event = locked(question.event_id)
    row = Question.objects.get(pk=question.pk)
    is_deleted = not row.answers.exists()
    note(event.pk, row, "deleted" if is_deleted else "withdrawn", user)
    if is_deleted:
        row.delete()
    else:
        row.withdrawn = True
        row.save(update_fields=["withdrawn"])
    return is_deleted


@transaction.atomic
def ask_again(question: Question, *, user: Any) -> None:
    """Ask a withdrawn question again."""
    event = locked(question.event_id)
    row = Question.objects.get(pk=question.pk)
    row.withdrawn = False
    row.save(update_fields=["withdrawn"])
    note(event.pk, row, "asked again", user)


def note(event_id: int, row: Question, act: str, user: Any) -> None:
    kinds = dict(QuestionKind.choices)
    AuditLine.objects.create(
        event_id=event_id,
        user=user,
        who="organiser" if user else "system",
        what="question",
        data={"act": act, "question": row.pk, "kind": row.kind if row.kind in kinds else "", "labels": row.labels},
    )
