"""Check every promise; exit 2 with a list if one is broken."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.audit import problems


class Command(BaseCommand):
    help = "Check that no event is overbooked, no mail stuck, no page without facts, no calendar stale."
    requires_system_checks = ()  # a clock runs it, and would have each Info mailed

    def handle(self, *args: Any, **options: Any) -> None:
        found = problems()
        for line in found:
            self.stdout.write(line)
        if found:
            sys.exit(2)
        self.stdout.write("all is well")
