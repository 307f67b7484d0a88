"""unit_of_work: what is acknowledged is there, what failed is not, and nothing ever hangs."""

import asyncio
import random

import pytest
from tortoise.exceptions import IntegrityError

from crowdcore.accounts.models import Account, Person, Session
from crowdcore.base import clock as time
from crowdcore.base.errors import Fault, ScopeMissing
from crowdcore.base.ids import new_id
from crowdcore.db import timers
from crowdcore.db.models import Timer
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import after_commit, in_unit_of_work, savepoint, unit_of_work


async def person() -> None:
    await Person.create(created_at=time.now())


async def test_everything_or_nothing(database):
    @unit_of_work
    async def fails() -> None:
        await person()
        raise RuntimeError

    @unit_of_work
    async def works() -> None:
        await person()

    with pytest.raises(RuntimeError):
        await fails()
    assert await Person.all().count() == 0
    await works()
    assert await Person.all().count() == 1


async def test_a_verb_inside_a_verb_joins_its_unit(database):
    @unit_of_work
    async def inner() -> None:
        await person()

    @unit_of_work
    async def outer() -> None:
        await inner()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await outer()
    assert await Person.all().count() == 0


async def test_after_commit_runs_only_after_a_commit(database):
    ran = []

    @unit_of_work
    async def verb(*, fail: bool) -> None:
        after_commit(lambda: ran.append(in_unit_of_work()))
        assert not ran
        if fail:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await verb(fail=True)
    assert ran == []
    await verb(fail=False)
    assert len(ran) == 1


async def test_outside_a_unit_events_and_timers_are_refused(database, scope):
    with pytest.raises(Fault, match="unit of work"):
        await timers.start(kind="k", subject_id=new_id(), due_at=time.now())


async def test_random_cancels_leave_no_lock_behind(database):
    """The trap D1: a task cancelled while it enters a transaction must not keep the connection."""

    @unit_of_work
    async def verb() -> None:
        await person()
        await asyncio.sleep(0)

    chance = random.Random(7)
    for _ in range(300):
        task = asyncio.get_running_loop().create_task(verb())
        for _ in range(chance.randrange(0, 12)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    before = await asyncio.wait_for(Person.all().count(), 20)
    await asyncio.wait_for(verb(), 20)
    assert await Person.all().count() == before + 1


async def test_a_savepoint_undoes_only_its_block(database, scope):
    async def doubled() -> None:
        async with savepoint():
            await person()
            same = new_id()
            await Person.create(id=same, created_at=time.now())
            await Person.create(id=same, created_at=time.now())

    @unit_of_work
    async def verb() -> None:
        await person()
        with pytest.raises(IntegrityError):
            await doubled()

    await verb()
    assert await Person.all().count() == 1


async def test_rows_without_a_scope_are_an_error(database):
    with pytest.raises(ScopeMissing):
        await Account.all().count()
    with pytest.raises(ScopeMissing):
        Account(name="x")


async def test_a_row_cannot_refer_to_another_partners_row(database):
    """Composite references: the database itself refuses it."""
    common = {"email": None, "name": "x", "roles": [], "language": "de", "created_at": time.now()}
    with partner_scope("a"):
        mine = await Account.create(person_id=new_id(), **common)
    values = {
        "secret_hash": "s",
        "account_id": mine.id,
        "staff": False,
        "started_at": time.now(),
        "used_at": time.now(),
    }
    with partner_scope("b"):
        assert await Account.all().count() == 0
        with pytest.raises(IntegrityError):
            await Session.create(**values)
    with partner_scope("a"):
        await Session.create(**values)
        with pytest.raises(IntegrityError):
            await mine.delete()


async def test_one_live_timer_of_a_kind(database, scope):
    subject = new_id()

    @unit_of_work
    async def arm() -> None:
        await timers.start(kind="k", subject_id=subject, due_at=time.now())

    await arm()
    await arm()
    assert await Timer.filter(state="pending").count() == 1
    assert await Timer.filter(state="cancelled").count() == 1


async def test_what_fails_after_the_commit_does_not_make_the_verb_fail(database, caplog):
    """The change is there; whoever asked for it must not be told otherwise, and the others are still called."""
    ran = []

    def broken() -> None:
        raise RuntimeError

    @unit_of_work
    async def verb() -> str:
        await person()
        after_commit(broken)
        after_commit(lambda: ran.append(1))
        return "done"

    assert await verb() == "done"
    assert ran == [1]
    assert await Person.all().count() == 1
    assert "after the commit" in caplog.text
