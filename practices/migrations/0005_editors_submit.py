"""Editors of a Cité submit practices; the right to publish them, which their groups had, is the reviewers'."""

from django.db import migrations


def take_from_teams(apps, schema_editor):
    held = apps.get_model("auth", "Group").permissions.through.objects.filter(
        group__cite_team__isnull=False,
        permission__codename="publish_practice",
        permission__content_type__app_label="practices",
    )
    held.delete()


def give_to_teams(apps, schema_editor):
    permission = apps.get_model("auth", "Permission").objects.filter(
        codename="publish_practice", content_type__app_label="practices"
    )
    for group in apps.get_model("auth", "Group").objects.filter(cite_team__isnull=False):
        group.permissions.add(*permission)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("home", "0001_initial"),
        ("practices", "0004_review"),
    ]

    operations = [migrations.RunPython(take_from_teams, give_to_teams)]
