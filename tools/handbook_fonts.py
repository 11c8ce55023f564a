"""Make the fonts of the handbook from the packages @fontsource/source-sans-3 and @fontsource/commissioner.

    npm pack @fontsource/source-sans-3 @fontsource/commissioner     and unpack both
    python tools/handbook_fonts.py FOLDER_OF_SOURCE_SANS FOLDER_OF_COMMISSIONER

Wants fonttools and brotli, which the portal itself does not. Latin, Greek and Cyrillic with their extensions in one
TrueType file a weight, since typst reads no woff2; under names of their own, as the licence asks of what was changed.
Writes `coverage.txt` as well: the characters that all of them have, as ranges.
"""

import sys
import tempfile
from itertools import count, groupby
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parent.parent / "practices" / "typst" / "fonts"
SUBSETS = ("latin", "latin-ext", "vietnamese", "greek", "greek-ext", "cyrillic", "cyrillic-ext")
FAMILY, SUBFAMILY, UNIQUE, FULL, POSTSCRIPT = 1, 2, 3, 4, 6
DROPPED = ("GDEF", "GSUB", "STAT", "DSIG", "HVAR", "MVAR", "avar", "gasp", "prep", "fpgm", "cvt ")


def merged(folder: Path, name: str, weight: int) -> TTFont:
    with tempfile.TemporaryDirectory() as temporary:
        parts = []
        for subset in SUBSETS:
            source = folder / "files" / f"{name}-{subset}-{weight}-normal.woff2"
            if source.exists():
                font = TTFont(source)
                font.flavor = None
                for tag in DROPPED:
                    if tag in font:
                        del font[tag]
                parts.append(str(Path(temporary) / f"{subset}.ttf"))
                font.save(parts[-1])
        return Merger().merge(parts)


def rename(font: TTFont, family: str, style: str) -> None:
    names = {
        FAMILY: family,
        SUBFAMILY: style,
        UNIQUE: f"{family} {style}",
        FULL: f"{family} {style}",
        POSTSCRIPT: f"{family.replace(' ', '')}-{style}",
    }
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in {0, 13, 14}]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)


def ranges(characters: set[int]) -> list[str]:
    steps = count()
    runs = [list(run) for _key, run in groupby(sorted(characters), lambda code: code - next(steps))]
    return [f"{run[0]:04X}-{run[-1]:04X}" for run in runs]


def main() -> None:
    text, head = (Path(argument) for argument in sys.argv[1:3])
    TARGET.mkdir(parents=True, exist_ok=True)
    coverage = None
    for folder, name, family, weight in (
        (text, "source-sans-3", "Vademecum Text", 400),
        (text, "source-sans-3", "Vademecum Text", 700),
        (head, "commissioner", "Vademecum Head", 700),
    ):
        style = "Bold" if weight == 700 else "Regular"
        font = merged(folder, name, weight)
        rename(font, family, style)
        font["OS/2"].usWeightClass = weight
        font.save(TARGET / f"{family.replace(' ', '')}-{style}.ttf")
        # Where a heading lacks a character, typst takes it from the text font; so only that one's count.
        if family == "Vademecum Text":
            own = set(font.getBestCmap())
            coverage = own if coverage is None else coverage & own
    (TARGET / "coverage.txt").write_text("\n".join(ranges(coverage or set())) + "\n")


if __name__ == "__main__":
    main()
