"""The matrix that a process keeps: it is made again when, and only when, what is public has changed."""

import pytest
from django.utils import translation
from wagtail.actions.move_page import MovePageAction
from wagtail.models import PageViewRestriction

from home.models import TargetGroup
from practices import matrix as matrices
from practices.matrix import matrix_now, places_of
from practices.models import Practice, PracticePage
from tests.factories import make_cite, make_practice, make_section, make_tree, practice_page, publish, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


def shown():
    """The keys of public sheets."""
    matrix, bits = matrix_now()
    return sorted(matrix.keys[place] for place in places_of(bits))


def public():
    return sorted(Practice.objects.shown().values_list("pk", flat=True))


def test_places_are_those_of_the_bits():
    assert [list(places_of(bits)) for bits in (0, 1, 0b1010, 1 << 2000)] == [[], [0], [1, 3], [2000]]


def test_matrix_of_nothing_has_every_facet():
    matrix, bits = matrix_now()

    assert (matrix.keys, bits) == ([], 0)
    assert set(matrix.having.values().__iter__().__next__()) == set()


def test_matrix_is_kept_while_nothing_changes(django_assert_num_queries):
    rows = [make_practice("a"), make_practice("b")]
    first, _bits = matrix_now()
    rows[0].save_revision()  # a draft
    TargetGroup.objects.create(code="young", labels={"fr": "Jeunes"})  # read anew with each request

    with django_assert_num_queries(1):
        second, bits = matrix_now()

    assert second is first
    assert bits == 0b11


def change_group(row):
    row.target_groups = [TargetGroup.objects.get_or_create(code="young")[0]]
    publish(row)


CHANGES = {
    "a new sheet": lambda row, page, tree: make_practice("another"),
    "its facts": lambda row, page, tree: change_group(row),
    "unpublished": lambda row, page, tree: row.unpublish(),
    "deleted": lambda row, page, tree: (page.delete(), Practice.objects.filter(pk=row.pk).delete()),
    "words unpublished": lambda row, page, tree: page.unpublish(),
    "words deleted": lambda row, page, tree: page.delete(),
    "words published": lambda row, page, tree: practice_page(tree["vademecum"], make_practice("b")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_matrix_is_made_again_after_a_change(change):
    tree = make_tree("fr")["fr"]
    row = make_practice("a")
    page = practice_page(tree["vademecum"], row)
    first, _bits = matrix_now()

    change(stored(row), PracticePage.objects.get(pk=page.pk), tree)

    second, _bits = matrix_now()
    fresh = matrices.made()
    assert second is not first
    assert (second.keys, second.having) == (fresh.keys, fresh.having)
    assert shown() == public()


def test_unpublishing_one_and_publishing_another_is_a_change():
    gone, come = make_practice("a"), make_practice("b", live=False)
    assert shown() == [gone.pk]

    stored(gone).unpublish()
    stored(come).get_latest_revision().publish()

    assert shown() == [come.pk]


def test_another_process_sees_what_this_one_has_published():
    make_practice("a")
    matrix_now()
    kept, matrices._kept = matrices._kept, matrices.Kept()  # what the other process has

    make_practice("b")
    here = shown()
    matrices._kept = kept

    assert shown() == here == public()
    assert len(here) == 2


def test_private_words_hide_a_sheet_at_once_and_only_while_they_are_private():
    tree = make_tree("fr")["fr"]
    closed, open_ = make_practice("a"), make_practice("b")
    page = practice_page(tree["vademecum"], closed)
    assert shown() == [closed.pk, open_.pk]

    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    hidden = shown()
    restriction.delete()

    assert (hidden, shown()) == ([open_.pk], [closed.pk, open_.pk])


def test_a_page_moved_below_a_private_one_hides_its_sheet():
    tree = make_tree("fr")["fr"]
    row = make_practice("a", cite=make_cite())
    page = practice_page(tree["vademecum"], row)
    private = make_section(tree["home"], type(tree["vademecum"]), "closed")
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    assert shown() == [row.pk]

    MovePageAction(PracticePage.objects.get(pk=page.pk), private, pos="last-child").execute(skip_permission_checks=True)

    assert shown() == public() == []
