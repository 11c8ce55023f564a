"""The index of the vademecum and a sheet, with twenty sheets and with two thousand, in six languages each."""

from typing import Any
from urllib.parse import quote

from django.core.handlers.wsgi import WSGIHandler

from practices.models import Practice, PracticePage, VademecumPage
from tests.bench.data import LANGUAGE
from tests.bench.inside import Subject, measure, prepare
from tests.bench.many import leave_few, translate_all
from tests.bench.subjects import page
from tests.bench.tables import table

ROUNDS = 20
HEADS = ("", "SQL", "CPU ms min", "SQL, 2,000", "CPU ms min, 2,000", "times")


def asked() -> tuple[str, str]:
    """Three facets that some of the few and many of the many have, and a word of one of them."""
    row = Practice.objects.published().exclude(target_groups=None).exclude(principles=None).order_by("pk").first()
    assert row is not None
    group, principle = row.target_groups.first(), row.principles.first()
    word = max(page(PracticePage, practice=row).title.split(), key=len)
    return f"group={group.code}&principle={principle.code}&language={LANGUAGE}", word


def subjects(app: WSGIHandler) -> list[Subject]:
    index, (some, word) = page(VademecumPage).url, asked()
    sheet = page(PracticePage, practice=Practice.objects.published().order_by("pk").first()).url
    return [
        Subject("index", app, index),
        Subject("index, three facets", app, f"{index}?{some}"),
        Subject("index, three facets, words", app, f"{index}?{some}&q={quote(word)}"),
        Subject("index, words that all have", app, f"{index}?q=equipe"),
        Subject("index, 30 chosen", app, f"{index}?{some}&{chosen()}"),
        Subject("sheet", app, sheet),
    ]


def chosen() -> str:
    keys = Practice.objects.published().order_by("pk").values_list("pk", flat=True)[:30]
    return "&".join(f"sheet={pk}" for pk in keys)


def measured(app: WSGIHandler) -> list[Subject]:
    found = [prepare(subject) for subject in subjects(app)]
    measure(found, ROUNDS)
    return found


def with_few(app: WSGIHandler) -> list[Subject]:
    """Measure with twenty sheets, and leave all of them public again."""
    others = leave_few()
    translate_all()
    found = measured(app)
    Practice.objects.filter(pk__in=others).update(live=True)
    return found


def compare_index(few: list[Subject], app: WSGIHandler) -> bool:
    """Measure with what there is by now; return whether more sheets take no more queries."""
    translate_all()
    many = measured(app)
    rows: list[Any] = [
        (one.name, queries(one), one.least_cpu, queries(other), other.least_cpu, other.least_cpu / one.least_cpu)
        for one, other in zip(few, many, strict=True)
    ]
    table(HEADS, rows)
    return all(queries(one) == queries(other) for one, other in zip(few, many, strict=True))


def queries(subject: Subject) -> int:
    return subject.answer.queries if subject.answer else 0
