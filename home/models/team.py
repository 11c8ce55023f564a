"""The people of a Cité: a group and a collection of files, with rights on its own branch in every language."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from home.models.cite import Cite

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE_ACTIONS = ("add", "change", "publish", "lock", "unlock")
FILE_ACTIONS = ("add", "change", "choose")
FACT_ACTIONS = ("view", "change", "publish")  # of the Cité; of events and practices also "add"


class CiteTeam(models.Model):
    """Not a field of Cite, which revisions write over: a group must never change with a draft."""

    cite = models.OneToOneField(Cite, on_delete=models.CASCADE, related_name="team")
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="cite_team")
    collection = models.OneToOneField(Collection, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.cite)


def ensure_team(cite: Cite) -> CiteTeam:
    """Make what the editors of a Cité need, once; its upper apps' rights are in `TEAM_PERMISSIONS`."""
    team = CiteTeam.objects.filter(cite=cite).select_related("group", "collection").first()
    if team is None:
        group, _created = Group.objects.get_or_create(name=f"Cité {cite.slug}")
        collection = Collection.get_first_root_node().add_child(name=str(cite))
        team = CiteTeam.objects.create(cite=cite, group=group, collection=collection)
    grant_models(team.group)
    grant_files(team)
    grant_pages(team.group, cite.pages.values_list("pk", flat=True))
    return team


# Codenames by app label; events and practices add theirs when they start.
TEAM_PERMISSIONS: dict[str, set[str]] = {
    "wagtailadmin": {"access_admin"},
    "wagtail_localize": {"submit_translation"},
    "home": {f"{action}_cite" for action in FACT_ACTIONS},
}


def grant_models(group: Group) -> None:
    wanted = [Q(content_type__app_label=label, codename__in=names) for label, names in TEAM_PERMISSIONS.items()]
    group.permissions.add(*Permission.objects.filter(reduce(or_, wanted)))


def grant_files(team: CiteTeam) -> None:
    wanted = [
        Q(content_type__app_label=label, codename__in=[f"{action}_{model}" for action in FILE_ACTIONS])
        for label, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
    ]
    rows = [
        GroupCollectionPermission(group=team.group, collection=team.collection, permission=row)
        for row in Permission.objects.filter(reduce(or_, wanted))
    ]
    GroupCollectionPermission.objects.bulk_create(rows, ignore_conflicts=True)


def grant_pages(group: Group, pages: Iterable[int]) -> None:
    """Rights on the Cité's page of each language, and so on all that lies below it."""
    permissions = Permission.objects.filter(
        content_type__app_label="wagtailcore",
        content_type__model="page",
        codename__in=[f"{action}_page" for action in PAGE_ACTIONS],
    )
    rows = [GroupPagePermission(group=group, page_id=pk, permission=row) for pk in pages for row in permissions]
    GroupPagePermission.objects.bulk_create(rows, ignore_conflicts=True)
