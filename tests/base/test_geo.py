"""Places and the drawn map agree: the projection, the frames, and the ids of the outlines."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from portal.base import geo
from portal.base.geo import EUROPE, FRAMES, Frame, Place, Point

STATIC = Path(geo.__file__).parent / "static"

PARIS = Place("FR", 48.8957, 2.3879)
GENOA = Place("IT", 44.4056, 8.9463)
REUNION = Place("FR", -21.3393, 55.4781)
MAYOTTE = Place("FR", -12.7806, 45.2278)
GUADELOUPE = Place("FR", 16.271, -61.505)
LOME = Place("TG", 6.1319, 1.2228)
VANCOUVER = Place("CA", 49.2827, -123.1207)
TOKYO = Place("JP", 35.68, 139.69)


def point_of(place: Place) -> Point:
    point = geo.project(place.latitude, place.longitude)
    assert point is not None
    return point


def ids(frame: Frame) -> set[str]:
    svg = (STATIC / frame.file).read_text()
    group = re.search(rf'<g id="{frame.land}">(.*?)</g>', svg, re.DOTALL)
    assert group is not None
    return set(re.findall(r'<path id="([^"]+)"', group[1]))


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
def test_frame_names_exactly_the_outlines_that_are_drawn(frame):
    assert {frame.outline(country) for country in frame.countries.split()} == ids(frame)


def test_project_puts_the_centre_of_europe_in_the_middle():
    assert geo.project(50, 10) == Point(EUROPE, EUROPE.width / 2, EUROPE.height / 2)


def test_project_agrees_with_lambert_as_d3_computes_it():
    # As d3-geo projects Paris, rotated to 10 east and 50 north, with the same scale and middle.
    assert EUROPE.at(48.8957, 2.3879) == pytest.approx((327.13654200, 367.52167146))


def test_project_keeps_areas_equal():
    def area(latitude: float, longitude: float) -> float:
        step = 0.1
        x, y = EUROPE.at(latitude, longitude)
        east, north = EUROPE.at(latitude, longitude + step), EUROPE.at(latitude + step, longitude)
        return abs((east[0] - x) * (north[1] - y) - (east[1] - y) * (north[0] - x))

    # The same piece of earth shrinks with the cosine of its latitude, and with nothing else.
    assert area(60, 10) / area(40, -5) == pytest.approx(0.5 / 0.766, rel=0.01)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (PARIS, "europe"),
        (GUADELOUPE, "caribbean"),
        (LOME, "west-africa"),
        (REUNION, "indian-ocean"),
        (MAYOTTE, "indian-ocean"),
        (VANCOUVER, "americas"),
    ],
)
def test_project_finds_the_frame_of_a_place(place, name):
    assert point_of(place).frame.name == name


def test_project_knows_no_point_outside_every_frame():
    assert geo.project(TOKYO.latitude, TOKYO.longitude) is None


def test_project_takes_the_decimals_of_a_model():
    assert geo.project(Decimal("48.8957"), Decimal("2.3879")) == point_of(PARIS)


def test_outline_is_none_for_a_country_that_the_frame_does_not_draw():
    assert EUROPE.outline("TG") is None


def test_viewbox_around_has_the_point_in_its_middle():
    point = Point(EUROPE, 400.0, 300.0)

    assert geo.viewbox_around(point, 200, 100) == "300 250 200 100"


def test_viewbox_around_stays_inside_the_frame():
    assert geo.viewbox_around(Point(EUROPE, 5.0, 690.0), 200, 100) == "0 600 200 100"


def test_viewbox_around_is_no_larger_than_a_small_frame():
    assert geo.viewbox_around(point_of(LOME), 400, 300) == "0 0 240 180"


def test_viewbox_of_shows_all_points_with_their_margin():
    points = [Point(EUROPE, 200.0, 250.0), Point(EUROPE, 600.0, 400.0)]
    x, y, width, height = (int(number) for number in geo.viewbox_of(points).split())

    assert (x, width) == (136, 528)
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    assert y <= 250 - geo.MARGIN
    assert y + height >= 400 + geo.MARGIN


def test_viewbox_of_one_point_is_not_a_keyhole():
    assert geo.viewbox_of([Point(EUROPE, 400.0, 300.0)]) == "250 188 300 225"


def test_viewbox_of_stays_inside_the_frame():
    points = [Point(EUROPE, 0.0, 0.0), Point(EUROPE, 860.0, 700.0)]
    x, y, width, height = (int(number) for number in geo.viewbox_of(points).split())

    assert x >= 0
    assert y >= 0
    assert x + width <= EUROPE.width
    assert y + height <= EUROPE.height


def test_charts_draw_one_frame_each_with_europe_first():
    charts = geo.charts([LOME, REUNION, MAYOTTE, GENOA, PARIS])

    assert [(chart.frame.name, chart.outlines, len(chart.dots)) for chart in charts] == [
        ("europe", ("c-FR", "c-IT"), 2),
        ("west-africa", ("c-west-africa-TG",), 1),
        ("indian-ocean", ("c-indian-ocean-FR",), 2),
    ]


def test_charts_count_the_places_overseas_with_their_country():
    charts = geo.charts([PARIS, REUNION, GUADELOUPE, LOME])

    assert [(pin.country, pin.total) for pin in charts[0].pins] == [("FR", 3)]
    assert [chart.pins for chart in charts[1:]] == [(), (), ()]


def test_charts_push_pins_apart():
    brussels, luxembourg = Place("BE", 50.85, 4.37), Place("LU", 49.61, 6.13)
    one, other = geo.charts([brussels, luxembourg])[0].pins

    distance = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
    assert distance == pytest.approx(geo.PIN_DISTANCE, abs=0.2)


def test_charts_push_apart_pins_at_the_same_place():
    one, other = geo.charts([Place("FR", 46.2, 6.1), Place("CH", 46.2, 6.1)])[0].pins

    assert abs(one.x - other.x) == pytest.approx(geo.PIN_DISTANCE, abs=0.2)


def test_charts_of_no_place_are_none():
    assert geo.charts([]) == []


def test_elsewhere_lists_what_no_frame_shows():
    assert geo.elsewhere([PARIS, TOKYO]) == [TOKYO]
