"""Raw, parameterised SQL that reads the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection


def is_sqlite() -> bool:
    """Say which of the two databases is open."""
    return bool(get_connection("default").capabilities.dialect == "sqlite")


async def rows(query: str, *params: object) -> list[dict[str, Any]]:
    """Run a query with ``?`` placeholders and return its rows.

    Args:
        query: SQL both databases understand; never built from what people typed.
        params: values for the placeholders, in order.
    """
    connection = get_connection("default")
    if is_sqlite():
        return await connection.execute_query_dict(query, [_as_stored(p) for p in params])
    parts = query.split("?")
    numbered = parts[0] + "".join(f"${n}{part}" for n, part in enumerate(parts[1:], start=1))
    return await connection.execute_query_dict(numbered, list(params))


def _as_stored(value: object) -> object:
    """Return `value` as the ORM writes it to SQLite, which knows neither moments nor ids."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return str(value) if isinstance(value, UUID) else value
