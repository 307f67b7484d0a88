"""Raw, parameterised SQL that reads the same on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.fields.base import Field
from tortoise.models import Model

from crowdcore.db.scope import current_partner


def is_sqlite() -> bool:
    """Say which of the two databases is open."""
    return bool(get_connection("default").capabilities.dialect == "sqlite")


def holds(column: str) -> str:
    """Return the condition that a column of bytes holds the bytes of the placeholder in it."""
    return f"instr({column}, ?) > 0" if is_sqlite() else f"position(?::bytea in {column}) > 0"


async def rows(query: str, *params: object) -> list[dict[str, Any]]:
    """Run a query with ``?`` placeholders and return its rows.

    Args:
        query: SQL both databases understand; never built from what people typed.
        params: values for the placeholders, in order.
    """
    connection = get_connection("default")
    if is_sqlite():
        return await connection.execute_query_dict(query, [_as_stored(p) for p in params])
    return await connection.execute_query_dict(_numbered(query), list(params))


def _numbered(query: str) -> str:
    """Return a query with the placeholders PostgreSQL wants."""
    parts = query.split("?")
    return parts[0] + "".join(f"${n}{part}" for n, part in enumerate(parts[1:], start=1))


async def execute(query: str, *params: object) -> int:
    """Run a change with ``?`` placeholders and return how many rows it touched; see `rows`."""
    connection = get_connection("default")
    if is_sqlite():
        touched, _ = await connection.execute_query(query, [_as_stored(p) for p in params])
    else:
        touched, _ = await connection.execute_query(_numbered(query), list(params))
    return int(touched)


async def read(model: type[Model], where: str, *params: object) -> list[Any]:
    """Return rows of a table of the partner in scope as plain objects with the model's attributes.

    For reads that happen all the time: the ORM takes some ten times as long to build the query and the row.

    Args:
        model: the table.
        where: condition with ``?`` placeholders; never built from what people typed.
        params: values for them.
    """
    read_columns = _columns(model)
    query = f"SELECT {', '.join(read_columns)} FROM {model._meta.db_table} WHERE partner_id = ? AND {where}"  # noqa: S608, SLF001 -- our own names only
    return [
        SimpleNamespace(**{name: value if value is None else read_columns[name](value) for name, value in row.items()})
        for row in await rows(query, current_partner(), *params)
    ]


@cache
def _columns(model: type[Model]) -> dict[str, Callable[[Any], Any]]:
    """Return how each column of a table is read."""
    kinds: dict[type[Field[Any]], Callable[[Any], Any]] = {
        fields.UUIDField: an_id,
        fields.DatetimeField: a_moment,
        fields.JSONField: from_json,
        fields.BooleanField: bool,
    }
    return {name: kinds.get(type(field), _as_it_is) for name, field in model._meta.fields_map.items()}  # noqa: SLF001 -- the ORM offers no other way


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 -- any column
    return value


def an_id(value: Any) -> UUID:  # noqa: ANN401 -- whatever the driver gives
    """Return an id column of a row."""
    return value if isinstance(value, UUID) else UUID(value)


def a_moment(value: Any) -> datetime:  # noqa: ANN401 -- whatever the driver gives
    """Return a moment column of a row, in UTC."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def from_json(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Return a JSON column of a row."""
    return json.loads(value) if isinstance(value, str) else value


def _as_stored(value: object) -> object:
    """Return `value` as the ORM writes it to SQLite, which knows neither moments nor ids."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return str(value) if isinstance(value, UUID) else value
