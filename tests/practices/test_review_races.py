"""Two people act on a review at the same moment: one of them is told that the other was first."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import TaskState, WorkflowState

from practices.models.review import decide, review_of
from practices.reviewing import submit, take_back
from tests import factories
from tests.factories import stored
from tests.practices.reviewed import make_reviewer, make_sheet
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TOO_LATE = "['Somebody has decided about it already.']"
together = partial(at_once, refused=ValidationError)


@pytest.fixture
def sheet():
    trees = factories.make_tree("fr")
    cite = factories.make_cite("porto")
    return make_sheet(stored(cite), factories.cite_page(trees["fr"]["network"], cite, slug="porto"))


@pytest.fixture
def editor(sheet):
    return factories.make_user("editor", cite=sheet.practice.cite)


def lives(sheet):
    return {stored(sheet.practice).live, stored(sheet.page).live}


def test_of_two_reviewers_one_decides(sheet, editor):
    first, second = make_reviewer("first"), make_reviewer("second")
    submit(sheet.practice, editor)
    task = review_of(sheet.practice).current_task_state

    found = together(
        lambda: decide(task, first, "approve"),
        lambda: decide(task, second, "reject", "Say how it was counted."),
    )

    was_approved = found == [None, TOO_LATE]
    assert was_approved or found == [TOO_LATE, None]
    assert TaskState.objects.get().status == ("approved" if was_approved else "rejected")
    assert lives(sheet) == {was_approved}


def test_who_takes_it_back_and_who_approves_do_not_both_succeed(sheet, editor):
    reviewer = make_reviewer()
    submit(sheet.practice, editor)
    task = review_of(sheet.practice).current_task_state

    found = together(
        lambda: take_back(sheet.practice, editor),
        lambda: decide(task, reviewer, "approve"),
    )

    assert found in ([None, TOO_LATE], ["['It is not in review any more.']", None])
    assert WorkflowState.objects.get().status == ("cancelled" if found[0] is None else "approved")
    assert lives(sheet) == {found[1] is None}


def test_a_button_pressed_twice_starts_one_review(sheet, editor):
    make_reviewer()

    found = together(*[lambda: submit(sheet.practice, editor).pk] * 2)

    assert found.count("['It is in review already.']") == 1
    assert (WorkflowState.objects.count(), TaskState.objects.count()) == (1, 1)
