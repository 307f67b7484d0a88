"""Events on their way out: stored with the change that made them true, delivered after commit.

Life of an event: `publish` writes one row in the caller's unit of work. A worker *expands* it into one
delivery per reaction that is registered for its topic, then runs each delivery under a lease with a
fencing token, at least once. A reaction's own unit of work carries the claim, so a delivery that was
taken over by another worker cannot take effect twice.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.base import clock
from crowdcore.base.events import Event, JsonValue
from crowdcore.base.ids import new_id
from crowdcore.db.models import Delivery, OutboxEvent
from crowdcore.db.scope import current_partner
from crowdcore.db.transaction import after_commit, require_unit_of_work, unit_of_work

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before another one takes its work over."""

MAX_ATTEMPTS = 20
"""After this many failures a delivery is parked and shown to the operator (about two days)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker holds the lease of."""

    id: UUID
    token: UUID
    partner_id: str
    topic: str
    reaction: str
    event_id: UUID
    payload: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as the live stream sees it."""

    seq: int
    partner_id: str
    topic: str
    payload: Mapping[str, JsonValue]
    audience: frozenset[str]
    at: datetime


class ClaimLost(Exception):
    """The lease ran out and somebody else has the work now; this attempt must have no effect."""


class Signal:
    """Tells everybody who listens in this process that there is something new."""

    def __init__(self) -> None:
        self._listeners: weakref.WeakSet[asyncio.Event] = weakref.WeakSet()

    def listen(self) -> asyncio.Event:
        """Return an event of the running loop that `set` sets; keep it, and clear it before looking."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def set(self, *, but: asyncio.Event | None = None) -> None:
        """Wake everybody who listens, except `but`."""
        for event in self._listeners:
            if event is not but:
                event.set()


wake_up = Signal()
"""Set after a commit that left work behind: events, or timers that are due."""


async def publish(event: Event) -> None:
    """Announce `event` in the open unit of work."""
    require_unit_of_work()
    await OutboxEvent.create(
        partner_id=current_partner(),
        topic=event.topic,
        payload=event.to_json(),
        audience=[str(account) for account in event.audience()],
        at=clock.now(),
    )
    after_commit(wake_up.set)


@unit_of_work
async def expand(reactions: Mapping[str, Sequence[str]], *, limit: int = 200) -> int:
    """Turn new events into deliveries.

    Args:
        reactions: topic -> names of the reactions registered for it.
        limit: events in one go.

    Returns:
        How many events were expanded.
    """
    rows = (
        await OutboxEvent.filter(expanded_at=None)
        .order_by("seq")
        .limit(limit)
        .select_for_update(skip_locked=True)
        .only("seq", "partner_id", "topic")
    )
    if not rows:
        return 0
    now = clock.now()
    await Delivery.bulk_create(
        [
            Delivery(event_seq=row.seq, partner_id=row.partner_id, topic=row.topic, reaction=name, run_at=now)
            for row in rows
            for name in reactions.get(row.topic, ())
        ],
        ignore_conflicts=True,
    )
    await OutboxEvent.filter(seq__in=[row.seq for row in rows]).update(expanded_at=now)
    return len(rows)


@unit_of_work
async def claim(*, limit: int = 20) -> list[Claimed]:
    """Take the lease of deliveries that are due, oldest first."""
    now = clock.now()
    free = Q(state="pending", run_at__lte=now) | Q(state="claimed", lease_until__lt=now)
    rows = (
        await Delivery.filter(free)
        .order_by("run_at", "event_seq")
        .limit(limit)
        .select_for_update(skip_locked=True)
        .only("id")
    )
    if not rows:
        return []
    token = new_id()
    ids = [row.id for row in rows]
    await Delivery.filter(id__in=ids).update(state="claimed", token=token, lease_until=now + LEASE)
    held = await Delivery.filter(id__in=ids).order_by("run_at", "event_seq")
    events = {row.seq: row for row in await OutboxEvent.filter(seq__in=[d.event_seq for d in held])}
    return [
        Claimed(
            d.id,
            token,
            d.partner_id,
            d.topic,
            d.reaction,
            events[d.event_seq].id,
            events[d.event_seq].payload,
        )
        for d in held
    ]


@dataclass(slots=True)
class DeliveryClaim:
    """Rider: marks the delivery done inside the reaction's own unit of work."""

    claimed: Claimed

    async def board(self) -> None:
        """Mark the delivery done, if the lease is still ours.

        Raises:
            ClaimLost: another worker holds it now.
        """
        mine = Delivery.filter(id=self.claimed.id, token=self.claimed.token, state="claimed")
        if await mine.update(state="done", done_at=clock.now(), error=None) == 0:
            raise ClaimLost

    async def leave(self, result: object) -> None:
        """Nothing to add after the reaction."""


@unit_of_work
async def finish(claimed: Claimed) -> None:
    """Mark a delivery done whose reaction needed no unit of work of its own."""
    await DeliveryClaim(claimed).board()


@unit_of_work
async def fail(claimed: Claimed, *, error: str) -> bool:
    """Put a delivery back with a growing pause, or park it after `MAX_ATTEMPTS`.

    Returns:
        True if it was parked.
    """
    mine = Delivery.filter(id=claimed.id, token=claimed.token, state="claimed")
    row = await mine.first()
    if row is None:
        return False
    attempts = row.attempts + 1
    parked = attempts >= MAX_ATTEMPTS
    changed = await mine.update(
        attempts=attempts,
        error=error[:500],
        state="parked" if parked else "pending",
        run_at=clock.now() + timedelta(seconds=min(2**attempts, 6 * 3600)),
    )
    return parked and changed != 0


async def since(seq: int, *, limit: int = 500) -> list[Stored]:
    """Return events after `seq` in order, for the live stream."""
    rows = await OutboxEvent.filter(seq__gt=seq).order_by("seq").limit(limit)
    return [Stored(r.seq, r.partner_id, r.topic, r.payload, frozenset(r.audience), r.at) for r in rows]


async def last_seq() -> int:
    """Return the number of the newest event, 0 if there is none."""
    row = await OutboxEvent.all().order_by("-seq").first().only("seq")
    return row.seq if row else 0


async def backlog() -> tuple[int, int]:
    """Return how many deliveries wait and how many are parked."""
    return (
        await Delivery.filter(state__in=["pending", "claimed"]).count(),
        await Delivery.filter(state="parked").count(),
    )


@dataclass(frozen=True, slots=True)
class Parked:
    """A delivery that was given up after many tries.

    Args:
        id: the delivery.
        topic: what was announced.
        reaction: what should have been done about it.
        error: what the last try ended with.
        at: when it was announced.
    """

    id: UUID
    topic: str
    reaction: str
    error: str
    at: datetime


async def parked(*, limit: int = 100) -> list[Parked]:
    """Return the deliveries of the partner in scope that were given up, the newest first."""
    rows = await Delivery.filter(partner_id=current_partner(), state="parked").order_by("-event_seq").limit(limit)
    events = {row.seq: row.at for row in await OutboxEvent.filter(seq__in=[row.event_seq for row in rows])}
    return [Parked(row.id, row.topic, row.reaction, row.error or "", events[row.event_seq]) for row in rows]


@unit_of_work
async def try_again(*, delivery_id: UUID) -> bool:
    """Put a parked delivery of the partner in scope back to work; False if it is none (any more)."""
    mine = Delivery.filter(id=delivery_id, partner_id=current_partner(), state="parked")
    changed = await mine.update(state="pending", attempts=0, run_at=clock.now())
    after_commit(wake_up.set)
    return changed != 0
