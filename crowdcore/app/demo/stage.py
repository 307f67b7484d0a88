"""The stage: many stories told at once, in the order of time, with the worker's timers in between."""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crowdcore.app.worker import Reaction, Worker, reaction_table, timer_table
from crowdcore.base.clock import FakeClock
from crowdcore.base.errors import Refusal
from crowdcore.base.ids import RepeatableIds
from crowdcore.db import audit, timers
from crowdcore.db.scope import partner_scope

_log = logging.getLogger(__name__)

Script = AsyncIterator[datetime]
"""A story: each step does something now and says when it goes on; it ends by ending."""

POST_ROUND = timedelta(hours=1)
"""How often events are carried to their reactions; nothing in a story waits for them."""

LETTERS = timedelta(minutes=15)
"""News of so long before the end is told by mail; what came before is past, and nobody would read it."""

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(order=True, slots=True)
class _Entry:
    at: datetime
    number: int
    partner_id: str = field(compare=False)
    name: str = field(compare=False)
    script: Script = field(compare=False)


class Stage:
    """Plays stories on a clock that it moves itself."""

    def __init__(self, clock: FakeClock, ids: RepeatableIds) -> None:
        """Take the clock and the ids that are in use."""
        self.clock, self._ids = clock, ids
        self._waiting: list[_Entry] = []
        self._numbers = itertools.count()
        self._post_at = clock.at
        self._letters_from = _NEVER
        self._quiet = Worker(_without_letters(), timer_table(), at_once=1)
        self._aloud = Worker(reaction_table(), timer_table(), at_once=1)
        self.refused: list[str] = []

    def add(self, script: Script, *, at: datetime, partner_id: str, name: str) -> None:
        """Let a story begin at `at`; `name` decides its ids, so it is its own."""
        heapq.heappush(self._waiting, _Entry(at, next(self._numbers), partner_id, name, script))

    async def play(self, until: datetime, tell: Callable[[datetime], None]) -> None:
        """Play everything that happens before `until`; what goes on later stays where it is.

        Args:
            until: the end.
            tell: told the moment that has been reached.
        """
        self._letters_from = until - LETTERS
        while self._waiting and self._waiting[0].at < until:
            entry = heapq.heappop(self._waiting)
            await self._pass_until(entry.at)
            self._ids.follow(f"{entry.partner_id}:{entry.name}")
            with partner_scope(entry.partner_id):
                entry.at = max(await self._step(entry), self.clock.at)
            if entry.at != _NEVER:
                heapq.heappush(self._waiting, entry)
            tell(self.clock.at)
        await self._pass_until(until)
        await self._post(self._aloud)
        for entry in self._waiting:
            await entry.script.aclose()  # type: ignore[attr-defined]  # scripts are generators
        self._waiting.clear()

    async def _step(self, entry: _Entry) -> datetime:
        try:
            return await anext(entry.script)
        except StopAsyncIteration:
            pass
        except Refusal as refusal:
            # The house said no, as it may: the story ends here, and the job goes its own way from now on.
            self.refused.append(f"{entry.partner_id}:{entry.name}: {refusal.code}")
        return _NEVER

    async def _pass_until(self, moment: datetime) -> None:
        """Let time pass, firing each timer at its own moment."""
        while True:
            due = await timers.next_due()
            if due is None or due > moment:
                break
            await self._post_before(due)
            self.clock.at = max(self.clock.at, due)
            self._ids.follow("worker")
            await self._quiet.fire()
        await self._post_before(moment)
        self.clock.at = max(self.clock.at, moment)

    async def _post_before(self, moment: datetime) -> None:
        if self._post_at < moment:
            self.clock.at = max(self.clock.at, self._post_at)
            following = moment + POST_ROUND
            if following >= self._letters_from:
                following = self._letters_from if moment < self._letters_from else _NEVER
            self._post_at = following
            await self._post(self._quiet)

    async def _post(self, worker: Worker) -> None:
        self._ids.follow("worker")
        await worker.drain(rounds=100_000)


def _without_letters() -> dict[str, dict[str, Reaction]]:
    """Return what reacts to news in the past: everything but mails, which nobody would read."""
    return {
        topic: {name: reaction for name, reaction in named.items() if not name.startswith("notifications.")}
        for topic, named in reaction_table().items()
    }


def act(kind: str, account_id: object, *, via: str = "web") -> None:
    """Say who does the next thing, for the histories."""
    audit.acting_as(audit.Actor(kind=kind, via=via, id=account_id))  # type: ignore[arg-type]  # a UUID
