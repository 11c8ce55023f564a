"""Measure the portal: `make bench`, or `make bench ARGS="--profile agenda"` to see where a page's time goes.

`make bench ARGS=storm` lets only the storms blow, on SQLite and on PostgreSQL where one listens (or DATABASE_URL names
one). Nothing is asserted of speed, which depends on the machine; it fails if an answer or a count is wrong.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import django

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")
POSTGRES = ("127.0.0.1", 5432)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("subject", nargs="?", choices=("all", "storm"), default="all")
    parser.add_argument("--profile", default="", metavar="PAGE", help="only this page type, with cProfile")
    parser.add_argument("--storms", nargs="+", default=[], metavar="NAME", help="only these storms")
    parser.add_argument("--database", metavar="URL", help="storms on this database alone; empty: SQLite")
    parser.add_argument("--patient", action="store_true", help="let the time really pass until a mail is tried again")
    asked = parser.parse_args()
    if asked.subject == "storm" and asked.database is not None:
        return storms(asked)
    results = [] if asked.subject == "storm" else [pages(asked.profile)]
    if not asked.profile:
        results += [in_own_process(url) for url in databases()]
    return 0 if all(result == 0 for result in results) else 1


def pages(profiled: str) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        var = Path(folder) / "var"
        use_settings(var)
        # Only now that Django knows its settings.
        from tests.bench.run import run

        return 0 if run(var, profiled) else 1


def databases() -> list[str]:
    """SQLite, and the PostgreSQL that is named or near."""
    found = os.environ.get("DATABASE_URL", "")
    if not found:
        with socket.socket() as probe:
            if probe.connect_ex(POSTGRES) == 0:
                found = "postgres://postgres@{}:{}/bench".format(*POSTGRES)
    return ["", found] if found.startswith("postgres") else [""]


def in_own_process(database: str) -> int:
    """A process of Django knows one database."""
    given = [word for word in sys.argv[1:] if word not in {"all", "storm"}]
    command = [sys.executable, "-m", "tests.bench", "storm", "--database", database, *given]
    return subprocess.run(command, check=False).returncode


def storms(asked: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        use_settings(Path(folder) / "own", asked.database)
        from tests.bench.storm import STORMS, compare_storms

        names = asked.storms or list(STORMS)
        return 0 if compare_storms(names, Path(folder), is_patient=asked.patient) else 1


def use_settings(var: Path, database: str = "") -> None:
    """As in production, on a database of our own, whatever the caller's environment says."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept,
        DJANGO_SETTINGS_MODULE="tests.bench.settings",
        SECRET_KEY="only-for-the-bench-0123456789-abcdefghijklmnopqrstuvwxyz",
        SITE_URL="http://127.0.0.1",
        VAR_DIR=str(var),
        **({"DATABASE_URL": database} if database else {}),
    )
    var.mkdir(parents=True, exist_ok=True)
    django.setup()


if __name__ == "__main__":
    sys.exit(main())
