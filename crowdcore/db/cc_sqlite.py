"""SQLite as this project needs it: BEGIN IMMEDIATE, and no lock that outlives a failure.

Tortoise's own backend begins deferred transactions, which fail at once with "database is locked" when
two processes read and then write. The module name must contain "sqlite": the migration executor looks
for it.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins, so that busy_timeout applies."""

    async def begin(self) -> None:
        """Begin, waiting for other writers up to busy_timeout.

        Raises:
            OperationalError: the database stayed locked.
        """
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error


class _ReleasingContext(SqliteTransactionContext):
    """Gives lock and context variable back when beginning fails; the parent keeps both for ever."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
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
        client: TransactionalDBClient = self.connection
        return client


class CoreSqliteClient(SqliteClient):
    """The SQLite backend of crowdcore: WAL, full fsync, five seconds of patience."""

    def __init__(self, file_path: str, **options: Any) -> None:  # noqa: ANN401 -- the parent's signature
        options.setdefault("busy_timeout", 5000)
        options.setdefault("synchronous", "FULL")
        super().__init__(file_path, **options)

    def _in_transaction(self) -> TransactionContext:
        return _ReleasingContext(ImmediateTransaction(self), self._lock)


client_class = CoreSqliteClient
