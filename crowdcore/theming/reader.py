"""Reads a partner's ``theme/theme.toml``: every fault at once, with line, column, code and remedy.

Codes: ``theme.color``, ``theme.url_not_allowed``, ``theme.css_not_allowed``, ``theme.contrast``,
``theme.unknown_token``, ``theme.required``, ``theme.font``, ``theme.font_external``,
``theme.font_size``, ``theme.length``, ``theme.choice``, ``theme.reference``, ``theme.asset``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from crowdcore.plugin.problems import ContentError, FileProblem, cut, did_you_mean
from crowdcore.plugin.source import Source, read_file
from crowdcore.theming.colours import contrast, is_colour, readable_on
from crowdcore.theming.contract import MODES, Contract, Token, contract, families_of
from crowdcore.theming.proof import TEXT, Measured, prove, suggestion

THEME_FILE = "theme.toml"

Where = tuple[str | int, ...]

_REFERENCE = re.compile(r"\{(\w+)\.(\w+)\}")
_FIGURE = re.compile(r"(-?\d{1,3}(?:\.\d{1,4})?)(px|em|ms|)")
_URL = re.compile(r"url\(|https?:|//|data:", re.IGNORECASE)
_CODE = re.compile(r"expression\(|@import|</|javascript:", re.IGNORECASE)
_DEEPEST_REFERENCE = 5

#: Written as one inline table in a theme, kept as two tokens: mail programs want plain values.
_MAIL_BUTTON = {"background": "mail.button_background", "text": "mail.button_text"}


class ThemeReader:
    """One ``theme.toml`` while it is read; ask for the parts, then call `finish`."""

    def __init__(self, path: Path) -> None:
        """Parse the file at `path`.

        Raises:
            ContentError: it cannot be read or is no TOML.
        """
        self._source = Source(read_file(path), path=str(path), kind="theme", swiss=True)
        self._contract: Contract = contract()
        self._values = self._source.values
        self._colours = self._table("color")
        self.name = str(self._values.get("name", path.parent.parent.name))

    def read(self) -> tuple[dict[str, dict[str, str]], dict[str, str], tuple[Measured, ...]]:
        """Return (mode -> roles, token -> value, contrast proof); what is wrong is noted."""
        self._check_top()
        modes = {mode: self._roles(mode) for mode in MODES}
        tokens = self._tokens(modes)
        proof: tuple[Measured, ...] = ()
        if not self._has_errors():
            proof = tuple(measured for mode in MODES for measured in prove(mode, modes[mode]))
            self._note_failures(modes, proof)
            self._check_mail_button(tokens)
        return modes, tokens, proof

    def asset(self, *way: str) -> str | None:
        """Return the file name of ``[assets]`` under `way` (``"logo", "dark"``), or None."""
        value: object = self._table("assets")
        for step in way:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is None or isinstance(value, Mapping):
            return None
        if not isinstance(value, str) or not re.fullmatch(r"[\w.-]+\.svg", value):
            self.note(("assets", *way), "theme.asset", f"{cut(value)} is no SVG file of this folder")
            return None
        return value

    def note(self, where: Where, code: str, message: str, hint: str = "") -> None:
        """Note a fault at the place of `where`."""
        self._source.note(where, code, message, hint=hint)

    def finish(self) -> tuple[FileProblem, ...]:
        """Return the warnings; raise ContentError with everything noted if something is wrong."""
        if self._has_errors():
            raise ContentError(self._source.problems)
        return tuple(sorted(self._source.problems))

    def _has_errors(self) -> bool:
        return any(not problem.warning for problem in self._source.problems)

    # Structure

    def _table(self, key: str) -> Mapping[str, object]:
        value = self._values.get(key, {})
        if isinstance(value, dict):
            return value
        self.note((key,), "theme.required", f"[{key}] must be a table")
        return {}

    def _check_top(self) -> None:
        if self._values.get("schema") != 1:
            self.note(("schema",), "theme.required", "schema must be 1")
        if self._values.get("parent", "base") != "base":
            self.note(("parent",), "theme.choice", "the parent of every theme is base", 'write parent = "base"')
        tables = {name.split(".")[0] for name in self._contract.tokens}
        self._check_names((), self._values, {"schema", "name", "parent", "assets", "color", *tables})
        self._check_names(("color",), self._colours, {"brand", *MODES})
        self._check_names(("assets",), self._table("assets"), {"mark", "logo"})

    def _check_names(self, where: Where, values: Iterable[str], known: Iterable[str]) -> None:
        names = sorted(known)
        for key in values:
            if key not in names:
                hint = did_you_mean(key, names) or f"known: {', '.join(names)}"
                self.note((*where, key), "theme.unknown_token", f"unknown token {key!r}", hint)

    # Colours

    def _roles(self, mode: str) -> dict[str, str]:
        given = self._colours.get(mode)
        values = given if isinstance(given, dict) else {}
        roles = self._contract.roles
        self._check_names(("color", mode), values, roles)
        missing = [name for name, role in roles.items() if name not in values and not role.automatic]
        if missing:
            self.note(("color", mode), "theme.required", f"[color.{mode}] lacks {', '.join(missing)}")
        read = {name: self._colour(("color", mode, name), value) for name, value in values.items() if name in roles}
        for name, role in roles.items():
            if role.automatic and name not in read and role.automatic in read:
                read[name] = readable_on(read[role.automatic])
        return read

    def _colour(self, where: Where, value: object, depth: int = 0) -> str:
        """Return a colour, references followed; white and a note when it is none."""
        if not isinstance(value, str):
            self.note(where, "theme.color", f"{where[-1]} must be a quoted #rrggbb, found {cut(value)}")
            return "#FFFFFF"
        reference = _REFERENCE.fullmatch(value)
        if reference is not None:
            return self._referred(where, reference, depth)
        if not self._is_harmless(where, value):
            return "#FFFFFF"
        if not is_colour(value):
            self.note(where, "theme.color", f"{where[-1]} = {cut(value)} is no colour", "write #rrggbb")
            return "#FFFFFF"
        return value.upper()

    def _referred(self, where: Where, reference: re.Match[str], depth: int) -> str:
        palette = self._colours.get(reference[1])
        names = list(palette) if isinstance(palette, dict) else []
        if depth >= _DEEPEST_REFERENCE:
            self.note(where, "theme.reference", f"{reference[0]} goes in a circle or too deep")
            return "#FFFFFF"
        if not isinstance(palette, dict) or reference[2] not in palette:
            hint = did_you_mean(reference[2], names) or f"known: {', '.join(names)}"
            self.note(where, "theme.reference", f"{reference[0]} does not exist", hint)
            return "#FFFFFF"
        return self._colour(where, palette[reference[2]], depth + 1)

    def _note_failures(self, modes: Mapping[str, Mapping[str, str]], proof: Iterable[Measured]) -> None:
        for measured in proof:
            if measured.passes:
                continue
            pair, mode = measured.pair, measured.mode
            better = suggestion(modes[mode], pair)
            hint = f"nearest colour that passes: {better}" if better else f"change {pair.ground} first"
            measure = f"{pair.front} on {pair.ground} is {_cut_off(measured.ratio)}:1 in {mode} mode"
            self.note(("color", mode, pair.front), "theme.contrast", f"{measure}, needs {pair.needs}:1", hint)

    # Everything else

    def _tokens(self, modes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        given: dict[str, tuple[Where, object]] = {}
        for name in self._contract.tokens:
            table, key = name.split(".")
            if key in self._table(table):
                given[name] = ((table, key), self._table(table)[key])
        for table in {name.split(".")[0] for name in self._contract.tokens}:
            known = {name.split(".")[1] for name in self._contract.tokens if name.startswith(f"{table}.")}
            self._check_names((table,), self._table(table), known | ({"button"} if table == "mail" else set()))
        given |= self._mail_button()
        return {
            name: self._token(token, *given.get(name, ((name.split(".")[0],), token.neutral)), modes=modes)
            for name, token in self._contract.tokens.items()
        }

    def _mail_button(self) -> dict[str, tuple[Where, object]]:
        button = self._table("mail").get("button", {})
        if not isinstance(button, dict):
            self.note(("mail", "button"), "theme.required", "button must be { background = ..., text = ... }")
            return {}
        self._check_names(("mail", "button"), button, _MAIL_BUTTON)
        return {
            _MAIL_BUTTON[key]: (("mail", "button", key), value) for key, value in button.items() if key in _MAIL_BUTTON
        }

    def _check_mail_button(self, tokens: Mapping[str, str]) -> None:
        ratio = contrast(tokens["mail.button_text"], tokens["mail.button_background"])
        if ratio < TEXT:
            message = f"text of mail buttons is {_cut_off(ratio)}:1, needs {TEXT}:1"
            self.note(("mail", "button"), "theme.contrast", message, "use {light.accent} and {light.on_accent}")

    def _token(self, token: Token, where: Where, value: object, *, modes: Mapping[str, Mapping[str, str]]) -> str:
        """Return a token's value, checked; its neutral value and a note when it is wrong."""
        if not isinstance(value, str):
            self.note(where, "theme.length", f"{where[-1]} must be quoted text, found {cut(value)}")
            return token.neutral
        match token.kind:
            case "colour":
                return self._mode_colour(where, value, modes)
            case "font":
                return self._font(where, value)
            case "choice":
                if value not in token.options:
                    hint = did_you_mean(value, token.options) or f"one of {', '.join(token.options)}"
                    self.note(where, "theme.choice", f"{where[-1]} = {cut(value)} is no choice", hint)
                return value
            case _:
                return self._figure(token, where, value)

    def _mode_colour(self, where: Where, value: str, modes: Mapping[str, Mapping[str, str]]) -> str:
        """Return a colour that may refer to a role, also to one that was filled in."""
        reference = _REFERENCE.fullmatch(value)
        found = modes.get(reference[1], {}).get(reference[2]) if reference else None
        return found or self._colour(where, value)

    def _figure(self, token: Token, where: Where, value: str) -> str:
        code = "theme.font_size" if token.kind == "font_size" else "theme.length"
        found = _FIGURE.fullmatch(value)
        limits = f"write {token.low:g}{token.unit} to {token.high:g}{token.unit}, in quotes"
        if not self._is_harmless(where, value):
            return token.neutral
        if found is None or found[2] != token.unit or not token.low <= Decimal(found[1]) <= token.high:
            self.note(where, code, f"{where[-1]} = {cut(value)} is not allowed", limits)
            return token.neutral
        if token.advised is not None and Decimal(found[1]) < Decimal(str(token.advised)):
            advice = f"{token.advised:g}{token.unit} is advised"
            self._source.note(where, code, f"{where[-1]} = {value} is small", hint=advice, warning=True)
        return value

    def _font(self, where: Where, value: str) -> str:
        """Return a list of font families, named stacks put in; every family must be known."""
        reference = _REFERENCE.fullmatch(value)
        stacks = self._contract.stacks
        if reference is not None:
            if reference[1] == "stack" and reference[2] in stacks:
                return stacks[reference[2]]
            hint = did_you_mean(reference[2], stacks) or f"known: {', '.join(stacks)}"
            self.note(where, "theme.font", f"{value} is no font stack", hint)
            return stacks["system"]
        if _URL.search(value):
            self.note(where, "theme.font_external", f"{cut(value)}: fonts never come from another address")
            return stacks["system"]
        if not self._is_harmless(where, value):
            return stacks["system"]
        families = families_of(value)
        for family in families:
            if family not in self._contract.families:
                known = did_you_mean(family, self._contract.families) or f"stacks: {', '.join(stacks)}"
                self.note(where, "theme.font", f"font {cut(family)} is not a known family", known)
        if families[-1] not in {"sans-serif", "serif"}:
            self.note(where, "theme.font", f"{where[-1]} must end with sans-serif or serif")
        return ", ".join(family if re.fullmatch(r"[\w-]+", family) else f"'{family}'" for family in families)

    def _is_harmless(self, where: Where, value: str) -> bool:
        """Refuse what would do more in a style sheet than name a value; other nonsense has no form anyway."""
        for pattern, code in ((_URL, "theme.url_not_allowed"), (_CODE, "theme.css_not_allowed")):
            if pattern.search(value):
                self.note(where, code, f"{where[-1]} must be one plain value, found {cut(value)}")
                return False
        return True


def _cut_off(ratio: float) -> str:
    """Return a ratio with two decimals, never rounded up: 4.499 must not read 4.50."""
    return f"{int(ratio * 100) / 100:.2f}"
