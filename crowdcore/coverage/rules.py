"""The coverage map: dots where people live, how many Friends can reach each, and which of four things that means.

There is no drawn outline: a dot stands wherever the gazetteer has a town nearby, so the shape of a country
appears by itself, mountains left out, and the data is openly licensed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crowdcore.base.geo import EARTH_RADIUS_M, Point
from crowdcore.base.text import Text

STEP_KM = 7.2
"""From dot to dot; rows are closer by the height of an equilateral triangle."""

ROW_KM = STEP_KM * math.sqrt(3) / 2
INHABITED_KM = 6.0
"""A dot stands where a town is this near."""

REACH_KM = 30.0
GOOD = 10
"""So many qualified Friends within reach make a promise safe (product.md: density, not distance)."""

THIN = 4
LABELS = 10
LABEL_GAP_KM = 42.0

_KM_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M / 1000


class Cover(StrEnum):
    """What a dot says."""

    GOOD = "good"
    THIN = "thin"
    BARE = "bare"  # open, and nearly nobody there
    CLOSED = "closed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Plane:
    """A flat map, true enough for one country: kilometres east and south of a point."""

    middle: Point

    def at(self, point: Point) -> tuple[float, float]:
        """Return kilometres east and south of the middle."""
        east = (point.lon - self.middle.lon) * math.cos(math.radians(self.middle.lat)) * _KM_PER_DEGREE
        return east, (self.middle.lat - point.lat) * _KM_PER_DEGREE


@dataclass(frozen=True, slots=True)
class Town:
    """A town for the map, the best known first in a list of them."""

    name: Text
    region: str
    point: Point


@dataclass(frozen=True, slots=True)
class Dot:
    """One dot of the lattice, in kilometres, and the region it lies in."""

    x: float
    y: float
    region: str


Lattice = Mapping[tuple[int, int], Dot]
"""(row, column) -> dot."""


def lattice(towns: Iterable[Town], plane: Plane) -> Lattice:
    """Return the dots that have a town nearby; each belongs to the region of the nearest one."""
    nearest: dict[tuple[int, int], tuple[float, str]] = {}
    for town in towns:
        x, y = plane.at(town.point)
        for key in _keys_around(x, y, INHABITED_KM):
            dot_x, dot_y = _position(key)
            far = math.hypot(dot_x - x, dot_y - y)
            if far < nearest.get(key, (math.inf, ""))[0]:
                nearest[key] = (far, town.region)
    return {key: Dot(*_position(key), region) for key, (_far, region) in sorted(nearest.items())}


def reachable(dots: Lattice, homes: Iterable[tuple[Point, int]], plane: Plane) -> dict[tuple[int, int], int]:
    """Return how many Friends live within reach of each dot.

    Args:
        dots: the lattice.
        homes: 2 km cells with the number of Friends in each.
        plane: of the lattice.
    """
    counts = dict.fromkeys(dots, 0)
    for cell, number in homes:
        for key in _keys_around(*plane.at(cell), REACH_KM):
            if key in counts:
                counts[key] += number
    return counts


def cover(number: int, stage: str | None) -> Cover:
    """Return what a dot says.

    Args:
        number: Friends within reach.
        stage: of its region (``live``, ``pilot``, ``planned``, ``closed``), None for a region not named.
    """
    match stage:
        case "closed":
            return Cover.STOPPED
        case "live" | "pilot":
            return Cover.GOOD if number >= GOOD else Cover.THIN if number >= THIN else Cover.BARE
        case _:
            return Cover.CLOSED


def nearest_dot(dots: Lattice, point: Point, plane: Plane) -> tuple[int, int] | None:
    """Return the key of the dot a place belongs to, None far away from all."""
    x, y = plane.at(point)
    near = [key for key in _keys_around(x, y, STEP_KM * 2) if key in dots]
    return min(near, key=lambda key: math.hypot(dots[key].x - x, dots[key].y - y), default=None)


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a town on the map; `before` says that it stands left of its place."""

    name: Text
    x: float
    y: float
    before: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The map, ready to be drawn; lengths in kilometres.

    Args:
        view: left, top, width and height.
        dots: what is said -> path data of all dots that say it.
        labels: names of large towns.
    """

    view: tuple[float, float, float, float]
    dots: Mapping[Cover, str]
    labels: tuple[Label, ...]


_RADIUS = {Cover.GOOD: 2.75, Cover.THIN: 2.3, Cover.BARE: 1.7, Cover.CLOSED: 1.1, Cover.STOPPED: 2.9}
_MARGIN = 14.0
_USUAL_WIDTH_KM = 380.0
"""Wider maps are drawn smaller, so names need more room."""


def picture(dots: Lattice, says: Mapping[tuple[int, int], Cover], towns: Sequence[Town], plane: Plane) -> Picture:
    """Return the map with one path for each kind of dot."""
    paths: dict[Cover, list[str]] = {kind: [] for kind in Cover}
    for key, dot in dots.items():
        kind = says[key]
        paths[kind].append(_diamond(dot) if kind is Cover.STOPPED else _circle(dot, _RADIUS[kind]))
    xs, ys = [dot.x for dot in dots.values()] or [0.0], [dot.y for dot in dots.values()] or [0.0]
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    width, height = max(xs) - left + _MARGIN, max(ys) - top + _MARGIN
    return Picture(
        (round(left, 1), round(top, 1), round(width, 1), round(height, 1)),
        {kind: "".join(path) for kind, path in paths.items() if path},
        _labels(towns, plane, right=left + width, gap=LABEL_GAP_KM * max(1.0, width / _USUAL_WIDTH_KM)),
    )


def _labels(towns: Sequence[Town], plane: Plane, *, right: float, gap: float) -> tuple[Label, ...]:
    chosen: list[Label] = []
    for town in towns:
        x, y = plane.at(town.point)
        if all(math.hypot(x - other.x, y - other.y) >= gap for other in chosen):
            chosen.append(Label(town.name, round(x, 1), round(y, 1), before=x > right - gap))
        if len(chosen) == LABELS:
            break
    return tuple(chosen)


def _circle(dot: Dot, radius: float) -> str:
    turn = f"a{radius} {radius} 0 1 0"
    return f"M{_n(dot.x - radius)} {_n(dot.y)}{turn} {_n(2 * radius)} 0{turn} {_n(-2 * radius)} 0"


def _diamond(dot: Dot) -> str:
    half = _RADIUS[Cover.STOPPED]
    return f"M{_n(dot.x)} {_n(dot.y - half)}l{half} {half}-{half} {half}-{half}-{half}z"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _position(key: tuple[int, int]) -> tuple[float, float]:
    row, column = key
    return (column + 0.5 * (row % 2)) * STEP_KM, row * ROW_KM


def _keys_around(x: float, y: float, reach: float) -> Iterable[tuple[int, int]]:
    """Yield the lattice positions at most `reach` kilometres away."""
    for row in range(math.ceil((y - reach) / ROW_KM), math.floor((y + reach) / ROW_KM) + 1):
        half = math.sqrt(max(0.0, reach * reach - (row * ROW_KM - y) ** 2))
        shift = 0.5 * (row % 2)
        for column in range(math.ceil((x - half) / STEP_KM - shift), math.floor((x + half) / STEP_KM - shift) + 1):
            yield row, column
