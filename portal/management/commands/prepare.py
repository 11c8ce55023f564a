"""What a start needs, done only where it is due: a start with nothing to do takes a moment."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from events.listing import is_outdated
from home.groups import ensure_coordinators, ensure_translators
from portal.base import reindex
from portal.management.commands.compile_catalogues import compile_catalogues
from practices.groups import ensure_reviewers


def digest(parts: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


class Stamp:
    """A file that says for which input a piece of work was done."""

    def __init__(self, path: Path, value: str) -> None:
        self.path, self.value = path, value

    def is_fresh(self) -> bool:
        return self.path.exists() and self.path.read_text() == self.value

    def press(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.value)


def static_stamp() -> Stamp:
    sources = [
        Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list(ignore_patterns=None)
    ]
    value = digest((source, source.stat().st_size, source.stat().st_mtime_ns) for source in sorted(sources))
    return Stamp(settings.STATIC_ROOT / ".collected", value)


def demo_stamp() -> Stamp:
    database = settings.DATABASES["default"]
    where = digest(database.get(key) for key in ("ENGINE", "HOST", "PORT", "NAME"))[:12]
    sources = [path for path in sorted((settings.BASE_DIR / "portal" / "demo").rglob("*")) if path.is_file()]
    sources = [path for path in sources if path.suffix != ".pyc"]
    value = digest(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources)
    # The demo's site is where SITE_URL says, so another port loads it again.
    return Stamp(settings.VAR_DIR / f"demo-{where}", f"{value} {settings.SITE_URL}")


class Command(BaseCommand):
    help = "Compile catalogues, migrate, index, collect static files and, with --demo, load the demo; each only if due."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo content as well")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        compiled = compile_catalogues([Path(folder) for folder in settings.LOCALE_PATHS])
        is_new = self.migrate()
        if not is_new and (compiled or is_outdated()):
            call_command("render_calendar", verbosity=0)  # stored entries hold words of the catalogues
        if reindex.is_outdated():
            self.stdout.write("Indexing the words of all pages anew.")
            reindex.index_anew()
        self.collect_static()
        if demo:
            self.load_demo(is_new=is_new)

    def migrate(self) -> bool:
        """Migrate if needed; say whether the database was empty."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Bringing the database up to date.")
            call_command("migrate", interactive=False, verbosity=0)
            ensure_coordinators()
            ensure_translators()
            ensure_reviewers()
        return not executor.loader.applied_migrations

    def collect_static(self) -> None:
        # With DEBUG the server finds them by itself.
        stamp = static_stamp()
        if not settings.DEBUG and not stamp.is_fresh():
            self.stdout.write("Collecting static files.")
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.press()

    def load_demo(self, *, is_new: bool) -> None:
        stamp = demo_stamp()
        if is_new or not stamp.is_fresh():
            self.stdout.write("Loading the demo content: a minute or two, once.")
            call_command("load_demo")
            stamp.press()
