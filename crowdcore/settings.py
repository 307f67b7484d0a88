"""Every setting of an installation with type, default and meaning; read once from the environment.

Light on purpose: commands that only need a path do not pay for a validation library.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from crowdcore.base.errors import Fault

PREFIX = "CROWDCORE_"


_T = TypeVar("_T")


def _setting(default: _T, meaning: str) -> _T:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one installation; each field is read from ``CROWDCORE_<FIELD>``."""

    var_dir: Path = _setting(Path("var"), "Folder for everything that is written: database, mails, gazetteer.")
    database_url: str = _setting("", "postgres://... ; empty means SQLite in var_dir.")
    redis_url: str = _setting("", "redis://... for wake-ups and rate limits shared by processes; empty: in memory.")
    plugin_path: str = _setting("plugins", "Folders with plugins, separated by ':'.")
    smtp_url: str = _setting("", "smtp://user:password@host:port ; empty: mails become files in var_dir/mail.")
    public_scheme: str = _setting("https", "Scheme of links in mails: https, or http for a demo.")
    public_port: int = _setting(0, "Port in links when it is not the scheme's own (demo); 0: none.")
    trusted_proxies: str = _setting("", "Addresses of proxies whose forwarded client address is believed, comma separated.")
    demo: bool = _setting(False, "Demo conveniences: mailbox page, one-click sign-in, fake ticket desk.")
    embedded_worker: bool = _setting(True, "Run the worker loop inside `serve`.")
    api_rate: str = _setting("10/second;50/5second", "Requests per API token (limits notation).")
    rate_limits: bool = _setting(True, "Apply rate limits; switch off only for load tests.")
    pool_size: int = _setting(10, "PostgreSQL connections per process.")
    secret: str = _setting("", "Installation key for derived codes and signatures; empty: made once in var_dir/secret.key.")
    crash_at: str = _setting("", "Test only: name:n of the crash point at which the process ends itself.")

    @property
    def sqlite_path(self) -> Path:
        """The database file of an installation without PostgreSQL."""
        return self.var_dir / "crowdcore.sqlite3"

    @property
    def gazetteer_path(self) -> Path:
        """The offline gazetteer made by ``crowdcore places build``."""
        return self.var_dir / "places.sqlite3"

    @property
    def plugin_folders(self) -> tuple[Path, ...]:
        """The folders that are searched for plugins."""
        return tuple(Path(part) for part in self.plugin_path.split(":") if part)


def read(environment: dict[str, str]) -> Settings:
    """Read settings from `environment`.

    Raises:
        Fault: an unknown ``CROWDCORE_`` name or a value of the wrong type, naming both.
    """
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    values: dict[str, object] = {}
    for name, raw in environment.items():
        if name not in known:
            continue
        setting = known[name]
        values[setting.name] = _parse(name, raw, setting.type)
    return Settings(**values)  # type: ignore[arg-type]  # each value was parsed by its field's type


def _parse(name: str, raw: str, kind: object) -> object:
    if kind == "Path":
        return Path(raw)
    if kind == "int":
        if not raw.lstrip("-").isdigit():
            raise Fault(f"{name}={raw!r} is not a whole number")
        return int(raw)
    if kind == "bool":
        if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise Fault(f"{name}={raw!r} is not a switch; write 1 or 0")
        return raw.lower() in {"1", "true", "yes"}
    return raw


def unknown_names(environment: dict[str, str]) -> list[str]:
    """Return ``CROWDCORE_`` names that are no setting (``doctor`` warns about them).

    Secrets of plugins (``CROWDCORE_<PLUGIN>_...``) are read by the plugins' own configuration and
    therefore look unknown here; the caller knows which of them are declared.
    """
    known = {PREFIX + f.name.upper() for f in fields(Settings)}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


_current: Settings | None = None


def settings() -> Settings:
    """Return the settings of this process, read from the environment on first use."""
    global _current  # noqa: PLW0603 -- one per process
    if _current is None:
        _current = read(dict(os.environ))
    return _current


def use_settings(chosen: Settings | None) -> None:
    """Replace the settings of this process; None reads the environment again on next use."""
    global _current  # noqa: PLW0603 -- one per process
    _current = chosen


def secret_key() -> bytes:
    """Return the installation's key; made on first use unless ``CROWDCORE_SECRET`` is set.

    Processes that share a database must share the key: set ``CROWDCORE_SECRET`` for all of them, or let
    them share `var_dir`.
    """
    chosen = settings()
    if chosen.secret:
        return chosen.secret.encode()
    path = chosen.var_dir / "secret.key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(secrets.token_bytes(32))
    return path.read_bytes()
