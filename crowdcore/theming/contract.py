"""The token contract: what a theme may decide, read from ``themes/base/theme.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crowdcore.base.folders import shared_folder

MODES = ("light", "dark")

_GENERIC = frozenset({"system-ui", "ui-sans-serif", "ui-serif", "ui-rounded", "sans-serif", "serif"})


@dataclass(frozen=True, slots=True)
class Role:
    """A colour role.

    Args:
        name: as files write it, ``text_muted``.
        meaning: what it is for.
        neutral: mode -> colour of the plain look.
        automatic: the role it is read on, if it may be left out and is then black or white; else "".
    """

    name: str
    meaning: str
    neutral: Mapping[str, str]
    automatic: str


@dataclass(frozen=True, slots=True)
class Token:
    """A value that is not a colour.

    Args:
        name: table and key, ``shape.radius``.
        meaning: what it is for.
        kind: ``length``, ``font_size``, ``number``, ``font``, ``colour`` or ``choice``.
        unit: ``px``, ``em``, ``ms`` or "".
        low: smallest figure allowed.
        high: largest figure allowed.
        advised: smaller than this is allowed, with a warning; None for no advice.
        options: the words of a choice.
        neutral: the value that holds when a theme says nothing.
    """

    name: str
    meaning: str
    kind: str
    unit: str
    low: float
    high: float
    advised: float | None
    options: tuple[str, ...]
    neutral: str


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything a theme may decide.

    Args:
        roles: name -> colour role, in the order of the file.
        tokens: ``shape.radius`` -> token.
        stacks: name -> list of font families as CSS writes it.
        families: every font family that may be named.
        slots: ``home.top`` -> what the place is for.
    """

    roles: Mapping[str, Role]
    tokens: Mapping[str, Token]
    stacks: Mapping[str, str]
    families: frozenset[str]
    slots: Mapping[str, str]

    def neutral(self, mode: str) -> dict[str, str]:
        """Return the roles of the plain look in one mode."""
        return {role.name: role.neutral[mode] for role in self.roles.values()}


@cache
def contract() -> Contract:
    """Return the contract of this installation, read once."""
    path = shared_folder("themes") / "base" / "theme.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    stacks = data["stack"]
    return Contract(
        roles={name: _role(name, row) for name, row in data["role"].items()},
        tokens={
            f"{table}.{key}": _token(f"{table}.{key}", row)
            for table, rows in data["token"].items()
            for key, row in rows.items()
        },
        stacks=stacks,
        families=frozenset(family for stack in stacks.values() for family in families_of(stack)) | _GENERIC,
        slots=data["slot"],
    )


def families_of(stack: str) -> tuple[str, ...]:
    """Return the families of a CSS font list, without their quotation marks."""
    return tuple(part.strip().strip("'\"") for part in stack.split(","))


def _role(name: str, row: Mapping[str, str]) -> Role:
    return Role(name, row["meaning"], {mode: row[mode] for mode in MODES}, row.get("automatic", ""))


def _token(name: str, row: Mapping[str, Any]) -> Token:
    return Token(
        name,
        row["meaning"],
        row["kind"],
        row.get("unit", ""),
        row.get("low", 0),
        row.get("high", 0),
        row.get("advised"),
        tuple(row.get("options", ())),
        row["value"],
    )
