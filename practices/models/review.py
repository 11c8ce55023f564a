"""A sheet is published by the network's reviewers: the task of Wagtail's workflow, and what they decide.

Words and facts are submitted together and published together. While they are in review only reviewers change them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.forms import TaskStateCommentForm
from wagtail.locks import BaseLock
from wagtail.models import Page, Task, TaskState, Workflow, WorkflowState

from home.editors import people
from portal.base.publishing import checked_draft, publish_all

if TYPE_CHECKING:
    from django.db.models import QuerySet

REVIEW = "practices.publish_practice"  # who may publish a practice reviews those of all Cités


def is_reviewer(user: Any) -> bool:
    return bool(user.is_active and user.has_perm(REVIEW))


def reviewers() -> QuerySet[Any]:
    """Those who can be written to."""
    app_label, codename = REVIEW.split(".")
    holders = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    rights = Q(is_superuser=True) | Q(groups__permissions__in=holders) | Q(user_permissions__in=holders)
    return people().filter(rights).distinct()


class ReasonForm(TaskStateCommentForm):
    """What shall be changed: a refusal without a reason helps nobody."""

    comment = forms.CharField(label=_("What shall be changed?"), widget=forms.Textarea({"rows": 4}))


class Review(Task):
    """The network's reviewers publish a sheet, or say what they ask to be changed."""

    class Meta:
        verbose_name = _("review of practices")
        verbose_name_plural = _("reviews of practices")

    def start(self, workflow_state: Any, user: Any = None) -> Any:
        """Locks that somebody has forgotten would stop the reviewers."""
        page = workflow_state.content_object.specific
        for thing in (page, getattr(page, "practice", None)):
            if thing is not None and thing.locked:
                thing.locked, thing.locked_by, thing.locked_at = False, None, None
                thing.save(update_fields=["locked", "locked_by", "locked_at"])
        return super().start(workflow_state, user=user)

    def on_action(self, task_state: Any, user: Any, action_name: str, comment: Any = "", **_more: Any) -> str:
        """Lead to the practice, which says what was decided, or what is still missing."""
        page = task_state.workflow_state.content_object.specific
        with suppress(ValidationError):  # nothing was decided
            decide(task_state, user, action_name, str(comment))
        return str(page.practice.admin_url) if getattr(page, "practice", None) else ""

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        return is_reviewer(user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        return not is_reviewer(user)

    def user_can_lock(self, obj: Any, user: Any) -> bool:
        return is_reviewer(user)

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        if not is_reviewer(user):
            return []
        return [("reject", _("Ask for changes"), True), ("approve", _("Approve"), False)]

    def get_form_for_action(self, action: str) -> Any:
        return ReasonForm if action == "reject" else TaskStateCommentForm

    @classmethod
    def get_description(cls) -> str:
        return gettext("Reviewers of the network publish facts and text together, or ask for changes.")


@transaction.atomic
def decide(task_state: Any, user: Any, action: str, comment: str = "") -> None:
    """Publish what is in review ("approve"), or send it back with a comment ("reject"), once.

    Raises PermissionDenied if the user is no reviewer, ValidationError if somebody has decided already, if what is in
    review is not complete, or if a refusal has no comment.
    """
    page = task_state.workflow_state.content_object.specific
    if not is_reviewer(user) or getattr(page, "practice", None) is None:
        raise PermissionDenied
    practice = locked(page.practice)
    state = TaskState.objects.select_related("workflow_state").get(pk=task_state.pk)
    if state.status != TaskState.STATUS_IN_PROGRESS or state.workflow_state.status != WorkflowState.STATUS_IN_PROGRESS:
        raise ValidationError(gettext("Somebody has decided about it already."))
    if action == "reject":
        reject(state.specific, user, comment.strip())
    elif action == "approve":
        approve(state.specific, practice, page, user, comment.strip())
    else:
        raise PermissionDenied


def reject(state: Any, user: Any, comment: str) -> None:
    if not comment:
        raise ValidationError(gettext("Say what shall be changed."))
    state.reject(user=user, comment=comment)


def approve(state: Any, practice: Any, page: Any, user: Any, comment: str) -> None:
    for thing in (practice, page):
        draft = checked_draft(thing, user)
        if draft.go_live_at:  # a date would leave one of the two public without the other
            draft.go_live_at = None
            draft.save_revision(user=user)
    publish_all(practice, [], user)
    state.approve(user=user, comment=comment)  # and Wagtail publishes the latest draft


def locked(practice: Any) -> Any:
    """The row as stored, which nobody else submits, decides or publishes until this transaction ends."""
    return type(practice)._default_manager.select_for_update(of=("self",)).get(pk=practice.pk)


class PracticeWorkflow(Workflow):
    """Starts once, however often the button is pressed."""

    class Meta:
        proxy = True

    @transaction.atomic
    def start(self, obj: Any, user: Any) -> Any:
        locked(obj.practice)
        running = WorkflowState.objects.active().for_instance(obj).first()
        if running is None:
            return super().start(obj, user)
        if running.status == WorkflowState.STATUS_NEEDS_CHANGES:
            running.resume(user)
        return running


def the_workflow() -> PracticeWorkflow | None:
    """None until it was made (practices.groups), or while it is switched off."""
    found = PracticeWorkflow.objects.filter(active=True, workflow_tasks__task__in=Review.objects.filter(active=True))
    return found.first()


def reviews() -> QuerySet[WorkflowState]:
    """Reviews that wait for a reviewer or for an editor."""
    pages = ContentType.objects.get_for_model(Page)
    tasks = Review.objects.values("pk")
    return WorkflowState.objects.active().filter(base_content_type=pages, current_task_state__task__in=tasks)


def review_of(practice: Any) -> WorkflowState | None:
    if practice.pk is None:
        return None
    keys = [str(pk) for pk in practice.pages.filter(alias_of=None).values_list("pk", flat=True)]
    found = reviews().filter(object_id__in=keys)
    return found.select_related("current_task_state__finished_by", "requested_by").first()


def is_waiting(review: WorkflowState | None) -> bool:
    """Whether it is the reviewers' turn."""
    return review is not None and review.status == WorkflowState.STATUS_IN_PROGRESS


def is_in_review(practice: Any) -> bool:
    return is_waiting(review_of(practice))


class ReviewLock(BaseLock):
    """Facts that are in review with their words."""

    def for_user(self, user: Any) -> bool:
        return not is_reviewer(user)

    def get_message(self, user: Any) -> str:
        return gettext("It is in review: until that is decided only reviewers change it.")

    def get_locked_by(self, user: Any) -> str:
        return gettext("In review")

    def get_description(self, user: Any) -> str:
        return self.get_message(user)
