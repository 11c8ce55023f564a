"""The words of a PDF as poppler reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest


def words_in(content: bytes, folder: Path) -> str:
    """All of them on one line, without spaces, since lines break anywhere; the test is skipped without poppler."""
    if shutil.which("pdftotext") is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("No pdftotext: apt-get install poppler-utils")
    file = folder / "handbook.pdf"
    file.write_bytes(content)
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, text=True, check=True)
    return flat(done.stdout)


def flat(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())
