"""Waiting for a turn: it ends, it is answered with 503, and readers never wait with the writers."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time as machine

import pytest
from tortoise.exceptions import OperationalError

from crowdcore.accounts.models import Person
from crowdcore.base import clock as time
from crowdcore.base.ids import new_id
from crowdcore.db import timers
from crowdcore.db.models import Timer
from crowdcore.db.outbox import ClaimLost
from crowdcore.db.timers import TimerClaim
from crowdcore.db.transaction import StorageBusy, riding, unit_of_work
from tests.conftest import ON_POSTGRES

on_sqlite = pytest.mark.skipif(ON_POSTGRES, reason="SQLite has one writer")
on_postgres = pytest.mark.skipif(not ON_POSTGRES, reason="PostgreSQL locks rows")

#: Holds the write lock of a database file until its input ends.
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("free", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def holder(settings):
    """A second process that holds the write lock; `release()` lets it go."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(settings.sqlite_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"

    def release() -> None:
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "free\n"

    yield release
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@unit_of_work
async def write() -> None:
    await Person.create(created_at=time.now())


@unit_of_work
async def arm(subject) -> None:
    await timers.start(kind="k", subject_id=subject, due_at=time.now())


async def count() -> int:
    """Count; whoever had to wait for the holder would wait for ever."""
    return await asyncio.wait_for(Person.all().count(), 20)


@on_sqlite
async def test_a_writer_waits_for_the_other_process_and_then_has_its_turn(database, holder):
    started = machine.monotonic()
    threading.Timer(0.5, holder).start()
    await write()
    assert machine.monotonic() - started > 0.3
    assert await count() == 1


@on_sqlite
async def test_a_writer_that_gets_no_turn_is_told_so_and_wrote_nothing(database, holder):
    started = machine.monotonic()
    with pytest.raises(StorageBusy) as refused:
        await asyncio.wait_for(write(), 60)
    assert machine.monotonic() - started > 4
    assert (refused.value.status, refused.value.code, refused.value.retry_after_s) == (503, "storage.busy", 1)
    assert await count() == 0
    holder()
    await write()
    assert await count() == 1


@on_sqlite
async def test_readers_go_on_while_writers_wait(database, holder):
    waiting = [asyncio.get_running_loop().create_task(write()) for _ in range(3)]
    try:
        await asyncio.sleep(0.2)
        for _ in range(10):
            assert await count() == 0
    finally:
        holder()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await count() == 3


@on_sqlite
async def test_a_cancelled_writer_stops_waiting_and_leaves_nothing_behind(database, holder):
    task = asyncio.get_running_loop().create_task(write())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 8)
    holder()
    await write()
    assert 1 <= await count() <= 2


@on_sqlite
async def test_an_open_transaction_of_another_process_does_not_hide_what_is_committed(database, settings, holder):
    reader = sqlite3.connect(settings.sqlite_path)
    try:
        assert reader.execute("SELECT COUNT(*) FROM accounts_person").fetchone() == (0,)
    finally:
        reader.close()
    assert await count() == 0


async def test_writers_of_one_process_take_turns(database):
    await asyncio.gather(*(write() for _ in range(20)))
    assert await count() == 20


@on_postgres
async def test_one_side_of_a_deadlock_is_tried_again(database):
    """Both change the same two rows in opposite order; the database ends one, which then has its turn."""
    a, b = new_id(), new_id()
    for one in (a, b):
        await Person.create(id=one, created_at=time.now())
    met = asyncio.Barrier(2)
    again = asyncio.Event()

    @unit_of_work
    async def cross(first, second) -> None:
        await Person.filter(id=first).update(created_at=time.now())
        if not again.is_set():
            await met.wait()
            again.set()
        await Person.filter(id=second).update(created_at=time.now())

    await asyncio.wait_for(asyncio.gather(cross(a, b), cross(b, a)), 20)
    assert again.is_set()


@on_postgres
async def test_a_timer_s_effect_and_a_verb_about_the_same_thing_take_turns(database, scope, caplog):
    """Both change the thing, then its timers; none holds what the other needs first."""
    subject = new_id()
    await Person.create(id=subject, created_at=time.now())
    await arm(subject)
    (due,) = await timers.claim()
    changed, begun = asyncio.Event(), asyncio.Event()

    @unit_of_work
    async def verb() -> None:
        await Person.filter(id=subject).update(created_at=time.now())
        changed.set()
        await begun.wait()
        await timers.cancel(subject_id=subject)

    @unit_of_work
    async def effect() -> None:
        await changed.wait()
        begun.set()
        await Person.filter(id=subject).update(created_at=time.now())

    verbs = asyncio.get_running_loop().create_task(verb())
    with pytest.raises(ClaimLost), riding(TimerClaim(due)):
        await asyncio.wait_for(effect(), 20)
    await verbs
    assert (await Timer.get()).state == "cancelled"
    assert not [record for record in caplog.records if "deadlock" in record.getMessage()]


@on_postgres
async def test_who_waits_too_long_for_a_row_is_told_so(database):
    """Somebody holds a row and does not come back; nobody else may wait for ever."""
    row = await Person.create(created_at=time.now())
    held, done = asyncio.Event(), asyncio.Event()

    @unit_of_work
    async def hold() -> None:
        await Person.filter(id=row.id).update(created_at=time.now())
        held.set()
        await done.wait()

    @unit_of_work
    async def change() -> None:
        await Person.filter(id=row.id).update(created_at=time.now())

    holding = asyncio.get_running_loop().create_task(hold())
    await held.wait()
    try:
        with pytest.raises(StorageBusy) as refused:
            await asyncio.wait_for(change(), 15)
        assert refused.value.status == 503
        assert await count() == 1
    finally:
        done.set()
        await holding
    await change()


async def test_a_deadlock_that_keeps_coming_is_busy_not_an_error(database):
    """Whatever the database calls it, the person is told to try again."""
    tries = []

    class Deadlock(Exception):
        sqlstate = "40P01"

    @unit_of_work
    async def unlucky() -> None:
        tries.append(1)
        if len(tries) % 2:
            raise Deadlock
        raise OperationalError from Deadlock()  # the ORM hides some of them in its own

    with pytest.raises(StorageBusy):
        await unlucky()
    assert len(tries) == 4
