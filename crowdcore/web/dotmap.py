"""A neighbourhood as dots: towns, rings and people on the 2 km grid, in kilometres from the middle of the picture.

Nothing here is closer than a cell of the grid, so the picture is as private as the figures beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crowdcore.base.geo import EARTH_RADIUS_M, Point

_KM_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M / 1000
_MOST_DOTS = 400
_MOST_LABELS = 6
_LABEL_ROOM = 0.34
"""Two labels are at least this far apart, as a part of half the picture's width."""
_LABEL_EDGE = 0.82


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the picture.

    Args:
        x: kilometres east of the middle.
        y: kilometres south of it.
    """

    x: float
    y: float

    @property
    def km(self) -> float:
        """Distance from the middle in kilometres."""
        return math.hypot(self.x, self.y)


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a town; its first letter stands at `spot`."""

    spot: Spot
    text: str
    is_main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DotMap:
    """What a dot map shows; each `str` is the path of an SVG element, one zero-length line per dot.

    Args:
        reach_km: half the width and height of the picture.
        rings_km: radius of each ring, the nearest first.
        towns: where people live.
        asked: members who have the request.
        waiting: members who may still be asked.
        accepted: who said yes, if anybody has.
        labels: names of a few towns.
    """

    reach_km: float
    rings_km: tuple[float, ...]
    towns: str
    asked: str
    waiting: str
    accepted: Spot | None = None
    labels: tuple[Label, ...] = ()

    @property
    def view(self) -> str:
        """Return the value of `viewBox`."""
        side = _short(self.reach_km * 2)
        return f"-{_short(self.reach_km)} -{_short(self.reach_km)} {side} {side}"


def spot(middle: Point, point: Point) -> Spot:
    """Return where `point` lies in a picture around `middle`, to a tenth of a kilometre."""
    narrowed = math.cos(math.radians(middle.lat))
    x = (point.lon - middle.lon) * narrowed * _KM_PER_DEGREE
    y = (middle.lat - point.lat) * _KM_PER_DEGREE
    return Spot(round(x, 1) + 0.0, round(y, 1) + 0.0)


def path(spots: Iterable[Spot]) -> str:
    """Return dots as one path; drawn with round ends, each zero-length line is a dot. The nearest are kept."""
    nearest = sorted(set(spots), key=lambda one: (one.km, one.x, one.y))[:_MOST_DOTS]
    return "".join(f"M{_short(one.x)} {_short(one.y)}h0" for one in nearest)


def labels(middle: Point, towns: Sequence[tuple[Point, str]], *, reach_km: float) -> tuple[Label, ...]:
    """Return the names that fit beside one another; a town at the middle is marked.

    Args:
        middle: of the picture.
        towns: point and name, the most important first.
        reach_km: half the width of the picture.
    """
    chosen: list[Label] = []
    for point, name in towns:
        at = spot(middle, point)
        if max(abs(at.x), abs(at.y)) > reach_km * _LABEL_EDGE or at.x > reach_km * 0.5:
            continue
        room = reach_km * _LABEL_ROOM
        if any(abs(at.x - other.spot.x) < room * 1.4 and abs(at.y - other.spot.y) < room * 0.5 for other in chosen):
            continue
        chosen.append(Label(at, name, at.km < reach_km * 0.12))
        if len(chosen) == _MOST_LABELS:
            break
    return tuple(chosen)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


_SKETCH_REACH_KM = 16.0
_SKETCH_RING_KM = 10.0
_SKETCH_GAP_KM = 3.2
_SKETCH_AIM = Spot(4.0, -6.0)
"""Where the one who says yes should live: up and to the right, beside the sentence that stands there."""


def sketch(towns: Iterable[Spot]) -> DotMap:
    """Return the picture of how it works: a ring of neighbours around a home, and one who says yes.

    It shows the towns that are there, not the members: the same for everybody, and about nobody.

    Args:
        towns: where people live, on the grid.
    """
    known = sorted(set(towns), key=lambda one: (math.sin(one.x * 12.9898 + one.y * 78.233) * 43758.5453) % 1)
    near: list[Spot] = []
    for one in known:
        inside = _SKETCH_GAP_KM <= one.km < _SKETCH_RING_KM - 1.2
        outside = _SKETCH_RING_KM + 1.2 < one.km < _SKETCH_REACH_KM
        if (inside or outside) and all(math.hypot(one.x - o.x, one.y - o.y) >= _SKETCH_GAP_KM for o in near):
            near.append(one)
    inner = [one for one in near if one.km < _SKETCH_RING_KM]
    yes = min(inner, key=lambda one: math.hypot(one.x - _SKETCH_AIM.x, one.y - _SKETCH_AIM.y), default=None)
    return DotMap(
        reach_km=_SKETCH_REACH_KM,
        rings_km=(_SKETCH_RING_KM,),
        towns=path(known),
        asked=path(one for one in inner if one != yes),
        waiting=path(one for one in near if one.km > _SKETCH_RING_KM),
        accepted=yes,
    )
