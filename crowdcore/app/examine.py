"""What `crowdcore doctor` looks at: each finding says what is so, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from crowdcore.base.errors import Fault
from crowdcore.settings import Settings, settings, unknown_names

_LEAST_FREE = 200 * 1024 * 1024
_OWNER_ONLY = 0o077
_LEAST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    OK: ClassVar[str] = "ok"
    WARNING: ClassVar[str] = "warning"
    WRONG: ClassVar[str] = "wrong"

    grade: str
    what: str
    remedy: str = ""


async def examine() -> list[Finding]:
    """Look at Python, folders, secrets, plugins, places, mail and database, in this order."""
    chosen = settings()
    findings = [_python(), _disk(chosen), *_secret(chosen), _mail(chosen), _places(chosen), *_plugins(chosen)]
    return findings + [finding async for finding in _database(chosen)]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 -- doctor may be run with any Python
        return Finding(Finding.WRONG, f"Python {version}", "Install Python 3.11 or newer.")
    return Finding(Finding.OK, f"Python {version}")


def _disk(chosen: Settings) -> Finding:
    folder = chosen.var_dir if chosen.var_dir.exists() else Path()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        what = f"{free // 2**20} MB free for {chosen.var_dir}"
        return Finding(Finding.WRONG, what, "Make room: below 200 MB writes stop.")
    return Finding(Finding.OK, f"{free // 2**30} GB free for {chosen.var_dir}")


def _secret(chosen: Settings) -> list[Finding]:
    names = [n for n in unknown_names(dict(os.environ)) if not n.endswith(("_SECRET", "_KEY", "_TOKEN"))]
    strange = [Finding(Finding.WARNING, f"{name} is no setting", "Check its spelling.") for name in names]
    return [_installation_key(chosen), *strange]


def _installation_key(chosen: Settings) -> Finding:
    path = chosen.var_dir / "secret.key"
    if chosen.secret:
        if len(chosen.secret) < _LEAST_SECRET:
            return Finding(Finding.WARNING, "CROWDCORE_SECRET is short", f"Use at least {_LEAST_SECRET} characters.")
        return Finding(Finding.OK, "CROWDCORE_SECRET is set")
    if path.exists() and path.stat().st_mode & _OWNER_ONLY:
        return Finding(Finding.WRONG, f"{path} can be read by others", f"chmod 600 {path}")
    return Finding(Finding.OK, "the installation key is in var_dir")


def _mail(chosen: Settings) -> Finding:
    from crowdcore.app.mail import transport

    if not chosen.smtp_url:
        return Finding(
            Finding.OK if chosen.demo else Finding.WARNING,
            "mails are written to files, nobody gets them",
            "" if chosen.demo else "Set CROWDCORE_SMTP_URL=smtp://user:password@host:port",
        )
    try:
        transport(chosen)
    except Fault as fault:
        return Finding(Finding.WRONG, "mail", str(fault))
    return Finding(Finding.OK, "mails go to an SMTP server")


def _places(chosen: Settings) -> Finding:
    from crowdcore.places.gazetteer import Gazetteer

    try:
        Gazetteer(chosen.gazetteer_path).close()
    except Fault as fault:
        return Finding(Finding.WRONG, "places", str(fault))
    return Finding(Finding.OK, f"places: {chosen.gazetteer_path}")


def _plugins(chosen: Settings) -> list[Finding]:
    from crowdcore.plugin.loader import load

    try:
        loaded = load(chosen.plugin_folders)
    except Fault as fault:
        return [Finding(Finding.WRONG, "plugins", str(fault))]
    findings = [Finding(Finding.OK, f"plugin {plugin.id}: {plugin.state}") for plugin in loaded.plugins]
    for problem in loaded.problems:
        grade = Finding.WARNING if problem.warning else Finding.WRONG
        findings.append(Finding(grade, str(problem)))
    return findings


async def _database(chosen: Settings) -> AsyncIterator[Finding]:
    from crowdcore.app.invariants import violations
    from crowdcore.db import outbox
    from crowdcore.db.config import damage, is_postgres, open_database
    from crowdcore.db.migrate import pending

    kind = "PostgreSQL" if is_postgres(chosen) else f"SQLite {chosen.sqlite_path}"
    try:
        async with open_database(chosen) as context:
            if sign := await damage(context, chosen):
                yield Finding(Finding.WRONG, f"{kind} is damaged: {sign}", "Restore it from a backup.")
                return
            missing = await pending(context, chosen)
            if missing:
                yield Finding(Finding.WRONG, f"{kind}: {len(missing)} migrations missing", "Run: crowdcore migrate")
                return
            yield Finding(Finding.OK, f"{kind}: schema up to date")
            waiting, parked = await outbox.backlog()
            grade, remedy = (Finding.WRONG, "See the log for why.") if parked else (Finding.OK, "")
            yield Finding(grade, f"outbox: {waiting} waiting, {parked} parked", remedy)
            for broken in await violations():
                law = broken.invariant
                yield Finding(Finding.WRONG, f"law {law.id} is broken: {law.law}", "Run: crowdcore check")
    except (OSError, Fault) as error:
        yield Finding(Finding.WRONG, f"{kind}: {error}")
