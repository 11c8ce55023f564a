"""The portal's four processes under one supervisor.

web   granian, or Django's development server with --reload
mail  the worker that sends what is due
books the worker that makes handbooks, behind all others
tick  `manage.py tick --every 60`: stays, does what is due once a minute, ends on SIGTERM
"""

import os
import signal
import socket
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from portal.supervisor import Child, Supervisor

WELCOME = """
  Look    {url}/
  Edit    {url}/admin/    accounts and passwords: {var}/accounts.txt; the coordinator needs an app for codes (README)
  Mails   {var}/mail/
  Stop    Ctrl+C
"""


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another PORT=.") from error


def children(host: str, port: int, workers: int, threads: int, *, reload: bool) -> list[Child]:
    # So many threads that twenty people on slow lines stop nobody else; "error" silences granian's doubt about it.
    manage = [sys.executable, "manage.py"]
    web = [
        *(sys.executable, "-m", "granian", "portal.wsgi:application", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "error", "--no-access-log"),
    ]
    if reload:
        web = [*manage, "runserver", f"{host}:{port}"]
    worker = [*manage, "db_worker", "--verbosity", "0", "--skip-checks", "--reload" if reload else "--no-reload"]
    # A processor starts one process at a time: those who wait for a page come first.
    now = time.monotonic()
    return [
        Child("web", web, reload_signal=signal.SIGTERM if reload else signal.SIGHUP),
        Child("mail", [*worker, "--backend", "mail", "--queue-name", "mail"], due_at=now + 4),
        Child("tick", [*manage, "tick", "--every", "60"], due_at=now + 8),
        Child(
            "books",
            ["nice", "-n", "10", *worker, "--backend", "handbook", "--queue-name", "handbook", "--interval", "5"],
            due_at=now + 12,
        ),
    ]


class Command(BaseCommand):
    help = "Serve the portal: web server, mail worker and the minute's tick, started again if they end."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--threads", type=int, default=32, help="of each worker; each keeps a database connection")
        parser.add_argument("--demo", action="store_true", help="first do what `prepare --demo` does")
        parser.add_argument("--reload", action="store_true", help="for developers: start again when the code changes")

    def handle(self, *args: Any, host: str, port: int, demo: bool, reload: bool, **options: Any) -> None:
        refuse_taken_port(host, port)
        os.chdir(settings.BASE_DIR)
        if demo:
            # Here and not in a process of its own: loading Django takes longer than finding nothing to do.
            call_command("prepare", demo=True)
            connections.close_all()
            var = os.path.relpath(settings.VAR_DIR)
            self.stdout.write(WELCOME.format(url=settings.SITE_URL, var=var))
            self.stdout.flush()
        web = (options["workers"], options["threads"])
        Supervisor(children(host, port, *web, reload=reload)).run()
