"""Sheets beside a sheet: its chapter, and what it has in common with others."""

import pytest
from django.utils import translation

from home.models import Principle, TargetGroup
from practices.matrix import matrix_now
from practices.models import Chapter, Practice
from practices.related import neighbours, related
from tests.factories import make_practice, make_project, make_tree, practice_page, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


def sheet(name, *, chapter="meet", groups=(), principles=(), **fields):
    row = make_practice(name, chapter=Chapter.objects.get_or_create(code=chapter)[0], live=False, **fields)
    row.target_groups = [TargetGroup.objects.get_or_create(code=code)[0] for code in groups]
    row.principles = [Principle.objects.get_or_create(code=code)[0] for code in principles]
    return publish(row)


def names(keys):
    by_key = dict(Practice.objects.values_list("pk", "name"))
    return [by_key.get(key) for key in keys]


def like(row):
    return names(related(*matrix_now(), row))


# --- the chapter


def test_neighbours_are_those_before_and_after_in_the_chapter():
    rows = {name: sheet(name) for name in ("c", "é", "a", "b")}
    sheet("d", chapter="run")
    make_practice("bb", chapter=rows["a"].chapter, live=False)

    found = {name: names(neighbours(*matrix_now(), rows[name])) for name in ("a", "b", "c", "é")}

    assert found == {"a": [None, "b"], "b": ["a", "c"], "c": ["b", "é"], "é": ["c", None]}


def test_a_draft_and_a_sheet_without_a_chapter_have_no_neighbours():
    sheet("a")
    rows = [make_practice("draft", live=False), sheet("b")]
    Practice.objects.filter(pk=rows[1].pk).update(chapter=None)
    rows[1].refresh_from_db()

    assert [neighbours(*matrix_now(), row) for row in rows] == [(None, None)] * 2


# --- what is like it


def test_related_share_the_most_and_the_rarest():
    project = make_project()
    row = sheet("a", groups=["young"], principles=["free"], project=project)
    sheet("chapter only")
    sheet("project", chapter="run", project=project)
    sheet("chapter and group", groups=["young"])
    sheet("group", chapter="run", groups=["young"])
    sheet("nothing", chapter="run")

    assert like(row) == ["chapter and group", "project", "chapter only"]
    assert like(row) == like(row)


def test_related_leave_out_what_has_nothing_in_common():
    row = sheet("a")
    sheet("b", chapter="run")

    assert like(row) == []


def test_related_share_words_in_the_language_of_the_reader():
    trees = make_tree("fr", "en")
    rows = {name: sheet(name, chapter=name) for name in ("a", "b", "c")}
    for name, title in (("a", "Accueillir les jeunes"), ("b", "L’accueil d’un jeune"), ("c", "Évaluer")):
        practice_page(trees["fr"]["vademecum"], rows[name], title)
    for name, title in (("a", "Evaluating welcome"), ("c", "How to evaluate")):
        practice_page(trees["en"]["vademecum"], rows[name], title)

    in_french = like(rows["a"])
    with translation.override("en"):
        in_english = like(rows["a"])
    with translation.override("de"):
        in_german = like(rows["a"])  # there are no words in it: those of the original are compared

    assert (in_french, in_english, in_german) == (["b"], ["c"], ["b"])


def test_related_of_a_draft_are_none():
    sheet("a")

    assert like(make_practice("draft", live=False)) == []


@pytest.mark.parametrize("number", [3, 30])
def test_related_take_the_same_queries_for_three_and_thirty(number, django_assert_num_queries):
    tree = make_tree("fr")["fr"]
    rows = [sheet(f"{place:02}", groups=["young"]) for place in range(number)]
    for row in rows[:3]:
        practice_page(tree["vademecum"], row, "Accueillir")
    like(rows[0])  # from here the process knows words and languages

    with django_assert_num_queries(1):
        keys = related(*matrix_now(), rows[0])

    assert len(keys) == min(number - 1, 3)
