"""Timers as rows: set in the unit of work that needs them, fired once by whoever holds the lease."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.base import clock
from crowdcore.base.ids import new_id
from crowdcore.db.models import Timer
from crowdcore.db.outbox import LEASE, ClaimLost, wake_up
from crowdcore.db.scope import current_partner
from crowdcore.db.sql import a_moment, execute, rows
from crowdcore.db.transaction import after_commit, require_unit_of_work, unit_of_work

LIVE = ("pending", "claimed")

MAX_ATTEMPTS = 20
"""After this many failures a timer is dead; its subject is then brought to a person's attention."""

_firing: ContextVar[UUID | None] = ContextVar("crowdcore_firing", default=None)
"""The timer whose effect the open unit of work is."""


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that this worker holds the lease of."""

    id: UUID
    token: UUID
    partner_id: str
    kind: str
    subject_id: UUID
    payload: Mapping[str, object]
    due_at: datetime
    attempts: int


async def start(*, kind: str, subject_id: UUID, due_at: datetime, payload: Mapping[str, object] | None = None) -> None:
    """Set a timer in the open unit of work; an older live one of the same kind and subject is replaced."""
    require_unit_of_work()
    await cancel(subject_id=subject_id, kinds=(kind,))
    await Timer.create(
        partner_id=current_partner(),
        kind=kind,
        subject_id=subject_id,
        due_at=due_at,
        payload=dict(payload or {}),
    )
    after_commit(wake_up.set)


async def cancel(*, subject_id: UUID, kinds: tuple[str, ...] | None = None) -> None:
    """Cancel live timers of `subject_id`; all kinds, or only `kinds`.

    Whoever holds one loses the lease, except the timer that fires here: it is marked done in the end.
    """
    require_unit_of_work()
    only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds is not None else ""
    firing = _firing.get()
    kept, itself = ("CASE WHEN id = ? THEN token END", [firing]) if firing else ("NULL", [])
    await execute(
        f"UPDATE timer SET state = 'cancelled', done_at = ?, token = {kept} "  # noqa: S608 -- marks only
        f"WHERE partner_id = ? AND subject_id = ? AND state IN ('pending', 'claimed'){only}",
        clock.now(), *itself, current_partner(), subject_id, *(kinds or ()),
    )  # fmt: skip


async def pull(*, subject_id: UUID, kind: str) -> None:
    """Make a pending timer due now."""
    require_unit_of_work()
    rows = Timer.filter(partner_id=current_partner(), subject_id=subject_id, kind=kind, state="pending")
    await rows.update(due_at=clock.now())
    after_commit(wake_up.set)


@unit_of_work
async def claim(*, limit: int = 20) -> list[Due]:
    """Take the lease of timers that are due, the most overdue first."""
    now = clock.now()
    free = Q(state="pending", due_at__lte=now) | Q(state="claimed", lease_until__lt=now)
    rows = await Timer.filter(free).order_by("due_at").limit(limit).select_for_update(skip_locked=True).only("id")
    if not rows:
        return []
    token = new_id()
    ids = [row.id for row in rows]
    await Timer.filter(id__in=ids).update(state="claimed", token=token, lease_until=now + LEASE)
    held = await Timer.filter(id__in=ids).order_by("due_at")
    return [Due(t.id, token, t.partner_id, t.kind, t.subject_id, dict(t.payload), t.due_at, t.attempts) for t in held]


@dataclass(slots=True)
class TimerClaim:
    """Rider: marks the timer done inside the effect's own unit of work, after the effect.

    Not before it: every verb changes a job and then cancels its timers. Whoever took the timer first and
    the job second would stand in their way, and PostgreSQL needs a second to see that neither can go on.
    """

    due: Due

    async def board(self) -> None:
        """Let the effect cancel timers of its subject without losing this lease."""
        _firing.set(self.due.id)

    async def leave(self, result: object) -> None:  # noqa: ARG002 -- the result is nobody's business
        """Mark the timer done, if the lease is still ours.

        Raises:
            ClaimLost: another worker holds it now, or somebody else has cancelled it.
        """
        done = "UPDATE timer SET state = 'done', done_at = ?, error = NULL"
        mine = "WHERE id = ? AND token = ? AND state IN ('claimed', 'cancelled')"
        if await execute(f"{done} {mine}", clock.now(), self.due.id, self.due.token) == 0:
            raise ClaimLost


@unit_of_work
async def finish(due: Due) -> None:
    """Mark a timer done whose effect needed no unit of work of its own."""
    await TimerClaim(due).leave(None)


@unit_of_work
async def fail(due: Due, *, error: str) -> bool:
    """Put a timer back with a growing pause, or declare it dead after `MAX_ATTEMPTS`.

    Returns:
        True if it is dead now.
    """
    mine = Timer.filter(id=due.id, token=due.token, state="claimed")
    row = await mine.first()
    if row is None:
        return False
    attempts = row.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    changed = await mine.update(
        attempts=attempts,
        error=error[:500],
        state="dead" if dead else "pending",
        due_at=clock.now() + timedelta(seconds=min(2**attempts, 900)),
    )
    return dead and changed != 0


async def next_due() -> datetime | None:
    """Return when the next pending timer is due."""
    found = await rows("SELECT MIN(due_at) AS due_at FROM timer WHERE state = 'pending'")
    return a_moment(found[0]["due_at"]) if found[0]["due_at"] else None


async def live_of(*, subject_id: UUID) -> list[tuple[str, datetime]]:
    """Return (kind, due_at) of the live timers of `subject_id`, soonest first."""
    rows = await Timer.filter(partner_id=current_partner(), subject_id=subject_id, state__in=LIVE).order_by("due_at")
    return [(row.kind, row.due_at) for row in rows]


async def payload_of(*, subject_id: UUID, kind: str) -> Mapping[str, object] | None:
    """Return what the pending timer of this kind carries, None if there is none."""
    row = await Timer.get_or_none(partner_id=current_partner(), subject_id=subject_id, kind=kind, state="pending")
    return dict(row.payload) if row else None
