"""Source: one TOML file with the place of every key in it, and the problems noted while it is read."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path as FilePath

from crowdcore.plugin.positions import Path, Position, locate
from crowdcore.plugin.problems import ContentError, FileProblem, cut

MAX_BYTES = 1_000_000
"""A content file is at most one megabyte."""

_SYNTAX_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")

_SYNTAX_HINTS = {
    "inline": "no comma before } and no line break inside { }",
    "overwrite": "one name is used twice, perhaps once with = and once as [table]",
    "invalid value": "text needs quotes",
}


class Source:
    """The parsed content of a TOML file; numbers with a point are exact decimals.

    Args:
        text: the file's content.
        path: as messages name it.
        kind: first part of the codes that every file has (``catalog`` in ``catalog.unknown_key``).
        swiss: German is written without ß.
    """

    def __init__(self, text: str, *, path: str, kind: str, swiss: bool) -> None:
        """Parse `text`.

        Raises:
            ContentError: ``file.empty`` or ``<kind>.syntax``.
        """
        self.path = path
        self.kind = kind
        self.swiss = swiss
        self.problems: list[FileProblem] = []
        self.values = self._parsed(text)
        self.content_hash = _hash(self.values)
        self._text = text

    @cached_property
    def _positions(self) -> dict[Path, Position]:
        """Where everything stands; looked for when the first problem is noted, and most files have none."""
        return locate(self._text)

    def note(self, path: Path, code: str, message: str, *, hint: str = "", warning: bool = False) -> None:
        """Note a problem at the place of `path`, or of what it lies in."""
        line, column = self.position(path)
        self.problems.append(FileProblem(self.path, line, column, code, message, hint, warning))

    def position(self, path: Path) -> Position:
        """Return where `path` stands, or the nearest thing around it."""
        while path not in self._positions:
            path = path[:-1]
        return self._positions[path]

    def _parsed(self, text: str) -> dict[str, object]:
        if not text.strip():
            raise ContentError([FileProblem(self.path, 1, 1, "file.empty", "the file is empty")])
        try:
            return tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise ContentError([self._syntax(text, str(error))]) from None
        except (RecursionError, ValueError, ArithmeticError) as error:
            message = f"no usable TOML: {cut(str(error))}"
            raise ContentError([FileProblem(self.path, 1, 1, f"{self.kind}.syntax", message)]) from None

    def _syntax(self, text: str, message: str) -> FileProblem:
        found = _SYNTAX_PLACE.search(message)
        line, column = (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)
        plain = _SYNTAX_PLACE.sub("", message)
        hint = next((hint for part, hint in _SYNTAX_HINTS.items() if part in plain.lower()), "")
        return FileProblem(self.path, line, column, f"{self.kind}.syntax", plain, hint)


def read_file(path: FilePath, *, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a content file.

    Raises:
        ContentError: ``file.not_found``, ``file.too_large`` or ``file.encoding``.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            message = f"the file has {size} bytes, at most {max_bytes}; split it"
            raise ContentError([FileProblem(str(path), 0, 0, "file.too_large", message)])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = FileProblem(str(path), 0, 0, "file.not_found", f"cannot be read: {error.strerror}")
        raise ContentError([problem]) from None
    except UnicodeDecodeError as error:
        problem = FileProblem(str(path), 0, 0, "file.encoding", f"byte {error.start} is not UTF-8")
        raise ContentError([problem]) from None


def _hash(values: Mapping[str, object]) -> str:
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
