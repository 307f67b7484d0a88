"""Timers fire once, for their partner, while they are meant to; and never silently not at all."""

import asyncio
from datetime import timedelta

import pytest

from crowdcore.accounts.models import Person
from crowdcore.base import clock as time
from crowdcore.base.errors import Fault
from crowdcore.base.ids import new_id
from crowdcore.db import outbox, timers
from crowdcore.db.models import Timer
from crowdcore.db.outbox import LEASE, ClaimLost
from crowdcore.db.scope import partner_scope
from crowdcore.db.timers import MAX_ATTEMPTS, TimerClaim
from crowdcore.db.transaction import riding, unit_of_work

SUBJECT = new_id()


@unit_of_work
async def arm(kind: str = "k", *, subject=SUBJECT, minutes: float = 0, **payload) -> None:
    due_at = time.now() + timedelta(minutes=minutes)
    await timers.start(kind=kind, subject_id=subject, due_at=due_at, payload=payload or None)


@unit_of_work
async def disarm(*kinds: str, subject=SUBJECT) -> None:
    await timers.cancel(subject_id=subject, kinds=kinds or None)


@unit_of_work
async def hurry(kind: str = "k") -> None:
    await timers.pull(subject_id=SUBJECT, kind=kind)


async def test_a_timer_is_due_at_its_moment_with_what_it_carries(database, scope, clock):
    await arm(minutes=10, step=3)
    clock.advance(minutes=9, seconds=59)
    assert await timers.claim() == []
    clock.advance(seconds=1)
    (due,) = await timers.claim()
    assert (due.kind, due.subject_id, due.partner_id, due.attempts) == ("k", SUBJECT, "swisscom", 0)
    assert due.payload == {"step": 3}
    assert due.due_at == clock.now()
    assert await timers.claim() == []


async def test_a_timer_belongs_to_a_change_that_happened(database, scope):
    @unit_of_work
    async def fails() -> None:
        await timers.start(kind="k", subject_id=SUBJECT, due_at=time.now())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    assert await Timer.all().count() == 0


@pytest.mark.parametrize("verb", [timers.cancel, timers.pull])
async def test_timers_change_in_a_unit_of_work_only(database, scope, verb):
    with pytest.raises(Fault, match="unit of work"):
        await verb(subject_id=SUBJECT, **({} if verb is timers.cancel else {"kind": "k"}))


async def test_the_most_overdue_fire_first(database, scope, clock):
    for minutes in (3, 1, 2):
        await arm(f"k{minutes}", minutes=minutes)
    clock.advance(minutes=5)
    assert [due.kind for due in await timers.claim(limit=2)] == ["k1", "k2"]
    assert [due.kind for due in await timers.claim(limit=2)] == ["k3"]


async def test_a_new_timer_replaces_the_live_one_of_its_kind_and_subject(database, scope, clock):
    await arm(minutes=5)
    await arm("other", minutes=5)
    await arm(subject=new_id(), minutes=5)
    await arm(minutes=1)
    assert await timers.live_of(subject_id=SUBJECT) == [
        ("k", clock.now() + timedelta(minutes=1)),
        ("other", clock.now() + timedelta(minutes=5)),
    ]


async def test_partners_do_not_see_or_stop_each_others_timers(database, clock):
    for partner in ("a", "b"):
        with partner_scope(partner):
            await arm(minutes=1, of=partner)
    with partner_scope("a"):
        await disarm()
        assert await timers.live_of(subject_id=SUBJECT) == []
        assert await timers.payload_of(subject_id=SUBJECT, kind="k") is None
    with partner_scope("b"):
        assert await timers.payload_of(subject_id=SUBJECT, kind="k") == {"of": "b"}
    clock.advance(minutes=1)
    assert [due.partner_id for due in await timers.claim()] == ["b"]


async def test_cancelling_some_kinds_leaves_the_others(database, scope):
    for kind in ("a", "b", "c"):
        await arm(kind, minutes=1)
    await disarm("a", "b")
    assert [kind for kind, _ in await timers.live_of(subject_id=SUBJECT)] == ["c"]
    await disarm()
    assert await timers.live_of(subject_id=SUBJECT) == []


async def test_a_timer_cancelled_while_a_worker_holds_it_has_no_effect(database, scope, clock):
    await arm()
    (due,) = await timers.claim()
    await disarm()

    @unit_of_work
    async def effect() -> None:
        await Person.create(created_at=time.now())

    with pytest.raises(ClaimLost), riding(TimerClaim(due)):
        await effect()
    assert await Person.all().count() == 0
    assert await timers.fail(due, error="x") is False
    assert (await Timer.get()).state == "cancelled"


async def test_a_lease_that_ran_out_is_taken_over_once(database, scope, clock):
    await arm()
    (slow,) = await timers.claim()
    clock.advance(seconds=LEASE.total_seconds() + 1)
    claims = await asyncio.gather(*(timers.claim() for _ in range(5)))
    (fast,) = [due for claim in claims for due in claim]
    assert fast.token != slow.token
    with pytest.raises(ClaimLost):
        await timers.finish(slow)
    await timers.finish(fast)
    row = await Timer.get()
    assert (row.state, row.done_at) == ("done", clock.now())


async def test_workers_share_no_timer(database, scope, clock):
    for _ in range(30):
        await arm(subject=new_id())
    claims = await asyncio.gather(*(timers.claim(limit=7) for _ in range(6)))
    held = [due.id for claim in claims for due in claim]
    while more := await timers.claim():
        held += [due.id for due in more]
    assert len(held) == len(set(held)) == 30


async def test_a_timer_in_the_effects_own_unit_is_replaced_not_lost(database, scope, clock):
    """A reminder sets the next reminder of its own kind while it is being marked done."""
    await arm()
    (due,) = await timers.claim()
    with riding(TimerClaim(due)):
        await arm(minutes=60)
    states = sorted([(row.state, row.due_at) for row in await Timer.all()])
    assert states == [("done", clock.now()), ("pending", clock.now() + timedelta(minutes=60))]


async def test_an_effect_that_cancels_its_own_timer_still_counts(database, scope, clock):
    """A job moves on: all its timers end, also the one that moved it."""
    await arm()
    await arm("other", minutes=60)
    (due,) = await timers.claim()
    with riding(TimerClaim(due)):
        await disarm()
    assert {row.kind: row.state for row in await Timer.all()} == {"k": "done", "other": "cancelled"}


async def test_a_pulled_timer_is_due_now_and_wakes_the_worker(database, scope, clock):
    await arm(minutes=60)
    awake = outbox.wake_up.listen()
    await hurry("other")
    assert await timers.claim() == []
    await hurry()
    assert awake.is_set()
    assert len(await timers.claim()) == 1


async def test_a_timer_in_the_hands_of_a_worker_is_not_pulled(database, scope, clock):
    await arm()
    (due,) = await timers.claim()
    clock.advance(minutes=1)
    await hurry()
    assert (await Timer.get()).due_at == due.due_at


async def test_pauses_grow_to_a_quarter_of_an_hour_and_twenty_failures_are_the_end(database, scope, clock):
    await arm()
    pauses = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (due,) = await timers.claim()
        assert due.attempts == attempt - 1
        assert await timers.fail(due, error="e" * 900) == (attempt == MAX_ATTEMPTS)
        row = await Timer.get()
        pauses.append(row.due_at - clock.now())
        clock.advance(seconds=pauses[-1].total_seconds())
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=2), timedelta(minutes=15))
    assert (row.state, len(row.error)) == ("dead", 500)
    clock.advance(days=30)
    assert await timers.claim() == []
    assert await timers.live_of(subject_id=SUBJECT) == []


async def test_a_claim_lost_while_failing_is_left_to_its_new_holder(database, scope, clock):
    await arm()
    (due,) = await timers.claim()
    other, taken, done = new_id(), asyncio.Event(), asyncio.Event()

    @unit_of_work
    async def take_over() -> None:
        await Timer.filter(id=due.id).update(token=other, lease_until=clock.now() + LEASE)
        taken.set()
        await done.wait()

    thief = asyncio.get_running_loop().create_task(take_over())
    await taken.wait()
    failing = asyncio.get_running_loop().create_task(timers.fail(due, error="late"))
    await asyncio.sleep(0.2)
    done.set()
    await thief
    assert await failing is False
    row = await Timer.get()
    assert (row.state, row.token, row.attempts) == ("claimed", other, 0)


async def test_when_the_worker_must_wake_up_next(database, scope, clock):
    assert await timers.next_due() is None
    await arm("a", minutes=9)
    await arm("b", minutes=4)
    assert await timers.next_due() == clock.now() + timedelta(minutes=4)
    await disarm("b")
    assert await timers.next_due() == clock.now() + timedelta(minutes=9)


async def test_what_a_timer_carries_can_be_read_while_it_is_pending(database, scope, clock):
    assert await timers.payload_of(subject_id=SUBJECT, kind="k") is None
    await arm(step=2)
    assert await timers.payload_of(subject_id=SUBJECT, kind="k") == {"step": 2}
    await timers.claim()
    assert await timers.payload_of(subject_id=SUBJECT, kind="k") is None
