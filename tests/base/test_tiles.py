"""Covers: the same word gives the same picture for ever, and every picture stays small."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from portal.base import tiles

GENOVA = (
    '<path fill="#bfdfe4" d="M0 0h40.5v40.5h-40.5z"/>'
    '<path fill="#753a7d" d="M40 40h-40a20 20 0 0 1 40 0zM40 0a20 20 0 0 1-40 0z"/>'
)
STRIP = Path(tiles.__file__).parent / "static" / "site" / "strip.svg"


def points(path: str) -> list[tuple[float, float]]:
    """The corners that a motif's path runs through, for the commands that tiles writes."""
    here = start = (0.0, 0.0)
    found = []
    for command, rest in re.findall(r"([Mlhvaz])([^Mlhvaz]*)", path):
        values = [float(value) for value in re.findall(r"-?[\d.]+", rest)]
        match command:
            case "M":
                here = start = (values[0], values[1])
            case "h":
                here = (here[0] + values[0], here[1])
            case "v":
                here = (here[0], here[1] + values[0])
            case "z":
                here = start
            case _:
                here = (here[0] + values[-2], here[1] + values[-1])
        found.append(here)
    return found


def test_cover_of_a_seed_never_changes():
    assert tiles.cover("genova", 2, 1) == (
        '<svg viewBox="0 0 80 40" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
        + tiles.paths("genova", 2, 1)
        + "</svg>"
    )
    assert tiles.paths("genova", 1, 1) == GENOVA


def test_cover_differs_from_seed_to_seed():
    assert len({tiles.cover(seed) for seed in ("paris", "genova", "porto", "lome", "namur")}) == 5


def test_cover_is_well_formed_and_has_presentation_attributes_only():
    root = ET.fromstring(tiles.cover("paris", 6, 5))  # noqa: S314 - our own text

    assert {name for path in root for name in path.attrib} == {"fill", "d"}


def test_cover_of_a_card_is_light():
    assert max(len(tiles.cover(f"cite-{number}", 6, 2)) for number in range(50)) < 1700


@pytest.mark.parametrize("name", tiles.MOTIFS)
@pytest.mark.parametrize("turn", range(4))
def test_motif_stays_in_its_cell_however_it_is_turned(name, turn):
    corners = points(tiles.walk(tiles.MOTIFS[name], 80, 40, turn))

    assert all(80 <= x <= 120 and 40 <= y <= 80 for x, y in corners)


def test_neighbours_share_neither_ground_nor_motif():
    path = tiles.paths("a row", 12, 1)
    grounds = {}
    for colour, line in re.findall(r'<path fill="([^"]+)" d="(M\d+ 0h40\.5[^"]*)"/>', path):
        grounds |= {int(x) // 40: colour for x in re.findall(r"M(\d+) 0h40\.5v40\.5", line)}

    assert sorted(grounds) == list(range(12))
    assert all(grounds[x] != grounds[x + 1] for x in range(11))


def test_strip_under_every_page_is_what_this_module_draws():
    drawn = tiles.paths("strip", 36, 1)

    assert STRIP.read_text() == (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1440" height="40" viewBox="0 0 1440 40">{drawn}</svg>\n'
    )
