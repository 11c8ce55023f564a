"""The portal over HTTP as `make run` starts it, but for the addresses in tests/bench/urls.py."""

import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connections
from wagtail.models import Site

from tests.bench.subjects import FEED, STYLES, bare_pages, page_types
from tests.bench.tables import say, table
from tests.server import ROOT, PortalServer, environment, free_port, wait_for

CONNECTIONS = 8
SECONDS = 2
ROUNDS = 2
ONE = "same bytes as home"
RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
SLOWEST = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
WRONG = re.compile(r"(?:Non-2xx or 3xx responses: (\d+)|Socket errors: (.*))")
IN_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@contextmanager
def running(var: Path) -> Iterator[PortalServer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    Site.objects.update(hostname="127.0.0.1", port=port)
    connections.close_all()
    server = PortalServer(url, var, environment(var, url) | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"})
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with (var / "server.log").open("wb") as log:
        server.process = subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=log, stderr=log)
        try:
            wait_for(f"{url}/healthz", server.process)
            yield server
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=30)


@dataclass
class Load:
    """An address, and what wrk said of it in each round."""

    name: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def loads(url: str) -> list[Load]:
    with urllib.request.urlopen(f"{url}{FEED}") as whole:
        etag, feed_size = whole.headers["ETag"], len(whole.read())
    pages = page_types()
    with urllib.request.urlopen(f"{url}{pages['home']}") as home:
        home_size = len(home.read())
    return [
        Load(ONE, f"/bench/bytes/{home_size}"),
        Load("a static file", staticfiles_storage.url(STYLES)),
        *(Load(name, path) for name, path in (bare_pages() | pages).items()),
        Load("same bytes as the feed", f"/bench/bytes/{feed_size}"),
        Load("feed, whole", FEED),
        Load("feed, gzip", FEED, {"Accept-Encoding": "gzip"}),
        Load("feed, 304", FEED, {"If-None-Match": etag}),
    ]


def press(load: Load, url: str) -> None:
    headers = [word for name, value in load.headers.items() for word in ("-H", f"{name}: {value}")]
    size = ["-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency"]
    said = subprocess.run(["wrk", *size, *headers, f"{url}{load.path}"], capture_output=True, text=True, check=True)
    load.rates += [float(rate) for rate in RATE.findall(said.stdout)]
    load.slowest += [float(number) * IN_MILLISECONDS[unit] for number, unit in SLOWEST.findall(said.stdout)]
    load.wrong += ["".join(found) for found in WRONG.findall(said.stdout)]


def compare_rates(server: PortalServer) -> bool:
    """Print requests a second; return whether every answer was as it should be."""
    if shutil.which("wrk") is None:
        say("wrk is not installed: no requests a second.\n")
        return True
    found = loads(server.url)
    for _ in range(ROUNDS):
        for load in found:
            press(load, server.url)
    one = next(max(load.rates) for load in found if load.name == ONE)
    table(
        ("", "requests/s", "of same bytes", "99 % within ms", "wrong answers"),
        [
            (load.name, max(load.rates), max(load.rates) / one, min(load.slowest), "; ".join(load.wrong) or "0")
            for load in found
        ],
    )
    return not any(load.wrong for load in found)
