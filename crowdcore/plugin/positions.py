"""Positions: where each key of a TOML document stands; the standard parser says it for syntax errors only.

The values come from `tomllib`; this only finds places, so it may take the document to be valid.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Way to a value: table keys as str, indexes of arrays as int."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANKS = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_REST_OF_LINE = re.compile(r"[^\n]*\n?")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
# A multi-line string may end in up to two quotes of its own before the closing three.
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class Position(NamedTuple):
    """A place in a file: line and column, both from 1, the column counted in characters."""

    line: int
    column: int


def locate(text: str) -> dict[Path, Position]:
    """Return the position of every key and every array element of a valid TOML document.

    The empty path stands for the document itself. The set of paths is the one a walk through
    ``tomllib.loads(text)`` gives.
    """
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._found: dict[Path, Position] = {(): Position(1, 1)}
        #: Arrays of tables and how many elements they have so far.
        self._counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, Position]:
        base: Path = ()
        while True:
            self._skip(_BLANK_LINES)
            if self._at >= len(self._text):
                return self._found
            if self._text[self._at] == "[":
                base = self._header()
            else:
                self._pair(base)
            self._skip(_REST_OF_LINE)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None  # noqa: S101 -- every pattern skipped matches the empty string
        self._at = found.end()
        return found[0]

    def _mark(self, path: Path, at: int) -> None:
        line = bisect_right(self._line_starts, at)
        self._found.setdefault(path, Position(line, at - self._line_starts[line - 1] + 1))

    def _header(self) -> Path:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        parts = self._key()[0]
        path: Path = ()
        for part in parts[:-1]:
            path = (*path, part)
            self._mark(path, start)
            path = self._last_element(path)
        path = (*path, parts[-1])
        self._mark(path, start)
        if is_array:
            path = self._new_element(path)
            self._mark(path, start)
        return path

    def _last_element(self, path: Path) -> Path:
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _new_element(self, path: Path) -> Path:
        index = self._counts.get(path, 0)
        self._counts[path] = index + 1
        return (*path, index)

    def _key(self) -> tuple[list[str], int]:
        """Read a dotted key; return its parts and where it starts."""
        self._skip(_BLANKS)
        start, parts = self._at, [self._key_part()]
        while self._skip(_BLANKS) is not None and self._text.startswith(".", self._at):
            self._at += 1
            self._skip(_BLANKS)
            parts.append(self._key_part())
        return parts, start

    def _key_part(self) -> str:
        if self._text[self._at] in "\"'":
            quoted = self._string()
            return str(tomllib.loads(f"key = {quoted}")["key"])
        return self._skip(_BARE_KEY)

    def _string(self) -> str:
        return self._skip(_STRING)

    def _pair(self, base: Path) -> None:
        parts, start = self._key()
        path = base
        for part in parts:
            path = (*path, part)
            self._mark(path, start)
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANKS)
        match self._text[self._at]:
            case '"' | "'":
                self._string()
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case _:
                self._skip(_BARE_VALUE)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while not self._ends("]"):
            self._mark((*path, index), self._at)
            self._value((*path, index))
            index += 1
            self._comma()

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while not self._ends("}"):
            self._pair(path)
            self._comma()

    def _ends(self, bracket: str) -> bool:
        self._skip(_BLANK_LINES)
        if self._text[self._at] == bracket:
            self._at += 1
            return True
        return False

    def _comma(self) -> None:
        self._skip(_BLANK_LINES)
        if self._text[self._at] == ",":
            self._at += 1
