"""Do what is due: once, or every so many seconds until told to stop; or say what would be forgotten."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from events.forgetting import due
from portal.ticking import tick


class Command(BaseCommand):
    help = "Do what is due: scheduled publishing, offers that end, reminders, mails to retry, data to forget."
    requires_system_checks = ()  # a clock runs it, and would have each Info mailed

    def add_arguments(self, parser: CommandParser) -> None:
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--every", type=int, metavar="SECONDS", help="go on, once every so many seconds")
        kind.add_argument("--dry-run", action="store_true", help="only say which personal data would be forgotten")

    def handle(self, *args: Any, every: int | None, dry_run: bool, **options: Any) -> None:
        if dry_run:
            self.report()
            return
        while every:
            begun = time.monotonic()
            close_old_connections()  # the database may have been restarted meanwhile
            tick()
            time.sleep(max(1, every - (time.monotonic() - begun)))
        if failed := tick():
            raise CommandError(f"failed: {', '.join(failed)}")

    def report(self) -> None:
        lines = due()
        for line in lines:
            self.stdout.write(str(line))
        self.stdout.write(f"{sum(line.rows for line in lines)} rows would be forgotten")
