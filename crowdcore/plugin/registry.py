"""Registry: all plugins' code in one pluggy manager, each checked in a scratch manager before it goes in."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pluggy

from crowdcore.base.errors import Fault
from crowdcore.plugin import hookspecs
from crowdcore.plugin.breaker import Breaker, BreakerState
from crowdcore.plugin.contract import CONTRACTS, PROJECT, Contract, is_blocking
from crowdcore.plugin.problems import ContentError, FileProblem, did_you_mean
from crowdcore.plugin.threads import ThreadPool

KERNEL = "kernel"
"""Name of the core's own defaults; no plugin may be called so, and it is always asked last."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's implementation of one hook.

    Args:
        plugin_id: whose.
        hook: which hook.
        function: what is called.
        argnames: the arguments it asks for, in its own order.
        blocking: runs in a thread.
    """

    plugin_id: str
    hook: str
    function: Callable[..., object]
    argnames: tuple[str, ...]
    blocking: bool


class Registry:
    """Every plugin's implementations, and what is known about their health.

    A plugin that is refused leaves nothing behind: pluggy keeps half of a plugin whose registration
    fails, so each one is first tried in a manager that is thrown away.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start without plugins.

        Args:
            monotonic: seconds for the breakers; tests pass their own.
        """
        self._manager = _manager()
        self._monotonic = monotonic
        self._breakers: dict[tuple[str, str, str], Breaker] = {}
        self._pools: dict[str, ThreadPool] = {}
        self._failing: dict[str, dict[str, Implementation]] = {}
        self._found: dict[str, Mapping[str, Implementation]] = {}

    def register(self, plugin: object, plugin_id: str) -> tuple[str, ...]:
        """Check `plugin` (a module or an object with `@hookimpl` functions) and take it in.

        Returns:
            Names of the hooks it implements, in the order of hookspecs.py.

        Raises:
            ContentError: ``hook.unknown``, ``hook.signature``, ``hook.specname``, ``hook.wrapper``,
                ``hook.default``, ``hook.order`` or ``hook.kind``, all at once; nothing is registered.
            Fault: the id is taken.
        """
        if plugin_id in self:
            raise Fault(f"plugin {plugin_id!r} is already registered; unregister it first")
        marked = dict(_marked(plugin))
        problems = [problem for name in marked for problem in _problems(plugin, name, marked[name])]
        if problems:
            raise ContentError(problems)
        _manager().register(plugin, plugin_id)
        self._manager.register(plugin, plugin_id)
        self._found.clear()
        return tuple(name for name in CONTRACTS if name in marked)

    def register_failing(self, plugin_id: str, hooks: Collection[str], reason: str) -> None:
        """Keep the place of a plugin that could not be loaded: every call of its hooks fails.

        Args:
            plugin_id: the plugin.
            hooks: hooks its manifest declares.
            reason: why, for the operator.
        """

        def fail() -> None:
            raise Fault(f"plugin {plugin_id!r} is not there: {reason}")

        self._failing[plugin_id] = {name: Implementation(plugin_id, name, fail, (), blocking=False) for name in hooks}
        self._found.clear()

    @property
    def failing(self) -> frozenset[str]:
        """Ids of the plugins that could not be loaded."""
        return frozenset(self._failing)

    def __contains__(self, plugin_id: str) -> bool:
        return plugin_id in self._failing or self._manager.has_plugin(plugin_id)

    def unregister(self, plugin_id: str) -> None:
        """Forget a plugin, its breakers and its threads."""
        if self._failing.pop(plugin_id, None) is None:
            self._manager.unregister(name=plugin_id)
        self._found.clear()
        self._breakers = {key: breaker for key, breaker in self._breakers.items() if key[1] != plugin_id}
        self._pools.pop(plugin_id, None)

    def implementations(self, hook: str) -> Mapping[str, Implementation]:
        """Return the implementations of `hook` by plugin id."""
        if hook not in self._found:
            failing = {name: hooks[hook] for name, hooks in self._failing.items() if hook in hooks}
            self._found[hook] = failing | {
                found.plugin_name: Implementation(
                    plugin_id=found.plugin_name,
                    hook=hook,
                    function=cast("Callable[..., object]", found.function),
                    argnames=tuple(found.argnames),
                    blocking=is_blocking(found.function),
                )
                for found in getattr(self._manager.hook, hook).get_hookimpls()
            }
        return self._found[hook]

    def breaker(self, portal_id: str, plugin_id: str, hook: str) -> Breaker:
        """Return the breaker of one (portal, plugin, hook); one portal's trouble is not another's."""
        key = (portal_id, plugin_id, hook)
        if key not in self._breakers:
            self._breakers[key] = Breaker(self._monotonic)
        return self._breakers[key]

    def breaker_states(self, portal_id: str) -> dict[tuple[str, str], BreakerState]:
        """Return the state of each (plugin, hook) a portal has called, for the operator's page."""
        return {(key[1], key[2]): b.state for key, b in self._breakers.items() if key[0] == portal_id}

    def threads(self, plugin_id: str) -> ThreadPool:
        """Return the threads of a plugin, shared by all portals."""
        return self._pools.setdefault(plugin_id, ThreadPool(plugin_id))


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _marked(plugin: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, options) of every attribute that carries `@hookimpl`."""
    manager = pluggy.PluginManager(PROJECT)
    for name in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is not None:
            yield name, dict(options)


def _problems(plugin: object, name: str, options: dict[str, Any]) -> Iterator[FileProblem]:
    function = getattr(plugin, name)
    code = getattr(inspect.unwrap(function), "__code__", None)
    path, line = (code.co_filename, code.co_firstlineno) if code else (repr(plugin), 0)

    def problem(which: str, message: str, hint: str = "") -> FileProblem:
        return FileProblem(path, line, 1 if line else 0, f"hook.{which}", message, hint)

    if options.get("specname"):
        yield problem("specname", f"{name} uses specname=", "give the function the name of the hook")
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        yield problem("wrapper", f"{name} is a wrapper", "only the core may wrap hooks; answer the hook instead")
        return
    if options.get("tryfirst") or options.get("trylast") or options.get("optionalhook"):
        yield problem(
            "order",
            f"{name} uses tryfirst, trylast or optionalhook",
            "the order is the one of [plugins] list in partner.toml",
        )
    if name not in CONTRACTS:
        near = did_you_mean(name, CONTRACTS)
        yield problem("unknown", f"there is no hook {name!r}", near or f"hooks: {', '.join(CONTRACTS)}")
        return
    yield from _signature_problems(function, CONTRACTS[name], problem)


def _signature_problems(
    function: Callable[..., object], contract: Contract, problem: Callable[..., FileProblem]
) -> Iterator[FileProblem]:
    name, known = contract.name, contract.params
    expected = f"{name} may take {', '.join(known)}"
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            yield problem("signature", f"{name} takes {parameter}", f"{expected}, each by its plain name")
        elif parameter.default is not parameter.empty:
            yield problem("default", f"{parameter.name} of {name} has a default, which is never used", expected)
        elif parameter.name not in known:
            near = did_you_mean(parameter.name, known)
            yield problem("signature", f"{name} takes an unknown {parameter.name!r}", near or expected)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        yield problem("kind", f"{name} is a generator", "return one answer instead of yielding")
    elif is_blocking(function) and inspect.iscoroutinefunction(function):
        yield problem("kind", f"{name} is async and marked @blocking", "remove @blocking, or make it a def")
