"""What a failing plugin must lead to, hook by hook, as its contract says."""

import pytest

from crowdcore.plugin.contract import CONTRACTS, HookFailed, HookUnavailable
from crowdcore.plugin.dispatcher import UNAVAILABLE
from tests.plugin.samples import ASK, FRIENDS, PRICE


async def expect_policy(hook, hooks):
    """Assert that `hook` did what its contract says about a failing plugin."""
    match CONTRACTS[hook].on_error:
        case "closed" if CONTRACTS[hook].combine == "veto":
            assert await ASK[hook](hooks) == UNAVAILABLE
        case "closed" | "outbox":
            with pytest.raises(HookUnavailable, match="bad"):
                await ASK[hook](hooks)
        case "raise":
            with pytest.raises(HookFailed, match="bad"):
                await ASK[hook](hooks)
        case "skip":
            expected = {"guide_price": PRICE, "rank_candidates": dict.fromkeys((f.id for f in FRIENDS), 0.0)}
            assert await ASK[hook](hooks) == expected[hook]
    assert [(f.plugin_id, f.hook) for f in hooks.failures] == [("bad", hook)]
