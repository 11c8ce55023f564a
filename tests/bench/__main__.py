"""Measure the portal: `make bench`, or `make bench ARGS="--profile agenda"` to see where a page's time goes.

Nothing is asserted of speed, which depends on the machine; it fails if an answer or a count is wrong.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--profile", default="", metavar="PAGE", help="only this page type, with cProfile")
    profiled = parser.parse_args().profile
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        var = Path(folder) / "var"
        use_settings(var)
        # Only now that Django knows its settings.
        from tests.bench.run import run

        return 0 if run(var, profiled) else 1


def use_settings(var: Path) -> None:
    """As in production, on a database of our own, whatever the caller's environment says."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept,
        DJANGO_SETTINGS_MODULE="tests.bench.settings",
        SECRET_KEY="only-for-the-bench-0123456789-abcdefghijklmnopqrstuvwxyz",
        SITE_URL="http://127.0.0.1",
        VAR_DIR=str(var),
    )
    django.setup()


if __name__ == "__main__":
    sys.exit(main())
