"""Do what is due: once, or every so many seconds until told to stop."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from portal.ticking import tick


class Command(BaseCommand):
    help = "Do what is due: scheduled publishing, mails to retry, drafts to forget."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on, once every so many seconds")

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        while every:
            begun = time.monotonic()
            close_old_connections()  # the database may have been restarted meanwhile
            tick()
            time.sleep(max(1, every - (time.monotonic() - begun)))
        if failed := tick():
            raise CommandError(f"failed: {', '.join(failed)}")
