"""Take the second factor of somebody back whose phone and recovery codes are lost."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.base.second_factor import must_have_one, reset


class Command(BaseCommand):
    help = "Take somebody's second factor back (lost phone). Make sure that it is that person who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody has the user name {username}.")
        if not reset(user):
            self.stdout.write(f"{username} has no second factor.")
            return
        next_time = "must set up a new one before anything else" if must_have_one(user) else "needs the password alone"
        self.stdout.write(f"Taken back: {username} {next_time}, in sessions that are open as well.")
