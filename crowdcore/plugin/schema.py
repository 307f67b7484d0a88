"""Reading a TOML file so that all its errors come out at once, each with line, column, code and hint.

A reader asks a `Table` for its keys by type; the keys it asks for are the schema. A wrong value is noted
and replaced by a placeholder of the right type, so that reading goes on; `ContentFile.finish` raises
before a placeholder can get out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Self, TypeVar

from crowdcore.base.money import CASH_STEP, Currency, Money
from crowdcore.base.text import Text, forbidden_character
from crowdcore.plugin.fields import SLUG, parse_decimal, parse_duration, written_duration
from crowdcore.plugin.positions import Path
from crowdcore.plugin.problems import ContentError, FileProblem, cut, did_you_mean
from crowdcore.plugin.source import Source, read_file
from crowdcore.plugin.text_field import TextField

_Choice = TypeVar("_Choice", bound=StrEnum)


class ContentFile(Source):
    """One TOML file while it is read; `root` is where a reader begins."""

    def __init__(self, text: str, *, path: str, kind: str, swiss: bool) -> None:
        """Parse `text`; see `Source`."""
        super().__init__(text, path=path, kind=kind, swiss=swiss)
        self._tables: list[Table] = []
        self.root = self.table_at(self.values, (), "the file")

    @classmethod
    def open(cls, path: FilePath, *, kind: str, swiss: bool) -> Self:
        """Read the file at `path`; ContentError when it cannot be read or is no TOML."""
        return cls(read_file(path), path=str(path), kind=kind, swiss=swiss)

    def table_at(self, values: Mapping[str, object], path: Path, name: str) -> Table:
        """Return a table whose missing and unknown keys are noted when the file is finished."""
        table = Table(self, values, path, name)
        self._tables.append(table)
        return table

    def finish(self) -> tuple[FileProblem, ...]:
        """Return the warnings, sorted by place; raise ContentError with all problems if one is an error."""
        for table in self._tables:
            table.close()
        self._tables.clear()
        if any(not problem.warning for problem in self.problems):
            raise ContentError(self.problems)
        return tuple(sorted(self.problems))


class Table:
    """A table of a file while it is read; every method notes what is wrong and goes on."""

    def __init__(self, file: ContentFile, values: Mapping[str, object], path: Path, name: str) -> None:
        """Wrap `values`, which stand at `path`; `name` is what messages call the table."""
        self.file = file
        self._values = values
        self._path = path
        self._known: dict[str, None] = {}
        self._missing: list[str] = []
        self._is_void = False
        row_id = values.get("id") if path else None
        self.name = f"{name.partition('[')[0]} {row_id!r}" if isinstance(row_id, str) else name

    @property
    def line(self) -> int:
        """The line it begins on."""
        return self.file.position(self._path).line

    def has(self, key: str) -> bool:
        """Return whether the table has `key`; from then on it is a known one."""
        self._known[key] = None
        return key in self._values

    def keys(self) -> tuple[str, ...]:
        """Return all keys of a table whose keys are free."""
        self._known.update(dict.fromkeys(self._values))
        return tuple(self._values)

    def problem(self, key: str | None, code: str, message: str, *, hint: str = "", warning: bool = False) -> None:
        """Note a problem of `key`, or of the table itself."""
        if not self._is_void:
            path = self._path if key is None else (*self._path, key)
            self.file.note(path, code, f"{message} in {self.name}", hint=hint, warning=warning)

    def raw(self, key: str) -> object:
        """Return the value of `key` as it stands; None and a note when it is missing."""
        if not self.has(key):
            self._missing.append(key)
            return None
        return self._values[key]

    def string(self, key: str, *, form: re.Pattern[str] | None = None, code: str = "", max_length: int = 200) -> str:
        """Read one line of plain text.

        Args:
            key: which.
            form: the whole value must match it.
            code: code of the problem when it does not.
            max_length: in characters.
        """
        value = self.raw(key)
        if value is None:
            return ""
        return self._string(value, (*self._path, key), form=form, code=code, max_length=max_length)

    def strings(
        self, key: str, *, form: re.Pattern[str] | None = None, code: str = "", at_least: int = 0
    ) -> tuple[str, ...]:
        """Read a list of plain texts without repetitions."""
        read: list[str] = []
        for index, value in enumerate(self._list(key, at_least)):
            path = (*self._path, key, index)
            item = self._string(value, path, form=form, code=code, max_length=200)
            if item in read:
                self.file.note(path, f"{self.file.kind}.duplicate", f"{item!r} stands twice in {key}")
            read.append(item)
        return tuple(read)

    def slug(self, key: str) -> str:
        """Read an id."""
        return self.string(key, form=SLUG, code=f"{self.file.kind}.code", max_length=40)

    def slugs(self, key: str, *, at_least: int = 0) -> tuple[str, ...]:
        """Read a list of ids."""
        return self.strings(key, form=SLUG, code=f"{self.file.kind}.code", at_least=at_least)

    def integer(self, key: str, *, low: int, high: int, code: str = "") -> int:
        """Read a whole number from `low` to `high`."""
        value = self.raw(key)
        if value is None:
            return low
        if isinstance(value, bool) or not isinstance(value, int):
            self._type_problem(key, code or "type.number_expected", "a whole number", value)
            return low
        if not low <= value <= high:
            self.problem(key, code or "value.range", f"{key} = {value} is not between {low} and {high}")
            return low
        return value

    def decimal(self, key: str, *, low: str, high: str, code: str) -> Decimal:
        """Read a quoted decimal from `low` to `high`."""
        value = self.raw(key)
        if value is None:
            return Decimal(low)
        number = parse_decimal(value) if isinstance(value, str) else None
        if number is None:
            self._type_problem(key, "type.number_expected", 'a quoted decimal such as "8.1"', value)
            return Decimal(low)
        if not Decimal(low) <= number <= Decimal(high):
            self.problem(key, code, f"{key} = {value} is not between {low} and {high}")
        return number

    def flag(self, key: str) -> bool:
        """Read true or false."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self._type_problem(key, "type.bool_expected", "true or false", value)
        return value is True

    def choice(self, key: str, options: type[_Choice]) -> _Choice:
        """Read one of the words of an enum."""
        words = [option.value for option in options]
        value = self.raw(key)
        if value in words:
            return options(str(value))
        if value is not None:
            hint = did_you_mean(str(value), words) or f"one of {', '.join(words)}"
            self.problem(key, "value.choice", f"{key} = {cut(value)} is no choice", hint=hint)
        return next(iter(options))

    def duration(self, key: str, *, zero: bool = False, most: timedelta) -> timedelta:
        """Read a time span such as ``10min``.

        Args:
            key: which.
            zero: ``0s`` is allowed.
            most: the longest one allowed.
        """
        value = self.raw(key)
        if value is None:
            return timedelta()
        span = parse_duration(value) if isinstance(value, str) else None
        if span is None or (not span and not zero) or span > most:
            expected = f'write "30s", "10min", "3h" or "14d", at most {written_duration(most)}'
            self.problem(key, "duration.format", f"{key} = {cut(value)} is no usable duration", hint=expected)
            return timedelta()
        return span

    def money(self, key: str, currency: Currency) -> Money:
        """Read a quoted amount such as ``"59.00"`` in steps that can be paid in cash."""
        value = self.raw(key)
        nothing = Money(0, currency)
        if value is None:
            return nothing
        try:
            amount = Money.parse(value if isinstance(value, str) else "", currency)
        except ValueError:
            hint = 'write digits, a point and two decimals in quotes: "49.90"'
            self.problem(key, "money.format", f"{key} = {cut(value)} is no amount", hint=hint)
            return nothing
        if amount.cents % CASH_STEP[currency]:
            nearest = amount.rounded().cents
            hint = f'nearest: "{nearest // 100}.{nearest % 100:02}"'
            self.problem(key, "money.step", f"{key} = {value} {currency} cannot be paid in cash", hint=hint)
        return amount

    def text(self, key: str, *, max_length: int = 400, multiline: bool = False) -> Text:
        """Read a text in German, French and English, or a neutral one."""
        value = self.raw(key)
        if value is None:
            return Text.neutral("")
        return self._text_field((*self._path, key), key, max_length, multiline=multiline).read(value)

    def texts(self, key: str, *, max_length: int = 200, at_least: int = 0) -> tuple[Text, ...]:
        """Read a list of texts."""
        return tuple(
            self._text_field((*self._path, key, index), f"{key}[{index}]", max_length).read(value)
            for index, value in enumerate(self._list(key, at_least))
        )

    def table(self, key: str) -> Table:
        """Read a table; a silent empty one when it is missing, so that only that is noted."""
        value = self.raw(key)
        if isinstance(value, dict):
            return self.file.table_at(value, (*self._path, key), f"[{key}]" if not self._path else key)
        if value is not None:
            self._type_problem(key, "type.table_expected", "a table", value)
        void = Table(self.file, {}, self._path, key)
        void._is_void = True
        return void

    def tables(self, key: str, *, at_least: int = 0) -> Iterator[Table]:
        """Read a list of tables: ``[[key]]`` or ``key = [{ ... }]``."""
        for index, value in enumerate(self._list(key, at_least)):
            path = (*self._path, key, index)
            if isinstance(value, dict):
                yield self.file.table_at(value, path, f"{key}[{index}]")
            else:
                self.file.note(path, "type.table_expected", f"{key}[{index}] must be a table, not {cut(value)}")

    def close(self) -> None:
        """Note missing and unknown keys; a misspelt key that is missing is one problem, not two."""
        missing = dict.fromkeys(self._missing)
        kind = self.file.kind
        for key in self._values:
            if key in self._known:
                continue
            near = did_you_mean(key, missing)
            if near:
                missing.pop(near.split("'")[1])
            hint = near or did_you_mean(key, self._known) or f"known: {', '.join(self._known)}"
            self.problem(key, f"{kind}.unknown_key", f"unknown key {key!r}", hint=hint)
        for key in missing:
            self.problem(None, f"{kind}.required", f"{key!r} is missing")

    def _list(self, key: str, at_least: int) -> Sequence[object]:
        value = self.raw(key) if at_least else (self._values[key] if self.has(key) else [])
        if value is None:
            return ()
        if not isinstance(value, list):
            self._type_problem(key, "type.list_expected", "a list in [ ]", value)
            return ()
        if len(value) < at_least:
            self.problem(key, f"{self.file.kind}.required", f"{key} needs at least {at_least}")
        return value

    def _type_problem(self, key: str, code: str, expected: str, value: object) -> None:
        self.problem(key, code, f"{key} must be {expected}, not {cut(value)}")

    def _text_field(self, path: Path, label: str, max_length: int, *, multiline: bool = False) -> TextField:
        return TextField(self.file, path, f"{label} in {self.name}", max_length, multiline=multiline)

    def _string(self, value: object, path: Path, *, form: re.Pattern[str] | None, code: str, max_length: int) -> str:
        label = path[-1] if isinstance(path[-1], str) else f"{path[-2]}[{path[-1]}]"
        if not isinstance(value, str):
            hint = "put it in quotes" if isinstance(value, int | Decimal) else ""
            message = f"{label} must be text, not {cut(value)} in {self.name}"
            self.file.note(path, "type.text_expected", message, hint=hint)
            return ""
        if form is not None and not form.fullmatch(value):
            hint = f"expected: {form.pattern}"
            self.file.note(path, code, f"{label} = {cut(value)} has the wrong form in {self.name}", hint=hint)
        elif not value.strip() or len(value) > max_length or forbidden_character(value) is not None:
            message = f"{label} is empty, longer than {max_length} or has control characters in {self.name}"
            self.file.note(path, "text.form", message)
        return value
