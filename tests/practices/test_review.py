"""From a draft to a public sheet: who submits, who decides, and what happens when two act at once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation
from wagtail.models import TaskState, WorkflowState

from portal.base.publishing import publish_all
from practices.checklist import checklist_of
from practices.models import Review
from practices.models.review import decide, review_of, reviewers, the_workflow
from practices.reviewing import submit, take_back
from tests import factories
from tests.factories import stored
from tests.practices.reviewed import make_reviewer, make_sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def porto():
    trees = factories.make_tree("fr", "en")
    cite = factories.make_cite("porto")
    factories.cite_page(trees["fr"]["network"], cite, slug="porto")
    return stored(cite)


@pytest.fixture
def reviewer():
    return make_reviewer()


@pytest.fixture
def editor(porto):
    return factories.make_user("editor", cite=porto)


@pytest.fixture
def sheet(porto):
    return make_sheet(porto, porto.pages.get())


def state_of(sheet):
    review = review_of(sheet.practice)
    return review and review.status


def is_public(sheet):
    return (stored(sheet.practice).live, stored(sheet.page).live)


def current(sheet):
    return review_of(sheet.practice).current_task_state


def test_facts_and_words_are_submitted_and_published_together(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    before = (state_of(sheet), is_public(sheet))
    decide(current(sheet), reviewer, "approve")

    assert before == ("in_progress", (False, False))
    assert (state_of(sheet), is_public(sheet)) == (None, (True, True))


@pytest.mark.parametrize("missing", ["question", "summary", "context", "steps", "partners", "results"])
def test_a_sheet_that_lacks_a_required_part_is_not_submitted(porto, editor, reviewer, missing):
    empty = "<p></p>" if missing in {"context", "steps", "partners", "results"} else ""
    sheet = make_sheet(porto, porto.pages.get(), **{missing: empty})

    with pytest.raises(ValidationError):
        submit(sheet.practice, editor)

    assert [row.name for row in checklist_of(sheet.practice) if row.is_missing] == [missing]
    assert state_of(sheet) is None


def test_a_practice_without_words_is_not_submitted(porto, editor, reviewer):
    practice = factories.make_practice(cite=porto, live=False)

    with pytest.raises(ValidationError):
        submit(practice, editor)


def test_changes_are_asked_for_mended_and_submitted_again(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    first = current(sheet)
    decide(first, reviewer, "reject", "Say how it was counted.")
    asked = (state_of(sheet), current(sheet).comment)
    draft = stored(sheet.page).get_latest_revision_as_object()
    draft.results = "<p>2,140, counted at the door.</p>"
    draft.save_revision(user=editor)
    submit(sheet.practice, editor)
    again = (state_of(sheet), current(sheet).pk == first.pk)
    decide(current(sheet), reviewer, "approve")

    assert asked == ("needs_changes", "Say how it was counted.")
    assert again == ("in_progress", False)
    assert stored(sheet.page).results == "<p>2,140, counted at the door.</p>"


def test_a_refusal_needs_a_reason(sheet, editor, reviewer):
    submit(sheet.practice, editor)

    with pytest.raises(ValidationError):
        decide(current(sheet), reviewer, "reject", "  ")

    assert state_of(sheet) == "in_progress"


@pytest.mark.parametrize("second", ["approve", "reject"])
def test_of_two_reviewers_one_decides(sheet, editor, reviewer, second):
    submit(sheet.practice, editor)
    seen_by_both = current(sheet)
    decide(seen_by_both, reviewer, "approve")

    with pytest.raises(ValidationError, match="decided about it already"):
        decide(seen_by_both, make_reviewer("other"), second, "Why")

    assert is_public(sheet) == (True, True)


def test_a_decision_about_what_was_taken_back_decides_nothing(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    seen = current(sheet)
    take_back(sheet.practice, editor)
    submit(sheet.practice, editor)

    with pytest.raises(ValidationError):
        decide(seen, reviewer, "approve")

    assert (state_of(sheet), is_public(sheet)) == ("in_progress", (False, False))


def test_submitting_twice_starts_one_review(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    with pytest.raises(ValidationError):
        submit(sheet.practice, editor)
    page = stored(sheet.page)
    the_workflow().start(page, editor)

    assert (WorkflowState.objects.count(), TaskState.objects.count()) == (1, 1)


def test_editors_decide_nothing(sheet, editor, reviewer):
    submit(sheet.practice, editor)

    for action in ("approve", "reject"):
        with pytest.raises(PermissionDenied):
            decide(current(sheet), editor, action, "Why")

    assert (state_of(sheet), is_public(sheet)) == ("in_progress", (False, False))


def test_strangers_submit_and_take_back_nothing(sheet, editor, reviewer):
    stranger = factories.make_user("stranger", cite=factories.make_cite("lyon"))
    with pytest.raises(PermissionDenied):
        submit(sheet.practice, stranger)
    submit(sheet.practice, editor)

    with pytest.raises(PermissionDenied):
        take_back(sheet.practice, stranger)

    assert state_of(sheet) == "in_progress"


def test_editors_publish_neither_facts_nor_original_words(sheet, editor, reviewer):
    with pytest.raises(PermissionDenied):
        publish_all(sheet.practice, [sheet.page.pk], editor)
    with pytest.raises(PermissionDenied):
        sheet.page.latest_revision.publish(user=editor)

    assert is_public(sheet) == (False, False)


def test_what_is_in_review_is_published_by_a_decision_alone(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    coordinator = factories.make_user("coordinator", is_coordinator=True)

    for user in (editor, reviewer, coordinator):
        assert not stored(sheet.page).permissions_for_user(user).can_publish()
    with pytest.raises(PermissionDenied):
        publish_all(sheet.practice, [sheet.page.pk], reviewer)


def test_coordinators_are_reviewers(reviewer):
    coordinator = factories.make_user("coordinator", is_coordinator=True)

    assert list(reviewers()) == [reviewer, coordinator]


def test_a_colleague_takes_back_what_somebody_else_submitted(sheet, porto, editor, reviewer):
    submit(sheet.practice, editor)
    editor.delete()

    take_back(sheet.practice, factories.make_user("colleague", cite=porto))

    assert (state_of(sheet), is_public(sheet)) == (None, (False, False))


def test_the_review_goes_on_when_the_editor_is_gone(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    editor.delete()

    decide(current(sheet), reviewer, "approve")

    assert is_public(sheet) == (True, True)


def test_locks_that_somebody_forgot_do_not_stop_the_review(sheet, editor, reviewer):
    for thing in (sheet.page, sheet.practice):
        thing.locked, thing.locked_by = True, editor
        thing.save(update_fields=["locked", "locked_by"])
    submit(sheet.practice, editor)

    decide(current(sheet), reviewer, "approve")

    assert is_public(sheet) == (True, True)


def test_in_review_only_reviewers_change_facts_and_words(sheet, editor, reviewer):
    submit(sheet.practice, editor)

    locks = [stored(thing).get_lock() for thing in (sheet.practice, sheet.page)]

    assert [[lock.for_user(user) for user in (editor, reviewer)] for lock in locks] == [[True, False], [True, False]]
    assert stored(sheet.page).permissions_for_user(editor).can_delete() is False


def test_a_date_of_publication_neither_bypasses_nor_splits_the_review(sheet, editor, reviewer):
    for thing in (sheet.practice, sheet.page):
        draft = stored(thing).get_latest_revision_as_object()
        draft.go_live_at = draft.latest_revision.created_at.replace(year=2099)
        draft.save_revision(user=editor)
    submit(sheet.practice, editor)
    before = is_public(sheet)
    decide(current(sheet), reviewer, "approve")

    assert (before, is_public(sheet)) == ((False, False), (True, True))


def test_a_public_sheet_is_changed_the_same_way(porto, editor, reviewer):
    sheet = make_sheet(porto, porto.pages.get(), live=True)
    draft = stored(sheet.page).get_latest_revision_as_object()
    draft.title = "Nouvel accueil"
    draft.save_revision(user=editor)
    with pytest.raises(PermissionDenied):
        publish_all(sheet.practice, [sheet.page.pk], editor)
    submit(sheet.practice, editor)
    during = stored(sheet.page).title
    decide(current(sheet), reviewer, "approve")

    assert (during, stored(sheet.page).title) == ("Premier accueil", "Nouvel accueil")


def test_translations_of_a_public_original_are_the_editors_own(porto, editor, reviewer):
    sheet = make_sheet(porto, porto.pages.get(), live=True)
    english = porto.pages.get().get_parent().get_translation(factories.locale("en"))
    parent = factories.cite_page(english, porto, "Cité porto", slug="porto-en")
    team_pages = editor.groups.get().page_permissions
    assert team_pages.exists()
    factories.make_user("again", cite=porto)  # gives the team rights on the new page
    page = factories.practice_page(
        parent, sheet.practice, "First welcome", live=False, translation_key=sheet.page.translation_key
    )

    assert page.permissions_for_user(editor).can_publish()
    assert page.get_workflow() is None
    publish_all(sheet.practice, [page.pk], editor)
    assert stored(page).live

    sheet.page.unpublish()
    assert not stored(page).permissions_for_user(editor).can_publish()


def test_an_incomplete_draft_is_not_approved(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    draft = stored(sheet.practice).get_latest_revision_as_object()
    draft.contact_email = "no address"
    draft.save_revision(clean=False)

    with pytest.raises(ValidationError):
        decide(current(sheet), reviewer, "approve")

    assert (state_of(sheet), is_public(sheet)) == ("in_progress", (False, False))


def test_deleting_the_page_ends_its_review(sheet, editor, reviewer):
    submit(sheet.practice, editor)
    sheet.page.delete()

    assert (WorkflowState.objects.count(), review_of(sheet.practice)) == (0, None)


def test_aliases_have_no_review(sheet, reviewer):
    english = factories.locale("en")
    alias = sheet.page.copy_for_translation(english, copy_parents=True, alias=True)

    assert (alias.get_workflow(), alias.has_workflow, sheet.page.has_workflow) == (None, False, True)


def test_reviews_are_made_once():
    make_reviewer("a")
    make_reviewer("b")

    assert (Review.objects.count(), the_workflow().tasks.count()) == (1, 1)


def test_without_reviews_nothing_is_submitted(sheet, editor):
    with pytest.raises(ValidationError, match="no reviews"):
        submit(sheet.practice, editor)


def test_title_has_at_most_100_characters(sheet):
    sheet.page.title = "x" * 101

    with pytest.raises(ValidationError, match="At most 100 characters"):
        sheet.page.full_clean()
