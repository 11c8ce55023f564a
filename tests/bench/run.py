"""All measurements, one after the other; wants Django set up with a VAR_DIR of its own."""

import os
import platform
import time
from pathlib import Path

import django
import wagtail
from django.utils import timezone

from tests.bench.books import compare_books
from tests.bench.data import copy_demo, fill_feed
from tests.bench.many import fill_vademecum
from tests.bench.outside import CONNECTIONS, compare_rates, running
from tests.bench.pages import (
    applications,
    compare_feed,
    compare_lists,
    compare_pages,
    compare_searches,
    profile,
    search_subjects,
)
from tests.bench.tables import say
from tests.bench.vademecum import compare_index, with_few


def run(var: Path, profiled: str) -> bool:
    """Measure everything, or profile one page type; return whether all answers and counts were right."""
    began = time.monotonic()
    copy_demo(var)
    apps = applications()
    if profiled:
        if profiled in {subject.name for subject in search_subjects(apps)}:
            fill_vademecum()
        profile(profiled, apps)
        return True
    say(f"{machine()}\n")
    say("Pages in French, CPU of one request in this process (bare Wagtail listing = 1)\n")
    compare_pages(apps)
    added = fill_feed()
    say(f"The feed of 1,000 events, {added} of them invented (a trivial view = 1)\n")
    compare_feed(apps)
    say(f"Lists with these {added} events more\n")
    compare_lists(apps)
    few = with_few(apps.portal)
    say("The handbook: made by the task while pages are served\n")
    with running(var) as server:
        is_right = compare_books(server.url)
    added = fill_vademecum()
    say(f"Search over 2,000 practice pages, {added} of them invented (the plain list = 1)\n")
    compare_searches(apps)
    say("The vademecum with 20 and with 2,000 sheets, in six languages each\n")
    is_constant = compare_index(few, apps.portal)
    with running(var) as server:
        say(f"granian, 2 workers x 32 threads; wrk on the same machine, {CONNECTIONS} connections\n")
        is_right = compare_rates(server) and is_right
    say(f"Took {time.monotonic() - began:.0f} seconds.")
    return is_right and is_constant


def machine() -> str:
    """What the figures depend on; the load is what others did when it began."""
    versions = f"Python {platform.python_version()}, Django {django.__version__}, Wagtail {wagtail.__version__}"
    return f"{timezone.now():%Y-%m-%d}, {versions}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
