"""Problems in a plugin's files: path, line, column, stable code, sentence, hint - all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from crowdcore.base.errors import Fault

MAX_SHOWN = 50
"""How many problems of one file are printed; more than that is one mistake made often."""

_CUT = 80


@dataclass(frozen=True, slots=True, order=True)
class FileProblem:
    """One thing that is wrong, in the form editors turn into a link.

    Args:
        path: the file, as it was given to the reader.
        line: from 1; 0 when the file as a whole is meant.
        column: from 1, counted in characters.
        code: stable code such as ``manifest.unknown_key``.
        message: what is wrong, with what was found.
        hint: what to write instead; empty when the message says it.
        warning: the file can be used all the same.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    warning: bool = field(default=False)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        sort = "warning: " if self.warning else ""
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{place}: {self.code} {sort}{self.message}{hint}"


class ContentError(Fault):
    """A plugin's files or code cannot be used; `problems` says where and why.

    Args:
        problems: every error found, sorted by place.
    """

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        """Keep the problems; the text of the error lists them one per line."""
        self.problems = tuple(sorted(problems))
        shown = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        if len(self.problems) > MAX_SHOWN:
            shown.append(f"... and {len(self.problems) - MAX_SHOWN} more")
        super().__init__("\n".join(shown))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known word, or an empty string."""
    near = get_close_matches(word, list(known), 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def cut(value: object) -> str:
    """Return `value` as it may be shown in a message: escaped, at most 80 characters."""
    shown = repr(value)
    return shown if len(shown) <= _CUT else shown[: _CUT - 1] + "…"
