"""Checks that the catalogues are what `make messages` would write, and the promised languages complete."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

# The words in the code are English, so an empty entry of the English catalogue is complete.
LANGUAGE_OF_THE_CODE = "en"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0-9.]*[a-zA-Z]|\{\w*\}|%%")
NOT_EXTRACTED = shutil.ignore_patterns(".*", "var", "tests", "docs", "static", "__pycache__", "*.mo")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text)) - {"%%"}


def complaint(entry: polib.POEntry) -> str | None:
    """Say what is wrong with one translated entry, if anything."""
    wanted = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
    texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
    if entry.fuzzy:
        return "fuzzy"
    if not all(texts):
        return "not translated"
    if any(placeholders(text) - wanted for text in texts):
        return "a placeholder that the original does not have"
    # "One seat left" may drop the number, the last plural form may not.
    if placeholders(texts[-1]) != wanted:
        return "a placeholder is missing"
    return None


def gaps(po: Path, language: str) -> Iterator[str]:
    """Say what keeps a catalogue from being complete."""
    for entry in polib.pofile(str(po)):
        if entry.obsolete or (language == LANGUAGE_OF_THE_CODE and not entry.translated() and not entry.fuzzy):
            continue
        if wrong := complaint(entry):
            yield f"{language}: {wrong}: {entry.msgid!r}"


def stale(root: Path) -> Iterator[str]:
    """Name each catalogue that `make messages` would change, by running it in a copy of the code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(root, copy, ignore=NOT_EXTRACTED)
        (copy / "locale").mkdir(exist_ok=True)
        subprocess.run([sys.executable, "manage.py", "makemessages", "--verbosity=0"], cwd=copy, check=True)
        for fresh in sorted(copy.glob("locale/*/LC_MESSAGES/*.po")):
            committed = root / fresh.relative_to(copy)
            if not committed.exists() or committed.read_bytes() != fresh.read_bytes():
                yield f"{fresh.relative_to(copy)}: not what the code says; run `make messages`"


class Command(BaseCommand):
    help = "Check that the catalogues fit the code and that COMPLETE_LANGUAGES have every text. Writes nothing."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[str] = []
        if shutil.which("xgettext") or os.environ.get("CI"):
            found += stale(Path(settings.BASE_DIR))
        else:
            self.stdout.write("GNU gettext is not installed: not checked that the catalogues fit the code.")
        for language in settings.COMPLETE_LANGUAGES:
            po = Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")
            found += gaps(po, language) if po.exists() else [f"{language}: no catalogue"]
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"Catalogues complete: {', '.join(settings.COMPLETE_LANGUAGES)}")
