"""Compile catalogues without GNU gettext, which a newcomer's machine may not have."""

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.reloader import translation_file_changed


def compile_catalogue(po: Path) -> bool:
    """Write the .mo beside a .po that is newer; say whether it was written.

    It is written aside and renamed: a process that reads or compiles the same one never meets half a file.
    """
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime_ns > po.stat().st_mtime_ns:
        return False
    fresh = mo.with_name(f"{mo.name}.{os.getpid()}")
    polib.pofile(str(po)).save_as_mofile(str(fresh))
    fresh.replace(mo)
    return True


def compile_catalogues(folders: list[Path]) -> list[Path]:
    """Compile what is out of date and return it; this process forgets what it has read before."""
    compiled = [po for folder in folders for po in sorted(folder.glob("*/LC_MESSAGES/*.po")) if compile_catalogue(po)]
    for po in compiled:
        # Or what it makes next, calendar entries of the demonstration say, would be in no language but English.
        translation_file_changed(sender=None, file_path=po.with_suffix(".mo"))
    return compiled


class Command(BaseCommand):
    help = "Compile the catalogues that changed."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for po in compile_catalogues([Path(folder) for folder in settings.LOCALE_PATHS]):
            self.stdout.write(f"Compiled {po}")
