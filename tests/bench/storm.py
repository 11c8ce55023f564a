"""More people than seats, over real HTTP and with real mails: who gets what is counted, and must be exact.

Everybody opens the form, all send it at the same moment, and each follows the link as soon as the mail is there.
Four storms on each database: alone; while an organiser changes the seats, approves and cancels; with a web worker and
the mail worker killed (SIGKILL) in the middle; with the mail server away.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from events.models import AuditLine, Registration
from portal.base.models import OutgoingMail
from portal.base.outbox import message_id
from tests.bench.cpu import child, children
from tests.bench.data import LANGUAGE, event_with_seats
from tests.bench.inbox import Inbox
from tests.bench.people import LOST, Person
from tests.bench.tables import Cell, say, table
from tests.databases import database_copy, forget_cached_rows
from tests.factories import make_tree
from tests.server import ROOT, PortalServer, server_on_own_database

CLIENTS, SEATS = 200, 30
WORKERS, THREADS = 2, 32  # of `manage.py serve`
PACE = 0.25  # seconds between two people while the mail server is away: what one waits is then not the queue
MORE = 5  # seats that are added in the end
MAIL_SECONDS = 420  # a mail of a killed worker is tried again after five minutes, at the next tick
LASTING = "registration_waiting"
BAD_LINES = ("Traceback", "Internal Server Error", "database is locked", "too many clients")


@dataclass
class Storm:
    """One event, and everybody who wants to come."""

    name: str
    server: PortalServer
    inbox: Inbox
    clients: int = CLIENTS
    seats: int = SEATS
    pace: float = 0
    is_patient: bool = False  # lets the time really pass until a mail is tried again
    wrong: list[str] = field(default_factory=list)
    sent: int = 0  # forms
    said: dict[str, Cell] = field(default_factory=dict)  # what this storm alone has to say

    def __post_init__(self) -> None:
        with override_settings(SITE_URL=self.server.url):  # the stored calendar entries hold it
            self.event = event_with_seats(self.seats)
        self.people = [Person(number, f"{self.name}-") for number in range(self.clients)]
        self.url = f"{self.server.url}/{LANGUAGE}/event/{self.event.pk}/register/"
        self.first_mail = len(self.inbox.ids)
        self.first_line = len(self.log())
        self.lock = threading.Lock()
        connection.close()

    def log(self) -> list[str]:
        return (self.server.var / "server.log").read_text(errors="replace").splitlines()

    def rows(self, **lookup: Any) -> Any:
        return Registration.objects.filter(event=self.event, **lookup)

    # --- the people
    def blow(self, disturb: Callable[[], None] = lambda: None) -> None:
        """Let all come; `disturb` runs in this thread meanwhile."""
        with ThreadPoolExecutor(self.clients) as pool:
            for person, form in zip(self.people, pool.map(lambda who: who.open(self.url), self.people), strict=True):
                person.form = form
            began = time.monotonic()
            lives = [pool.submit(self.live, person, began + 0.5) for person in self.people]
            disturb()
            self.gather(lives)

    def live(self, person: Person, begin: float) -> None:
        time.sleep(max(0, begin + self.pace * person.number - time.monotonic()))
        is_taken = person.register(self.url)
        with self.lock:
            self.sent += 1
        if not is_taken:
            self.wrong.append(f"{person.email} was not taken: {person.posts[-1].status}")
        elif not (link := self.inbox.link_to(person.email, MAIL_SECONDS)):
            self.wrong.append(f"{person.email} has no mail")
        elif not person.act(link, "confirm"):
            self.wrong.append(f"{person.email} cannot confirm: {person.others[-1].status}")

    def gather(self, lives: list[Future[None]]) -> None:
        for life in lives:
            if error := life.exception():
                self.wrong.append(repr(error)[:200])

    def wait_for_forms(self, share: float) -> None:
        """Wait until this share of the people have sent theirs."""
        eventually(lambda: self.sent >= share * self.clients)

    def wait_for_mails(self) -> None:
        if not eventually(lambda: not OutgoingMail.objects.waiting().exists()):
            self.wrong.append(f"{OutgoingMail.objects.waiting().count()} mails are not sent")

    # --- what came of it
    def settle(self) -> None:
        """What must be so after every storm."""
        self.wait_for_mails()
        answers = self.answers()
        if bad := [f"{count} x {status}" for status, count in answers.items() if status >= HTTPStatus.BAD_REQUEST]:
            self.wrong.append(f"answers: {', '.join(bad)}")
        self.wrong += [line[:200] for line in self.log()[self.first_line :] if any(bad in line for bad in BAD_LINES)][
            :5
        ]
        self.wrong += self.half_written()
        self.wrong += self.audit()
        self.wrong += self.wrong_mails()
        self.wrong += self.wrong_order()

    def answers(self) -> Counter[int]:
        return Counter(answer.status for person in self.people for answer in person.answers)

    def audit(self) -> list[str]:
        try:
            self.server.manage("audit")
        except subprocess.CalledProcessError as error:
            return str(error.stdout).splitlines()[:5]
        return []

    def half_written(self) -> list[str]:
        """A registration, its line and its mail are there, or none of them."""
        rows = dict(self.rows().values_list("pk", "uuid"))
        lines = Counter(
            AuditLine.objects.filter(event=self.event, what="registered").values_list("registration_id", flat=True)
        )
        told = set(OutgoingMail.objects.filter(kind="registration_pending").values_list("about", flat=True))
        wrong = [f"registration {pk} has {lines[pk]} lines" for pk in rows if lines[pk] != 1]
        wrong += [f"registration {pk} has no mail" for pk, uuid in rows.items() if uuid not in told]
        wrong += [f"line of no registration {pk}" for pk in lines if pk not in rows]
        addresses = Counter(self.rows().values_list("email", flat=True))
        if addresses != Counter(person.email for person in self.people):
            wrong.append(f"{len(addresses)} addresses are registered {addresses.total()} times")
        return wrong

    def mails(self) -> Any:
        return OutgoingMail.objects.filter(about__in=self.rows().values("uuid"))

    def wrong_mails(self) -> list[str]:
        """Each mail came, and each one that came is ours.

        One that came while its worker was killed may be withheld when it is tried again: its person has confirmed.
        """
        came = set(self.inbox.ids[self.first_mail :])
        known = {message_id(mail): mail for mail in self.mails()}
        missing = [mail.pk for number, mail in known.items() if mail.withheld_at is None and number not in came]
        wrong = [f"mails {missing} did not come"] if missing else []
        if unknown := came - set(known):
            wrong.append(f"{len(unknown)} mails came that are in no outbox")
        if failed := self.mails().exclude(gave_up_at=None).count():
            wrong.append(f"{failed} mails were given up")
        return wrong

    @property
    def second_copies(self) -> int:
        came = self.inbox.ids[self.first_mail :]
        return len(came) - len(set(came))

    def late_mails(self) -> int:
        """How many mails came after one that was queued later."""
        place = {message_id(mail): mail.pk for mail in self.mails()}
        newest, late = 0, 0
        for number in dict.fromkeys(number for number in self.inbox.ids[self.first_mail :] if number in place):
            late += place[number] < newest
            newest = max(newest, place[number])
        return late

    def wrong_order(self) -> list[str]:
        """Whoever had an answer before another one asked is before; and see `overtaken`."""
        ranks = dict(self.rows().values_list("email", "ranked_at"))
        people = [person for person in self.people if person.email in ranks and person.posts]
        wrong = [
            f"{late.email} is before {early.email}"
            for early in people
            for late in people
            if early.posts[-1].began + early.posts[-1].seconds < late.posts[0].began
            and ranks[late.email] < ranks[early.email]
        ]
        if self.overtaken():
            wrong.append(f"somebody who waits was overtaken by {self.overtaken()}")
        return wrong[:5]

    def overtaken(self) -> int:
        """By how many with a seat and a later rank the unluckiest was overtaken.

        Nobody is: rank and seat are given under the same lock. Where organisers approve, they decide on the order.
        """
        if self.rows().filter(audit_lines__what="approved").exists():
            return 0
        waiting = self.rows(state="waiting").order_by("ranked_at").values_list("ranked_at", flat=True).first()
        return self.rows(state="confirmed", ranked_at__gt=waiting).count() if waiting else 0

    def states(self) -> Counter[str]:
        return Counter(self.rows().values_list("state", flat=True))

    def expect(self, **states: int) -> None:
        if self.states() != Counter({state: count for state, count in states.items() if count}):
            self.wrong.append(f"there are {dict(self.states())}, not {states}")

    def expect_first_come_first_served(self) -> None:
        """Who has a seat and who waits, where nobody but the people did anything."""
        self.expect(confirmed=self.seats, waiting=self.clients - self.seats)
        written = list(self.rows().order_by("pk").values_list("state", flat=True))
        if written != ["confirmed"] * self.seats + ["waiting"] * (self.clients - self.seats):
            self.wrong.append("the seats did not go to those who got the lock first")
        told = Counter(self.mails().exclude(sent_at=None).values_list("kind", flat=True))
        if (told["registration_confirmed"], told["registration_waiting"]) != (self.seats, self.clients - self.seats):
            self.wrong.append(f"the mails are {dict(told)}")

    def column(self) -> dict[str, Cell]:
        states = self.states()
        posts = [1000 * answer.seconds for person in self.people for answer in person.posts if answer.status != LOST]
        kinds = Counter(self.mails().exclude(sent_at=None).values_list("kind", flat=True))
        found: dict[str, Cell] = {
            "clients": self.clients,
            "seats": self.seats,
            **{f"answers {status or 'lost'}": count for status, count in sorted(self.answers().items())},
            "POST ms, median": median(posts),
            "POST ms, slowest": max(posts),
            "POSTs within 1 s": sum(ms < 1000 for ms in posts),
            **dict(sorted(states.items())),
            "overtaken by, at most": self.overtaken(),
            **{f"mails {kind.removeprefix('registration_')}": count for kind, count in sorted(kinds.items())},
            "withheld": self.mails().exclude(withheld_at=None).count(),
            "mails out of order": self.late_mails(),
            "second copies": self.second_copies,
            **self.said,
            "exact": "NO" if self.wrong else "yes",
        }
        return found


def eventually(is_so: Callable[[], bool], seconds: float = MAIL_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


# --- the four storms
def alone(storm: Storm) -> None:
    storm.blow()
    storm.settle()
    storm.expect_first_come_first_served()
    if storm.late_mails() or storm.second_copies:
        storm.wrong.append("mails are out of order, or came twice")


def with_organiser(storm: Storm) -> None:
    """The seats go up and down, approval is asked for and not, people are let in and thrown out; then all is quiet."""
    with organiser(storm) as tell:
        storm.blow(lambda: tell("begin"))
        done = tell("finish")
        storm.wait_for_mails()
        take_what_is_offered(storm)
        check_seats(storm, cancelled=done["done"].get("cancelled", 0))
        first = storm.rows().in_line().values_list("pk", flat=True)
        first = list(first[:MORE])
        seats = seats_of(storm)
        tell(f"raise {MORE}")
        offered = list(storm.rows(state="offered").order_by("ranked_at", "pk").values_list("pk", flat=True))
        if offered != first or seats_of(storm) != seats + MORE:
            storm.wrong.append(f"offered to {offered}, not to the first in line {first}")
        storm.wrong += done["failures"]
    storm.said |= {f"organiser: {what}": count for what, count in sorted(done["done"].items())}
    storm.settle()


@contextmanager
def organiser(storm: Storm) -> Iterator[Callable[[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "tests.bench.organiser", str(storm.event.pk)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=storm.server.env, **pipes) as process:

        def tell(line: str) -> dict[str, Any]:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            found: dict[str, Any] = json.loads(process.stdout.readline())
            return found

        yield tell
        process.stdin.close()


def take_what_is_offered(storm: Storm) -> None:
    """Everybody to whom a seat was offered meanwhile takes it."""
    by_email = {person.email: person for person in storm.people}
    offered = list(storm.rows(state="offered").values_list("email", flat=True))
    connection.close()
    with ThreadPoolExecutor(max(1, len(offered))) as pool:
        taken = list(pool.map(lambda email: by_email[email].act(storm.inbox.links[email], "accept"), offered))
    storm.said["offers taken"] = len(taken)
    if not all(taken) or storm.rows(state="offered").exists():
        storm.wrong.append(f"{taken.count(False)} of {len(taken)} offers could not be taken")


def seats_of(storm: Storm) -> int:
    return int(type(storm.event).objects.get(pk=storm.event.pk).admission.seats_on_site)


def check_seats(storm: Storm, *, cancelled: int) -> None:
    seats = seats_of(storm)
    storm.said["seats after all"] = seats
    storm.expect(confirmed=seats, waiting=storm.clients - seats - cancelled, cancelled=cancelled)


def with_killed_workers(storm: Storm) -> None:
    """A web worker, the mail worker, and the mail worker between the server's taking a mail and its noting that."""
    killed = threading.Event()

    def kill_before_answer() -> bool:
        """Only with a mail that still has something to say when it is tried again."""
        is_lasting = OutgoingMail.objects.waiting().filter(claimed_until__gt=timezone.now(), kind=LASTING).exists()
        connection.close()
        if is_lasting:
            kill_mail_worker(storm)
            killed.set()
        return is_lasting

    def disturb() -> None:
        storm.wait_for_forms(0.2)
        kill_web_worker(storm)
        storm.wait_for_forms(0.5)
        kill_mail_worker(storm)
        storm.inbox.before_answer = kill_before_answer
        if not killed.wait(MAIL_SECONDS):
            storm.wrong.append("the mail worker was not killed a second time")

    storm.blow(disturb)
    storm.settle()
    storm.expect_first_come_first_served()
    if storm.second_copies < 1:
        storm.wrong.append("a mail that was taken and not noted did not come again")


def mail_worker(storm: Storm) -> int | None:
    return child(storm.server.process.pid, "--queue-name\0mail")  # not that of the handbooks


def kill_web_worker(storm: Storm) -> None:
    found = children(child(storm.server.process.pid, "granian"), "granian")
    os.kill(found[0], signal.SIGKILL)
    storm.said["web workers killed"] = storm.said.get("web workers killed", 0) + 1


def kill_mail_worker(storm: Storm) -> None:
    """Kill it, and let the time pass until its claim ends."""
    pid = mail_worker(storm)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: mail_worker(storm) != pid)
    claimed = OutgoingMail.objects.waiting().filter(claimed_until__gt=timezone.now())
    if not storm.is_patient:
        claimed.update(claimed_until=timezone.now())
    connection.close()
    storm.said["mail workers killed"] = storm.said.get("mail workers killed", 0) + 1


def without_mail_server(storm: Storm) -> None:
    storm.inbox.go_away()

    def disturb() -> None:
        storm.wait_for_forms(1)
        queued = storm.mails()
        storm.said["queued while away"] = queued.count()
        if queued.exclude(sent_at=None).exists() or queued.count() != storm.clients:
            storm.wrong.append("a mail was sent, or not queued, while the server was away")
        storm.inbox.come_back()
        began = time.monotonic()
        if not storm.is_patient:
            OutgoingMail.objects.filter(waits_for_server=True).update(next_try_at=timezone.now())
        eventually(lambda: len(storm.inbox.ids) > storm.first_mail)
        storm.said["s until the first mail"] = time.monotonic() - began
        connection.close()

    storm.blow(disturb)
    storm.settle()
    storm.expect_first_come_first_served()
    if storm.late_mails() or storm.second_copies:
        storm.wrong.append("mails are out of order, or came twice")


STORMS: dict[str, Callable[[Storm], None]] = {
    "alone": alone,
    "organiser": with_organiser,
    "killed": with_killed_workers,
    "outage": without_mail_server,
}


def storm(name: str, server: PortalServer, inbox: Inbox, **options: Any) -> Storm:
    """Let one storm blow; what is not as it must be is in `wrong`."""
    found = Storm(name, server, inbox, pace=PACE if name == "outage" else 0, **options)
    began = time.monotonic()
    STORMS[name](found)
    found.said["seconds in all"] = time.monotonic() - began
    return found


# --- all of them
def compare_storms(names: list[str], folder: Path, *, is_patient: bool) -> bool:
    """Print a column for each storm on the database of this process; return whether all were exact."""
    copy = database_copy()
    copy.set_up()
    forget_cached_rows()
    make_tree(LANGUAGE)
    inbox = Inbox()
    try:
        with server_on_own_database(folder, EMAIL_URL=f"smtp://127.0.0.1:{inbox.port}") as server:
            columns, wrong = {}, []
            for name in names:
                found = storm(name, server, inbox, is_patient=is_patient)
                columns[name] = found.column()
                wrong += [f"{name}: {text}" for text in found.wrong]
    finally:
        copy.tear_down()
    rows = sorted(dict.fromkeys(row for column in columns.values() for row in column), key="exact".__eq__)
    table((connection.vendor, *columns), [(row, *(column.get(row, "") for column in columns.values())) for row in rows])
    for text in wrong:
        say(text)
    return not wrong
