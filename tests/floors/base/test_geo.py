"""Distances are true, boxes hold their circles, and the grid hides a home without moving it far."""

import math

import pytest
from hypothesis import assume, given, strategies as st

from crowdcore.base.geo import EARTH_RADIUS_M, GRID_M, Point, box_around, distance_m, snap

HALF_DIAGONAL_M = GRID_M * math.sqrt(2) / 2
SLACK_M = 5.0
"""A cell is a little wider at its foot than in its middle, and centres are rounded to six digits."""

places = st.builds(Point, st.floats(45.5, 55.5), st.floats(5.5, 17.5))
"""The countries of the gazetteer."""
anywhere = st.builds(Point, st.floats(-80, 80), st.floats(-179, 179))


def towards(start: Point, bearing: float, metres: float) -> Point:
    """Return the point `metres` from `start` in direction `bearing` (radians), on the sphere."""
    angle, lat, lon = metres / EARTH_RADIUS_M, math.radians(start.lat), math.radians(start.lon)
    end = math.asin(math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing))
    turn = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * math.sin(end)
    )
    return Point(math.degrees(end), math.degrees(lon + turn))


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        (Point(46.9480, 7.4474), Point(47.3769, 8.5417), 95.5),  # Bern, Zürich
        (Point(46.2044, 6.1432), Point(47.3769, 8.5417), 224.3),  # Genève, Zürich
        (Point(0, 0), Point(0, 180), 20015.1),  # half around
        (Point(0, 179.5), Point(0, -179.5), 111.2),  # over the date line
        (Point(47, 8), Point(47, 8), 0),
    ],
)
def test_known_distances(a, b, km):
    assert distance_m(a, b) == pytest.approx(km * 1000, rel=0.002)
    assert distance_m(b, a) == distance_m(a, b)


@given(anywhere, st.floats(0, 2 * math.pi), st.floats(1, 500_000))
def test_walking_so_far_is_so_far_away(start, bearing, metres):
    assert distance_m(start, towards(start, bearing, metres)) == pytest.approx(metres, rel=1e-6, abs=0.01)


@given(places, places, places)
def test_a_detour_is_never_shorter(a, b, c):
    assert distance_m(a, c) <= distance_m(a, b) + distance_m(b, c) + 1e-6


@given(places)
def test_a_home_stays_in_its_cell(home):
    cell = snap(home)
    assert distance_m(home, cell) <= HALF_DIAGONAL_M + SLACK_M
    assert snap(cell) == cell


@given(places, places)
def test_a_snapped_distance_is_off_by_a_cell_at_most(a, b):
    off = abs(distance_m(snap(a), snap(b)) - distance_m(a, b))
    assert off <= 2 * (HALF_DIAGONAL_M + SLACK_M)


@given(places, st.floats(0, 2 * math.pi), st.floats(0, 3_000))
def test_who_shares_a_cell_cannot_be_told_apart(home, bearing, metres):
    other = towards(home, bearing, metres)
    if snap(home) == snap(other):
        assert distance_m(home, other) <= 2 * (HALF_DIAGONAL_M + SLACK_M)
    else:
        assert distance_m(snap(home), snap(other)) >= GRID_M / 2


@given(places)
def test_cells_are_about_two_kilometres_wide(home):
    """Every cell has neighbours two kilometres away, so nobody's cell is smaller than promised."""
    cell = snap(home)
    for bearing in (0, math.pi / 2, math.pi, 3 * math.pi / 2):
        neighbour = snap(towards(cell, bearing, GRID_M))
        assert neighbour != cell
        assert distance_m(cell, neighbour) == pytest.approx(GRID_M, abs=GRID_M)
        assert snap(towards(cell, bearing, GRID_M / 2 - SLACK_M)) == cell


@pytest.mark.parametrize("bearing", [0, 0.3, math.pi / 2, math.pi, 4.5])
def test_thirty_kilometres_are_thirty_kilometres(bearing):
    centre = Point(47.3769, 8.5417)
    assert distance_m(centre, towards(centre, bearing, 29_990)) < 30_000
    assert distance_m(centre, towards(centre, bearing, 30_010)) > 30_000


@given(places, st.floats(0, 2 * math.pi), st.floats(1, 100_000), st.floats(0, 1))
def test_a_box_holds_its_circle(centre, bearing, radius, share):
    point = towards(centre, bearing, radius * share)
    box = box_around(centre, radius)
    assert box.south <= point.lat <= box.north
    assert box.west <= point.lon <= box.east


@given(places, st.floats(1_000, 100_000))
def test_a_box_is_not_much_larger_than_its_circle(centre, radius):
    box = box_around(centre, radius)
    assert distance_m(Point(box.south, centre.lon), Point(box.north, centre.lon)) <= 2.01 * radius
    width = distance_m(Point(centre.lat, box.west), Point(centre.lat, box.east))
    assert width <= 2.2 * radius


@given(anywhere, st.floats(1, 100_000))
def test_boxes_have_sides_everywhere(centre, radius):
    assume(abs(centre.lat) < 80)
    box = box_around(centre, radius)
    assert box.south < centre.lat < box.north
    assert box.west < centre.lon < box.east
