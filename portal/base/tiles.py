"""Pictures for what has no photo: geometric tiles drawn from a word, the same word for ever the same picture.

Ten motifs on a grid of 40 × 40.  A motif is a pen's walk: pairs of command and numbers as in an SVG path, all
relative, so that turning it needs no more than turning its steps.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Thing = TypeVar("Thing")

CELL = 40
OVERLAP = 0.5  # neighbours overlap by this, or a hair of background shows between them

# A colour of the ground, and the colours that stand out on it.  None of them is ever text.
PETROL, SUN, BRICK, LEAF, PLUM, SAND, MIST = (
    "#0b5a6f",
    "#f5b841",
    "#d4583a",
    "#5d8f3f",
    "#753a7d",
    "#f3e6cf",
    "#bfdfe4",
)
COLOURS = (
    (PETROL, (SUN, SAND, MIST)),
    (SUN, (PETROL, PLUM, BRICK)),
    (BRICK, (SAND, MIST, SUN)),
    (LEAF, (SAND, MIST)),
    (PLUM, (SUN, SAND, MIST)),
    (SAND, (PETROL, BRICK, PLUM, LEAF)),
    (MIST, (PETROL, PLUM, BRICK)),
)

Step = tuple[str, tuple[float, ...]]
Motif = tuple[Step, ...]

M, L, A = "m", "l", "a"
END: Step = ("z", ())
# An arc's numbers: radius, large, sweep, and where it ends.
MOTIFS: dict[str, Motif] = {
    "arch": ((M, (6, 40)), (L, (0, -20)), (A, (14, 0, 1, 28, 0)), (L, (0, 20)), END),
    "roof": ((M, (0, 40)), (L, (20, -32)), (L, (20, 32)), END),
    "window": (
        *((M, (6, 6)), (L, (11, 0)), (L, (0, 11)), (L, (-11, 0)), END),
        *((M, (17, 0)), (L, (11, 0)), (L, (0, 11)), (L, (-11, 0)), END),
        *((M, (0, 17)), (L, (11, 0)), (L, (0, 11)), (L, (-11, 0)), END),
        *((M, (-17, 0)), (L, (11, 0)), (L, (0, 11)), (L, (-11, 0)), END),
    ),
    "stair": (
        *((M, (0, 40)), (L, (0, -10)), (L, (10, 0)), (L, (0, -10)), (L, (10, 0)), (L, (0, -10)), (L, (10, 0))),
        *((L, (0, -10)), (L, (10, 0)), (L, (0, 40)), END),
    ),
    "sun": ((M, (7, 20)), (A, (13, 0, 1, 26, 0)), (A, (13, 0, 1, -26, 0)), END),
    "leaf": ((M, (0, 0)), (A, (40, 0, 1, 40, 40)), (A, (40, 0, 1, -40, -40)), END),
    "rainbow": (
        *((M, (0, 8)), (A, (32, 0, 1, 32, 32)), (L, (-6, 0)), (A, (26, 0, 0, -26, -26)), END),
        *((M, (0, 13)), (A, (19, 0, 1, 19, 19)), (L, (-6, 0)), (A, (13, 0, 0, -13, -13)), END),
    ),
    "quarter": ((M, (0, 0)), (L, (40, 0)), (A, (40, 0, 1, -40, 40)), END),
    "halves": (
        *((M, (0, 0)), (L, (40, 0)), (A, (20, 0, 1, -40, 0)), END),
        *((M, (0, 40)), (A, (20, 0, 1, 40, 0)), END),
    ),
    "waves": (
        *((M, (0, 20)), (A, (20, 0, 1, 40, 0)), END),
        *((M, (0, 20)), (A, (20, 0, 1, 40, 0)), END),
    ),
}
UPRIGHT = ("arch", "roof", "window", "sun", "waves")  # turning these makes no better picture


@lru_cache(maxsize=500)  # of a kilobyte or two; a list draws twenty of them
def cover(seed: str, columns: int = 6, rows: int = 2) -> str:
    """Draw a cover: a decorative SVG that fills its box, whatever the box's shape."""
    return (
        f'<svg viewBox="0 0 {columns * CELL} {rows * CELL}" preserveAspectRatio="xMidYMid slice" '
        f'aria-hidden="true">{paths(seed, columns, rows)}</svg>'
    )


def paths(seed: str, columns: int, rows: int) -> str:
    """Draw the tiles, one path a colour: first the grounds, then the motifs, which stay inside their cells."""
    chance = numbers(seed)
    grounds: dict[str, list[str]] = {}
    figures: dict[str, list[str]] = {}
    grid: dict[tuple[int, int], tuple[str, str]] = {}
    side = number(CELL + OVERLAP)
    for y in range(rows):
        for x in range(columns):
            beside = [grid[cell] for cell in ((x - 1, y), (x, y - 1)) if cell in grid]
            ground, inks = pick([c for c in COLOURS if c[0] not in {tile[0] for tile in beside}], chance)
            name = pick([name for name in MOTIFS if name not in {tile[1] for tile in beside}], chance)
            ink = pick(inks, chance)
            turn = 0 if name in UPRIGHT else next(chance) % 4
            grid[x, y] = ground, name
            grounds.setdefault(ground, []).append(f"M{x * CELL} {y * CELL}h{side}v{side}h-{side}z")
            figures.setdefault(ink, []).append(walk(MOTIFS[name], x * CELL, y * CELL, turn))
    layers = [*grounds.items(), *figures.items()]
    return "".join(f'<path fill="{colour}" d="{"".join(lines)}"/>' for colour, lines in layers)


def walk(motif: Motif, x: float, y: float, turn: int = 0) -> str:
    """Write a motif as path data, its cell at (x, y), turned clockwise by quarters round the cell's middle."""
    half = CELL / 2
    across, down = turned(-half, -half, turn)
    here = start = x + half + across, y + half + down
    words = []
    for command, values in motif:
        if command == "z":
            here = start
            words.append("z")
            continue
        dx, dy = turned(values[-2], values[-1], turn)
        here = here[0] + dx, here[1] + dy
        if command == M:
            start = here
            words.append(f"M{number(here[0])} {number(here[1])}")
        else:
            words.append(line(dx, dy) if command == L else arc(values, dx, dy))
    return "".join(words).replace(" -", "-")


def line(dx: float, dy: float) -> str:
    if not dy:
        return f"h{number(dx)}"
    return f"l{number(dx)} {number(dy)}" if dx else f"v{number(dy)}"


def arc(values: tuple[float, ...], dx: float, dy: float) -> str:
    radius, large, sweep = (number(value) for value in values[:3])
    return f"a{radius} {radius} 0 {large} {sweep} {number(dx)} {number(dy)}"


def turned(dx: float, dy: float, turn: int) -> tuple[float, float]:
    for _quarter in range(turn):
        dx, dy = -dy, dx
    return dx, dy


def numbers(seed: str) -> Iterator[int]:
    """Give numbers for ever, always the same for a seed."""
    for block in count():
        yield from sha256(f"{seed} {block}".encode()).digest()


def pick(things: Sequence[Thing], chance: Iterator[int]) -> Thing:
    return things[next(chance) % len(things)]


def number(value: float) -> str:
    return f"{value:g}"
