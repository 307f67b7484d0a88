"""Outlines: the shapes of a cleaned SVG as polygons, ready to be painted.

It knows what marks.py lets through: plain shapes, transforms, plain colours. Joins are always round, which
nobody sees at the size of an icon.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from crowdcore.base.errors import Fault
from crowdcore.theming.paths import Spot, points_of

Polygon = list[Spot]
Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_WORDS = {"black": (0, 0, 0), "white": (255, 255, 255)}
_ROUND = 24
"""Corners of the polygon that stands for a round cap."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Something to paint in one colour.

    Args:
        polygons: closed outlines.
        even_odd: which rule says what is inside; otherwise everything that is wound around.
        colour: red, green, blue from 0 to 255.
        opacity: 0 to 1.
    """

    polygons: list[Polygon]
    even_odd: bool
    colour: tuple[int, int, int]
    opacity: float


@dataclass(frozen=True, slots=True)
class _Style:
    fill: str = "black"
    stroke: str = "none"
    width: float = 1.0
    cap: str = "butt"
    even_odd: bool = False
    opacity: float = 1.0
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0
    matrix: Matrix = IDENTITY


def outlines(svg: str) -> tuple[list[Shape], tuple[float, float, float, float]]:
    """Return the shapes of an SVG in painting order, and its view box (x, y, width, height).

    Raises:
        Fault: a colour that is no ``#RRGGBB``.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 -- text that marks.py has cleaned
    x, y, width, height = (float(part) for part in root.attrib["viewBox"].replace(",", " ").split())
    return list(_shapes(root, _Style())), (x, y, width, height)


def apply(matrix: Matrix, spot: Spot) -> Spot:
    """Return where a matrix moves a point to."""
    a, b, c, d, e, f = matrix
    return a * spot[0] + c * spot[1] + e, b * spot[0] + d * spot[1] + f


def _shapes(element: ElementTree.Element, above: _Style) -> Iterator[Shape]:
    style = _styled(element, above)
    lines = list(_lines(element))
    if lines:
        yield from _painted(lines, style)
    for child in element:
        yield from _shapes(child, style)


def _styled(element: ElementTree.Element, above: _Style) -> _Style:
    said = element.attrib
    style = replace(
        above,
        fill=said.get("fill", above.fill),
        stroke=said.get("stroke", above.stroke),
        width=float(said.get("stroke-width", above.width)),
        cap=said.get("stroke-linecap", above.cap),
        even_odd=said.get("fill-rule", "evenodd" if above.even_odd else "") == "evenodd",
        opacity=above.opacity * float(said.get("opacity", 1)),
        fill_opacity=float(said.get("fill-opacity", above.fill_opacity)),
        stroke_opacity=float(said.get("stroke-opacity", above.stroke_opacity)),
    )
    matrix = above.matrix
    for name, values in _TRANSFORM.findall(said.get("transform", "")):
        matrix = _times(matrix, _matrix(name, [float(one) for one in _NUMBER.findall(values)]))
    return replace(style, matrix=matrix)


def _painted(lines: Sequence[tuple[Polygon, bool]], style: _Style) -> Iterator[Shape]:
    """Return the inside and the stroke of one element."""
    fill = _colour(style.fill)
    if fill is not None:
        polygons = [_moved(points, style.matrix) for points, _closed in lines]
        yield Shape(polygons, style.even_odd, fill, style.opacity * style.fill_opacity)
    stroke = _colour(style.stroke)
    if stroke is not None and style.width > 0:
        pieces = [piece for points, closed in lines for piece in _stroke(points, style, closed=closed)]
        polygons = [_moved(piece, style.matrix) for piece in pieces]
        yield Shape(polygons, even_odd=False, colour=stroke, opacity=style.opacity * style.stroke_opacity)


def _stroke(points: Polygon, style: _Style, *, closed: bool) -> Iterator[Polygon]:
    """Return pieces that together cover a stroke: a bar for each part, a disc for each joint."""
    way = [*points, points[0]] if closed else points
    half = style.width / 2
    for (x0, y0), (x1, y1) in itertools.pairwise(way):
        length = math.hypot(x1 - x0, y1 - y0)
        if length == 0:
            continue
        dx, dy = (x1 - x0) / length * half, (y1 - y0) / length * half
        yield [(x0 - dy, y0 + dx), (x0 + dy, y0 - dx), (x1 + dy, y1 - dx), (x1 - dy, y1 + dx)]
    ends = closed or style.cap == "round"
    for x, y in way if ends else way[1:-1]:
        turns = (2 * math.pi * step / _ROUND for step in range(_ROUND))
        # wound like the bars, so that where they overlap nothing cancels out
        yield [(x + half * math.cos(turn), y + half * math.sin(turn)) for turn in turns]


def _lines(element: ElementTree.Element) -> Iterator[tuple[Polygon, bool]]:
    """Return the outlines of one element, and whether each is closed."""
    said = element.attrib

    def number(name: str) -> float:
        return float(said.get(name, 0))

    match element.tag.rpartition("}")[2]:
        case "path":
            yield from points_of(said.get("d", ""))
        case "rect":
            rx = number("rx") or number("ry")
            yield from points_of(
                _rectangle(number("x"), number("y"), number("width"), number("height"), rx, number("ry") or rx)
            )
        case "circle":
            yield from points_of(_ellipse(number("cx"), number("cy"), number("r"), number("r")))
        case "ellipse":
            yield from points_of(_ellipse(number("cx"), number("cy"), number("rx"), number("ry")))
        case "line":
            yield [(number("x1"), number("y1")), (number("x2"), number("y2"))], False
        case "polyline" | "polygon" as tag:
            values = [float(one) for one in _NUMBER.findall(said.get("points", ""))]
            yield list(zip(values[::2], values[1::2], strict=False)), tag == "polygon"
        case _:
            return


def _rectangle(x: float, y: float, width: float, height: float, rx: float, ry: float) -> str:
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx <= 0 or ry <= 0:
        return f"M{x} {y}h{width}v{height}h{-width}z"
    across, down = width - 2 * rx, height - 2 * ry
    return (
        f"M{x + rx} {y}h{across}a{rx} {ry} 0 0 1 {rx} {ry}v{down}a{rx} {ry} 0 0 1 {-rx} {ry}"
        f"h{-across}a{rx} {ry} 0 0 1 {-rx} {-ry}v{-down}a{rx} {ry} 0 0 1 {rx} {-ry}z"
    )


def _ellipse(x: float, y: float, rx: float, ry: float) -> str:
    return f"M{x - rx} {y}a{rx} {ry} 0 1 1 {2 * rx} 0a{rx} {ry} 0 1 1 {-2 * rx} 0z"


def _colour(said: str) -> tuple[int, int, int] | None:
    if said in {"none", "transparent"}:
        return None
    if said in _WORDS:
        return _WORDS[said]
    found = _HEX.fullmatch(said)
    if found is None:
        raise Fault(f"the colour {said!r} of a mark cannot be drawn; write it as #RRGGBB")
    digits = found[1] if len(found[1]) == 6 else "".join(one * 2 for one in found[1])  # noqa: PLR2004 -- #RRGGBB
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _moved(points: Polygon, matrix: Matrix) -> Polygon:
    return [apply(matrix, spot) for spot in points]


def _times(left: Matrix, right: Matrix) -> Matrix:
    a, b, c, d, e, f = left
    x, y, _z = apply((a, b, c, d, 0, 0), (right[0], right[1])), apply((a, b, c, d, 0, 0), (right[2], right[3])), 0
    shift = apply((a, b, c, d, e, f), (right[4], right[5]))
    return x[0], x[1], y[0], y[1], shift[0], shift[1]


def _matrix(name: str, values: list[float]) -> Matrix:
    first = values[0]
    match name:
        case "matrix":
            a, b, c, d, e, f = values
            return a, b, c, d, e, f
        case "translate":
            return 1, 0, 0, 1, first, values[1] if len(values) > 1 else 0
        case "scale":
            return first, 0, 0, values[1] if len(values) > 1 else first, 0, 0
        case "rotate":
            return _turn(math.radians(first), *(values[1:3] or (0.0, 0.0)))
        case "skewX":
            return 1, 0, math.tan(math.radians(first)), 1, 0, 0
        case _:
            return 1, math.tan(math.radians(first)), 0, 1, 0, 0


def _turn(angle: float, x: float, y: float) -> Matrix:
    cos, sin = math.cos(angle), math.sin(angle)
    return cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y
