"""Dot maps: kilometres from the middle, dots as one path, names that do not lie on one another."""

import math

from hypothesis import given, strategies as st

from crowdcore.base.geo import GRID_M, Point, box_around, distance_m, snap
from crowdcore.web.dotmap import Spot, labels, path, sketch, spot

BERN = Point(46.948, 7.447)
near = st.builds(Point, lat=st.floats(46.6, 47.3), lon=st.floats(7.0, 7.9))


@given(near)
def test_a_spot_is_as_far_away_as_its_point(point):
    there = spot(BERN, point)
    assert math.isclose(there.km, distance_m(BERN, point) / 1000, abs_tol=0.4)
    assert (there.x > 0) == (point.lon > BERN.lon) or abs(there.x) < 0.1
    assert (there.y > 0) == (point.lat < BERN.lat) or abs(there.y) < 0.1


@given(near, near)
def test_people_of_one_cell_are_one_dot(one, other):
    middle = snap(BERN)
    if snap(one) == snap(other):
        assert path([spot(middle, snap(one)), spot(middle, snap(other))]).count("M") == 1


def test_dots_are_one_path_and_not_too_many():
    assert path([Spot(1.0, -2.5), Spot(0.0, 0.0)]) == "M0 0h0M1 -2.5h0"
    assert path([]) == ""
    assert path(Spot(x / 10, 0.0) for x in range(1000)).count("M") == 400


def test_names_keep_their_distance():
    box = box_around(BERN, 30_000)
    towns = [(Point(BERN.lat + d, BERN.lon), f"Town {n}") for n, d in enumerate((0.0, 0.01, 0.15, 0.16, 0.4))]
    shown = labels(BERN, [*towns, (Point(box.north, box.east), "Edge")], reach_km=32)
    assert [(one.text, one.is_main) for one in shown] == [("Town 0", True), ("Town 2", False)]


def test_the_sketch_shows_neighbours_and_one_who_says_yes():
    step = GRID_M / 1000
    towns = [Spot(x * step, y * step) for x in range(-8, 9) for y in range(-8, 9)]
    drawn = sketch(towns)
    assert drawn.asked.count("M") > 5
    assert drawn.waiting.count("M") > 3
    assert drawn.accepted is not None
    assert drawn.accepted.km < 10
    assert f"M{drawn.accepted.x:g} {drawn.accepted.y:g}h" not in drawn.asked
    assert drawn == sketch(reversed(towns))
    assert drawn.view == "-16 -16 32 32"
    empty = sketch([])
    assert (empty.asked, empty.waiting, empty.accepted) == ("", "", None)
