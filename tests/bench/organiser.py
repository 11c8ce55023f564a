"""An organiser in a process of its own who raises and lowers the seats, approves and cancels while people come.

`python -m tests.bench.organiser EVENT` obeys lines of its standard input, and answers each with a line of JSON:
begin (in three threads, until the next line), finish, raise N.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import django

PAUSE = 0.1
MOST_CANCELLED = 10
FIRST_STEPS = ((4, True), (-3, True), (2, True), (-1, False))  # seats more or fewer, and whether approval is asked for


class Organiser:
    def __init__(self, event_id: int) -> None:
        self.event_id = event_id
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self.is_busy = False
        self.threads: list[threading.Thread] = []
        self.seats = self.admission().seats_on_site
        self.random = random.Random(1)  # noqa: S311 a storm is no secret
        self.steps = self.chances()

    def admission(self) -> Any:
        from events.models import Admission

        return Admission.objects.get(event=self.event_id)

    def user(self) -> Any:
        from django.contrib.auth import get_user_model

        return get_user_model().objects.get_or_create(username="storm")[0]

    def set(self, seats: int, *, needs_approval: bool) -> str:
        from events.admission import AdmissionRefused, change_admission

        window: dict[str, Any] = {"opens_at": None, "closes_at": None, "seats_online": 0}
        before = self.admission().seats_on_site  # nobody else changes it
        try:
            change_admission(self.event_id, seats_on_site=seats, needs_approval=needs_approval, **window)
        except AdmissionRefused:
            return "fewer seats refused"
        return "seats raised" if seats > before else "seats lowered" if seats < before else "seats left"

    def rows(self, state: str) -> list[int]:
        from events.models import Registration

        rows = Registration.objects.filter(event=self.event_id, state=state).order_by("ranked_at", "pk")
        return list(rows.values_list("pk", flat=True))

    # --- what is done while people come
    def change_seats(self) -> str:
        """Some up or down; fewer than are taken is refused, and while approval is asked for seats stay free."""
        step, needs_approval = next(self.steps)
        seats = min(max(self.admission().seats_on_site + step, 1), 2 * self.seats)
        return self.set(seats, needs_approval=needs_approval)

    def chances(self) -> Iterator[tuple[int, bool]]:
        yield from FIRST_STEPS
        while True:
            yield self.random.choice((-3, -2, -1, 1, 2, 3)), self.random.random() < 0.5

    def decide(self) -> str:
        from events.approval import approve
        from events.registration import RegistrationRefused

        rows = self.rows("awaiting")
        if not rows:
            return "nobody to approve"
        try:
            approve(self.random.choice(rows), user=self.user())
        except RegistrationRefused:
            return "decided meanwhile"
        return "approved"

    def cancel(self) -> str:
        from events.registration import cancel

        rows = self.rows("confirmed")
        if not rows or self.done["cancelled"] >= MOST_CANCELLED:
            return "nobody to cancel"
        cancel(self.random.choice(rows), user=self.user())
        return "cancelled"

    def go_on(self, act: Callable[[], str]) -> None:
        from django.db import connection

        while self.is_busy:
            try:
                self.done[act()] += 1
            except Exception as error:  # noqa: BLE001 said with the counts
                self.failures.append(f"{act.__name__}: {error!r}"[:300])
            time.sleep(PAUSE)
        connection.close()

    # --- commands
    def begin(self) -> None:
        self.user()
        self.is_busy = True
        acts = (self.change_seats, self.decide, self.cancel)
        self.threads = [threading.Thread(target=self.go_on, args=(act,)) for act in acts]
        for thread in self.threads:
            thread.start()

    def finish(self) -> None:
        """Approve who is left, and leave as many seats as there were, or as are taken."""
        from events.approval import approve
        from events.models import Registration

        self.is_busy = False
        for thread in self.threads:
            thread.join()
        taken = Registration.objects.seated().filter(event=self.event_id).count()
        self.set(max(taken, self.seats), needs_approval=False)
        for pk in self.rows("awaiting"):
            approve(pk, user=self.user())
            self.done["approved"] += 1

    def raise_by(self, number: int) -> None:
        self.done[self.set(self.admission().seats_on_site + number, needs_approval=False)] += 1

    def obey(self, line: str) -> None:
        command, _, number = line.strip().partition(" ")
        if command == "raise":
            self.raise_by(int(number))
        else:
            {"begin": self.begin, "finish": self.finish}[command]()
        sys.stdout.write(json.dumps({"done": self.done, "failures": self.failures}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    organiser = Organiser(int(sys.argv[1]))
    for line in sys.stdin:
        organiser.obey(line)
