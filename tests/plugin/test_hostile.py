"""Hostile plugins: whatever they do, the others answer, the caller goes on, and it is known who it was."""

import asyncio
import logging
import threading
import time

import pytest

from crowdcore.base import clock
from crowdcore.plugin import Receipt, blocking
from crowdcore.plugin.contract import CONTRACTS, HookUnavailable
from crowdcore.plugin.dispatcher import UNAVAILABLE
from crowdcore.plugin.threads import MAX_THREADS
from tests.plugin.policy import expect_policy
from tests.plugin.samples import (
    ASK,
    BOOKING,
    CASE,
    DENIED,
    FRIENDS,
    RECEIPT,
    hooks_of,
    plugin,
)

ERRORS = [
    ValueError,
    OSError,
    RecursionError,
    MemoryError,
    SystemExit,
    KeyboardInterrupt,
    asyncio.CancelledError,
    GeneratorExit,
    StopIteration,
    StopAsyncIteration,
    BaseExceptionGroup,
]


def raised(kind):
    return kind("x", [ValueError()]) if kind is BaseExceptionGroup else kind("as planned")


def raising(kind, way):
    def at_once(portal):
        raise raised(kind)

    async def later(portal):
        raise raised(kind)

    async def much_later(portal):
        await asyncio.sleep(0.001)
        raise raised(kind)

    return {"def": at_once, "async": later, "awaited": much_later, "blocking": blocking(at_once)}[way]


@pytest.mark.parametrize("way", ["def", "async", "awaited", "blocking"])
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("hook", CONTRACTS)
async def test_every_hook_survives_every_exception(hook, kind, way):
    hooks = hooks_of(bad=plugin(**{hook: raising(kind, way)}))
    await expect_policy(hook, hooks)
    assert hooks.failures[0].code == "hook.raised"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
async def test_the_others_are_heard_wherever_the_bad_one_stands(kind, place):
    others = [FRIENDS[0].id, FRIENDS[1].id]
    plugins = [(f"good{n}", scoring(who)) for n, who in enumerate(others)]
    plugins.insert(place, ("bad", plugin(rank_candidates=raising(kind, "async"))))
    scores = await ASK["rank_candidates"](hooks_of(**dict(plugins)))
    assert scores == {FRIENDS[0].id: 0.5, FRIENDS[1].id: 0.5, FRIENDS[2].id: 0.0}


def scoring(who):
    return plugin(rank_candidates=lambda friends: {who: 0.5})


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_closed_veto_denies_wherever_the_bad_one_stands(place):
    quiet = [(f"good{n}", plugin(check_booking=lambda booking: None)) for n in range(2)]
    quiet.insert(place, ("bad", plugin(check_booking=raising(SystemExit, "def"))))
    assert await hooks_of(**dict(quiet)).check_booking(booking=BOOKING) == UNAVAILABLE


# -- time


async def sleeps(portal):
    await asyncio.sleep(60)


async def swallows_its_cancellation(portal):
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            return


@pytest.mark.parametrize("way", ["sleeps", "swallows", "thread"])
async def test_a_slow_plugin_costs_its_limit_and_no_more(way):
    release = threading.Event()
    slow = {
        "sleeps": sleeps,
        "swallows": swallows_its_cancellation,
        "thread": blocking(lambda portal: release.wait(60)),
    }
    hooks = hooks_of(bad=plugin(region_gate=slow[way]), good=plugin(region_gate=lambda place: None))
    started = time.perf_counter()
    assert await ASK["region_gate"](hooks) == UNAVAILABLE
    assert 0.15 < time.perf_counter() - started < 30
    assert hooks.failures[0].code == "hook.timeout"
    release.set()
    await asyncio.sleep(0.1)


async def test_others_go_on_while_a_plugin_sleeps():
    beats = 0

    async def beat():
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += 1

    heart = asyncio.ensure_future(beat())
    slow = plugin(region_gate=blocking(lambda place: time.sleep(0.3)), check_booking=sleeps)
    hooks = hooks_of(bad=slow)
    await asyncio.gather(ASK["region_gate"](hooks), ASK["check_booking"](hooks))
    heart.cancel()
    assert beats > 3, "the loop was held"


async def hogs(portal):
    time.sleep(0.3)  # noqa: ASYNC251 -- what a careless author writes


@pytest.mark.parametrize("function", [lambda portal: time.sleep(0.3), hogs], ids=["def", "async def"])
async def test_holding_the_loop_is_a_failure(function):
    hooks = hooks_of(bad=plugin(check_booking=function))
    denied = await hooks.check_booking(booking=BOOKING)
    assert denied.code == "plugin.unavailable"
    assert [failure.code for failure in hooks.failures] == ["hook.held_loop"]


async def test_what_was_handed_over_slowly_is_not_handed_over_again():
    receipt = Receipt("T-1", clock.now())

    def deliver_escalation(case):
        time.sleep(0.3)
        return receipt

    hooks = hooks_of(slow=plugin(deliver_escalation=deliver_escalation))
    assert await hooks.deliver_escalation(case=CASE) == receipt


async def test_holding_the_loop_a_little_is_noted(caplog):
    def check_booking(booking):
        time.sleep(0.08)
        return DENIED

    with caplog.at_level(logging.WARNING, "crowdcore.plugin"):
        hooks = hooks_of(slow=plugin(check_booking=check_booking))
        assert await hooks.check_booking(booking=BOOKING) is DENIED
    assert "'slow'" in caplog.text
    assert "held the loop" in caplog.text


async def test_threads_are_capped_and_a_plugin_that_fills_them_is_refused_at_once():
    release = threading.Event()
    running = []

    def stuck(portal):
        running.append(threading.get_ident())
        release.wait(10)

    hooks = hooks_of(bad=plugin(check_booking=blocking(stuck), region_gate=blocking(stuck)))
    try:
        await asyncio.gather(*(ASK["check_booking"](hooks) for _ in range(MAX_THREADS + 3)))
        assert len(running) == MAX_THREADS
        assert await ASK["region_gate"](hooks) == UNAVAILABLE
        assert hooks.failures[-1].code == "hook.threads_stuck"
    finally:
        release.set()


async def test_calls_wait_for_a_free_thread():
    def check_booking(booking):
        time.sleep(0.005)
        return DENIED

    hooks = hooks_of(busy=plugin(check_booking=blocking(check_booking)))
    answers = await asyncio.gather(*(ASK["check_booking"](hooks) for _ in range(2 * MAX_THREADS)))
    assert answers == [DENIED] * (2 * MAX_THREADS)


# -- cancellation


async def first_wait(portal):
    await asyncio.sleep(60)


@pytest.mark.parametrize("function", [first_wait, swallows_its_cancellation, blocking(lambda portal: time.sleep(0.3))])
async def test_who_waits_can_always_be_cancelled(function):
    hooks = hooks_of(slow=plugin(deliver_escalation=function))
    waiting = asyncio.ensure_future(hooks.deliver_escalation(case=CASE))
    await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not hooks.failures
    await asyncio.sleep(0.06)


async def test_a_limit_around_the_call_is_not_taken_for_the_plugins():
    hooks = hooks_of(slow=plugin(deliver_escalation=first_wait))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await hooks.deliver_escalation(case=CASE)
    assert not hooks.failures


# -- plugins that could not be loaded


@pytest.mark.parametrize("hook", CONTRACTS)
async def test_a_plugin_that_could_not_be_loaded_fails_as_its_hooks_say(hook):
    hooks = hooks_of()
    hooks._registry.register_failing("bad", [hook], "its import failed")
    hooks = hooks_of(hooks._registry, bad=None)
    await expect_policy(hook, hooks)


async def test_a_default_stands_in_when_a_skipped_plugin_fails():
    hooks = hooks_of(bad=plugin(rank_candidates=raising(ValueError, "def")), kernel=scoring(FRIENDS[0].id))
    assert (await ASK["rank_candidates"](hooks))[FRIENDS[0].id] == 0.5


async def test_another_plugins_failure_is_not_answered_by_the_default_mail():
    hooks = hooks_of(
        bad=plugin(deliver_escalation=raising(OSError, "async")),
        kernel=plugin(deliver_escalation=lambda case: RECEIPT),
    )
    with pytest.raises(HookUnavailable):
        await hooks.deliver_escalation(case=CASE)
