"""Requests to WSGI applications in this process, timed in turns.

In each round every subject has its turn, so what else the machine does falls on all of them alike.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from statistics import median
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings

WAGTAIL_MIDDLEWARE = [  # of Wagtail's project template
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
TURN_SECONDS = 0.02  # short, so that some turns meet nobody else on a busy machine
MOST_A_TURN = 100


@dataclass
class Answer:
    status: str
    headers: dict[str, str]
    size: int
    queries: int


@dataclass
class Subject:
    """An address of an application, and the milliseconds a request took in each round."""

    name: str
    app: WSGIHandler
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    status: str = "200 OK"
    before: Callable[[], object] | None = None  # done before each request, and not counted
    answer: Answer | None = None
    repeats: int = 1
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def least_cpu(self) -> float:
        return min(self.cpu)

    @property
    def least_wall(self) -> float:
        return min(self.wall)

    @property
    def median_cpu(self) -> float:
        return median(self.cpu)

    @property
    def size(self) -> int:
        return self.answer.size if self.answer else 0


def application(middleware: list[str] | None = None) -> WSGIHandler:
    """The portal behind this middleware; behind its own if none is given."""
    with override_settings(MIDDLEWARE=settings.MIDDLEWARE if middleware is None else middleware):
        return WSGIHandler()


def environ(path: str, headers: dict[str, str]) -> dict[str, Any]:
    where, _mark, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": where.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    } | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}


def ask(subject: Subject) -> Answer:
    """Make one request as a server would, to the closing of the answer, which ends the request's signals."""
    said: list[Any] = []
    queries = 0

    def start(status: str, headers: list[tuple[str, str]], failure: object = None, /) -> Any:
        said.extend((status, dict(headers)))

    def count(execute: Any, *args: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*args)

    with connection.execute_wrapper(count):
        response = subject.app(environ(subject.path, subject.headers), start)
        size = sum(len(part) for part in response)
        response.close()
    return Answer(said[0], said[1], size, queries)


def prepare(subject: Subject) -> Subject:
    """Warm up the caches that a running server has warm, see that the answer is the right one, and choose a turn."""
    ask(subject)
    subject.answer = ask(subject)
    assert subject.answer.status == subject.status, f"{subject.path} answers {subject.answer.status}"
    began = time.perf_counter()
    ask(subject)
    subject.repeats = max(1, min(MOST_A_TURN, round(TURN_SECONDS / (time.perf_counter() - began))))
    return subject


def take_turn(subject: Subject) -> None:
    if subject.before is not None:
        cpu, wall = each_alone(subject, subject.before)
    else:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(subject.repeats):
            ask(subject)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    subject.cpu.append(1000 * cpu / subject.repeats)
    subject.wall.append(1000 * wall / subject.repeats)


def each_alone(subject: Subject, before: Callable[[], object]) -> tuple[float, float]:
    total_cpu = total_wall = 0.0
    for _ in range(subject.repeats):
        before()
        wall, cpu = time.perf_counter(), time.process_time()
        ask(subject)
        total_cpu += time.process_time() - cpu
        total_wall += time.perf_counter() - wall
    return total_cpu, total_wall


def measure(subjects: Sequence[Subject], rounds: int) -> None:
    """Time subjects that are prepared."""
    for _ in range(rounds):
        for subject in subjects:
            take_turn(subject)
