"""Settings: a plugin declares them as `[config.*]`, a partner fills them in as `[plugin.<id>]`."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from crowdcore.base.text import Text
from crowdcore.plugin.facts import ConfigValue
from crowdcore.plugin.fields import HOST, URL
from crowdcore.plugin.schema import Table
from crowdcore.plugin.secret import Secret

_LOWEST, _HIGHEST = -(10**9), 10**9
_LONGEST = timedelta(days=3660)
_ENV_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,79}")
_SECRET_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_MAX_SECRET = 10_000


class SettingType(StrEnum):
    """What a value may be."""

    TEXT = "text"
    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    URL = "url"
    HOST = "host"
    DURATION = "duration"  # arrives as whole seconds
    CHOICE = "choice"
    LIST = "list"  # of texts
    SECRET = "secret"  # noqa: S105 -- a word of the file format


@dataclass(frozen=True, slots=True)
class Setting:
    """One `[config.<name>]` of a manifest.

    Args:
        name: key in `[plugin.<id>]`.
        type: what a value may be.
        help: what it is for.
        default: used when a partner says nothing; None for none.
        optional: may be missing without a default; the plugin then finds no such key.
        low: smallest number allowed.
        high: largest number allowed.
        choices: the words of a choice.
    """

    name: str
    type: SettingType
    help: Text
    default: ConfigValue | None
    optional: bool
    low: int
    high: int
    choices: tuple[str, ...]

    def read(self, table: Table, key: str, secrets: Secrets) -> ConfigValue | None:
        """Read `key` of `table` as this setting's type; what is wrong is noted in the table's file.

        Returns:
            The value; None for a secret that is not there.
        """
        value: ConfigValue | None
        match self.type:
            case SettingType.TEXT:
                value = table.string(key, max_length=1_000)
            case SettingType.INT:
                value = table.integer(key, low=self.low, high=self.high, code="setting.range")
            case SettingType.DECIMAL:
                value = self._decimal(table, key)
            case SettingType.BOOL:
                value = table.flag(key)
            case SettingType.DURATION:
                value = int(table.duration(key, zero=True, most=_LONGEST).total_seconds())
            case SettingType.LIST:
                value = table.strings(key)
            case SettingType.SECRET:
                value = secrets.read(table.table(key))
            case SettingType.URL | SettingType.HOST:
                form = URL if self.type is SettingType.URL else HOST
                value = table.string(key, form=form, code="setting.form", max_length=500)
            case SettingType.CHOICE:
                value = self._choice(table, key)
        return value

    def _decimal(self, table: Table, key: str) -> Decimal:
        return table.decimal(key, low=str(max(0, self.low)), high=str(self.high), code="setting.range")

    def _choice(self, table: Table, key: str) -> str:
        value = table.string(key)
        if value and value not in self.choices:
            table.problem(key, "value.choice", f"{value!r} is no choice", hint=", ".join(self.choices))
        return value


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where secrets come from: never from a partner's file itself.

    Args:
        folder: holds one file per secret for ``{ file = "name" }``; None when there is none.
        environment: for ``{ env = "NAME" }``.
    """

    folder: Path | None
    environment: Mapping[str, str]

    @classmethod
    def of_process(cls) -> Secrets:
        """Return the secrets of this process: its environment, and the folder CROWDCORE_SECRETS names."""
        folder = os.environ.get("CROWDCORE_SECRETS")
        return cls(Path(folder) if folder else None, os.environ)

    def read(self, reference: Table) -> Secret | None:
        """Return the secret that ``{ env = "NAME" }`` or ``{ file = "name" }`` refers to.

        A secret that is not there is a warning, and the plugin finds no such setting: its hooks fail and
        the portal runs on. An empty one would be worse, because it signs and opens everything.
        """
        if reference.has("env") == reference.has("file"):
            reference.problem(None, "setting.secret", 'write { env = "NAME" } or { file = "name" }')
            return None
        if reference.has("env"):
            name = reference.string("env", form=_ENV_NAME, code="setting.secret")
            value = self.environment.get(name)
        else:
            name = reference.string("file", form=_SECRET_FILE, code="setting.secret")
            value = self._from_folder(name)
        if value:
            return Secret(value)
        reference.problem(None, "setting.secret_missing", f"there is no secret {name!r}", warning=True)
        return None

    def _from_folder(self, name: str) -> str | None:
        if self.folder is None or not _SECRET_FILE.fullmatch(name):
            return None
        try:
            with (self.folder / name).open(encoding="utf-8") as file:
                return file.read(_MAX_SECRET).strip()
        except (OSError, UnicodeDecodeError):
            return None


def declared_setting(name: str, table: Table) -> Setting:
    """Read one ``[config.<name>]`` table of a manifest."""
    for key in ("type", "help"):
        if not table.has(key):
            table.problem(None, "setting.incomplete", f"{key!r} is missing for setting {name!r}")
    kind = table.choice("type", SettingType) if table.has("type") else SettingType.TEXT
    choices = table.strings("choices", at_least=1) if kind is SettingType.CHOICE else ()
    if table.has("per") and table.string("per") != "portal":
        table.problem("per", "value.choice", "a setting is per portal")
    setting = Setting(
        name=name,
        type=kind,
        help=table.text("help") if table.has("help") else Text.neutral(""),
        default=None,
        optional=table.has("optional") and table.flag("optional"),
        low=table.integer("low", low=_LOWEST, high=_HIGHEST) if table.has("low") else _LOWEST,
        high=table.integer("high", low=_LOWEST, high=_HIGHEST) if table.has("high") else _HIGHEST,
        choices=choices,
    )
    return _with_default(setting, table) if table.has("default") else setting


def _with_default(setting: Setting, table: Table) -> Setting:
    if setting.type is SettingType.SECRET:
        table.problem("default", "setting.secret_default", f"the secret {setting.name!r} has a default")
        return setting
    return dataclasses.replace(setting, default=setting.read(table, "default", Secrets(None, {})))


def filled_in(
    settings: Mapping[str, Setting], table: Table, *, is_given: bool, secrets: Secrets
) -> Mapping[str, ConfigValue]:
    """Return the values of one plugin for one portal.

    Args:
        settings: what the plugin declares.
        table: the portal's `[plugin.<id>]`, or the table where it is missed.
        is_given: `table` is the former.
        secrets: where secrets come from.
    """
    values: dict[str, ConfigValue] = {}
    for name, setting in settings.items():
        if is_given and table.has(name):
            value = setting.read(table, name, secrets)
            if value is not None:
                values[name] = value
        elif setting.default is not None:
            values[name] = setting.default
        elif not setting.optional:
            table.problem(None, "setting.required", f"setting {name!r} is missing", hint=setting.help.en)
    return MappingProxyType(values)
