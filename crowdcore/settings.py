"""Every setting of an installation with type, default and meaning; read once from the environment.

Light on purpose: commands that only need a path do not pay for a validation library.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from crowdcore.base.errors import Fault

PREFIX = "CROWDCORE_"


_T = TypeVar("_T")

_VAR = Path("var")
_OTHER_FOLDER = "name another folder by CROWDCORE_VAR_DIR"
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


def _setting(meaning: str, *, default: _T) -> _T:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one installation; each field is read from ``CROWDCORE_<FIELD>``."""

    var_dir: Path = _setting(  # noqa: RUF009 -- it makes a dataclass field
        "Folder for everything that is written: database, mails, gazetteer.", default=_VAR
    )
    database_url: str = _setting("postgres://... ; empty means SQLite in var_dir.", default="")
    redis_url: str = _setting(
        "redis://... for wake-ups and rate limits shared by processes; empty: in memory.", default=""
    )
    plugin_path: str = _setting("Folders with plugins, separated by ':'.", default="plugins")
    smtp_url: str = _setting("smtp://user:password@host:port ; empty: mails become files in var_dir/mail.", default="")
    public_scheme: str = _setting("Scheme of links in mails: https, or http for a demo.", default="https")
    public_port: int = _setting("Port in links when it is not the scheme's own (demo); 0: none.", default=0)
    trusted_proxies: str = _setting(
        "Addresses of proxies whose forwarded client address is believed, comma separated.", default=""
    )
    demo: bool = _setting("Demo conveniences: mailbox page, one-click sign-in, fake ticket desk.", default=False)
    embedded_worker: bool = _setting("Run the worker loop inside `serve`.", default=True)
    api_rate: str = _setting("Requests per API token (limits notation).", default="10/second;50/5second")
    rate_limits: bool = _setting("Apply rate limits; switch off only for load tests.", default=True)
    pool_size: int = _setting("PostgreSQL connections per process.", default=10)
    secret: str = _setting(
        "Installation key for derived codes and signatures; empty: made once in var_dir/secret.key.",
        default="",
    )
    crash_at: str = _setting("Test only: name:n of the crash point at which the process ends itself.", default="")

    def make_var_dir(self) -> None:
        """Make the folder for everything that is written, if it is missing.

        Raises:
            Fault: nothing can be written there.
        """
        try:
            self.var_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Fault(f"nothing can be written to {self.var_dir} ({error.strerror}); {_OTHER_FOLDER}") from error
        if not os.access(self.var_dir, os.W_OK | os.X_OK):
            raise Fault(f"nothing can be written to {self.var_dir} (no right to); {_OTHER_FOLDER}")

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
    """Read settings from `environment`; names that are no setting are left alone (see `unknown_names`).

    Raises:
        Fault: a value of the wrong type, naming setting and value.
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
        if not _WHOLE_NUMBER.fullmatch(raw):
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

    Raises:
        Fault: the key's file is there, but empty.
    """
    chosen = settings()
    if chosen.secret:
        return chosen.secret.encode()
    path = chosen.var_dir / "secret.key"
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if not key:
        raise Fault(f"{path} is empty: restore it from a backup, or delete it (then everybody signs in again)")
    return key


def _make_key(path: Path) -> None:
    """Write a key and give it its name only then, so that nobody ever reads half a key."""
    settings().make_var_dir()
    descriptor, draft = tempfile.mkstemp(prefix=".key-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(secrets.token_bytes(32))
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):  # somebody else was faster: theirs is the key
            os.link(draft, path)
    finally:
        Path(draft).unlink()
