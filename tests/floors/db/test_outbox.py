"""Events leave only with the change that made them true, once per reaction, and nothing is forgotten."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from crowdcore.accounts.models import Person
from crowdcore.base import clock as time
from crowdcore.base.errors import Fault, ScopeMissing
from crowdcore.base.events import Event
from crowdcore.base.ids import new_id
from crowdcore.db import outbox
from crowdcore.db.models import Delivery, OutboxEvent
from crowdcore.db.outbox import LEASE, MAX_ATTEMPTS, ClaimLost, DeliveryClaim
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import riding, unit_of_work


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked(Event):
    """Sample."""

    topic: ClassVar[str] = "sample.booked"
    job_id: UUID
    customer_id: UUID

    def audience(self) -> tuple[UUID, ...]:
        return (self.customer_id,)


REACTIONS = {"sample.booked": ("room.tell", "room.count")}
JOB, CUSTOMER = UUID(int=1), UUID(int=2)


@unit_of_work
async def announce(*, fail: bool = False) -> None:
    await outbox.publish(Booked(job_id=JOB, customer_id=CUSTOMER))
    if fail:
        raise RuntimeError


async def expanded() -> list[Delivery]:
    await outbox.expand(REACTIONS)
    return await Delivery.all().order_by("reaction")


async def test_an_event_is_stored_with_its_change_or_not_at_all(database, scope, clock):
    with pytest.raises(RuntimeError):
        await announce(fail=True)
    assert await OutboxEvent.all().count() == 0
    await announce()
    (row,) = await outbox.since(0)
    assert (row.partner_id, row.topic, row.at) == ("swisscom", "sample.booked", clock.now())
    assert row.payload == {"job_id": str(JOB), "customer_id": str(CUSTOMER)}
    assert row.audience == {str(CUSTOMER)}


async def test_nothing_is_announced_outside_a_unit_or_a_scope(database, scope):
    with pytest.raises(Fault, match="unit of work"):
        await outbox.publish(Booked(job_id=JOB, customer_id=CUSTOMER))


async def test_nothing_is_announced_for_nobody(database):
    with pytest.raises(ScopeMissing):
        await announce()


async def test_listeners_wake_up_after_the_commit_and_only_then(database, scope):
    awake = outbox.wake_up.listen()
    with pytest.raises(RuntimeError):
        await announce(fail=True)
    assert not awake.is_set()
    await announce()
    assert awake.is_set()


async def test_an_event_becomes_one_delivery_for_each_reaction(database, scope, clock):
    await announce()
    await announce()
    assert await outbox.expand(REACTIONS) == 2
    rows = await Delivery.all()
    assert Counter(row.reaction for row in rows) == {"room.tell": 2, "room.count": 2}
    assert {row.state for row in rows} == {"pending"}
    assert await outbox.expand(REACTIONS) == 0
    assert await Delivery.all().count() == 4


async def test_an_event_nobody_listens_to_is_done_with(database, scope):
    await announce()
    assert await outbox.expand({}) == 1
    assert await outbox.expand(REACTIONS) == 0
    assert await outbox.backlog() == (0, 0)


async def test_a_crash_between_expanding_and_marking_doubles_nothing(database, scope):
    await announce()
    await outbox.expand(REACTIONS)
    await OutboxEvent.all().update(expanded_at=None)
    await outbox.expand(REACTIONS)
    assert await Delivery.all().count() == 2


async def test_workers_expand_and_claim_at_the_same_time_without_sharing(database, scope, clock):
    for _ in range(10):
        await announce()
    await asyncio.gather(*(outbox.expand(REACTIONS, limit=3) for _ in range(8)))
    while await outbox.expand(REACTIONS):
        pass
    assert await Delivery.all().count() == 20
    claims = await asyncio.gather(*(outbox.claim(limit=4) for _ in range(8)))
    held = [one.id for claim in claims for one in claim]
    assert len(held) == len(set(held))
    while more := await outbox.claim():
        held += [one.id for one in more]
    assert len(held) == len(set(held)) == 20


async def test_a_claim_says_all_a_reaction_needs(database, scope, clock):
    await announce()
    await expanded()
    first, second = await outbox.claim()
    assert {first.reaction, second.reaction} == set(REACTIONS["sample.booked"])
    assert first.partner_id == "swisscom"
    assert first.topic == "sample.booked"
    assert first.payload["job_id"] == str(JOB)
    assert first.event_id == (await OutboxEvent.get()).id
    assert await outbox.claim() == []


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_has_no_effect(database, scope, clock):
    """The fencing token: whoever was silent too long must not do the work a second time."""
    await announce()
    await outbox.expand({"sample.booked": ("room.tell",)})
    (slow,) = await outbox.claim()
    clock.advance(seconds=LEASE.total_seconds())
    assert await outbox.claim() == []
    clock.advance(seconds=1)
    (fast,) = await outbox.claim()
    assert fast.id == slow.id
    assert fast.token != slow.token

    @unit_of_work
    async def effect() -> None:
        await Person.create(created_at=time.now())

    with pytest.raises(ClaimLost), riding(DeliveryClaim(slow)):
        await effect()
    assert await Person.all().count() == 0
    assert await outbox.fail(slow, error="x") is False
    with riding(DeliveryClaim(fast)):
        await effect()
    assert await Person.all().count() == 1
    with pytest.raises(ClaimLost):
        await outbox.finish(fast)
    row = await Delivery.get(id=fast.id)
    assert (row.state, row.done_at, row.attempts) == ("done", clock.now(), 0)


async def test_a_failed_reaction_leaves_its_delivery_to_the_lease(database, scope, clock):
    await announce()
    await outbox.expand({"sample.booked": ("room.tell",)})
    (claimed,) = await outbox.claim()

    @unit_of_work
    async def broken() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), riding(DeliveryClaim(claimed)):
        await broken()
    assert (await Delivery.get()).state == "claimed"
    assert await outbox.fail(claimed, error="RuntimeError") is False
    row = await Delivery.get()
    assert (row.state, row.attempts, row.error) == ("pending", 1, "RuntimeError")


async def test_pauses_grow_and_after_twenty_failures_a_person_must_look(database, scope, clock):
    await announce()
    await outbox.expand({"sample.booked": ("room.tell",)})
    pauses = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (claimed,) = await outbox.claim()
        parked = await outbox.fail(claimed, error="e" * 900)
        row = await Delivery.get()
        assert row.attempts == attempt
        assert len(row.error) == 500
        assert parked == (attempt == MAX_ATTEMPTS)
        pauses.append(row.run_at - clock.now())
        clock.advance(seconds=pauses[-1].total_seconds() - 1)
        assert await outbox.claim() == []
        clock.advance(seconds=1)
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=2)
    assert max(pauses) == timedelta(hours=6)
    clock.advance(days=30)
    assert await outbox.claim() == []
    assert await outbox.backlog() == (0, 1)


async def test_a_claim_lost_while_failing_is_left_to_its_new_holder(database, scope, clock):
    """Between reading a delivery and putting it back, another worker may take it over."""
    await announce()
    await outbox.expand({"sample.booked": ("room.tell",)})
    (claimed,) = await outbox.claim()
    other, taken, done = new_id(), asyncio.Event(), asyncio.Event()

    @unit_of_work
    async def take_over() -> None:
        await Delivery.filter(id=claimed.id).update(token=other, lease_until=clock.now() + LEASE)
        taken.set()
        await done.wait()

    thief = asyncio.get_running_loop().create_task(take_over())
    await taken.wait()
    failing = asyncio.get_running_loop().create_task(outbox.fail(claimed, error="late"))
    await asyncio.sleep(0.2)
    done.set()
    await thief
    assert await failing is False
    row = await Delivery.get()
    assert (row.state, row.token, row.attempts) == ("claimed", other, 0)


async def test_the_live_stream_reads_on_from_where_it_was(database):
    assert await outbox.last_seq() == 0
    for partner in ("a", "b", "a"):
        with partner_scope(partner):
            await announce()
    rows = await outbox.since(0)
    assert [row.partner_id for row in rows] == ["a", "b", "a"]
    assert [row.seq for row in rows] == sorted(row.seq for row in rows)
    assert await outbox.last_seq() == rows[-1].seq
    assert [row.seq for row in await outbox.since(rows[0].seq)] == [row.seq for row in rows[1:]]
    assert len(await outbox.since(0, limit=2)) == 2


async def test_the_backlog_counts_what_waits(database, scope, clock):
    await announce()
    await outbox.expand(REACTIONS)
    assert await outbox.backlog() == (2, 0)
    first, _ = await outbox.claim()
    assert await outbox.backlog() == (2, 0)
    await outbox.finish(first)
    assert await outbox.backlog() == (1, 0)
