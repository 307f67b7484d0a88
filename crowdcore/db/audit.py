"""The history of an object: one hash-linked line per version, written with the change itself.

The chain runs per object, not per partner: the object's row is already serialised by its version, so
the chain costs no extra contention, and a hole or an edit is still found by `broken_links`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crowdcore.base import clock
from crowdcore.db.models import AuditRecord
from crowdcore.db.sql import read
from crowdcore.db.transaction import require_unit_of_work

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused a change.

    Args:
        kind: customer, friend, agent, admin, operator, timer or plugin.
        id: the account, if it is a person.
        via: web, api, worker, plugin or cli.
    """

    kind: str
    via: str
    id: UUID | None = None


TIMER = Actor(kind="timer", via="worker")

OPERATOR = Actor(kind="operator", via="cli")

_actor: ContextVar[Actor] = ContextVar("crowdcore_actor", default=OPERATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history, for pages."""

    version: int
    at: datetime
    action: str
    from_state: str | None
    to_state: str | None
    actor_kind: str
    actor_id: UUID | None
    via: str
    reason: str | None


def acting_as(actor: Actor) -> None:
    """Say who acts in the present context (a request, a delivery, a timer)."""
    _actor.set(actor)


def actor() -> Actor:
    """Return who acts here."""
    return _actor.get()


async def record(
    *,
    object_kind: str,
    object_id: UUID,
    version: int,
    action: str,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
) -> None:
    """Write the line for `version` of an object, linked to the line of the version before."""
    require_unit_of_work()
    where = "object_kind = ? AND object_id = ? AND version = ?"
    before = await read(AuditRecord, where, object_kind, object_id, version - 1) if version > 1 else []
    who = actor()
    line = AuditRecord(
        object_kind=object_kind,
        object_id=object_id,
        version=version,
        at=clock.now(),
        action=action,
        from_state=from_state,
        to_state=to_state,
        actor_kind=who.kind,
        actor_id=who.id,
        via=who.via,
        reason=reason,
        previous_hash=before[0].hash if before else GENESIS,
        hash="",
    )
    line.hash = _digest(line)
    await line.save(force_create=True)


async def history(*, object_kind: str, object_id: UUID) -> list[Line]:
    """Return the lines of one object, oldest first."""
    rows = await AuditRecord.filter(object_kind=object_kind, object_id=object_id).order_by("version")
    return [
        Line(r.version, r.at, r.action, r.from_state, r.to_state, r.actor_kind, r.actor_id, r.via, r.reason)
        for r in rows
    ]


async def broken_links(*, object_kind: str) -> list[str]:
    """Return a sentence for every line whose hash, link or number is wrong (scope: caller's)."""
    rows = await AuditRecord.filter(object_kind=object_kind).order_by("partner_id", "object_id", "version")
    return _walk(rows)


def _walk(rows: Sequence[AuditRecord]) -> list[str]:
    wrong: list[str] = []
    before: AuditRecord | None = None
    for row in rows:
        same = before is not None and (before.partner_id, before.object_id) == (row.partner_id, row.object_id)
        expected_version = before.version + 1 if same and before is not None else 1
        expected_link = before.hash if same and before is not None else GENESIS
        name = f"{row.object_kind} {row.object_id} version {row.version}"
        if row.version != expected_version:
            wrong.append(f"{name}: expected version {expected_version}")
        elif row.previous_hash != expected_link:
            wrong.append(f"{name}: is not linked to the line before")
        if row.hash != _digest(row):
            wrong.append(f"{name}: was changed after it was written")
        before = row
    return wrong


def _digest(line: AuditRecord) -> str:
    content = [
        line.partner_id, line.object_kind, str(line.object_id), line.version, line.at.isoformat(),
        line.action, line.from_state, line.to_state, line.actor_kind, str(line.actor_id), line.via, line.reason,
    ]  # fmt: skip
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((line.previous_hash + canonical).encode()).hexdigest()
