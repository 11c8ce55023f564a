"""Facts and words go to the reviewers together, and are taken back together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import WorkflowState
from wagtail.permissions import policy_registry

from portal.base.publishing import checked_draft
from practices.checklist import checklist_of, original_words
from practices.models.review import is_in_review, locked, review_of, the_workflow

if TYPE_CHECKING:
    from practices.models import Practice


def may_write(user: Any, practice: Practice) -> bool:
    return bool(policy_registry.get(practice).user_has_permission_for_instance(user, "change", practice))


@transaction.atomic
def submit(practice: Practice, user: Any) -> WorkflowState:
    """Give the latest drafts to the reviewers, for the first time or again after they asked for changes.

    Raises PermissionDenied if the user may not write the practice, ValidationError if a required part is missing, if
    it is in review already, or if there are no reviews.
    """
    row = locked(practice)
    page = original_words(row)
    if not may_write(user, row) or (page is not None and not page.permissions_for_user(user).can_edit()):
        raise PermissionDenied
    if is_in_review(row):
        raise ValidationError(_("It is in review already."))
    missing = [item.label for item in checklist_of(row) if item.is_missing]
    if missing or page is None:
        raise ValidationError(_("Still missing: %(parts)s.") % {"parts": ", ".join(missing)})
    for thing in (row, page):
        checked_draft(thing, user)
    workflow = the_workflow()
    if workflow is None:
        raise ValidationError(_("There are no reviews at present. Ask the coordinator."))
    return workflow.start(page, user)


@transaction.atomic
def take_back(practice: Practice, user: Any) -> None:
    """End the review without a decision; the drafts stay as they are.

    Any editor of the owner may, since whoever submitted may be away. Raises PermissionDenied for others,
    ValidationError if there is no review.
    """
    row = locked(practice)
    if not may_write(user, row):
        raise PermissionDenied
    review = review_of(row)
    if review is None:
        raise ValidationError(_("It is not in review any more."))
    review.cancel(user=user)
