"""Opening the database: which tables, which engine, and a context that requests and workers share."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException

from crowdcore.base.errors import Fault
from crowdcore.db.background import remember_context
from crowdcore.settings import Settings

APP = "crowdcore"

LOCK_TIMEOUT = "5s"
"""How long a statement waits for a row that somebody else is changing (PostgreSQL)."""

#: Every module with tables; the kernel's own first, then the rooms from the ground floor up.
MODEL_MODULES = (
    "crowdcore.db.models",
    "crowdcore.accounts.models",
    "crowdcore.crowd.models",
    "crowdcore.exams.models",
    "crowdcore.jobs.models",
    "crowdcore.completion.models",
    "crowdcore.dispatch.models",
    "crowdcore.ratings.models",
    "crowdcore.ledger.models",
    "crowdcore.escalation.models",
    "crowdcore.notifications.models",
    "crowdcore.waiting.models",
)


def is_postgres(settings: Settings) -> bool:
    """Say whether the installation runs on PostgreSQL."""
    return settings.database_url.startswith(("postgres://", "postgresql://"))


def tortoise_config(settings: Settings, *, alone: bool = False) -> dict[str, Any]:
    """Return the configuration Tortoise wants: one connection, one app, its migrations.

    Args:
        settings: of this installation.
        alone: see `open_database`.

    Raises:
        Fault: a database address of an unknown kind.
    """
    if is_postgres(settings):
        connection: dict[str, Any] = _postgres(settings)
    elif not settings.database_url:
        connection = {
            "engine": "crowdcore.db.cc_sqlite",
            "credentials": {"file_path": str(settings.sqlite_path), **({"alone": True} if alone else {})},
        }
    else:
        kind = settings.database_url.split(":", 1)[0]
        raise Fault(
            f"CROWDCORE_DATABASE_URL starts with {kind!r}; write postgres://user:password@host:port/name, "
            "or leave it empty for SQLite"
        )
    return {
        "connections": {"default": connection},
        "apps": {
            APP: {
                "models": list(MODEL_MODULES),
                "default_connection": "default",
                "migrations": "crowdcore.db.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def open_database(settings: Settings, *, alone: bool = False) -> AsyncIterator[TortoiseContext]:
    """Open the database for this process; everything inside the block may use the tables.

    The context is also the process-wide fallback, because requests run in tasks that do not inherit
    the context of the application's start.

    Args:
        settings: of this installation.
        alone: nobody else has the file, and it is thrown away if this process ends early (SQLite only).

    Raises:
        Fault: the folder cannot be written, the file is no database, the server cannot be reached.
    """
    if not is_postgres(settings):
        settings.make_var_dir()
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, alone=alone), _enable_global_fallback=True)
        await _reach(context, settings)
        remember_context()
        yield context


async def damage(context: TortoiseContext, settings: Settings) -> str:
    """Read the whole file and return the first sign of damage; empty if there is none (or a server looks after it)."""
    if is_postgres(settings):
        return ""
    found = await context.db().execute_query_dict("PRAGMA quick_check(1)")
    told = " ".join(str(found[0]["quick_check"]).split())
    return "" if told == "ok" else told


async def _reach(context: TortoiseContext, settings: Settings) -> None:
    """Ask the database anything at all, so that whoever opens it hears at once why it does not answer.

    Raises:
        Fault: it does not.
    """
    try:
        await context.db().execute_query("SELECT 1 FROM sqlite_master" if not is_postgres(settings) else "SELECT 1")
    except (OSError, sqlite3.Error, BaseORMException) as error:
        if not is_postgres(settings):
            raise Fault(f"{settings.sqlite_path} is damaged ({error}); restore it from a backup") from error
        server = _postgres(settings)["credentials"]
        raise Fault(
            f"no answer from PostgreSQL at {server['host']}:{server['port']}, database {server['database']!r}, "
            f"user {server['user']!r} ({error}); check CROWDCORE_DATABASE_URL and that the server runs"
        ) from error


def _postgres(settings: Settings) -> dict[str, Any]:
    url = urlsplit(settings.database_url)
    options = dict(parse_qsl(url.query))
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": options.pop("host", None) or url.hostname or "127.0.0.1",
            "port": url.port or 5432,
            "user": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "database": url.path.lstrip("/"),
            "minsize": 1,
            "maxsize": settings.pool_size,
            "server_settings": {"lock_timeout": LOCK_TIMEOUT},
            **options,
        },
    }
