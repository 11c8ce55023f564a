"""Store all calendar entries anew, after an upgrade of tzdata, of the serializer or of the catalogues."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from events.entries import store_entries
from events.listing import renew_outdated
from events.models import Event
from events.seating import locked


class Command(BaseCommand):
    help = "Render the stored calendar entries of all events anew; those that say the same stay as they are."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        changed = 0
        for pk in Event.objects.exclude(last_dates=None).values_list("pk", flat=True):
            with transaction.atomic():
                event = locked(pk)
                event.save()  # times in UTC follow from local ones by the tz database
                changed += store_entries(event)
        renewed = renew_outdated()
        if verbosity:
            self.stdout.write(f"{changed} entries changed, {renewed} feeds renewed")
