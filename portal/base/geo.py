"""Where a place lies on the drawn map: the projection that drew `static/site/map/europe.svg`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import cos, hypot, radians, sin, sqrt
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.utils.functional import Promise

# What lies around a crowd of dots or one dot, and how far apart two pins stay, in drawing units.
MARGIN = 64
PIN_DISTANCE = 54


@dataclass(frozen=True)
class Frame:
    """A rectangle of the earth, drawn in Lambert's azimuthal equal-area projection round its centre."""

    name: str
    label: Promise
    latitude: float
    longitude: float
    scale: float  # drawing units to a radian
    width: int
    height: int
    countries: str  # their codes, ISO 3166 with XK for Kosovo

    @property
    def viewbox(self) -> str:
        return f"0 0 {self.width} {self.height}"

    @property
    def file(self) -> str:
        """The static file that holds this frame's outlines."""
        return "site/map/europe.svg" if self is EUROPE else "site/map/world.svg"

    @property
    def land(self) -> str:
        """The id of everything drawn in this frame."""
        return "land" if self is EUROPE else f"land-{self.name}"

    def outline(self, country: str) -> str | None:
        """Name the id of one country's outline in this frame, if it is drawn there."""
        if country not in self.countries.split():
            return None
        return f"c-{country}" if self is EUROPE else f"c-{self.name}-{country}"

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Project any place but the antipode, inside the frame or not."""
        centre, north, east = radians(self.latitude), radians(latitude), radians(longitude - self.longitude)
        stretch = self.scale * sqrt(2 / (1 + self._nearness(latitude, longitude)))
        x = cos(north) * sin(east)
        y = cos(centre) * sin(north) - sin(centre) * cos(north) * cos(east)
        return self.width / 2 + stretch * x, self.height / 2 - stretch * y

    def shows(self, latitude: float, longitude: float) -> bool:
        if self._nearness(latitude, longitude) < 0:
            return False  # on the other half of the earth
        x, y = self.at(latitude, longitude)
        return 0 <= x <= self.width and 0 <= y <= self.height

    def _nearness(self, latitude: float, longitude: float) -> float:
        """Say how near a place is: 1 at the centre, 0 a quarter of the earth away, -1 at the antipode."""
        centre, north, east = radians(self.latitude), radians(latitude), radians(longitude - self.longitude)
        return sin(centre) * sin(north) + cos(centre) * cos(north) * cos(east)


class Place(NamedTuple):
    country: str
    latitude: float
    longitude: float


class Point(NamedTuple):
    frame: Frame
    x: float
    y: float


class Pin(NamedTuple):
    country: str
    total: int
    x: float
    y: float


class Chart(NamedTuple):
    """One frame with what a template draws in it."""

    frame: Frame
    viewbox: str
    outlines: tuple[str, ...]
    dots: tuple[Point, ...]
    pins: tuple[Pin, ...]


# The countries are those that the script in tools/map drew; a test holds both together.
EUROPE = Frame(
    *("europe", _("Europe"), 50, 10, 1180, 860, 700),
    "AD AL AT AX BA BE BG BY CH CY CZ DE DK DZ EE EG ES FI FO FR GB GG GR HR HU IE IL IM IS IT JE LB LI LT LU LV LY "
    "MA MC MD ME MK MT NL NO PL PS PT RO RS RU SE SI SK SM SY TN TR UA XK",
)
FRAMES = (
    EUROPE,
    Frame(
        *("caribbean", _("Caribbean"), 16.1, -61.5, 3400, 240, 180),
        "AG DM FR KN MS NL",
    ),
    Frame(
        *("west-africa", _("West Africa"), 8.6, 0.6, 690, 240, 180),
        "BF BJ CI CM GA GH GN GQ LR ML MR NE NG ST TG",
    ),
    Frame(
        *("indian-ocean", _("Indian Ocean"), -18.2, 50.6, 720, 240, 180),
        "FR KM MG MU MZ",
    ),
    Frame(
        *("americas", _("Americas"), 0, -86, 104, 170, 216),
        "AR BO BR BS BZ CA CL CO CR CU DO EC FK FR GS GT GY HN HT IE JM MX NI PA PE PR PY SR SV TT US UY VE",
    ),
)


def project(latitude: float, longitude: float) -> Point | None:
    """Find the place in the first frame that shows it; None if no frame does."""
    latitude, longitude = float(latitude), float(longitude)  # a model hands over Decimals
    for frame in FRAMES:
        if frame.shows(latitude, longitude):
            x, y = frame.at(latitude, longitude)
            return Point(frame, round(x, 1), round(y, 1))
    return None


def viewbox_around(point: Point, width: int = 200, height: int = 130) -> str:
    """Cut a small map out of the point's frame: the point in its middle, unless the frame's edge is near."""
    frame = point.frame
    width, height = min(width, frame.width), min(height, frame.height)
    left = min(max(round(point.x - width / 2), 0), frame.width - width)
    top = min(max(round(point.y - height / 2), 0), frame.height - height)
    return f"{left} {top} {width} {height}"


def viewbox_of(points: Sequence[Point], ratio: float = 4 / 3) -> str:
    """Cut out of the points' frame, in a fixed ratio so that no page jumps, what shows all of them and their margin."""
    frame = points[0].frame
    if frame is not EUROPE:
        return frame.viewbox
    left, right = min(p.x for p in points) - MARGIN, max(p.x for p in points) + MARGIN
    top, bottom = min(p.y for p in points) - MARGIN, max(p.y for p in points) + MARGIN
    width = round(min(max(right - left, (bottom - top) * ratio, 300), frame.width, frame.height * ratio))
    height = round(width / ratio)
    x = min(max(round((left + right - width) / 2), 0), frame.width - width)
    y = min(max(round((top + bottom - height) / 2), 0), frame.height - height)
    return f"{x} {y} {width} {height}"


def charts(places: Iterable[Place]) -> list[Chart]:
    """Draw a network: one chart for each frame that shows one of its places, Europe first.

    Europe has a pin for each country, with the number of all its places, those overseas included: it is the
    number that the list beside the map says.
    """
    found = [(place.country, point) for place in places if (point := project(place.latitude, place.longitude))]
    totals = Counter(country for country, _point in found)
    drawn = []
    for frame in FRAMES:
        here = [(country, point) for country, point in found if point.frame is frame]
        if here:
            points = tuple(point for _country, point in here)
            outlines = (frame.outline(country) for country in sorted({country for country, _point in here}))
            pins = tuple(_pins(here, totals)) if frame is EUROPE else ()
            drawn.append(Chart(frame, viewbox_of(points), tuple(name for name in outlines if name), points, pins))
    return drawn


def elsewhere(places: Iterable[Place]) -> list[Place]:
    """List those that no frame shows, for a sentence under the map."""
    return [place for place in places if project(place.latitude, place.longitude) is None]


def _pins(here: list[tuple[str, Point]], totals: Counter[str]) -> Iterator[Pin]:
    """Put a pin in the middle of each country's places, then push apart those that would overlap."""
    middles: dict[str, tuple[float, float]] = {}
    for country in sorted({country for country, _point in here}):
        points = [point for code, point in here if code == country]
        middles[country] = fmean(p.x for p in points), fmean(p.y for p in points)
    for _round in range(50):
        for one, other in combinations(middles, 2):
            middles[one], middles[other] = _apart(middles[one], middles[other])
    for country, (x, y) in middles.items():
        yield Pin(country, totals[country], round(x, 1), round(y, 1))


def _apart(one: tuple[float, float], other: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    across, down = other[0] - one[0], other[1] - one[1]
    distance = hypot(across, down)
    if distance >= PIN_DISTANCE:
        return one, other
    if not distance:
        across, distance = 1, 1
    push = (PIN_DISTANCE - distance) / 2 / distance
    return (one[0] - across * push, one[1] - down * push), (other[0] + across * push, other[1] + down * push)
