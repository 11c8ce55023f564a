"""Tables in Markdown whose columns line up on a terminal too."""

import sys
from collections.abc import Sequence

Cell = str | int | float


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    lines = [list(heads), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for line in (lines[0], rule, *lines[1:]):
        first, *others = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        say(f"| {' | '.join(cells)} |")
    say()


def shown(cell: Cell) -> str:
    """Three figures are more than such a measurement gives."""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else cell
