"""Two things at the same moment, again and again: what races need besides the model's small installation."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from crowdcore.app.invariants import violations
from crowdcore.app.worker import Worker, timer_table
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.crowd import queries as crowd
from crowdcore.db.commands import Answer, Command
from crowdcore.dispatch import queries as dispatch
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Contact, Job, Window
from crowdcore.offers import service as offers
from crowdcore.web import once
from tests.model.cast import PLACE, Cast
from tests.model.world import World

ROUNDS = int(os.environ.get("CROWDCORE_RACE_ROUNDS", "40"))
SEED = int(os.environ.get("CROWDCORE_RACE_SEED", "7"))

_NUDGE_S = 0.0004
_JITTER_S = 0.002

Verb = Callable[[], Awaitable[Any]]


class Bench:
    """One partner's people, jobs that do not overlap, and a worker that only moves jobs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cast: Cast = world.casts["swisscom"]
        self.chance = random.Random(SEED)
        self.worker = Worker({}, timer_table())
        self.outcomes: Counter[str] = Counter()
        self._slot = 0
        self._keys = 0

    @property
    def anna(self) -> UUID:
        return self.cast.members[0].id

    @property
    def beat(self) -> UUID:
        return self.cast.members[1].id

    async def book(self, *, urgent: bool = False, same_time: bool = False, drain: bool = True) -> Job:
        """Book a job in a window of its own, or in that of the last one; with its first wave out."""
        self._slot += not same_time
        start = clock.now() + timedelta(hours=25 + 2 * (self._slot % 600))
        job = await bookings.book(
            customer_id=self.cast.customers[0],
            booking=Booking(
                service_id=self.cast.service, place_id=PLACE, urgent=urgent, language="de", channel="web",
                wishes=() if urgent else (Window(start, start + timedelta(hours=2)),),
                contact=Contact(name="K", street="S", phone="+41791234567", email="", note=""),
            ),
        )  # fmt: skip
        if drain:
            await self.worker.drain()
        return job

    async def offer(self, friend_id: UUID, job: Job) -> str:
        friend = await crowd.friend(friend_id)
        return next(o.id for o in await dispatch.offers_of(friend) if o.job.id == job.id)

    async def accepting(self, friend_id: UUID, job: Job) -> Verb:
        """Return a verb that accepts; everything it needs is looked up before the race."""
        offer, friend = await self.offer(friend_id, job), await crowd.friend(friend_id)
        return lambda: offers.accept(offer_id=offer, friend=friend)

    async def race(self, *verbs: Verb, delays: tuple[float, ...] = ()) -> list[Any]:
        """Run verbs at nearly the same moment; refusals are returned, anything else is a failure."""

        async def one(verb: Verb, delay: float) -> Any:
            await asyncio.sleep(delay + self.chance.uniform(0, _JITTER_S))
            try:
                return await verb()
            except Refusal as refusal:
                return refusal

        later = delays or (0.0,) * len(verbs)
        return list(await asyncio.gather(*(one(v, d) for v, d in zip(verbs, later, strict=True))))

    def command(self) -> Callable[[Verb], Verb]:
        """Return what sends verbs with one and the same key, as two processes that know nothing of each other."""
        self._keys += 1
        key = f"key-{self._keys}"

        async def render(result: object) -> Answer:
            return Answer(200, f"{getattr(result, 'id', None) or getattr(result, 'job_id', None)}")

        def with_key(verb: Verb) -> Verb:
            return lambda: once._run(Command("somebody", "route", key, "0" * 64, render), verb)

        return with_key

    async def actions(self, job: Job) -> list[str]:
        """What happened to a job, in order."""
        return [line.action for line in await jobs.history(job.id)]

    async def check(self) -> None:
        broken = await violations()
        assert not broken, broken


class Duel:
    """Two verbs whose delays are moved until either comes first about equally often."""

    def __init__(self, bench: Bench, left: str, right: str) -> None:
        self._bench, self._names, self._lead = bench, (left, right), 0.0

    async def fight(self, left: Verb, right: Verb) -> list[Any]:
        return await self._bench.race(left, right, delays=(max(0.0, -self._lead), max(0.0, self._lead)))

    def first(self, *, left: bool) -> None:
        """Say who was first in this round."""
        self._lead += -_NUDGE_S if left else _NUDGE_S
        self._bench.outcomes[f"{self._names[0 if left else 1]} first"] += 1

    def check_both_seen(self, rounds: int) -> None:
        """A race in which one side always wins proves nothing."""
        seen = [self._bench.outcomes[f"{name} first"] for name in self._names]
        assert min(seen) >= max(2, rounds // 20), f"not a race: {dict(self._bench.outcomes)}"


@contextmanager
def slowed(owner: Any, name: str, before: Callable[[], Awaitable[None]]):
    """Let something happen each time just before a function of a module runs."""
    real = getattr(owner, name)

    async def slow(*args: Any, **more: Any) -> Any:
        await before()
        return await real(*args, **more)

    setattr(owner, name, slow)
    try:
        yield
    finally:
        setattr(owner, name, real)
