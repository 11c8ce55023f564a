#!/usr/bin/env python3
"""Draw the frames of portal.base.geo as SVG files of country outlines.  README.md beside this file says how.

There is an id for every frame (`land`, `land-caribbean`) and, inside it, for every country (`c-FR`,
`c-caribbean-FR`), so that a template can `<use>` all of a frame or one country of it.
"""

from __future__ import annotations

import json
import sys
from heapq import heapify, heappop, heappush
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from portal.base.geo import EUROPE, FRAMES, Frame  # noqa: E402  (the path is set above)

Ring = list[tuple[float, float]]

BLEED = 12  # drawn beyond the frame, so that no cut edge shows a line
CODES = (
    "008AL 012DZ 020AD 028AG 031AZ 032AR 040AT 044BS 051AM 052BB 056BE 060BM 068BO 070BA 076BR 084BZ 092VG "
    "100BG 112BY 120CM 124CA 136KY 148TD 152CL 170CO 174KM 175YT 178CG 188CR 191HR 192CU 196CY 203CZ 204BJ "
    "208DK 212DM 214DO 218EC 222SV 226GQ 233EE 234FO 238FK 239GS 246FI 248AX 250FR 266GA 268GE 275PS 276DE "
    "288GH 300GR 304GL 308GD 312GP 320GT 324GN 328GY 332HT 336VA 340HN 348HU 352IS 368IQ 372IE 376IL 380IT "
    "384CI 388JM 400JO 422LB 428LV 430LR 434LY 438LI 440LT 442LU 450MG 454MW 466ML 470MT 478MR 480MU 484MX "
    "492MC 498MD 499ME 500MS 504MA 508MZ 528NL 531CW 533AW 534SX 558NI 562NE 566NG 578NO 591PA 600PY 604PE "
    "616PL 620PT 624GW 630PR 638RE 642RO 643RU 652BL 659KN 660AI 662LC 663MF 666PM 670VC 674SM 678ST 682SA "
    "686SN 688RS 694SL 703SK 705SI 716ZW 724ES 732EH 740SR 752SE 756CH 760SY 768TG 780TT 788TN 792TR 796TC "
    "804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US 850VI 854BF 858UY 862VE 894ZM"
)
ALPHA2 = {pair[:3]: pair[3:] for pair in CODES.split()}
# Natural Earth draws who holds a place; a map for nine countries of Europe draws what these recognise.
JOINED = {"N. Cyprus": "CY", "Kosovo": "XK"}


class Atlas:
    """A TopoJSON file of countries: borders are stored once, so that neighbours stay neighbours."""

    def __init__(self, path: Path) -> None:
        file = json.loads(path.read_text())
        (self.sx, self.sy), (self.tx, self.ty) = file["transform"]["scale"], file["transform"]["translate"]
        self.arcs = [self._degrees(arc) for arc in file["arcs"]]
        self.countries: dict[str, list[list[list[int]]]] = {}
        for shape in file["objects"]["countries"]["geometries"]:
            code = ALPHA2.get(shape.get("id", "")) or JOINED.get(shape["properties"]["name"])
            polygons = {"MultiPolygon": shape["arcs"], "Polygon": [shape["arcs"]]}.get(shape["type"], [])
            for polygon in polygons:
                owner = "UA" if code == "RU" and self._is_crimea(polygon) else code
                if owner:
                    self.countries.setdefault(owner, []).append(polygon)

    def _degrees(self, arc: list[list[int]]) -> Ring:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * self.sx + self.tx, y * self.sy + self.ty))
        return points

    def _is_crimea(self, polygon: list[list[int]]) -> bool:
        points = [point for index in polygon[0] for point in self.arcs[max(index, ~index)]]
        return all(32 < lon < 37 and 44 < lat < 47 for lon, lat in points)


def simplified(line: Ring, least: float) -> Ring:
    """Visvalingam: take away, smallest first, the points whose triangle is smaller than `least`."""
    kept, before, after = dict(enumerate(line)), list(range(-1, len(line) - 1)), list(range(1, len(line) + 1))

    def area(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = line[before[i]], line[i], line[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    queue = [(area(i), i) for i in range(1, len(line) - 1)]
    heapify(queue)
    while queue and queue[0][0] < least and len(kept) > 4:
        size, i = heappop(queue)
        if i not in kept or size != area(i):
            continue
        del kept[i]
        after[before[i]], before[after[i]] = after[i], before[i]
        for j in (before[i], after[i]):
            if 0 < j < len(line) - 1:
                heappush(queue, (area(j), j))
    return [kept[i] for i in sorted(kept)]


def clipped(ring: Ring, frame: Frame) -> Ring:
    """Sutherland and Hodgman: the part of a polygon inside the frame and its bleed."""
    right, bottom = frame.width + BLEED, frame.height + BLEED
    for axis, edge, sign in ((0, -BLEED, 1), (0, right, -1), (1, -BLEED, 1), (1, bottom, -1)):
        result: Ring = []
        for start, end in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            inside, was = (end[axis] - edge) * sign >= 0, (start[axis] - edge) * sign >= 0
            if inside != was:
                t = (edge - start[axis]) / (end[axis] - start[axis])
                result.append((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])))
            if inside:
                result.append(end)
        ring = result
    return ring


def size(ring: Ring) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def path(ring: Ring) -> str:
    """Write it in as few bytes as it takes: tenths, each point counted from the last one."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
    words, (last_x, last_y) = [], tenths[0]
    for x, y in tenths[1:]:
        if (x, y) != (last_x, last_y):
            words += [number(x - last_x), number(y - last_y)]
            last_x, last_y = x, y
    line = " ".join(words).replace(" -", "-")
    return f"M{number(tenths[0][0])} {number(tenths[0][1])}l{line}z".replace(" -", "-")


def number(tenths: int) -> str:
    text = f"{tenths / 10:.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def drawn(frame: Frame, atlas: Atlas, least: float, islet: float) -> dict[str, str]:
    """Each country's outline in a frame.  Of its small islands only those larger than `islet` stay, or the largest."""
    lines: dict[int, Ring] = {}

    def line(index: int) -> Ring:
        arc = max(index, ~index)
        if arc not in lines:
            lines[arc] = simplified([frame.at(lat, lon) for lon, lat in atlas.arcs[arc]], least)
        return lines[arc] if index >= 0 else lines[arc][::-1]

    outlines = {}
    for code, polygons in sorted(atlas.countries.items()):
        near = [
            polygon
            for polygon in polygons
            if any(frame.shows(lat, lon) for i in polygon[0] for lon, lat in atlas.arcs[max(i, ~i)])
        ]
        rings = [clipped([p for i in ring for p in line(i)[:-1]], frame) for polygon in near for ring in polygon]
        rings = sorted((ring for ring in rings if len(ring) > 2), key=size, reverse=True)
        kept = [ring for n, ring in enumerate(rings) if size(ring) >= (islet if n else 0.2)]
        if kept:
            outlines[code] = "".join(path(ring) for ring in kept)
    return outlines


def main(middle: str, fine: str, folder: str) -> None:
    files: dict[str, list[str]] = {}
    for frame in FRAMES:
        near = frame is EUROPE
        least, islet = (1.2, 3.0) if near else (1.5, 6.0) if frame.scale < 200 else (0.7, 1.5)
        outlines = drawn(frame, Atlas(Path(middle if near else fine)), least, islet)
        prefix = frame.land.replace("land", "c")
        shapes = "\n".join(f'<path id="{prefix}-{code}" d="{d}"/>' for code, d in outlines.items())
        files.setdefault(frame.file, []).append(f'<g id="{frame.land}">\n{shapes}\n</g>')
        sys.stdout.write(f"{frame.name}: {' '.join(outlines)}\n")
    for name, groups in files.items():
        svg = ['<svg xmlns="http://www.w3.org/2000/svg">', *groups, "</svg>\n"]
        (Path(folder) / Path(name).name).write_text("\n".join(svg))


if __name__ == "__main__":
    main(*sys.argv[1:])
