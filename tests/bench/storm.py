"""More people than seats, all at the same moment, over HTTP: who gets in is counted, and must be exact."""

import re
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median
from urllib.parse import urlencode

from django.db import connection

from events.models import Event, Registration
from portal.base.models import OutgoingMail
from tests.bench.data import LANGUAGE, event_with_seats
from tests.bench.tables import Cell, table
from tests.server import PortalServer

CLIENTS = 40
SEATS = 10
STORMS = 3
MAIL_SECONDS = 30
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Form:
    """The form as one client got it, with its cookie."""

    url: str
    cookie: str
    token: str


def open_form(url: str) -> Form:
    with urllib.request.urlopen(url, timeout=60) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        token = TOKEN.search(answer.read().decode())
    assert token is not None, f"No form on {url}"
    return Form(url, cookie, token[1])


def send(form: Form, number: int) -> tuple[int, float]:
    """Send the form; return the status and how many seconds it took."""
    fields = {
        "csrfmiddlewaretoken": form.token,
        "name": f"Client {number}",
        "email": f"client{number}@example.org",
        "country": "FR",
        "language": LANGUAGE,
    }
    began = time.perf_counter()
    request = urllib.request.Request(form.url, urlencode(fields).encode(), {"Cookie": form.cookie})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    return status, time.perf_counter() - began


def storm(server: PortalServer) -> tuple[list[Cell], bool]:
    """One storm: a row of the table, and whether all counts are exact."""
    event = event_with_seats(SEATS)
    connection.close()
    url = f"{server.url}/{LANGUAGE}/event/{event.pk}/register/"
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        forms = list(clients.map(open_form, [url] * CLIENTS))
        answers = list(clients.map(send, forms, range(CLIENTS)))
    seconds = time.perf_counter() - began
    statuses = Counter(status for status, _seconds in answers)
    sent = [taken for _status, taken in answers]
    seats = Registration.objects.occupying().filter(event=event).count()
    mails = sent_mails(event)
    is_exact = statuses == {HTTPStatus.OK: SEATS, HTTPStatus.UNPROCESSABLE_ENTITY: CLIENTS - SEATS}
    is_exact = is_exact and seats == mails == SEATS
    said = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    speed = (SEATS / seconds, CLIENTS / seconds, 1000 * median(sent), 1000 * max(sent))
    return [said, seats, mails, *speed, "yes" if is_exact else "NO"], is_exact


def sent_mails(event: Event) -> int:
    """Wait for the mail worker; return how many confirmations of this event are sent."""
    own = set(Registration.objects.filter(event=event).values_list("pk", flat=True))
    mails = OutgoingMail.objects.filter(kind="registration_confirmed")

    def count() -> int:
        return sum(
            params["registration"] in own for params in mails.exclude(sent_at=None).values_list("params", flat=True)
        )

    eventually(lambda: count() >= len(own))
    return count()


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MAIL_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.2)


def compare_storms(server: PortalServer) -> bool:
    """Print a row for each storm; return whether all were exact."""
    results = [storm(server) for _ in range(STORMS)]
    heads = ("answers", "seats taken", "mails sent", "seats/s", "clients/s", "post ms median", "slowest", "exact")
    table(heads, [row for row, _is_exact in results])
    return all(is_exact for _row, is_exact in results)
