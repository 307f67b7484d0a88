"""kill -9 of server and worker at random points: what was acknowledged is there, and every law holds.

Fifty cycles in every test run; ``make crash CYCLES=1000`` for the long one. A failing run leaves its
database and logs behind and says where.
"""

import asyncio
import dataclasses
import os
import random
import time
from collections import Counter

import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.app.invariants import violations
from crowdcore.base import clock as time_
from crowdcore.base.geo import Point
from crowdcore.crowd import service as crowd
from crowdcore.crowd.rules import Kind
from crowdcore.db import background, outbox
from crowdcore.db.config import open_database
from crowdcore.db.models import Delivery, IdempotencyKey
from crowdcore.db.scope import everywhere, partner_scope
from crowdcore.jobs.models import Job
from crowdcore.settings import Settings, use_settings
from tests.crash.driver import Driver
from tests.crash.processes import Pair, only_swisscom

CYCLES = int(os.environ.get("CROWDCORE_CRASH_CYCLES", "50"))
SEED = int(os.environ.get("CROWDCORE_CRASH_SEED", "7"))
FRIENDS = 3


async def _people(settings: Settings) -> tuple[str, list[str]]:
    from datetime import timedelta

    async with open_database(settings):
        with partner_scope("swisscom"):
            customer = await accounts.open_account(
                email="customer@example.ch", name="C", language="de", roles=frozenset({Role.CUSTOMER})
            )
            token = await accounts.issue_token(account_id=customer.id, role=Role.CUSTOMER, label="crash")
            friends = []
            for number in range(FRIENDS):
                account = await accounts.open_account(
                    email=f"f{number}@example.ch", name=f"F{number}", language="de", roles=frozenset({Role.FRIEND})
                )
                member = await crowd.join(
                    account=account, kind=Kind.FRIEND, home=Point(47.37, 8.54), region="CH-ZH",
                    place_label="8001 Zürich", radius_m=30_000, most_radius_m=50_000, languages=frozenset({"de"}),
                )  # fmt: skip
                await crowd.grant_qualification(
                    friend_id=member.id, skill="tv", valid_until=time_.now() + timedelta(days=9), reason="test"
                )
                friends.append(await accounts.issue_token(account_id=account.id, role=Role.FRIEND, label="crash"))
    return token, friends


async def _torment(pair: Pair, driver: Driver, chance: random.Random) -> Counter[str]:
    """Kill and revive `CYCLES` times while the driver works, then let everything come to rest."""
    struck: Counter[str] = Counter()
    work = asyncio.get_running_loop().create_task(driver.run())
    for _ in range(CYCLES):
        if chance.random() < 0.8:  # mostly at work, sometimes while it is still starting
            await asyncio.to_thread(pair.wait_until_served)
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        assert not work.done(), work.exception()
        died = not (pair.server.is_alive() and pair.worker.is_alive())
        struck["crash point" if died else pair.strike()] += 1
        pair.revive()
    pair.server.kill()
    pair.worker.kill()
    pair.revive(with_crash_points=False)
    driver.stopping = True
    await asyncio.wait_for(work, 90)
    return struck


async def _come_to_rest(settings: Settings, timeout_s: float = 60) -> None:
    """Wait until nothing is left to do; leases end now, those of the dead and, to make it harder, of the living."""
    until = time.monotonic() + timeout_s
    async with open_database(settings):
        await Delivery.filter(state="claimed").update(lease_until=time_.now())
        while time.monotonic() < until:
            waiting, _ = await outbox.backlog()
            if not waiting:
                return
            await asyncio.sleep(0.5)
    raise AssertionError("the worker did not come to rest")


async def _check(settings: Settings, driver: Driver) -> None:
    async with open_database(settings):
        background.remember_context()
        broken = await violations()
        assert not broken, broken
        with everywhere(reason="the test compares what was acknowledged with what is there"):
            stored = {row.key: row for row in await IdempotencyKey.all()}
            jobs = {str(job.id): job for job in await Job.all()}
        for command in driver.ledger.acknowledged():
            row = stored.get(command.key)
            assert row is not None, f"acknowledged but not there: {command}"
            assert row.answer.encode() == command.answer, f"answered differently: {command}"
        booked = driver.ledger.acknowledged("/jobs")
        assert len(jobs) == len({row.key for row in stored.values() if row.route.endswith("/jobs")})
        assert len(booked) <= len(jobs)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("CROWDCORE_TEST_DB") == "postgres", reason="runs on SQLite here; see make crash")
def test_nothing_acknowledged_is_lost(settings: Settings, tmp_path) -> None:
    chance = random.Random(SEED)
    settings = dataclasses.replace(settings, plugin_path=str(only_swisscom(tmp_path)))
    use_settings(settings)
    customer, friends = asyncio.run(_people(settings))
    pair = Pair(settings, tmp_path, chance)
    driver = Driver(pair.port, customer=customer, friends=friends, service="tv-box-setup", place="CH-8001-zurich")
    pair.start()
    try:
        struck = asyncio.run(_torment(pair, driver, chance))
        asyncio.run(_come_to_rest(settings))
    finally:
        pair.stop()
    asyncio.run(_check(settings, driver))
    done = Counter(command.path.rsplit("/", 1)[-1] for command in driver.ledger.acknowledged())
    print(f"\nseed {SEED}: {sum(struck.values())} cycles {dict(struck)}, acknowledged {dict(done)}")
    assert done["confirm"] > CYCLES // 20, "too little was done for the test to mean anything"
