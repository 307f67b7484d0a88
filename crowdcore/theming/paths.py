"""Paths: what the ``d`` of an SVG path draws, as points; curves become short straight lines (SVG 1.1, 8.3)."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator

Spot = tuple[float, float]

_TOKEN = re.compile(r"[MmLlHhVvCcSsQqTtAaZz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FLAG = re.compile(r"[01]")
_STEPS = 24
"""Straight lines per curve."""

_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def points_of(d: str) -> list[tuple[list[Spot], bool]]:
    """Return the lines of a path as points, each with whether it is closed."""
    pen = _Pen()
    for command, values in _commands(d):
        pen.draw(command, values)
    return pen.finished()


def _commands(d: str) -> Iterator[tuple[str, list[float]]]:
    """Return commands with their numbers, repeated ones written out."""
    for letter, rest in re.findall(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)", d):
        count = _COUNTS[letter.upper()]
        values = _arc_numbers(rest) if letter in "Aa" else [float(one) for one in _TOKEN.findall(rest)]
        if not count:
            yield letter, []
        command = letter
        for at in range(0, len(values) - count + 1, count or 1):
            yield command, values[at : at + count]
            command = {"M": "L", "m": "l"}.get(command, command)


def _arc_numbers(rest: str) -> list[float]:
    """Return the numbers of arcs; their two flags may stand without blanks (``0 01 4 4``)."""
    values: list[float] = []
    at = 0
    while at < len(rest):
        pattern = _FLAG if len(values) % 7 in {3, 4} else _TOKEN
        found = pattern.search(rest, at)
        if found is None:
            break
        values.append(float(found[0]))
        at = found.end()
    return values


class _Pen:
    """Draws commands one after the other."""

    def __init__(self) -> None:
        self._lines: list[tuple[list[Spot], bool]] = []
        self._line: list[Spot] = []
        self._at: Spot = (0.0, 0.0)
        self._control: Spot | None = None
        self._last = ""

    def draw(self, command: str, values: list[float]) -> None:
        """Draw one command."""
        name, relative = command.upper(), command.islower()
        if name == "Z":
            self._close()
        elif name == "M":
            self._end()
            self._at = self._spots(values, relative=relative)[0]
            self._line = [self._at]
        else:
            if not self._line:
                self._line = [self._at]
            self._curve(name, values, relative=relative)
        self._last = name

    def finished(self) -> list[tuple[list[Spot], bool]]:
        """Return every line."""
        self._end()
        return self._lines

    def _curve(self, name: str, values: list[float], *, relative: bool) -> None:
        if name in "HV":
            dx, dy = self._at if relative else (0.0, 0.0)
            to = (dx + values[0], self._at[1]) if name == "H" else (self._at[0], dy + values[0])
            self._to([to])
        elif name == "A":
            end = self._spots(values[5:], relative=relative)[0]
            self._to(_arc(self._at, end, values[:5]))
        else:
            self._bezier(name, self._spots(values, relative=relative))

    def _bezier(self, name: str, spots: list[Spot]) -> None:
        if name == "L":
            self._to(spots)
            return
        if name in "ST":
            kin = "CS" if name == "S" else "QT"
            known = self._control if self._last in kin else None
            (x, y), (cx, cy) = self._at, known or self._at
            spots = [(2 * x - cx, 2 * y - cy), *spots]
        self._to(_sampled([self._at, *spots]))
        self._control = spots[-2]

    def _to(self, spots: list[Spot]) -> None:
        self._line.extend(spots)
        self._at = spots[-1]

    def _spots(self, values: list[float], *, relative: bool) -> list[Spot]:
        dx, dy = self._at if relative else (0.0, 0.0)
        return [(dx + x, dy + y) for x, y in zip(values[::2], values[1::2], strict=True)]

    def _close(self) -> None:
        if self._line:
            self._at = self._line[0]
            self._lines.append((self._line, True))
            self._line = []

    def _end(self) -> None:
        if len(self._line) > 1:
            self._lines.append((self._line, False))
        self._line = []


def _sampled(spots: list[Spot]) -> list[Spot]:
    """Return points on a Bézier curve of any degree, without its first (de Casteljau)."""

    def at(share: float) -> Spot:
        row = spots
        while len(row) > 1:
            row = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for (x0, y0), (x1, y1) in itertools.pairwise(row)]
        return row[0]

    return [at(step / _STEPS) for step in range(1, _STEPS + 1)]


def _arc(start: Spot, end: Spot, values: list[float]) -> list[Spot]:
    """Return points on an elliptical arc, without its first (SVG 1.1, F.6.5 and F.6.6)."""
    rx, ry, tilt, large, sweep = abs(values[0]), abs(values[1]), math.radians(values[2]), values[3], values[4]
    if start == end:
        return [end]
    if rx == 0 or ry == 0:
        return [end]
    cos, sin = math.cos(tilt), math.sin(tilt)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    px, py = cos * dx + sin * dy, -sin * dx + cos * dy
    grown = math.sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))
    rx, ry = rx * grown, ry * grown
    square = (rx * py) ** 2 + (ry * px) ** 2
    scale = math.sqrt(max(0.0, ((rx * ry) ** 2 - square) / square)) * (-1 if bool(large) == bool(sweep) else 1)
    qx, qy = scale * rx * py / ry, -scale * ry * px / rx
    cx, cy = cos * qx - sin * qy + (start[0] + end[0]) / 2, sin * qx + cos * qy + (start[1] + end[1]) / 2
    first = math.atan2((py - qy) / ry, (px - qx) / rx)
    turn = math.atan2((-py - qy) / ry, (-px - qx) / rx) - first
    turn += 2 * math.pi * ((turn < 0) - (turn > 0)) * (bool(sweep) != (turn > 0))
    on_arc: Callable[[float], Spot] = lambda angle: (  # noqa: E731 -- a formula
        cx + rx * math.cos(angle) * cos - ry * math.sin(angle) * sin,
        cy + rx * math.cos(angle) * sin + ry * math.sin(angle) * cos,
    )
    steps = max(4, math.ceil(abs(turn) / (2 * math.pi) * 4 * _STEPS))
    return [on_arc(first + turn * step / steps) for step in range(1, steps)] + [end]
