"""The worker: carries events to their reactions and fires timers that are due.

One loop runs inside `serve` unless it is switched off; any number of `crowdcore work` processes may run
beside it. Leases with fencing tokens keep two of them from doing the same thing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import ModuleType

from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.events import JsonValue
from crowdcore.completion import reactions as completion
from crowdcore.crowd import reactions as crowd
from crowdcore.db import audit, outbox, timers
from crowdcore.db.background import spawn
from crowdcore.db.outbox import Claimed, ClaimLost, DeliveryClaim
from crowdcore.db.scope import partner_scope
from crowdcore.db.timers import Due, TimerClaim
from crowdcore.db.transaction import StorageBusy, crashpoint, riding
from crowdcore.dispatch import reactions as dispatch
from crowdcore.escalation import reactions as escalation
from crowdcore.exams import reactions as exams
from crowdcore.jobs import reactions as jobs
from crowdcore.ledger import reactions as ledger
from crowdcore.notifications import reactions as notifications
from crowdcore.waiting import reactions as waiting

_log = logging.getLogger(__name__)

Reaction = Callable[[dict[str, JsonValue]], Awaitable[None]]
TimerHandler = Callable[[Due], Awaitable[None]]

POLL_S = 1.0
"""The net under the wake-ups: other processes' work is seen at the latest after this time."""

AT_ONCE = 4

_ROOMS: tuple[ModuleType, ...] = (crowd, jobs, completion, dispatch, exams, escalation, ledger, waiting, notifications)


def timer_table() -> dict[str, TimerHandler]:
    """Return which verb each kind of timer calls."""
    return dict(chain.from_iterable(getattr(room, "TIMERS", {}).items() for room in _ROOMS))


def reaction_table() -> dict[str, dict[str, Reaction]]:
    """Return which reactions each event has, by topic and name."""
    table: dict[str, dict[str, Reaction]] = {}
    for room in _ROOMS:
        for topic, named in getattr(room, "REACTIONS", {}).items():
            table.setdefault(topic, {}).update(named)
    return table


@dataclass(frozen=True, slots=True)
class Worker:
    """The loop and its two tables.

    Args:
        reactions: by topic and name.
        timers: by kind.
        at_once: how many pieces of work run at one time.
    """

    reactions: Mapping[str, Mapping[str, Reaction]]
    timers: Mapping[str, TimerHandler]
    at_once: int = AT_ONCE

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a broken round is logged and does not end the loop."""
        awake = outbox.wake_up.listen()
        while not stop.is_set():
            awake.clear()
            try:
                busy = await self.round()
            except Exception:  # noqa: BLE001 -- the loop must outlive any fault of one round
                _log.exception("a worker round failed; trying again")
                busy = False
            if not busy:
                await _wait(awake, stop)

    async def round(self) -> bool:
        """Do what is due now; say whether there was anything."""
        names = {topic: tuple(named) for topic, named in self.reactions.items()}
        expanded = await outbox.expand(names)
        due = await timers.claim(limit=AT_ONCE * 4)
        deliveries = await outbox.claim(limit=AT_ONCE * 4)
        gate = asyncio.Semaphore(self.at_once)
        work = [self._fire(one, gate) for one in due] + [self._deliver(one, gate) for one in deliveries]
        if work:
            await asyncio.wait({spawn(item, name="work") for item in work})
        return bool(expanded or work)

    async def fire(self) -> bool:
        """Fire the timers that are due now, one after the other; say whether there were any."""
        due = await timers.claim(limit=AT_ONCE * 4)
        for one in due:
            await spawn(self._fire(one, asyncio.Semaphore()), name="work")
        return bool(due)

    async def drain(self, *, rounds: int = 1_000) -> None:
        """Work until nothing is due (tests and the demo's set-up)."""
        for _ in range(rounds):
            if not await self.round():
                return
        message = f"still busy after {rounds} rounds"
        raise RuntimeError(message)

    async def _fire(self, due: Due, gate: asyncio.Semaphore) -> None:
        async with gate:
            crashpoint("timer.claimed")
            with partner_scope(due.partner_id):
                audit.acting_as(audit.TIMER)
                await self._fire_in_scope(due)

    async def _fire_in_scope(self, due: Due) -> None:
        try:
            with riding(TimerClaim(due)) as riders:
                await self.timers[due.kind](due)
            if not riders.taken:
                await timers.finish(due)
        except ClaimLost:
            return
        except StorageBusy as busy:  # a refusal, but no verdict: the timer has had no effect
            await self._try_again(due, busy)
        except Refusal as refusal:
            _log.info("timer %s of %s: %s", due.kind, due.subject_id, refusal.code)
            with contextlib.suppress(ClaimLost):
                await timers.finish(due)
        except Exception as error:  # noqa: BLE001 -- a fault is counted and tried again, never lost
            await self._try_again(due, error)

    async def _try_again(self, due: Due, error: Exception) -> None:
        _log.error("timer %s of %s failed", due.kind, due.subject_id, exc_info=error)
        if await timers.fail(due, error=repr(error)):
            _log.critical("timer %s of %s is dead after %s tries", due.kind, due.subject_id, due.attempts + 1)

    async def _deliver(self, claimed: Claimed, gate: asyncio.Semaphore) -> None:
        async with gate:
            crashpoint("delivery.claimed")
            with partner_scope(claimed.partner_id):
                audit.acting_as(audit.TIMER)
                await self._deliver_in_scope(claimed)

    async def _deliver_in_scope(self, claimed: Claimed) -> None:
        reaction = self.reactions.get(claimed.topic, {}).get(claimed.reaction)
        try:
            if reaction is None:
                await outbox.finish(claimed)
                return
            with riding(DeliveryClaim(claimed)) as riders:
                await reaction({**claimed.payload, "event_id": str(claimed.event_id)})
            if not riders.taken:
                await outbox.finish(claimed)
        except ClaimLost:
            return
        except Exception as error:  # noqa: BLE001 -- a fault is counted and tried again, never lost
            _log.warning("%s for %s failed: %r", claimed.reaction, claimed.topic, error)
            if await outbox.fail(claimed, error=repr(error)):
                _log.critical("%s for %s is parked: %r", claimed.reaction, claimed.topic, error)


def worker() -> Worker:
    """Return the worker with every room's reactions and timers."""
    return Worker(reaction_table(), timer_table())


async def _wait(awake: asyncio.Event, stop: asyncio.Event) -> None:
    pause = POLL_S
    upcoming = await timers.next_due()
    if upcoming is not None:
        pause = min(pause, max(0.01, clock.seconds_until(upcoming)))
    waiting = {spawn(event.wait(), name="wait") for event in (awake, stop)}
    try:
        await asyncio.wait(waiting, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
