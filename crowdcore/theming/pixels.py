"""Pixels: a cleaned SVG as a PNG, for the places that take no SVG - home screens, above all.

A mark has a handful of shapes, so a plain scan-line painter is enough: no imaging library, no browser.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from crowdcore.theming.outlines import IDENTITY, Matrix, Shape, apply, outlines

_LINES = 4
"""Scan lines per row of pixels; along the line the coverage is exact."""

Edge = tuple[float, float, float, float, int]
Colour = tuple[int, int, int]


def png(svg: str, *, size: int, inset: float = 0.0, background: str | None = None) -> bytes:
    """Return a square picture of an SVG.

    Args:
        svg: text that marks.py has cleaned, with plain colours.
        size: width and height in pixels.
        inset: free border on each side, as a part of the size.
        background: ``#RRGGBB``, or None for transparent.

    Raises:
        Fault: a colour that cannot be drawn.
    """
    shapes, (x, y, width, height) = outlines(svg)
    room = size * (1 - 2 * inset)
    scale = room / max(width, height)
    left, top = (size - width * scale) / 2 - x * scale, (size - height * scale) / 2 - y * scale
    canvas = _Canvas(size, _rgb(background) if background else None)
    for shape in shapes:
        canvas.paint(shape, (scale, 0.0, 0.0, scale, left, top))
    return _file(size, canvas.rows())


@dataclass(slots=True)
class _Row:
    """Coverage of one row: `steps` is summed up along the row, `parts` stands for itself."""

    steps: list[float]
    parts: list[float]


class _Canvas:
    """A square of pixels, red, green, blue and opacity from 0 to 1 (premultiplied)."""

    def __init__(self, size: int, background: Colour | None) -> None:
        filled = (*(part / 255 for part in background), 1.0) if background else (0.0, 0.0, 0.0, 0.0)
        self._size = size
        self._pixels = [[filled] * size for _ in range(size)]

    def paint(self, shape: Shape, matrix: Matrix = IDENTITY) -> None:
        edges = sorted(_edges(shape, matrix))
        for number, row in _coverage(edges, self._size, even_odd=shape.even_odd):
            covered = [min(1.0, total + part) for total, part in zip(accumulate(row.steps), row.parts, strict=False)]
            self._blend(self._pixels[number], covered, shape)

    def _blend(self, pixels: list[tuple[float, ...]], covered: Sequence[float], shape: Shape) -> None:
        red, green, blue = (part / 255 for part in shape.colour)
        for at, share in enumerate(covered):
            alpha = share * shape.opacity
            if alpha > 0.001:  # noqa: PLR2004 -- less than a step of eight bits
                r, g, b, a = pixels[at]
                left = 1 - alpha
                pixels[at] = (
                    red * alpha + r * left,
                    green * alpha + g * left,
                    blue * alpha + b * left,
                    alpha + a * left,
                )

    def rows(self) -> Iterator[bytes]:
        for row in self._pixels:
            out = bytearray()
            for r, g, b, a in row:
                parts = (r / a, g / a, b / a, a) if a else (0.0, 0.0, 0.0, 0.0)
                out += bytes(min(255, round(part * 255)) for part in parts)
            yield bytes(out)


def _edges(shape: Shape, matrix: Matrix) -> Iterator[Edge]:
    """Return every edge that is not level, from its upper end: y and x of both ends, and its direction."""
    for polygon in shape.polygons:
        points = [apply(matrix, spot) for spot in polygon]
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            if y0 < y1:
                yield y0, x0, y1, x1, 1
            elif y1 < y0:
                yield y1, x1, y0, x0, -1


def _coverage(edges: Sequence[Edge], size: int, *, even_odd: bool) -> Iterator[tuple[int, _Row]]:
    """Return how much of each pixel is inside, row by row, for the rows that are touched."""
    if not edges:
        return
    first, last = max(0, int(edges[0][0])), min(size - 1, int(max(edge[2] for edge in edges)))
    for number in range(first, last + 1):
        near = [edge for edge in edges if edge[0] < number + 1 and edge[2] > number]
        row = _Row([0.0] * (size + 2), [0.0] * size)
        for line in range(_LINES):
            y = number + (line + 0.5) / _LINES
            for begin, end in _spans(near, y, even_odd=even_odd):
                _add(row, max(0.0, begin), min(float(size), end), size)
        yield number, row


def _spans(edges: Sequence[Edge], y: float, *, even_odd: bool) -> Iterator[tuple[float, float]]:
    crossings = sorted((x0 + (x1 - x0) * (y - y0) / (y1 - y0), turn) for y0, x0, y1, x1, turn in edges if y0 <= y < y1)
    inside, begin = 0, 0.0
    for x, turn in crossings:
        was = inside % 2 if even_odd else inside
        inside += 1 if even_odd else turn
        now = inside % 2 if even_odd else inside
        if not was and now:
            begin = x
        elif was and not now:
            yield begin, x


def _add(row: _Row, begin: float, end: float, size: int) -> None:
    """Add a span of one scan line; whole pixels between its ends are counted by their first and last."""
    if end <= begin:
        return
    first, last = int(begin), min(int(end), size - 1)
    weight = 1 / _LINES
    if first == last:
        row.parts[first] += (end - begin) * weight
        return
    row.parts[first] += (first + 1 - begin) * weight
    row.parts[last] += (end - last) * weight
    row.steps[first + 1] += weight
    row.steps[last] -= weight


def _file(size: int, rows: Iterator[bytes]) -> bytes:
    """Return a PNG of eight bits per channel (PNG specification, third edition)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
