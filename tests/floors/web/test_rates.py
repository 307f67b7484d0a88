"""Rate limits: windows move, actors and networks count apart, the answer says how long to wait."""

import pytest
from limits import parse

from crowdcore.settings import Settings
from crowdcore.web import rates
from crowdcore.web.rates import MemoryWindows, RateLimited, Rates


@pytest.fixture
def ticks(monkeypatch):
    class Ticks:
        now = 1000.0

    monkeypatch.setattr(rates.time, "monotonic", lambda: Ticks.now)
    return Ticks


async def test_a_window_moves(ticks):
    windows, item = MemoryWindows(), parse("2/10 seconds")
    assert await windows.hit(item, "a") == 0
    ticks.now += 4
    assert await windows.hit(item, "a") == 0
    assert await windows.hit(item, "a") == pytest.approx(6)
    ticks.now += 6
    assert await windows.hit(item, "a") == 0
    assert await windows.hit(item, "a") == pytest.approx(4)


async def test_keys_and_limits_do_not_share_a_window(ticks):
    windows = MemoryWindows()
    assert await windows.hit(parse("1/minute"), "a") == 0
    assert await windows.hit(parse("1/minute"), "b") == 0
    assert await windows.hit(parse("1/hour"), "a") == 0
    assert await windows.hit(parse("1/minute"), "a") > 0


async def test_a_refused_try_does_not_count(ticks):
    windows, item = MemoryWindows(), parse("1/10 seconds")
    await windows.hit(item, "a")
    for _ in range(20):
        assert await windows.hit(item, "a") > 0
    ticks.now += 10
    assert await windows.hit(item, "a") == 0


async def test_old_keys_are_forgotten(ticks):
    windows, item = MemoryWindows(), parse("1/second")
    for number in range(1000):
        await windows.hit(item, str(number))
    ticks.now += 5
    for number in range(1000):
        await windows.hit(item, f"again {number}")
    assert len(windows._hits) <= 1001


async def test_the_eleventh_request_of_a_second_waits(ticks):
    table = Rates(Settings())
    keys = {"actor": "t", "network": "n", "portal": "p"}
    for _ in range(10):
        await table.hit("api", keys)
    with pytest.raises(RateLimited) as caught:
        await table.hit("api", keys)
    assert caught.value.retry_after_s == 1
    await table.hit("api", {**keys, "actor": "another"})


async def test_one_network_cannot_try_many_accounts(ticks):
    table = Rates(Settings())
    for number in range(20):
        await table.hit("signin", {"actor": f"a{number}", "network": "n", "portal": "p"})
    with pytest.raises(RateLimited):
        await table.hit("signin", {"actor": "fresh", "network": "n", "portal": "p"})
    await table.hit("signin", {"actor": "fresh", "network": "other", "portal": "p"})


async def test_limits_can_be_off():
    table = Rates(Settings(rate_limits=False))
    for _ in range(100):
        await table.hit("exam", {"actor": "a", "network": "n", "portal": "p"})


async def test_processes_share_their_windows_in_redis(valkey_server):
    first, second = (Rates(Settings(redis_url=valkey_server)) for _ in range(2))
    keys = {"actor": "shared", "network": "shared", "portal": "shared"}
    await first.hit("exam", keys)
    await second.hit("exam", keys)
    for process in (first, second):
        with pytest.raises(RateLimited) as caught:
            await process.hit("exam", keys)
        assert caught.value.retry_after_s > 3600
        await process.close()


async def test_without_redis_requests_pass_and_the_log_says_so(caplog):
    table = Rates(Settings(redis_url="redis://127.0.0.1:1"))
    for _ in range(5):
        await table.hit("exam", {"actor": "a", "network": "n", "portal": "p"})
    await table.close()
    assert "Redis does not answer" in caplog.text
