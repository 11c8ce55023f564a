"""What tests/databases.py promises to every other test."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from wagtail.models import Locale, Page, Site


def is_as_migrated() -> bool:
    """Nobody wrote anything, and the rows of the data migrations are there."""
    return not get_user_model().objects.exists() and all(
        rows.exists()
        for rows in (
            Page.objects.filter(depth=1),
            Site.objects.all(),
            Locale.objects.all(),
            Permission.objects.filter(codename="access_admin"),
        )
    )


@pytest.mark.django_db
def test_database_has_the_rows_of_the_migrations():
    assert is_as_migrated()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_transactional_test_is_followed_by_a_fresh_database(run):
    def register(name: str) -> None:
        get_user_model().objects.create(username=name)
        connection.close()

    before = is_as_migrated()
    threads = [threading.Thread(target=register, args=[name]) for name in ("alice", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert before
    assert sorted(get_user_model().objects.values_list("username", flat=True)) == ["alice", "bob"]
