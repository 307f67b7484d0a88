"""A small crash check: the process ends itself at every commit of a short story, and what is left must be whole.

Run as a program, because it forks: ``python -m tests.model.crash [mutant]`` prints what is broken, if anything.
The large one, with real servers that are killed at random, is tests/crash.
"""

import contextlib
import dataclasses
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from crowdcore.app.invariants import violations
from crowdcore.app.worker import Worker, timer_table
from crowdcore.base.clock import FakeClock
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd
from crowdcore.db.commands import Answer, Command
from crowdcore.db.models import IdempotencyKey
from crowdcore.db.scope import partner_scope
from crowdcore.dispatch import queries as dispatch
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Contact
from crowdcore.offers import service as offers
from crowdcore.web import once
from tests.model.cast import PLACE
from tests.model.mutants import mutated
from tests.model.world import World, template

POINTS = ("after_commit", "before_commit")
KILLED = 137
MOST_COMMITS = 60

Ack = Callable[[str], None]


class Story:
    """One job from booking to confirmation, and one that nobody takes; every command has a key."""

    def __init__(self, world: World, ack: Ack) -> None:
        self._world, self._ack = world, ack
        self._cast = world.casts["swisscom"]
        self._worker = Worker({}, timer_table())

    async def tell(self) -> None:
        friend = await crowd.friend(self._cast.members[0].id)
        job = await self.send("book-1", self.book)
        await self._worker.drain()
        offer = (await dispatch.offers_of(friend))[0].id
        await self.send("accept", lambda: offers.accept(offer_id=offer, friend=friend))
        await self.send("start", lambda: jobs_service.start(job_id=job.id, friend_id=friend.id))
        await self.send("report", lambda: completion.report(job_id=job.id, friend_id=friend.id, text="x"))
        self._world.clock.advance(hours=73)
        await self._worker.drain()
        await self.send("book-2", self.book)
        self._world.clock.advance(hours=4)
        await self._worker.drain()

    async def book(self) -> Any:
        return await bookings.book(
            customer_id=self._cast.customers[0],
            booking=Booking(
                service_id=self._cast.service, place_id=PLACE, urgent=True, wishes=(), language="de", channel="web",
                contact=Contact(name="K", street="S", phone="+41791234567", email="", note=""),
            ),
        )  # fmt: skip

    async def send(self, key: str, verb: Callable[[], Awaitable[Any]]) -> Any:
        results: list[Any] = []

        async def do() -> Any:
            results.append(await verb())
            return results[0]

        await once._run(Command("somebody", key, key, "0" * 64, _answer), do)
        self._ack(key)
        return results[0] if results else None


async def _answer(_: object) -> Answer:
    return Answer(200, "done")


def broken(mutant: str = "") -> str:
    """Return what is broken after which crash; empty if nothing ever is."""
    template()
    for point in POINTS:
        for number in range(1, MOST_COMMITS):
            with mutated(mutant):
                world = World(seed=number, crash_at=f"{point}:{number}")
                acknowledged = _die(world)
                if acknowledged is None:
                    break
                wrong = _look(world, acknowledged)
            if wrong:
                return f"{point}:{number}: {wrong}"
        else:
            return f"more than {MOST_COMMITS} commits: the story is too long to be swept"
    return ""


def _die(world: World) -> list[str] | None:
    """Tell the story in a child that ends itself; return what it acknowledged, None if it came to its end."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        with contextlib.suppress(BaseException):
            _tell(world, lambda key: os.write(writer, f"{key}\n".encode()) and None)
            code = 0
        os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as lines:
        acknowledged = lines.read().split()
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in {0, KILLED}, f"the story itself failed after {acknowledged}"
    return acknowledged if ended == KILLED else None


def _tell(world: World, ack: Ack) -> None:
    with world:

        async def tell() -> None:
            with partner_scope("swisscom"):
                await Story(world, ack).tell()

        world.run(tell())


def _look(world: World, acknowledged: list[str]) -> str:
    """Open what is left, send the booking in flight again, let time pass, and say what is wrong."""
    left = World(left_behind=dataclasses.replace(world.settings, crash_at=""))
    left.clock = FakeClock(left.clock.now() + timedelta(hours=80))
    with left:

        async def look() -> str:
            with partner_scope("swisscom"):
                return await _wrong(left, acknowledged)

        return left.run(look())


async def _wrong(left: World, acknowledged: list[str]) -> str:
    found = await violations()
    if found:
        return ", ".join(f"{v.invariant.id} is broken" for v in found)
    stored = {row.key for row in await IdempotencyKey.all()}
    if lost := set(acknowledged) - stored:
        return f"acknowledged and lost: {lost}"
    story = Story(left, lambda key: None)
    await story.send("book-1", story.book)
    if len(await jobs.jobs()) != 1 + ("book-2" in stored):
        return "booked twice"
    await Worker({}, timer_table()).drain()
    return ", ".join(v.invariant.id for v in await violations())


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(broken(sys.argv[1] if len(sys.argv) > 1 else "") or "whole")
