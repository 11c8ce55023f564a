"""The handbook of 200 sheets, made by its worker's task while pages are served, and thirty sheets on request."""

import time
from collections.abc import Callable
from http.client import HTTPConnection
from threading import Event as Flag
from threading import Thread
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from django.utils import translation

from practices.handbook import of_chapter, sheets_of
from practices.handbook_building import build, ensure_rows
from practices.models import Handbook
from tests.bench.data import LANGUAGE
from tests.bench.many import fill_vademecum
from tests.bench.tables import say

SHEETS, CHOSEN = 200, 30


def compare_books(server: str) -> bool:
    """Make the whole handbook here, while a client asks the server for a page again and again.

    The server's own worker begins half a minute after `tick` has, when this is over.
    """
    fill_vademecum(SHEETS)
    ensure_rows()
    handbook = Handbook.objects.get(language=LANGUAGE, chapter=None)
    alone = asked_meanwhile(server, lambda: time.sleep(5))
    took: list[float] = []

    def make() -> None:
        began = time.monotonic()
        build(handbook)
        took.append(time.monotonic() - began)

    beside = asked_meanwhile(server, make)
    handbook.refresh_from_db()
    say(f"Handbook of {handbook.sheets} sheets: {handbook.pages} pages, {handbook.bytes // 1000} kB, {took[0]:.1f} s")
    say(f"Pages served meanwhile: median {median(beside):.0f} ms; with nothing beside {median(alone):.0f} ms")
    with translation.override(LANGUAGE):
        began = time.monotonic()
        contents = of_chapter(None)
        say(f"To see that it is fresh: {time.monotonic() - began:.1f} s")
    keys = list(sheets_of().values_list("pk", flat=True)[:CHOSEN])
    began = time.monotonic()
    with urlopen(f"{server}/{LANGUAGE}/handbook.pdf?{urlencode({'sheet': keys}, doseq=True)}") as answer:
        is_pdf = answer.read().startswith(b"%PDF")
    say(f"{CHOSEN} sheets on request: {time.monotonic() - began:.1f} s\n")
    is_fresh = contents is not None and contents.digest == handbook.digest
    return is_fresh and handbook.sheets >= SHEETS and is_pdf


def asked_meanwhile(server: str, act: Callable[[], object]) -> list[float]:
    """How long a page took each time while something was done, in milliseconds."""
    is_over = Flag()
    times: list[float] = []

    def ask() -> None:
        connection = HTTPConnection(urlsplit(server).netloc, timeout=60)
        while not is_over.is_set():
            began = time.monotonic()
            connection.request("GET", f"/{LANGUAGE}/search/?q=orientation")
            connection.getresponse().read()
            times.append((time.monotonic() - began) * 1000)

    reader = Thread(target=ask)
    reader.start()
    try:
        act()
    finally:
        is_over.set()
        reader.join()
    return times


def median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]
