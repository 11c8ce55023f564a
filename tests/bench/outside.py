"""The portal over HTTP as `make run` starts it, but for the addresses in tests/bench/urls.py."""

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connections
from wagtail.models import Site

from tests.bench.cpu import group_of, seconds_once_idle
from tests.bench.subjects import FEED, LISTING, STYLES, bare_pages, page_types
from tests.bench.tables import Cell, say, table
from tests.server import PortalServer, free_port, serving

CONNECTIONS = 8
SECONDS = 2
ROUNDS = 2
PAGES = ("home", "directory", "Cité", "agenda", "event", "register form", "plain", "search")
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
COUNT = re.compile(r"(\d+) requests in")
WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@contextmanager
def running(var: Path) -> Iterator[PortalServer]:
    port = free_port()
    Site.objects.update(hostname="127.0.0.1", port=port)
    connections.close_all()
    with serving(var, port, DJANGO_SETTINGS_MODULE="tests.bench.settings") as server:
        yield server


@dataclass
class Load:
    """An address, and what wrk and the server's clocks said of it in each round."""

    name: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def least_cpu(self) -> float:
        return min(self.cpu)


def loads(url: str) -> list[Load]:
    with urllib.request.urlopen(f"{url}{FEED}") as whole:
        etag, feed_size = whole.headers["ETag"], len(whole.read())
    pages = page_types()
    with urllib.request.urlopen(f"{url}{pages['home']}") as home:
        home_size = len(home.read())
    return [
        Load("a static file", staticfiles_storage.url(STYLES)),
        Load("same bytes as home", f"/bench/bytes/{home_size}"),
        *(Load(name, path) for name, path in bare_pages().items()),
        *(Load(name, pages[name]) for name in PAGES),
        Load("same bytes as the feed", f"/bench/bytes/{feed_size}"),
        Load("feed, whole", FEED),
        Load("feed, gzip", FEED, {"Accept-Encoding": "gzip"}),
        Load("feed, 304", FEED, {"If-None-Match": etag}),
    ]


def press(load: Load, url: str, group: int | None) -> None:
    headers = [word for name, value in load.headers.items() for word in ("-H", f"{name}: {value}")]
    size = ["-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s"]
    before = seconds_once_idle(group)
    command = ["wrk", *size, *headers, f"{url}{load.path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # wrk leaves while one request of each connection is under way, which the server still answers.
    answered = first_number(COUNT, said) + CONNECTIONS
    load.cpu.append(1000 * (seconds_once_idle(group) - before) / answered)
    load.rates.append(first_number(RATE, said))
    load.wrong += int(first_number(WRONG, said))


def first_number(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    return float(found[1]) if found else 0


def compare_rates(server: PortalServer) -> bool:
    """Print requests a second and the server's CPU; return whether every answer was as it should be."""
    if shutil.which("wrk") is None:
        say("wrk is not installed: no requests a second.\n")
        return True
    found = loads(server.url)
    group = group_of(server.process.pid, "granian") if server.process else None
    for _ in range(ROUNDS):
        for load in found:
            press(load, server.url, group)
    one = next(load for load in found if load.name == LISTING)
    heads = ("", "server's CPU ms", "x", "requests/s", "x", "wrong answers")
    table(heads, [row(load, one) for load in found])
    return not any(load.wrong for load in found)


def row(load: Load, one: Load) -> list[Cell]:
    rate = max(load.rates)
    return [load.name, load.least_cpu, load.least_cpu / one.least_cpu, rate, rate / max(one.rates), load.wrong]
