"""From data to PDF/UA-1: typst in a process of its own (practices/typst/typesetter.py says why)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from portal.base.tiles import cover
from practices.handbook import TYPST

if TYPE_CHECKING:
    from practices.handbook import Handbook

MEGABYTES = 2000  # at most; 200 sheets of two pages take 400, 500 one gigabyte


class TypesettingFailed(Exception):
    """No PDF came of it; the message is typst's, for the log, and may hold words of a sheet."""


class Typeset(NamedTuple):
    pdf: bytes
    pages: int


def typeset(handbook: Handbook, *, seconds: float) -> Typeset:
    """Make the file; raises TypesettingFailed, also where it takes longer than so many seconds."""
    with tempfile.TemporaryDirectory(prefix="handbook-") as name:
        folder = Path(name)
        shutil.copy(TYPST / "handbook.typ", folder)
        (folder / "data.json").write_text(json.dumps(handbook.dated(), ensure_ascii=False))
        (folder / "cover.svg").write_text(svg_file(cover("vademecum", 7, 4)))
        for filename, rendition in handbook.pictures.items():
            with rendition.file.open() as file:
                (folder / filename).write_bytes(file.read())
        command = [sys.executable, "-I", str(TYPST / "typesetter.py"), name, str(MEGABYTES)]
        environment = {**os.environ, "RAYON_NUM_THREADS": "1"}  # the other processor serves pages
        try:
            done = subprocess.run(  # noqa: S603  (our own program)
                command, capture_output=True, text=True, timeout=seconds, check=False, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise TypesettingFailed(f"not done after {seconds:g} s") from error
        if done.returncode:
            raise TypesettingFailed(done.stderr.strip()[-2000:] or f"ended with {done.returncode}")
        return Typeset((folder / "handbook.pdf").read_bytes(), int(done.stdout))


def svg_file(inline: str) -> str:
    """An SVG that stands in a page as one that stands alone."""
    return inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
