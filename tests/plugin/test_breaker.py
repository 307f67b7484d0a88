"""Breaker: five in a row open it, thirty seconds later one trial decides; per portal, plugin and hook."""

import asyncio
from dataclasses import replace

import pytest

from crowdcore.plugin.breaker import FAILURES_IN_A_ROW, PAUSE_S, Breaker, BreakerState
from crowdcore.plugin.dispatcher import UNAVAILABLE, Hooks
from crowdcore.plugin.registry import Registry
from tests.plugin.samples import ASK, BOOKING, PORTAL, plugin


class Watch:
    """Seconds that stand still until they are told to move."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def breaker(watch):
    return Breaker(watch)


def fail(breaker, times):
    for _ in range(times):
        assert breaker.enter()
        breaker.bad()


def test_four_failures_leave_it_closed(breaker):
    fail(breaker, FAILURES_IN_A_ROW - 1)
    assert breaker.state is BreakerState.CLOSED


def test_a_good_answer_ends_the_row(breaker):
    fail(breaker, FAILURES_IN_A_ROW - 1)
    breaker.good()
    fail(breaker, FAILURES_IN_A_ROW - 1)
    assert breaker.enter()


def test_the_fifth_opens_it_for_thirty_seconds(breaker, watch):
    fail(breaker, FAILURES_IN_A_ROW)
    watch.seconds += PAUSE_S - 0.001
    assert breaker.state is BreakerState.OPEN
    assert not breaker.enter()
    watch.seconds += 0.001
    assert breaker.state is BreakerState.HALF_OPEN


def test_only_one_trial_at_a_time(breaker, watch):
    fail(breaker, FAILURES_IN_A_ROW)
    watch.seconds += PAUSE_S
    assert breaker.enter()
    assert not breaker.enter()
    breaker.abandon()
    assert breaker.enter()


def test_a_good_trial_closes_it(breaker, watch):
    fail(breaker, FAILURES_IN_A_ROW)
    watch.seconds += PAUSE_S
    assert breaker.enter()
    breaker.good()
    assert breaker.state is BreakerState.CLOSED
    fail(breaker, FAILURES_IN_A_ROW - 1)
    assert breaker.state is BreakerState.CLOSED


def test_a_bad_trial_opens_it_again_at_once(breaker, watch):
    fail(breaker, FAILURES_IN_A_ROW)
    watch.seconds += PAUSE_S
    fail(breaker, 1)
    assert not breaker.enter()
    watch.seconds += PAUSE_S
    assert breaker.enter()


def test_opening_is_reported_once(breaker, watch):
    reports = []
    for _ in range(FAILURES_IN_A_ROW + 2):
        breaker.enter()
        reports.append(breaker.bad())
    assert reports == [False] * (FAILURES_IN_A_ROW - 1) + [True, False, False]


def test_the_operator_can_reset_it(breaker):
    fail(breaker, FAILURES_IN_A_ROW)
    breaker.reset()
    assert breaker.enter()


# -- behind the dispatcher


def counting(calls, ways):
    """Return a plugin that does what `ways` says, in turn."""

    async def check_booking(booking):
        calls.append(booking)
        await asyncio.sleep(0)
        if ways and ways.pop(0) == "fail":
            raise OSError

    return plugin(check_booking=check_booking)


def portal_hooks(registry, portal_id):
    return Hooks(registry, replace(PORTAL, id=portal_id), ["bad"], configs={}, is_open=lambda: False)


async def test_a_paused_plugin_is_not_called_and_counts_as_failing(watch):
    calls = []
    registry = Registry(monotonic=watch)
    registry.register(counting(calls, ["fail"] * 5), "bad")
    hooks = portal_hooks(registry, "one")
    answers = [await hooks.check_booking(booking=BOOKING) for _ in range(8)]
    assert answers == [UNAVAILABLE] * 8
    assert len(calls) == 5
    assert hooks.failures[-1].code == "hook.paused"
    assert registry.breaker_states("one") == {("bad", "check_booking"): BreakerState.OPEN}
    watch.seconds += PAUSE_S
    assert await hooks.check_booking(booking=BOOKING) is None
    assert registry.breaker_states("one") == {("bad", "check_booking"): BreakerState.CLOSED}


async def test_one_portals_trouble_is_not_anothers(watch):
    calls = []
    registry = Registry(monotonic=watch)
    registry.register(counting(calls, ["fail"] * 5), "bad")
    for _ in range(6):
        await portal_hooks(registry, "one").check_booking(booking=BOOKING)
    assert await portal_hooks(registry, "two").check_booking(booking=BOOKING) is None


async def test_another_hook_of_the_same_plugin_goes_on(watch):
    registry = Registry(monotonic=watch)
    bad = plugin(check_booking=lambda booking: 1 / 0, region_gate=lambda place: None)
    registry.register(bad, "bad")
    hooks = portal_hooks(registry, "one")
    for _ in range(6):
        await hooks.check_booking(booking=BOOKING)
    assert await ASK["region_gate"](hooks) is None


async def test_the_trial_is_one_call_even_when_many_come(watch):
    calls = []
    registry = Registry(monotonic=watch)
    registry.register(counting(calls, ["fail"] * 5), "bad")
    hooks = portal_hooks(registry, "one")
    for _ in range(5):
        await hooks.check_booking(booking=BOOKING)
    watch.seconds += PAUSE_S
    answers = await asyncio.gather(*(hooks.check_booking(booking=BOOKING) for _ in range(10)))
    assert len(calls) == 6
    assert answers.count(None) == 1


async def test_a_caller_who_leaves_decides_nothing(watch):
    registry = Registry(monotonic=watch)

    async def wait(booking):
        await asyncio.sleep(60)

    registry.register(plugin(check_booking=wait), "bad")
    hooks = portal_hooks(registry, "one")
    for _ in range(10):
        waiting = asyncio.ensure_future(hooks.check_booking(booking=BOOKING))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert registry.breaker_states("one") == {("bad", "check_booking"): BreakerState.CLOSED}
