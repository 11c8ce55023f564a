"""A migrated database in a moment: migrate once per set of migrations, then copy.

Django's own way migrates for every run and every xdist worker, and what it does after a transactional test
empties the tables that data migrations filled (root page, site, locales, permissions). Here such a test is
followed by a fresh copy, so the order of tests does not matter, and SQLite has a file that threads can share.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import wagtail
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from wagtail.models import Site

CACHE = Path(__file__).parent.parent / "var" / "tests"
KEPT_TEMPLATES = 3


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time, across xdist workers and parallel runs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint() -> str:
    """Change with every migration, ours and those of the packages."""
    digest = hashlib.sha256(f"{django.__version__} {wagtail.__version__}".encode())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for migration in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{migration.name}".encode())
            digest.update(migration.read_bytes())
    return digest.hexdigest()[:16]


def forget_cached_rows() -> None:
    ContentType.objects.clear_cache()
    Site.clear_site_root_paths_cache()
    cache.clear()


class SqliteCopy:
    """A file beside a template file."""

    def __init__(self) -> None:
        self.template = CACHE / f"template-{fingerprint()}.sqlite3"
        self.file = CACHE / f"run-{os.getpid()}.sqlite3"

    def point_to(self, file: Path) -> None:
        connection.close()
        connection.settings_dict["NAME"] = str(file)

    def set_up(self) -> None:
        with locked("template"):
            if not self.template.exists():
                self.build()
        self.point_to(self.file)
        self.renew()

    def build(self) -> None:
        unfinished = self.template.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        self.point_to(unfinished)
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        unfinished.replace(self.template)
        templates = sorted(CACHE.glob("template-*.sqlite3"), key=lambda path: path.stat().st_mtime)
        for old in templates[:-KEPT_TEMPLATES]:
            old.unlink()

    def renew(self) -> None:
        connections.close_all()
        self.tear_down()
        shutil.copyfile(self.template, self.file)

    def tear_down(self) -> None:
        connections.close_all()
        for left in CACHE.glob(f"{self.file.name}*"):
            left.unlink()


class PostgresCopy:
    """A database made from a template database."""

    def __init__(self) -> None:
        prefix = f"test_{connection.settings_dict['NAME']}"
        self.template = f"{prefix}_{fingerprint()}"
        self.name = f"{prefix}_{os.getpid()}"

    def administer(self, *statements: str) -> None:
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def exists(self, name: str) -> bool:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def set_up(self) -> None:
        with locked("template"):
            if not self.exists(self.template):
                self.build()
        self.renew()
        connection.settings_dict["NAME"] = self.name

    def build(self) -> None:
        unfinished = f"{self.template}_unfinished"
        self.administer(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)', f'CREATE DATABASE "{unfinished}"')
        connection.settings_dict["NAME"] = unfinished
        call_command("migrate", verbosity=0)
        self.administer(f'ALTER DATABASE "{unfinished}" RENAME TO "{self.template}"')

    def renew(self) -> None:
        self.tear_down()
        self.administer(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')

    def tear_down(self) -> None:
        self.administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


def database_copy() -> SqliteCopy | PostgresCopy:
    return SqliteCopy() if connection.vendor == "sqlite" else PostgresCopy()
