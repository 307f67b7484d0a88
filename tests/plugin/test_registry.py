"""Registry: what a plugin may not do is refused with a code, and a refused plugin leaves nothing behind."""

import pytest

from crowdcore.base.errors import Fault
from crowdcore.plugin import blocking, hookimpl
from crowdcore.plugin.contract import CONTRACTS
from crowdcore.plugin.problems import ContentError
from crowdcore.plugin.registry import Registry
from tests.plugin.samples import codes, plugin


class UnknownHook:
    @hookimpl
    def chek_booking(self, booking): ...


class UnknownArgument:
    @hookimpl
    def check_booking(self, boking): ...


class Specname:
    @hookimpl(specname="check_booking")
    def anything(self, booking): ...


class Wrapper:
    @hookimpl(wrapper=True)
    def check_booking(self, booking):
        return (yield)


class OldWrapper:
    @hookimpl(hookwrapper=True)
    def check_booking(self, booking):
        yield


class Default:
    @hookimpl
    def check_booking(self, booking=None): ...


class KeywordOnly:
    @hookimpl
    def check_booking(self, *, booking): ...


class Anything:
    @hookimpl
    def check_booking(self, *args): ...


class First:
    @hookimpl(tryfirst=True)
    def check_booking(self, booking): ...


class Optional:
    @hookimpl(optionalhook=True)
    def not_a_hook(self, booking): ...


class Generator:
    @hookimpl
    def check_booking(self, booking):
        yield None


class AsyncGenerator:
    @hookimpl
    async def check_booking(self, booking):
        yield None


class BlockingAsync:
    @hookimpl
    @blocking
    async def check_booking(self, booking): ...


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (UnknownHook, ["hook.unknown"]),
        (UnknownArgument, ["hook.signature"]),
        (Specname, ["hook.specname"]),
        (Wrapper, ["hook.wrapper"]),
        (OldWrapper, ["hook.wrapper"]),
        (Default, ["hook.default"]),
        (KeywordOnly, ["hook.signature"]),
        (Anything, ["hook.signature"]),
        (First, ["hook.order"]),
        (Optional, ["hook.order", "hook.unknown"]),
        (Generator, ["hook.kind"]),
        (AsyncGenerator, ["hook.kind"]),
        (BlockingAsync, ["hook.kind"]),
    ],
)
def test_what_is_refused(kind, expected):
    registry = Registry()
    with pytest.raises(ContentError) as refused:
        registry.register(kind(), "bad")
    assert codes(refused.value.problems) == expected
    assert all(problem.path == __file__ and problem.line > 1 for problem in refused.value.problems)
    assert "bad" not in registry


@pytest.mark.parametrize(("kind", "nearest"), [(UnknownHook, "check_booking"), (UnknownArgument, "booking")])
def test_the_nearest_name_is_shown(kind, nearest):
    with pytest.raises(ContentError) as refused:
        Registry().register(kind(), "bad")
    assert refused.value.problems[0].hint == f"did you mean {nearest!r}?"


def test_all_problems_come_at_once():
    class Bad(UnknownHook, Wrapper):
        @hookimpl
        def guide_price(self, pryce): ...

    with pytest.raises(ContentError) as refused:
        Registry().register(Bad(), "bad")
    assert sorted(codes(refused.value.problems)) == ["hook.signature", "hook.unknown", "hook.wrapper"]


def test_a_half_good_plugin_leaves_no_half_behind():
    class HalfGood(UnknownHook):
        @hookimpl
        def guide_price(self, price): ...

    registry = Registry()
    with pytest.raises(ContentError):
        registry.register(HalfGood(), "bad")
    assert all(not registry.implementations(hook) for hook in CONTRACTS)


def test_an_id_is_taken_once():
    registry = Registry()
    registry.register(plugin(), "one")
    with pytest.raises(Fault, match="already registered"):
        registry.register(plugin(), "one")


def test_registering_says_what_is_implemented_in_the_order_of_the_page():
    found = plugin(guide_price=lambda price: None, check_booking=lambda booking: None)
    assert Registry().register(found, "one") == ("check_booking", "guide_price")


def test_a_plugin_may_ask_for_some_arguments_in_any_order():
    found = plugin(region_gate=lambda service, portal: None)
    registry = Registry()
    registry.register(found, "one")
    assert registry.implementations("region_gate")["one"].argnames == ("service", "portal")


def test_forgetting_a_plugin_forgets_its_hooks_and_breakers():
    registry = Registry()
    registry.register(plugin(guide_price=lambda price: None), "one")
    registry.register_failing("two", ["guide_price"], "it is broken")
    registry.breaker("portal", "one", "guide_price")
    assert set(registry.implementations("guide_price")) == {"one", "two"}
    registry.unregister("one")
    registry.unregister("two")
    assert not registry.implementations("guide_price")
    assert not registry.breaker_states("portal")
    assert not registry.failing
