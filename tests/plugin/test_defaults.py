"""Defaults: the core's own answers are a plugin, asked last; its scores stay within the hook's bounds."""

from dataclasses import replace

from hypothesis import given, strategies as st

from crowdcore.plugin.defaults import Defaults, default_score
from crowdcore.plugin.registry import KERNEL, Registry
from tests.plugin.samples import (
    CASE,
    DENIED,
    FRIENDS,
    JOB,
    MESSAGE,
    PLACE,
    PORTAL,
    RECEIPT,
    SERVICE,
    friend,
    hooks_of,
)

distances = st.integers(0, 40_000_000)
means = st.none() | st.floats(1, 5)
counts = st.integers(0, 10_000)


def gate(place):
    return None if place == PLACE else DENIED


async def deliver(portal, case):
    assert (portal.id, case) == (PORTAL.id, CASE)
    return RECEIPT


async def send(portal, channel, message):
    assert (portal.id, message) == (PORTAL.id, MESSAGE)
    return RECEIPT if channel == "sms" else None


def default_hooks():
    registry = Registry()
    defaults = Defaults(region_gate=gate, deliver_escalation=deliver, send_notification=send)
    registry.register(defaults, KERNEL)
    return hooks_of(registry)


async def test_the_nearest_comes_first():
    scores = await default_hooks().rank_candidates(job=JOB, friends=FRIENDS)
    assert sorted(scores, key=scores.__getitem__, reverse=True) == [found.id for found in FRIENDS]


async def test_the_portals_regions_close_what_no_plugin_closes():
    hooks = default_hooks()
    assert await hooks.region_gate(place=PLACE, service=SERVICE) is None
    assert await hooks.region_gate(place=replace(PLACE, region="CH-VS"), service=SERVICE) == DENIED


async def test_mail_goes_through_what_the_application_gave():
    hooks = default_hooks()
    assert await hooks.deliver_escalation(case=CASE) is RECEIPT
    assert await hooks.send_notification(channel="sms", message=MESSAGE) is RECEIPT


@given(distances, means, counts)
def test_a_score_is_within_bounds(distance_m, mean, count):
    assert -1 <= default_score(friend(1, distance_m=distance_m, mean=mean, count=count)) <= 1


@given(distances, st.integers(1, 1_000_000), means, counts)
def test_nearer_is_never_worse(distance_m, further_m, mean, count):
    near = friend(1, distance_m=distance_m, mean=mean, count=count)
    assert default_score(near) >= default_score(replace(near, distance_m=distance_m + further_m))


@given(distances, st.floats(1, 5), st.floats(1, 5), counts)
def test_better_rated_is_never_worse(distance_m, mean, other, count):
    low, high = sorted((mean, other))
    at = friend(1, distance_m=distance_m, count=count)
    assert default_score(replace(at, rating_mean=low)) <= default_score(replace(at, rating_mean=high)) + 1e-12


def test_a_newcomer_stands_between_the_good_and_the_poor():
    new, good, poor = (friend(1), friend(2, mean=4.9, count=50), friend(3, mean=3.0, count=50))
    assert default_score(poor) < default_score(new) < default_score(good)
