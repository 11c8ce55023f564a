"""Checks that the catalogues are what `make messages` would write, and the promised languages complete.

portal/wagtail_locale has words of Wagtail, which `make messages` does not write: whatever is there in one language is
there, or in Wagtail's own catalogue, in every other.
"""

import gettext
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
from django.apps import apps
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


def said_by_apps(language: str, domain: str) -> set[str]:
    """The words that the apps say in a language, where Python's gettext looks for them: for pt, in pt_PT."""
    folders = [str(Path(app.path, "locale")) for app in apps.get_app_configs()]
    found = [mo for folder in folders for mo in gettext.find(domain, folder, [language], all=True)]
    return {entry.msgid_with_context for mo in found for entry in polib.mofile(mo)}


def asked_by_apps(domain: str) -> set[str]:
    """The words that the apps have for translators."""
    found = [Path(app.path, "locale", LANGUAGE_OF_THE_CODE, "LC_MESSAGES") for app in apps.get_app_configs()]
    catalogues = [folder / f"{domain}.po" for folder in found]
    return {entry.msgid_with_context for po in catalogues if po.exists() for entry in polib.pofile(str(po))}


def gaps_of_apps(folder: Path, domain: str, languages: list[str]) -> Iterator[str]:
    """Say what keeps the words that we translate for the apps from being complete, and which no app has any more."""
    catalogues = {language: folder / language / "LC_MESSAGES" / f"{domain}.po" for language in languages}
    ours = {language: po for language, po in catalogues.items() if po.exists()}
    for language, po in ours.items():
        yield from gaps(po, language)
    said = {language: {entry.msgid_with_context for entry in polib.pofile(str(po))} for language, po in ours.items()}
    wanted = set().union(*said.values())
    for language in languages:
        for msgid in sorted(wanted - said.get(language, set()) - said_by_apps(language, domain)):
            yield f"{language}: neither ours nor an app's: {msgid!r}"
    for msgid in sorted(wanted - asked_by_apps(domain)):
        yield f"{domain}: no app says it: {msgid!r}"


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
        others = [code for code in settings.COMPLETE_LANGUAGES if code != LANGUAGE_OF_THE_CODE]
        for domain in ("django", "djangojs"):
            found += gaps_of_apps(Path(settings.LOCALE_PATHS[1]), domain, others)
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"Catalogues complete: {', '.join(settings.COMPLETE_LANGUAGES)}")
