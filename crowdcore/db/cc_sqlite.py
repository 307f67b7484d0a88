"""SQLite as this project needs it: BEGIN IMMEDIATE, patience that stops nobody else, no lock left behind.

Tortoise's own backend begins deferred transactions, which fail at once with "database is locked" when
two processes read and then write. All queries of a process share one connection, so whoever waits for
another process's write lock gives the connection back between two tries: readers go on meanwhile. The
module name must contain "sqlite": the migration executor looks for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

PATIENCE_S = 5.0
"""How long a writer waits for its turn."""

_TRY_MS = 50
_PAUSE_S = 0.01
_PATIENT = f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}"


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    async def begin(self) -> None:
        """Begin, waiting a moment for a writer of another process.

        Raises:
            OperationalError: the database is locked.
        """
        try:
            await self._connection.executescript(f"PRAGMA busy_timeout = {_TRY_MS}; BEGIN IMMEDIATE; {_PATIENT};")
        except sqlite3.OperationalError as error:
            await self._connection.execute(_PATIENT)
            raise OperationalError(error) from error


class _PatientContext(SqliteTransactionContext):
    """Tries to begin until it works or patience ends, and holds nothing between two tries."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                await self._begin()
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                await asyncio.sleep(_PAUSE_S)
            else:
                client: TransactionalDBClient = self.connection
                return client

    async def _begin(self) -> None:
        """Begin, or give lock and context variable back; the parent would keep both for ever."""
        await self._trxlock.acquire()
        token = None
        try:
            await self.ensure_connection()
            token = get_connections().set(self.connection_name, self.connection)
            await self.connection.begin()
        except BaseException:
            if token is not None:
                get_connections().reset(token)
            self._trxlock.release()
            raise
        self.token = token


class _Direct(aiosqlite.Connection):
    """A connection whose queries run where they are asked for, without a thread to send them to.

    The way to the thread and back costs more than most queries. A server needs it all the same, so that
    a slow disk stops one request and not all of them; a process that does one thing after the other does not.
    """

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    async def _connect(self) -> aiosqlite.Connection:
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- the parent's
        return fn(*args, **named)

    def stop(self) -> None:
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class CoreSqliteClient(SqliteClient):
    """The SQLite backend of crowdcore: WAL, full fsync, five seconds of patience.

    With `alone`, for a file that one process makes anew and that is thrown away if it does not get done:
    no thread, no waiting for the disk.
    """

    def __init__(self, file_path: str, *, alone: bool = False, **options: Any) -> None:  # noqa: ANN401 -- the parent's
        options.setdefault("busy_timeout", int(PATIENCE_S * 1000))
        options.setdefault("synchronous", "OFF" if alone else "FULL")
        super().__init__(file_path, **options)
        self._alone = alone

    async def create_connection(self, with_db: bool) -> None:  # noqa: FBT001 -- the parent's signature
        """Open the file."""
        if self._alone and self._connection is None:
            direct = await _Direct(lambda: sqlite3.connect(self.filename, isolation_level=None), 64)
            direct.row_factory = sqlite3.Row
            for pragma, value in self.pragmas.items():
                await direct.execute(f"PRAGMA {pragma}={value}")
            self._connection = direct
        await super().create_connection(with_db)

    def _in_transaction(self) -> TransactionContext:
        return _PatientContext(ImmediateTransaction(self), self._lock)


client_class = CoreSqliteClient
