"""The contract of a hook as data: one record that dispatcher, documentation and checks all read."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import pluggy

from crowdcore.base.errors import Fault

PROJECT = "crowdcore"
API_LEVEL = 1
"""The level of the hook contract this core offers; a manifest says which levels it can live with."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook with the same name."""

_hookspec = pluggy.HookspecMarker(PROJECT)


class Combine(StrEnum):
    """How the answers of several plugins become one."""

    FIRST = "first"  # the first answer that is not None; later plugins are not asked
    COLLECT = "collect"  # all mappings together; on the same key the earlier plugin wins
    CHAIN = "chain"  # the last parameter goes through all plugins; None leaves it as it is
    VETO = "veto"  # None is no objection, the first Denied stops
    SUM = "sum"  # the numbers per key are added


class OnError(StrEnum):
    """What happens when an implementation raises, is too slow or answers out of bounds."""

    SKIP = "skip"  # logged, counted, and as if the plugin were not there
    RAISE = "raise"  # HookFailed; raising is an answer too, and never pauses the plugin
    CLOSED = "closed"  # a veto is Denied("plugin.unavailable"); a collect raises HookUnavailable
    OUTBOX = "outbox"  # HookUnavailable; the worker that called tries again later


@dataclass(frozen=True, slots=True)
class Contract:
    """What the core promises about one hook, and expects from its implementations.

    Args:
        name: the hook's name.
        params: names an implementation may ask for, in the order of the specification.
        combine: how answers are combined.
        on_error: what a failure means.
        limit_s: seconds one implementation may take.
        since: API level that introduced it.
        doc: the specification's docstring.
    """

    name: str
    params: tuple[str, ...]
    combine: Combine
    on_error: OnError
    limit_s: float
    since: int
    doc: str


CONTRACTS: dict[str, Contract] = {}
"""Every hook of this core, by name, in the order of hookspecs.py."""


class HookUnavailable(Fault):
    """Nobody could answer a hook now; deny, or try again later."""


class HookFailed(Fault):
    """A plugin failed in a hook whose failure ends the operation."""


def hook(*, combine: Combine, on_error: OnError, limit_s: float, since: int = 1) -> Callable[[_Function], _Function]:
    """Declare a function as a hook and keep its contract.

    Args:
        combine: how answers are combined.
        on_error: what a failure means.
        limit_s: seconds one implementation may take.
        since: API level that introduced it.
    """

    def declare(function: _Function) -> _Function:
        params = tuple(inspect.signature(function).parameters)
        CONTRACTS[function.__name__] = Contract(
            name=function.__name__,
            params=params,
            combine=combine,
            on_error=on_error,
            limit_s=limit_s,
            since=since,
            doc=inspect.getdoc(function) or "",
        )
        # Never pluggy's firstresult: the coroutine of an `async def` is not None and would always win.
        return _hookspec(function)

    return declare


def blocking(function: _Function) -> _Function:
    """Mark a sync implementation that waits for a network, a disk or a lock.

    It runs in a thread, so that its time limit works and the portal goes on answering. A plugin has
    four such threads. Put it under `@hookimpl`::

        @hookimpl
        @blocking
        def deliver_escalation(portal, case): ...
    """
    function.__dict__["crowdcore_blocking"] = True
    return function


def is_blocking(function: Callable[..., object]) -> bool:
    """Return whether `function` was marked with `blocking`."""
    return getattr(function, "crowdcore_blocking", False) is True
