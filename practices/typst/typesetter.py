"""Typeset one folder: `python typesetter.py FOLDER MEGABYTES` reads handbook.typ and what lies beside it there.

Writes handbook.pdf into the folder and prints the number of pages. A process of its own, without Django: its memory
goes back when it ends, it may be ended when it takes too long, and pages are served meanwhile. It needs no network and
no font of the machine. Exit status 1, with typst's words on stderr, where there is no PDF/UA-1 to be had.
"""

import json
import resource
import sys
from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"


def main(folder: Path, megabytes: int) -> int:
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20, megabytes * 2**20))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    compiler = typst.Compiler(input=folder / "handbook.typ", root=folder, font_paths=fonts, ignore_system_fonts=True)
    try:
        compiler.compile(output=folder / "handbook.pdf", format="pdf", pdf_standards="ua-1", timestamp=0)
        pages = json.loads(compiler.query("<pages>", field="value", one=True))
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n{error.diagnostic}\n")
        return 1
    sys.stdout.write(str(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
