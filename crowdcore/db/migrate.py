"""Bringing the schema up to date, safely on SQLite and with many processes at once.

Tortoise rebuilds a SQLite table to alter a column: create, copy, drop, rename. With foreign keys on, the
drop deletes the children; it also loses secondary indexes, unique constraints and triggers. The editor
here keeps them, and foreign keys are off while migrations run and checked before they go on again.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import fcntl
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import BaseSchemaEditor, SqliteSchemaEditor
from tortoise.models import Model
from tortoise.transactions import in_transaction  # noqa: TID251 -- holds the migration lock, nothing else

from crowdcore.base.errors import Fault
from crowdcore.db.config import APP, is_postgres, tortoise_config
from crowdcore.settings import Settings

Progress = Callable[[str], None]

#: Any fixed number: PostgreSQL's advisory locks are named by integers.
_LOCK = 7_283_310


class SafeSqliteEditor(SqliteSchemaEditor):
    """Rebuilds a table without losing its indexes, unique keys and triggers."""

    async def _run_sql(self, sql: str) -> None:
        """Run one statement after the other; the parent cuts comments and triggers in two at a semicolon."""
        if self.collect_sql or not self.atomic_migration:
            await super()._run_sql(sql)
            return
        for statement in _statements(sql):
            await self.client.execute_query(statement)

    async def _remake_table(self, model: type[Model], *changes: Any, **more: Any) -> None:  # noqa: ANN401 -- the parent's signature
        table = model._meta.db_table  # noqa: SLF001 -- the ORM has no public name for it
        kept = await self._indexes_and_triggers(table)
        # Between drop and rename, triggers of other tables refer to a table that is not there; without this
        # pragma SQLite checks them at the rename and stops.
        await self.client.execute_query("PRAGMA legacy_alter_table = ON")
        try:
            await super()._remake_table(model, *changes, **more)
        finally:
            await self.client.execute_query("PRAGMA legacy_alter_table = OFF")
        columns = {row["name"] for row in await self._rows(f'PRAGMA table_info("{table}")')}
        present = {
            row["name"]
            for row in await self._rows(f"SELECT name FROM sqlite_master WHERE tbl_name = '{table}'")  # noqa: S608 -- a table of ours
        }
        for name, needed, sql in kept:
            if name not in present and needed <= columns:
                await self.client.execute_query(sql)

    async def _indexes_and_triggers(self, table: str) -> list[tuple[str, set[str], str]]:
        kept: list[tuple[str, set[str], str]] = []
        for row in await self._rows(
            f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql IS NOT NULL "  # noqa: S608 -- a table of ours
            "AND type IN ('index', 'trigger')"
        ):
            columns = await self._index_columns(row["name"]) if row["type"] == "index" else []
            kept.append((row["name"], set(columns), row["sql"]))
        for row in await self._rows(f'PRAGMA index_list("{table}")'):
            columns = await self._index_columns(row["name"])
            if row["origin"] == "u" and len(columns) > 1:
                name = f"uq_{table}_{'_'.join(columns)}"
                quoted = ", ".join(f'"{column}"' for column in columns)
                kept.append((name, set(columns), f'CREATE UNIQUE INDEX "{name}" ON "{table}" ({quoted})'))
        return kept

    async def _index_columns(self, index: str) -> list[str]:
        return [row["name"] for row in await self._rows(f'PRAGMA index_info("{index}")')]

    async def _rows(self, sql: str) -> list[dict[str, Any]]:
        return await self.client.execute_query_dict(sql)


class SafeExecutor(MigrationExecutor):
    """Runs migrations with the safe editor on SQLite."""

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:  # noqa: FBT001, FBT002 -- the parent's signature
        editor = super()._schema_editor(atomic, collect_sql)
        if type(editor) is SqliteSchemaEditor:
            return SafeSqliteEditor(self.connection, atomic=atomic, collect_sql=collect_sql)
        return editor


async def migrate(context: TortoiseContext, settings: Settings, *, progress: Progress = lambda _: None) -> None:
    """Apply every migration that is missing; several processes may call this at once.

    Raises:
        Fault: on SQLite, rows refer to rows that do not exist after the migration.
    """
    if is_postgres(settings):
        outside = contextvars.copy_context()
        async with in_transaction("default") as lock:
            await lock.execute_query("SET LOCAL lock_timeout = 0")  # the first of many may take its time
            await lock.execute_query(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await asyncio.create_task(_apply(context, settings, progress), context=outside)  # noqa: TID251 -- awaited here
        return
    async with _file_lock(settings):
        connection = context.db()
        await connection.execute_query("PRAGMA foreign_keys = OFF")
        try:
            await _apply(context, settings, progress)
            orphans = await connection.execute_query_dict("PRAGMA foreign_key_check")
            if orphans:
                raise Fault(f"after the migration {len(orphans)} rows refer to nothing; first: {orphans[0]}")
        finally:
            await connection.execute_query("PRAGMA foreign_keys = ON")


async def pending(context: TortoiseContext, settings: Settings) -> list[str]:
    """Return the names of migrations that have not been applied."""
    plan = await SafeExecutor(context.db(), tortoise_config(settings)["apps"]).plan()
    return [step.migration.name for step in plan]


async def require(context: TortoiseContext, settings: Settings) -> None:
    """Refuse to work on an old schema.

    Raises:
        Fault: migrations are missing; names the first one and the command.
    """
    missing = await pending(context, settings)
    if missing:
        raise Fault(f"{len(missing)} migrations are missing ({missing[0]} ...); run: crowdcore migrate")


async def make_migration(context: TortoiseContext, settings: Settings, *, name: str) -> list[str]:
    """Write migration files for what changed in the models; returns their names."""
    config = tortoise_config(settings)
    apps = context.apps
    if apps is None:
        raise Fault("open the database before writing migrations")
    detector = MigrationAutodetector(apps, config["apps"])
    written: list[str] = []
    for writer in await detector.changes():
        if writer.app_label == APP:
            writer.name = f"{writer.name[:4]}_{name}"
            writer.write()
            written.append(writer.name)
    return written


async def _apply(context: TortoiseContext, settings: Settings, progress: Progress) -> None:
    def tell(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            progress(name)

    await SafeExecutor(context.db(), tortoise_config(settings)["apps"]).migrate(progress=tell)


def _statements(sql: str) -> Iterator[str]:
    statement = ""
    for part in sql.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip("; \n"):
        yield statement


@contextlib.asynccontextmanager
async def _file_lock(settings: Settings) -> AsyncIterator[None]:
    path = settings.sqlite_path.with_suffix(".lock")
    with path.open("w") as handle:
        await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
