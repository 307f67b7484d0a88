"""Dots stand where people live; what they say follows from who can reach them and the stage of the region."""

import math

import pytest

from crowdcore.base.geo import Point, distance_m
from crowdcore.base.text import Text
from crowdcore.coverage.rules import (
    INHABITED_KM,
    LABEL_GAP_KM,
    REACH_KM,
    Cover,
    Plane,
    Town,
    cover,
    lattice,
    nearest_dot,
    picture,
    reachable,
)

MIDDLE = Point(46.9, 8.2)
PLANE = Plane(MIDDLE)


def town(name, lat, lon, region="CH-BE"):
    return Town(Text.neutral(name), region, Point(lat, lon))


BERN, THUN, ZUG = town("Bern", 46.948, 7.447), town("Thun", 46.758, 7.628), town("Zug", 47.17, 8.517, "CH-ZG")


def test_the_plane_is_true_within_a_country():
    for point in (BERN.point, ZUG.point, Point(46.0, 8.95)):
        x, y = PLANE.at(point)
        assert math.hypot(x, y) * 1000 == pytest.approx(distance_m(MIDDLE, point), rel=0.02)
    assert PLANE.at(MIDDLE) == (0, 0)


def test_dots_stand_near_towns_only_and_belong_to_the_nearest():
    towns = [BERN, ZUG, town("Baar", 47.2, 8.53, "CH-XX")]
    dots = lattice(towns, PLANE)
    assert dots
    for dot in dots.values():
        far = {one.region: math.dist(PLANE.at(one.point), (dot.x, dot.y)) for one in towns}
        assert min(far.values()) <= INHABITED_KM
        assert dot.region == min(far, key=far.get)
    assert lattice([], PLANE) == {}


def test_every_friend_within_thirty_kilometres_counts_and_nobody_else():
    dots = lattice([BERN, THUN, ZUG], PLANE)
    homes = [(BERN.point, 7), (ZUG.point, 2)]
    counts = reachable(dots, homes, PLANE)
    for key, dot in dots.items():
        expected = sum(number for home, number in homes if math.dist(PLANE.at(home), (dot.x, dot.y)) <= REACH_KM)
        assert counts[key] == expected
    assert set(counts.values()) == {7, 2}


@pytest.mark.parametrize(
    ("number", "stage", "says"),
    [
        (10, "live", Cover.GOOD), (9, "live", Cover.THIN), (4, "pilot", Cover.THIN), (3, "pilot", Cover.BARE),
        (0, "live", Cover.BARE), (99, "planned", Cover.CLOSED), (99, None, Cover.CLOSED), (99, "closed", Cover.STOPPED),
    ],
)  # fmt: skip
def test_a_dot_says_one_of_five_things(number, stage, says):
    assert cover(number, stage) is says


def test_a_place_belongs_to_the_nearest_dot_or_to_none():
    dots = lattice([BERN], PLANE)
    found = dots[nearest_dot(dots, BERN.point, PLANE)]
    assert math.dist((found.x, found.y), PLANE.at(BERN.point)) <= min(
        math.dist((dot.x, dot.y), PLANE.at(BERN.point)) for dot in dots.values()
    )
    assert nearest_dot(dots, ZUG.point, PLANE) is None


def test_a_picture_has_one_path_per_kind_and_labels_that_do_not_touch():
    towns = [BERN, THUN, ZUG]
    dots = lattice(towns, PLANE)
    says = {key: Cover.STOPPED if dot.region == "CH-ZG" else Cover.GOOD for key, dot in dots.items()}
    drawn = picture(dots, says, towns, PLANE)
    assert drawn.dots.keys() == {Cover.GOOD, Cover.STOPPED}
    assert drawn.dots[Cover.GOOD].count("M") + drawn.dots[Cover.STOPPED].count("M") == len(dots)
    assert [label.name.de for label in drawn.labels] == ["Bern", "Zug"]
    assert math.dist(*((label.x, label.y) for label in drawn.labels)) >= LABEL_GAP_KM
    left, top, width, height = drawn.view
    assert all(left < dot.x < left + width and top < dot.y < top + height for dot in dots.values())
    assert [label.before for label in drawn.labels] == [False, True]


def test_many_towns_give_few_labels_and_no_town_gives_an_empty_picture():
    far = [town(str(n), 44 + n * 0.5, 8.2) for n in range(15)]
    assert len(picture(lattice(far, PLANE), dict.fromkeys(lattice(far, PLANE), Cover.THIN), far, PLANE).labels) == 10
    empty = picture({}, {}, [], PLANE)
    assert (empty.dots, empty.labels) == ({}, ())
