"""The groups of the whole network. They are made whenever the database is brought up to date, demo or not.

Not by a migration: Django makes the permissions that they hold after the last one.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

COORDINATORS = "Coordinators"
TRANSLATORS = "Translators"


def ensure_coordinators() -> Group:
    """The group that may edit everything of the network."""
    group, _created = Group.objects.get_or_create(name=COORDINATORS)
    apps = ("home", "events", "practices", "wagtail_localize", "wagtailredirects")
    group.permissions.add(
        *Permission.objects.filter(content_type__app_label__in=apps),
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
    )
    root = Page.get_first_root_node()
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", content_type__model="page"
    ).exclude(codename="view_page"):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    files = Permission.objects.filter(content_type__app_label__in=("wagtailimages", "wagtaildocs"))
    for permission in files.filter(content_type__model__in=("image", "document")).exclude(codename__startswith="view"):
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=Collection.get_first_root_node(), permission=permission
        )
    return group


def ensure_translators() -> Group:
    """The group that may write the words of all pages, and so translate them, but publishes nothing.

    For one language alone a coordinator makes a group with the same two rights, on that language's home page.
    """
    group, is_new = Group.objects.get_or_create(name=TRANSLATORS)
    if is_new:  # what a coordinator changes in it stays so
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
        change = Permission.objects.get(
            content_type__app_label="wagtailcore", content_type__model="page", codename="change_page"
        )
        GroupPagePermission.objects.create(group=group, page=Page.get_first_root_node(), permission=change)
    return group
