"""Event: a fact in the past tense, frozen, that one room announces and others may react to."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, ClassVar, Self, get_args, get_type_hints
from uuid import UUID

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; subclasses set `topic` (``job.assigned``) and add plain fields.

    Field types may be str, int, bool, UUID, datetime, any of them with ``| None``, and
    ``tuple[str, ...]``, so that an event survives the trip through the outbox as JSON.
    """

    topic: ClassVar[str]

    def audience(self) -> tuple[UUID, ...]:
        """Return the accounts that may see this event live; the partner's staff always may."""
        return ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the fields as JSON values."""
        return {f.name: _to_json(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, data: dict[str, JsonValue]) -> Self:
        """Read what `to_json` wrote."""
        hints = get_type_hints(cls)
        names = [f.name for f in dataclasses.fields(cls)]
        return cls(**{n: _from_json(hints[n], data[n]) for n in names if n in data})


def _to_json(value: Any) -> JsonValue:  # noqa: ANN401 -- the field types are open; see Event
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    message = f"an event cannot carry {type(value).__name__}"
    raise TypeError(message)


def _from_json(hint: Any, value: JsonValue) -> Any:  # noqa: ANN401 -- see _to_json
    if isinstance(hint, UnionType):
        if value is None:
            return None
        hint = next(h for h in get_args(hint) if h is not NoneType)
    if hint is UUID:
        return UUID(str(value))
    if hint is datetime:
        return datetime.fromisoformat(str(value))
    if isinstance(value, list):
        return tuple(value)
    return value
