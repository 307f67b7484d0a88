"""Dispatcher: how answers combine, who is asked, in which order, and what each plugin is shown."""

import asyncio
import contextvars
from dataclasses import replace

import pytest

from crowdcore.base.errors import Fault
from crowdcore.plugin import Denied, Guide, blocking, hookimpl
from crowdcore.plugin.contract import HookUnavailable
from crowdcore.plugin.dispatcher import Hooks
from crowdcore.plugin.registry import KERNEL, Registry
from tests.plugin.samples import (
    ASK,
    BOOKING,
    CASE,
    DENIED,
    FRIENDS,
    GOOD,
    JOB,
    PLACE,
    PORTAL,
    PRICE,
    QUOTE,
    RECEIPT,
    SERVICE,
    chf,
    hooks_of,
    plugin,
)

OTHER = replace(DENIED, code="other.no")
A, B, C = (friend.id for friend in FRIENDS)


# -- how answers combine


async def test_a_veto_is_the_first_objection():
    asked = []

    def late(booking):
        asked.append(booking)
        return OTHER

    quiet = plugin(check_booking=lambda booking: None)
    hooks = hooks_of(a=quiet, b=plugin(check_booking=lambda booking: DENIED), c=plugin(check_booking=late))
    assert await hooks.check_booking(booking=BOOKING) is DENIED
    assert asked == []
    assert await hooks_of(a=quiet).check_booking(booking=BOOKING) is None


async def test_a_price_goes_through_all_plugins():
    def dearer(price):
        return Guide(price.amount + chf(10), price.low, price.high + chf(10))

    hooks = hooks_of(
        a=plugin(guide_price=dearer), b=plugin(guide_price=lambda price: None), c=plugin(guide_price=dearer)
    )
    assert await hooks.guide_price(quote=QUOTE, price=PRICE) == Guide(chf(80), chf(50), chf(100))


async def test_denials_of_all_plugins_count_and_the_first_reason_wins():
    hooks = hooks_of(
        a=plugin(friend_eligibility=lambda friends: {A: DENIED}),
        b=plugin(friend_eligibility=lambda friends: None),
        c=plugin(friend_eligibility=lambda friends: {A: OTHER, B: OTHER}),
    )
    assert await hooks.friend_eligibility(job=JOB, friends=FRIENDS) == {A: DENIED, B: OTHER}


async def test_scores_are_added_and_everybody_has_one():
    hooks = hooks_of(
        a=plugin(rank_candidates=lambda friends: {A: 0.5, B: -1}),
        b=plugin(rank_candidates=lambda friends: {A: 0.25}),
    )
    assert await hooks.rank_candidates(job=JOB, friends=FRIENDS) == {A: 0.75, B: -1.0, C: 0.0}


async def test_the_first_receipt_wins_and_later_plugins_are_not_asked():
    async def nothing(case):
        return None

    async def ticket(case):
        return RECEIPT

    def never(case):
        pytest.fail("asked after an answer")

    hooks = hooks_of(
        a=plugin(deliver_escalation=nothing),
        b=plugin(deliver_escalation=ticket),
        c=plugin(deliver_escalation=never),
    )
    assert await hooks.deliver_escalation(case=CASE) is RECEIPT


async def test_a_message_nobody_takes_is_tried_again_later():
    with pytest.raises(HookUnavailable, match="case-1"):
        await hooks_of(a=plugin(deliver_escalation=lambda case: None)).deliver_escalation(case=CASE)


async def test_a_hand_back_nobody_understands_is_none():
    assert await ASK["parse_hand_back"](hooks_of()) is None


async def test_nobody_is_asked_about_nobody():
    def fail(friends):
        pytest.fail("asked without Friends")

    hooks = hooks_of(a=plugin(friend_eligibility=fail, rank_candidates=fail))
    assert await hooks.friend_eligibility(job=JOB, friends=()) == {}
    assert await hooks.rank_candidates(job=JOB, friends=()) == {}


# -- who is asked


async def test_a_plugin_that_is_not_listed_does_not_exist():
    registry = Registry()
    registry.register(plugin(check_booking=lambda booking: OTHER), "other")
    hooks = hooks_of(registry, mine=plugin(check_booking=lambda booking: None))
    assert hooks.implemented_by("check_booking") == ("mine",)
    assert await hooks.check_booking(booking=BOOKING) is None


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
async def test_the_order_is_the_portals_and_the_defaults_are_last(order):
    asked = []
    registry = Registry()
    for name in ("b", KERNEL, "a"):
        registry.register(_note(asked, name), name)
    hooks = hooks_of(registry, **dict.fromkeys(order))
    await hooks.check_booking(booking=BOOKING)
    assert asked == [*order, KERNEL]


def _note(asked, name):
    def check_booking(booking):
        asked.append(name)

    return plugin(check_booking=check_booking)


@pytest.mark.parametrize("order", [["a", "a"], ["a", KERNEL]])
def test_a_list_names_a_plugin_once_and_never_the_kernel(order):
    with pytest.raises(Fault, match="twice"):
        Hooks(Registry(), PORTAL, order, configs={}, is_open=lambda: False)


async def test_each_plugin_sees_its_own_settings_only():
    seen = {}

    def watcher(name):
        def check_booking(portal, booking):
            seen[name] = (portal.id, dict(portal.config))

        return plugin(check_booking=check_booking)

    registry = Registry()
    for name in ("a", "b", KERNEL):
        registry.register(watcher(name), name)
    configs = {"a": {"key": "a's"}, "b": {"key": "b's"}, "c": {"key": "c's"}}
    hooks = Hooks(registry, PORTAL, ["a", "b"], configs=configs, is_open=lambda: False)
    await hooks.check_booking(booking=BOOKING)
    assert seen == {
        "a": ("beispiel", {"key": "a's"}),
        "b": ("beispiel", {"key": "b's"}),
        KERNEL: ("beispiel", {}),
    }


@pytest.mark.parametrize("hook", ASK)
async def test_no_hook_runs_inside_a_unit_of_work(hook):
    def fail(portal):
        pytest.fail("called inside a unit of work")

    registry = Registry()
    registry.register(plugin(**{hook: fail}), "a")
    hooks = Hooks(registry, PORTAL, ["a"], configs={}, is_open=lambda: True)
    with pytest.raises(Fault, match=f"hook {hook} was called inside an open unit of work"):
        await ASK[hook](hooks)


# -- ways to write an implementation


class Awaitable:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return DENIED


async def coroutine(booking):
    await asyncio.sleep(0.001)
    return DENIED


def a_def(booking):
    return coroutine(booking)


WAYS = {
    "def": lambda booking: DENIED,
    "async def": coroutine,
    "blocking": blocking(lambda booking: DENIED),
    "returns a coroutine": a_def,
    "returns a future": lambda booking: asyncio.ensure_future(coroutine(booking)),
    "returns an awaitable": lambda booking: Awaitable(),
}


@pytest.mark.parametrize("way", WAYS)
async def test_ways_to_answer(way):
    hooks = hooks_of(a=plugin(check_booking=WAYS[way]))
    assert await hooks.check_booking(booking=BOOKING) is DENIED
    assert not hooks.failures


async def test_a_module_like_class_works_too():
    class Methods:
        @hookimpl
        async def region_gate(self, place, portal):
            return Denied("x.y", DENIED.reason) if (place, portal.id) == (PLACE, "beispiel") else None

    answer = await hooks_of(a=Methods()).region_gate(place=PLACE, service=SERVICE)
    assert answer == Denied("x.y", DENIED.reason)


variable = contextvars.ContextVar("variable", default="none")


@pytest.mark.parametrize("mark", [blocking, lambda function: function])
async def test_context_variables_travel_along(mark):
    seen = []
    variable.set("here")
    await hooks_of(a=plugin(check_booking=mark(lambda booking: seen.append(variable.get())))).check_booking(
        booking=BOOKING
    )
    assert seen == ["here"]


async def test_a_plugin_cannot_change_the_callers_context():
    async def check_booking(booking):
        variable.set("changed")

    variable.set("mine")
    await hooks_of(a=plugin(check_booking=check_booking)).check_booking(booking=BOOKING)
    assert variable.get() == "mine"


@pytest.mark.parametrize("hook", GOOD)
async def test_a_good_answer_of_every_hook_arrives(hook):
    hooks = hooks_of(a=plugin(**{hook: lambda portal: GOOD[hook]}))
    answer = await ASK[hook](hooks)
    if hook == "rank_candidates":
        assert answer == {A: 0.5, B: 0.0, C: 0.0}
    else:
        assert answer == GOOD[hook]
    assert not hooks.failures
