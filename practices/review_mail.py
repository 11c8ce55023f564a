"""Mails of the reviews: in place of Wagtail's own, which are sent while a request waits, and lost with the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from wagtail.models import TaskState, WorkflowState

from home.editors import editors_of, people
from portal.base.accounts import queue_for
from portal.base.letters import Letter, Way, written
from portal.base.outbox import renders
from practices.checking import KIND as CHECK
from practices.models import Practice, PracticePage, Review
from practices.models.review import is_reviewer, reviewers
from practices.reviewing import may_write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.core.mail import EmailMultiAlternatives

    from portal.base.models import OutgoingMail

SUBMITTED, CHANGES, PUBLISHED = "practice_submitted", "practice_changes_asked", "practice_published"


def queue(kind: str, task_state: Any, users: Iterable[Any]) -> None:
    queue_for(users, cause=f"{kind}:{task_state.pk}", kind=kind, task_state=task_state.pk)


def writers(review: WorkflowState, practice: Practice) -> list[Any]:
    """Whoever submitted, and the editors of the owner; those who still have a right on it."""
    found = {user.pk: user for user in editors_of(practice.cite_id)} if practice.cite_id else {}
    submitter = people().filter(pk=review.requested_by_id).first()
    if submitter is not None and may_write(submitter, practice):
        found.setdefault(submitter.pk, submitter)
    return list(found.values())


def sheet_of(review: WorkflowState) -> Any:
    """The page of a sheet; None for another page, on which somebody has put the same workflow."""
    page = getattr(review.content_object, "specific", None)
    return page if isinstance(page, PracticePage) and page.practice else None


def on_submitted(instance: Any, user: Any = None, **_kwargs: Any) -> None:
    """Receives Wagtail's task_submitted: tell the reviewers, but for the one who submitted."""
    if isinstance(instance.task.specific, Review) and sheet_of(instance.workflow_state):
        queue(SUBMITTED, instance, reviewers().exclude(pk=getattr(user, "pk", None)))


def on_rejected(instance: Any, **_kwargs: Any) -> None:
    tell_writers(CHANGES, instance)


def on_approved(instance: Any, **_kwargs: Any) -> None:
    tell_writers(PUBLISHED, instance)


def tell_writers(kind: str, review: WorkflowState) -> None:
    """Receives Wagtail's workflow_rejected and workflow_approved."""
    page = sheet_of(review)
    if page is not None and isinstance(review.current_task_state.task.specific, Review):
        queue(kind, review.current_task_state, writers(review, page.practice))


class Case:
    """What a mail is about, as it is now; whoever receives it must still have to do with it."""

    def __init__(self, mail: OutgoingMail) -> None:
        self.state = TaskState.objects.filter(pk=mail.params.get("task_state")).first()
        self.page: Any = sheet_of(self.state.workflow_state) if self.state else None
        self.user = people().filter(pk=mail.params.get("user"), email=mail.to).first()

    @property
    def is_void(self) -> bool:
        return self.page is None or self.user is None

    @property
    def title(self) -> str:
        return str(self.page.get_latest_revision_as_object().title)

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.page.practice.admin_url

    def is_at(self, status: str) -> bool:
        return bool(self.state and self.state.status == status)


def name_of(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else _("somebody who has left")


@renders(SUBMITTED)
def practice_submitted(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Void once it was decided or taken back."""
    case = Case(mail)
    if case.is_void or not case.is_at(TaskState.STATUS_IN_PROGRESS) or not is_reviewer(case.user):
        return None
    practice = case.page.practice
    values = {"title": case.title, "who": name_of(case.state.workflow_state.requested_by)}
    made = Letter(
        subject=_("To review: %(title)s") % values,
        greeting=_("Good day,"),
        paragraphs=[
            _("%(who)s has submitted the practice “%(title)s” for review.") % values,
            _("Owner: %(owner)s") % {"owner": practice.cite or _("the network")},
            _("Publish it, or say what you ask to be changed. Until then only reviewers can change it."),
        ],
        button=Way(_("Review the practice"), case.url),
    )
    return written(made, mail.to)


@renders(CHANGES)
def practice_changes_asked(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Void once it was submitted again or taken back."""
    case = Case(mail)
    if case.is_void or case.state.workflow_state.status != WorkflowState.STATUS_NEEDS_CHANGES:
        return None
    if not case.is_at(TaskState.STATUS_REJECTED) or not may_write(case.user, case.page.practice):
        return None
    values = {"title": case.title, "who": name_of(case.state.finished_by)}
    made = Letter(
        subject=_("Changes asked for: %(title)s") % values,
        greeting=_("Good day,"),
        paragraphs=[
            _("%(who)s has read the practice “%(title)s” and asks for changes before it is published:") % values,
            *[line for line in case.state.comment.splitlines() if line.strip()],
        ],
        button=Way(_("Change the practice"), case.url),
        after=[_("Nothing is lost: change the draft and submit it again.")],
    )
    return written(made, mail.to)


@renders(PUBLISHED)
def practice_published(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    case = Case(mail)
    if case.is_void or not case.page.live or not may_write(case.user, case.page.practice):
        return None
    values = {"title": case.page.title, "who": name_of(case.state.finished_by)}
    thanks = case.state.comment.splitlines()
    made = Letter(
        subject=_("Published: %(title)s") % values,
        greeting=_("Good day,"),
        paragraphs=[
            _("%(who)s has approved the practice “%(title)s”. It is public now.") % values,
            *[line for line in thanks if line.strip()],
        ],
        button=Way(_("See the public page"), settings.SITE_URL + case.page.practice.get_absolute_url()),
        after=[_("Thank you for sharing it with the other Cités.")],
    )
    return written(made, mail.to)


@renders(CHECK)
def practice_check(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Void once somebody has checked it, or where the reader has left the Cité."""
    practice = Practice.objects.stale().filter(pk=mail.params.get("practice")).first()
    user = get_user_model().objects.filter(pk=mail.params.get("user"), email=mail.to, is_active=True).first()
    if practice is None or user is None or not editors_of(practice.cite_id).filter(pk=user.pk).exists():
        return None
    made = Letter(
        subject=_("Is it still so? %(practice)s") % {"practice": practice},
        greeting=_("Good day,"),
        paragraphs=[
            _("Nobody has checked the practice “%(practice)s” for five years. Readers are told so.")
            % {"practice": practice},
            _("If it is still right, one button says so: “Checked today”. If not, change it and submit it for review."),
        ],
        button=Way(_("Check the practice"), settings.SITE_URL + practice.admin_url),
        after=[_("We ask again in a year at the earliest.")],
    )
    return written(made, mail.to)
