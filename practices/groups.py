"""The reviewers of the network and the workflow of reviews, made whenever the database is brought up to date."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import GroupPagePermission, Page, WorkflowTask

from practices.models.review import PracticeWorkflow, Review

REVIEWERS = "Reviewers"
NAME = "Revue du réseau"  # as the one in the database is called, not its label: a name has one language


@transaction.atomic
def ensure_reviewers() -> Group:
    """The group that reviews the practices of all Cités, beside the coordinators; and the workflow, once.

    An existing group is left as it was changed, a workflow that was switched off stays off.
    """
    group, is_new = Group.objects.get_or_create(name=REVIEWERS)
    if is_new:
        actions = [f"{action}_practice" for action in ("view", "change", "publish")]
        group.permissions.add(
            Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
            *Permission.objects.filter(content_type__app_label="practices", codename__in=actions),
        )
        # Wagtail compares versions only for who has some right on some page; a forgotten lock is theirs to open.
        unlock = Permission.objects.get(
            content_type__app_label="wagtailcore", content_type__model="page", codename="unlock_page"
        )
        GroupPagePermission.objects.create(group=group, page=Page.get_first_root_node(), permission=unlock)
    if not Review.objects.exists():
        workflow = PracticeWorkflow.objects.create(name=NAME)
        WorkflowTask.objects.create(workflow=workflow, task=Review.objects.create(name=NAME), sort_order=0)
    return group
