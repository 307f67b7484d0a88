"""Rubbish: an answer out of bounds is a failure of the plugin that gave it, and never believed."""

from dataclasses import replace

import pytest

from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import Denied, Guide, HandBack, Receipt
from crowdcore.plugin.contract import CONTRACTS
from tests.plugin.policy import expect_policy
from tests.plugin.samples import ASK, AT, CASE, DENIED, FRIENDS, PRICE, chf, friend, hooks_of, plugin

LONG = Text.neutral("x" * 10_000_000)
EUR = Money(6_000, Currency.EUR)
STRANGER = friend(99).id


class Explosive(dict):
    def __len__(self):
        raise SystemExit

    def items(self):
        raise KeyboardInterrupt


RUBBISH = [
    *((hook, value) for hook in CONTRACTS for value in (0, True, "no", [], object(), ValueError())),
    *(
        ("check_booking", value)
        for value in (
            Denied("no dots", DENIED.reason),
            Denied("x." + "y" * 100, DENIED.reason),
            Denied("x.y", "no"),
            Denied("x.y", Text("a", "", "c")),
            Denied("x.y", LONG),
            Denied(None, DENIED.reason),
        )
    ),
    *(
        ("guide_price", value)
        for value in (
            replace(PRICE, amount=EUR),
            replace(PRICE, low=chf(-1)),
            replace(PRICE, low=chf(61)),
            replace(PRICE, high=chf(59)),
            replace(PRICE, high=chf(601)),
            replace(PRICE, amount=Money(60.5, Currency.CHF)),
            replace(PRICE, amount=Money(float("nan"), Currency.CHF)),
            replace(PRICE, amount=60),
            replace(PRICE, notes=(DENIED.reason,) * 6),
            replace(PRICE, notes=(LONG,)),
            replace(PRICE, notes=[DENIED.reason]),
            replace(PRICE, notes=("no",)),
            Guide(None, None, None),
        )
    ),
    *(
        ("friend_eligibility", value)
        for value in (
            {STRANGER: DENIED},
            {FRIENDS[0].id: None},
            {FRIENDS[0].id: "no"},
            {str(FRIENDS[0].id): DENIED},
            {friend(n).id: DENIED for n in range(1, 50)},
            Explosive({FRIENDS[0].id: DENIED}),
        )
    ),
    *(
        ("rank_candidates", value)
        for value in (
            {FRIENDS[0].id: float("nan")},
            {FRIENDS[0].id: float("inf")},
            {FRIENDS[0].id: 1.01},
            {FRIENDS[0].id: -(10**400)},
            {FRIENDS[0].id: True},
            {FRIENDS[0].id: "1"},
            {STRANGER: 0.5},
        )
    ),
    *(
        ("deliver_escalation", value)
        for value in (
            Receipt("", AT),
            Receipt("x" * 201, AT),
            Receipt("a\nb", AT),
            Receipt(5, AT),
            Receipt("T-1", AT.replace(tzinfo=None)),
            Receipt("T-1", "now"),
        )
    ),
    *(
        ("parse_hand_back", value)
        for value in (
            HandBack("no id", "m", "solved", ""),
            HandBack(CASE.id, "", "solved", ""),
            HandBack(CASE.id, "m" * 300, "solved", ""),
            HandBack(CASE.id, "m", "explode", ""),
            HandBack(CASE.id, "m", [], ""),
            HandBack(CASE.id, "m", "solved", None),
            HandBack(CASE.id, "m", "solved", "x" * 10_000),
        )
    ),
]


@pytest.mark.parametrize(("hook", "value"), RUBBISH)
async def test_rubbish_is_a_failure_of_the_plugin(hook, value):
    hooks = hooks_of(bad=plugin(**{hook: lambda portal: value}))
    await expect_policy(hook, hooks)
    assert hooks.failures[0].code.startswith("hook.result_")
    assert len(str(hooks.failures[0])) < 500


@pytest.mark.parametrize(
    ("hook", "value", "code"),
    [
        ("guide_price", replace(PRICE, low=chf(-1)), "hook.result_range"),
        ("rank_candidates", {FRIENDS[0].id: float("nan")}, "hook.result_range"),
        ("rank_candidates", {STRANGER: 0.5}, "hook.result_ids"),
        ("check_booking", "no", "hook.result_type"),
        ("check_booking", Denied("x.y", LONG), "hook.result_size"),
    ],
)
async def test_the_code_says_what_is_wrong(hook, value, code):
    hooks = hooks_of(bad=plugin(**{hook: lambda portal: value}))
    await expect_policy(hook, hooks)
    assert hooks.failures[0].code == code


async def test_a_price_is_rounded_to_what_can_be_paid():
    odd = Guide(Money(6_003, Currency.CHF), Money(5_001, Currency.CHF), Money(8_012, Currency.CHF))
    hooks = hooks_of(a=plugin(guide_price=lambda price: odd))
    answer = await ASK["guide_price"](hooks)
    assert [money.cents for money in (answer.amount, answer.low, answer.high)] == [6_005, 5_000, 8_010]


async def test_the_bound_is_the_files_price_not_the_last_plugins():
    def five_times(price):
        more = Money(price.amount.cents * 5, Currency.CHF)
        return Guide(more, price.low, more)

    hooks = hooks_of(a=plugin(guide_price=five_times), b=plugin(guide_price=five_times))
    assert (await ASK["guide_price"](hooks)).amount == chf(300)
    assert [failure.plugin_id for failure in hooks.failures] == ["b"]
