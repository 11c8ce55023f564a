"""CPU and time of each page type, and of the feed, next to what computes nothing and to bare Wagtail."""

import cProfile
import pstats
import sys
from dataclasses import dataclass

from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction

from events.listing import renew
from events.models import Feed
from tests.bench.data import LANGUAGE
from tests.bench.inside import WAGTAIL_MIDDLEWARE, Subject, application, ask, measure, prepare
from tests.bench.subjects import FEED, LISTING, bare_pages, page_types
from tests.bench.tables import Cell, table

ROUNDS = 20
FEED_ROUNDS = 10
PLAIN_LIST = "vademecum, the plain list"
TRIVIAL = "a view that returns two bytes"
PROFILED = 50
PROFILE_LINES = 30
HEADS = ("", "SQL", "kB", "CPU ms min", "median", "wall ms min", "CPU x", "wall x", "x same bytes", "x no middleware")


@dataclass
class Applications:
    portal: WSGIHandler
    wagtail: WSGIHandler
    bare: WSGIHandler


def applications() -> Applications:
    """The portal's addresses behind its own middleware, behind that of Wagtail's project template, and behind none."""
    return Applications(application(), application(WAGTAIL_MIDDLEWARE), application([]))


def with_same_bytes(subject: Subject, apps: Applications) -> list[Subject]:
    """A subject, and views that return as many bytes, behind the portal's middleware and without any."""
    path = f"/bench/bytes/{prepare(subject).size}"
    same = (Subject("same bytes", apps.portal, path), Subject("without middleware", apps.bare, path))
    return [subject, *map(prepare, same)]


def row(subject: Subject, unit: Subject, same: Subject, bare: Subject) -> list[Cell]:
    return [
        subject.name,
        subject.answer.queries if subject.answer else 0,
        subject.size / 1000,
        subject.least_cpu,
        subject.median_cpu,
        subject.least_wall,
        subject.least_cpu / unit.least_cpu,
        subject.least_wall / unit.least_wall,
        subject.least_cpu / same.least_cpu,
        subject.least_cpu / bare.least_cpu,
    ]


def compare(subjects: list[Subject], apps: Applications, rounds: int, unit: str) -> None:
    """Print a table in which the subject of this name is 1."""
    groups = [with_same_bytes(subject, apps) for subject in subjects]
    measure([each for group in groups for each in group], rounds)
    one = next(subject for subject in subjects if subject.name == unit)
    table(HEADS, [row(subject, one, same, bare) for subject, same, bare in groups])


def page_subjects(apps: Applications) -> list[Subject]:
    bare = [Subject(name, apps.wagtail, path) for name, path in bare_pages().items()]
    return bare + [Subject(name, apps.portal, path) for name, path in page_types().items()]


def feed_subjects(apps: Applications) -> list[Subject]:
    whole = prepare(Subject("feed, cached 200", apps.portal, FEED))
    etag = whole.answer.headers["ETag"] if whole.answer else ""
    squeezed = {"Accept-Encoding": "gzip"}
    return [
        Subject(TRIVIAL, apps.portal, "/bench/bytes/2"),
        Subject("feed, 304", apps.portal, FEED, {"If-None-Match": etag}, "304 Not Modified"),
        whole,
        Subject("feed, cached 200, gzip", apps.portal, FEED, squeezed),
        Subject("feed, first 200 after a change", apps.portal, FEED, before=renew_all),
        Subject("feed, the same, gzip", apps.portal, FEED, squeezed, before=renew_all),
        Subject("icalendar for each request", apps.portal, "/bench/naive.ics"),
    ]


def renew_all() -> None:
    """As after a change of an event: the feed has another revision."""
    with transaction.atomic():
        renew(Feed.objects.values_list("pk", flat=True))


def compare_pages(apps: Applications) -> None:
    compare(page_subjects(apps), apps, ROUNDS, LISTING)


def compare_feed(apps: Applications) -> None:
    compare(feed_subjects(apps), apps, FEED_ROUNDS, TRIVIAL)


def compare_lists(apps: Applications) -> None:
    """The lists that show events, once there are as many as the feed has."""
    wanted = {LISTING, "home", "agenda"}
    compare([subject for subject in page_subjects(apps) if subject.name in wanted], apps, FEED_ROUNDS, LISTING)


def search_subjects(apps: Applications) -> list[Subject]:
    address = f"/{LANGUAGE}/search/?q="
    paths = {
        PLAIN_LIST: page_types()["vademecum"],
        "search, every page has it": f"{address}accueil",
        "search, every page has all of it": f"{address}accueillir+orientation+entretien",
        "search, that kind, page 50": f"{address}accueil&kind=practice&page=50",
        "search, one in a hundred": f"{address}tutorat",
        "search, nothing found": f"{address}acceuilir+orientatoin",
    }
    return [Subject(name, apps.portal, path) for name, path in paths.items()]


def compare_searches(apps: Applications) -> None:
    """The search over thousands of pages, and the plain list of them; it must cost at most three times as much."""
    compare(search_subjects(apps), apps, FEED_ROUNDS, PLAIN_LIST)


def profile(name: str, apps: Applications) -> None:
    """Say where the time of one page type goes."""
    subjects = {subject.name: subject for subject in (*page_subjects(apps), *search_subjects(apps))}
    if name not in subjects:
        sys.exit(f"There is no {name!r}, but: {', '.join(subjects)}")
    subject = prepare(subjects[name])
    profiler = cProfile.Profile()
    profiler.runcall(lambda: [ask(subject) for _ in range(PROFILED)])
    stats = pstats.Stats(profiler, stream=sys.stdout)
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(PROFILE_LINES)
