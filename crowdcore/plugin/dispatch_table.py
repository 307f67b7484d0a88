"""`[dispatch]` of partner.toml: waves, waits and the mandatory fallback, checked as one plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

from crowdcore.plugin.content_partner import Channel, DispatchPolicy, WavePolicy
from crowdcore.plugin.problems import did_you_mean
from crowdcore.plugin.schema import Table

MAX_RADIUS_KM = 100
MEMBER_KINDS = frozenset({"friend", "profi", "internal"})

_LONGEST = timedelta(days=14)
_MOST_TIMES = 20


def read_dispatch(table: Table, channels: Mapping[str, Channel]) -> DispatchPolicy:
    """Read the dispatch policy; problems are noted in the table's file.

    Args:
        table: ``[dispatch]``.
        channels: the portal's channels by id; the fallback is one of them.
    """
    known_problems = len(table.file.problems)
    waves = tuple(_wave(row) for row in table.tables("waves", at_least=1))
    policy = DispatchPolicy(
        radius_km=_radius(table),
        waves=waves,
        preferred_wait=table.duration("preferred_wait", zero=True, most=_LONGEST),
        notice_at=table.duration("notice_at", most=_LONGEST),
        fallback_at=table.duration("fallback_at", most=_LONGEST),
        fallback=table.string("fallback"),
        max_rebroadcasts=table.integer("max_rebroadcasts", low=0, high=_MOST_TIMES),
        max_releases=table.integer("max_releases", low=0, high=_MOST_TIMES),
    )
    if len(table.file.problems) == known_problems:  # the plan is not judged by placeholders
        _check_waves(table, policy)
    if policy.fallback and policy.fallback not in channels:
        hint = did_you_mean(policy.fallback, channels) or f"channels: {', '.join(channels)}"
        table.problem("fallback", "partner.no_such", f"there is no channel {policy.fallback!r}", hint=hint)
    return policy


def _radius(table: Table) -> int:
    return table.integer("radius_km", low=1, high=MAX_RADIUS_KM, code="radius.range")


def _wave(row: Table) -> WavePolicy:
    kinds = frozenset(row.strings("kinds", at_least=1))
    for kind in sorted(kinds - MEMBER_KINDS):
        hint = did_you_mean(kind, MEMBER_KINDS) or ", ".join(sorted(MEMBER_KINDS))
        row.problem("kinds", "value.choice", f"{kind!r} is no kind of member", hint=hint)
    return WavePolicy(at=row.duration("at", zero=True, most=_LONGEST), radius_km=_radius(row), kinds=kinds)


def _check_waves(table: Table, policy: DispatchPolicy) -> None:
    times = [wave.at for wave in policy.waves]
    shown = ", ".join(str(at) for at in times)
    if any(later <= earlier for earlier, later in pairwise(times)):
        table.problem("waves", "waves.order", f"the times of the waves do not rise: {shown}")
    if times and times[0]:
        table.problem("waves", "waves.order", f"the first wave goes out at 0s, not at {times[0]}")
    radii = [wave.radius_km for wave in policy.waves]
    if radii != sorted(radii):
        table.problem("waves", "waves.order", f"the radius of the waves shrinks: {radii} km")
    if not max(times, default=timedelta()) < policy.notice_at < policy.fallback_at:
        message = f"last wave, notice_at {policy.notice_at}, fallback_at {policy.fallback_at} do not rise"
        table.problem("fallback_at", "waves.order", f"{message}; waves: {shown}")
