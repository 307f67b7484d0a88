"""Points on the earth: distance, bounding box, and the 2 km grid that protects people's homes."""

from __future__ import annotations

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG); the sphere is at most 0.5 % off the ellipsoid, good enough for a 30 km ring."""

GRID_M = 2_000
"""Edge of a grid cell in metres; both sides are snapped to it before a distance is compared or shown."""

_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth in degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees that contains a circle; a cheap first filter for a database index."""

    south: float
    west: float
    north: float
    east: float


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres (haversine formula)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def snap(point: Point) -> Point:
    """Return the centre of the 2 km grid cell that holds `point`.

    The width of a cell in degrees of longitude depends on the latitude band of the *cell*, so that
    two points of one band always fall on the same columns.
    """
    step_lat = GRID_M / _METRES_PER_DEGREE
    lat = (math.floor(point.lat / step_lat) + 0.5) * step_lat
    step_lon = step_lat / math.cos(math.radians(lat))
    lon = (math.floor(point.lon / step_lon) + 0.5) * step_lon
    return Point(round(lat, 6), round(lon, 6))


def box_around(centre: Point, radius_m: float) -> Box:
    """Return the rectangle that contains the circle of `radius_m` metres around `centre`."""
    d_lat = radius_m / _METRES_PER_DEGREE * 1.001
    d_lon = d_lat / math.cos(math.radians(min(89.0, abs(centre.lat) + d_lat)))
    return Box(centre.lat - d_lat, centre.lon - d_lon, centre.lat + d_lat, centre.lon + d_lon)
