"""Load the real network and its demonstration, any number of times."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.models import Event
from home.models import Cite, Project
from portal.demo.derived import derived_at_the_end
from portal.demo.loading import load, read_demo
from portal.demo.reading import DemoError
from portal.demo.site import ensure_accounts
from practices.models import Practice

FOLDER = Path(__file__).resolve().parents[2] / "demo"


class Command(BaseCommand):
    help = "Load the Cités, projects, events, practices and pages of the data files; what is there stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data files are")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        begun = time.monotonic()
        try:
            demo = read_demo(folder)
        except DemoError as error:
            raise CommandError(str(error)) from error
        with derived_at_the_end():
            load(demo)
        accounts = ensure_accounts(settings.VAR_DIR / "accounts.txt")
        counts = ", ".join(
            f"{model.objects.count()} {model._meta.verbose_name_plural}" for model in (Cite, Project, Event, Practice)
        )
        self.stdout.write(f"{counts} in {time.monotonic() - begun:.0f} s; {len(accounts)} new accounts")
