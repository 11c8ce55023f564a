"""The real portal as a process of its own, for tests that go through HTTP."""

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections

from tests.databases import CACHE, locked

ROOT = Path(__file__).parent.parent
KEPT_PREPARED = 2
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")


@dataclass
class PortalServer:
    url: str
    var: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def mail_dir(self) -> Path:
        return self.var / "mail"

    def manage(self, *args: str, **options) -> subprocess.CompletedProcess[str]:
        """Run a management command on the server's database and files; raise if it fails."""
        return manage(self.env, *args, **options)


def manage(env: dict[str, str], *args: str, **options) -> subprocess.CompletedProcess[str]:
    options = {"capture_output": True, "text": True, "cwd": ROOT, "env": env, **options}
    try:
        return subprocess.run([sys.executable, "manage.py", *args], check=True, **options)
    except subprocess.CalledProcessError as error:
        error.add_note(f"{error.stdout}\n{error.stderr}")
        raise


def environment(var: Path, url: str) -> dict[str, str]:
    """As in production, but for SQLite and mails in files; nothing of the caller's own settings."""
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | {
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": url,
        "VAR_DIR": str(var),
        "WEBHOOK_SECRET": "webhook:secret",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def code_fingerprint() -> str:
    """Change with everything that the prepared database, catalogues and static files are made of."""
    digest = hashlib.sha256()
    for folder in ("portal", "home", "events", "practices", "locale"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in {".pyc", ".mo", ".html"}:
                digest.update(f"{path.relative_to(ROOT)}".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def prepared(fingerprint: str) -> Path:
    """A VAR_DIR with the database migrated and the demo loaded, made once for the same code."""
    done = CACHE / f"prepared-{fingerprint}"
    with locked("prepared"):
        if not done.exists():
            for old in sorted(CACHE.glob("prepared-*"), key=lambda path: path.stat().st_mtime)[: 1 - KEPT_PREPARED]:
                shutil.rmtree(old)
            unfinished = CACHE / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            manage(environment(unfinished, "http://127.0.0.1"), "prepare", "--demo")
            unfinished.rename(done)
    return done


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            assert process.poll() is None, f"The server ended with {process.returncode}"
            last = error
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{url} does not answer: {last}")


@contextmanager
def serving(var: Path, port: int, *, workers: int = 2, threads: int = 32, **variables: str) -> Iterator[PortalServer]:
    """`manage.py serve` on what is in this VAR_DIR; `variables` are more of its environment."""
    url = f"http://127.0.0.1:{port}"
    server = PortalServer(url, var, environment(var, url) | variables)
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    command += ["--workers", str(workers), "--threads", str(threads)]
    with (var / "server.log").open("wb") as log:
        server.process = subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=log, stderr=log)
        try:
            wait_for(f"{url}/healthz", server.process)
            yield server
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=30)


@contextmanager
def started_server(folder: Path) -> Iterator[PortalServer]:
    """`manage.py serve` on a free port with a copy of the prepared demo."""
    var = folder / "var"
    shutil.copytree(prepared(code_fingerprint()), var)
    port = free_port()
    with closing(sqlite3.connect(var / "portal.sqlite3")) as database, database:
        database.execute("UPDATE wagtailcore_site SET hostname = '127.0.0.1', port = ?", [port])
    with serving(var, port) as server:
        yield server


@contextmanager
def server_on_own_database(folder: Path, *, threads: int = 32, **variables: str) -> Iterator[PortalServer]:
    """`manage.py serve` on the database that this process has now; only the static files are those of the demo."""
    var = folder / "var"
    shutil.copytree(prepared(code_fingerprint()), var, ignore=shutil.ignore_patterns("portal.sqlite3*", "mail"))
    variables = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, **variables}
    connections.close_all()
    with serving(var, free_port(), threads=threads, **variables) as server:
        yield server


def database_url() -> str:
    """The database of this process, as DATABASE_URL names it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    secret = f":{quote(found['PASSWORD'])}" if found["PASSWORD"] else ""
    return f"postgres://{quote(found['USER'])}{secret}@{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"
