"""One call of one implementation: guarded, limited, watched, behind its breaker, its answer checked."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Generic, TypeVar

from crowdcore.base import clock
from crowdcore.plugin.breaker import PAUSE_S, Breaker
from crowdcore.plugin.contract import Contract, OnError
from crowdcore.plugin.registry import Implementation
from crowdcore.plugin.results import BadResult
from crowdcore.plugin.threads import ThreadPool

log = logging.getLogger("crowdcore.plugin")

HELD_LOOP_WARNING_S = 0.05
HELD_LOOP_FAILURE_S = 0.25

_MAX_REASON = 200
_T = TypeVar("_T")

#: Calls that ran out of time and are still ending; a task without a reference may vanish while it runs.
_ending: set[asyncio.Task[_Outcome]] = set()


@dataclass(frozen=True, slots=True)
class Failure:
    """An implementation that gave no usable answer.

    Args:
        portal_id: where it was asked.
        plugin_id: whose implementation.
        hook: which hook.
        code: ``hook.raised``, ``hook.timeout``, ``hook.held_loop``, ``hook.threads_stuck``,
            ``hook.paused``, or a ``hook.result_...`` code.
        reason: one line for the operator.
        seconds: how long the call took.
        at: when, in UTC.
    """

    portal_id: str
    plugin_id: str
    hook: str
    code: str
    reason: str
    seconds: float
    at: datetime

    def __str__(self) -> str:
        place = f"plugin {self.plugin_id!r} in {self.hook} of portal {self.portal_id!r}"
        return f"{place}: {self.code}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Answer(Generic[_T]):
    """A checked answer; `value` is None when the implementation has none."""

    value: _T | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came out of an implementation, before it is judged."""

    value: object = None
    error: BaseException | None = None
    held_s: float = 0.0
    timed_out: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Call(Generic[_T]):
    """What is needed to call one implementation.

    Args:
        portal_id: where.
        implementation: whom.
        contract: what both sides promised.
        facts: values by parameter name, complete.
        check: turns the raw answer into a typed one, or raises BadResult.
        breaker: the breaker of this portal, plugin and hook.
        threads: the plugin's threads.
    """

    portal_id: str
    implementation: Implementation
    contract: Contract
    facts: Mapping[str, object]
    check: Callable[[object], _T | None]
    breaker: Breaker
    threads: ThreadPool

    async def make(self) -> Answer[_T] | Failure:
        """Call the implementation and return its checked answer, or why there is none.

        Whatever a plugin raises - SystemExit, KeyboardInterrupt, its own CancelledError - becomes a
        Failure. Only the cancellation of whoever waits here passes through.
        """
        started = perf_counter()
        if not self.breaker.enter():
            return self._failure("hook.paused", "paused after repeated failures", started)
        try:
            outcome = await self._outcome()
        except asyncio.CancelledError:
            self.breaker.abandon()
            raise
        result = self._judge(outcome, started)
        if isinstance(result, Answer):
            self.breaker.good()
            return result
        if self._said_no(result):
            self.breaker.good()
            log.info("%s", result)
            return result
        log.warning("%s", result, exc_info=outcome.error)
        if self.breaker.bad():
            log.error("%s is paused for %d s after failures in a row", self._name, PAUSE_S)
        return result

    @property
    def _name(self) -> str:
        return f"plugin {self.implementation.plugin_id!r} in {self.contract.name} of portal {self.portal_id!r}"

    def _said_no(self, failure: Failure) -> bool:
        """Say whether raising was the plugin's answer.

        A hook with `OnError.RAISE` judges what strangers send. If their rubbish counted as the plugin's
        illness, five forged messages would shut the door for the real sender.
        """
        return failure.code == "hook.raised" and self.contract.on_error is OnError.RAISE

    def _failure(self, code: str, reason: str, started: float) -> Failure:
        return Failure(
            portal_id=self.portal_id,
            plugin_id=self.implementation.plugin_id,
            hook=self.contract.name,
            code=code,
            reason=reason[:_MAX_REASON],
            seconds=perf_counter() - started,
            at=clock.now(),
        )

    async def _outcome(self) -> _Outcome:
        args = [self.facts[name] for name in self.implementation.argnames]
        if self.implementation.blocking:
            return await self._in_thread(args)
        outcome = _guarded_call(self.implementation.function, args)
        if outcome.error is None and inspect.isawaitable(outcome.value):
            return await self._in_task(outcome.value)
        return outcome

    async def _in_task(self, awaitable: Awaitable[object]) -> _Outcome:
        """Await in a task of its own: a plugin that swallows its cancellation holds up nobody."""
        task = asyncio.create_task(_guarded(awaitable))  # noqa: TID251 -- the dispatcher refused an open unit
        try:
            done, _ = await asyncio.wait({task}, timeout=self.contract.limit_s)
        except asyncio.CancelledError:
            _end(task)
            raise
        if task in done:
            return task.result()
        _end(task)
        return _Outcome(timed_out=True)

    async def _in_thread(self, args: list[object]) -> _Outcome:
        if self.threads.is_stuck:
            return _Outcome(stuck=True)
        call = self.threads.submit(self.implementation.function, args)
        waiter = asyncio.wrap_future(call.finished)
        try:
            done, _ = await asyncio.wait({waiter}, timeout=self.contract.limit_s)
        except asyncio.CancelledError:
            call.abandon()
            raise
        if waiter not in done:
            call.abandon()
            return _Outcome(timed_out=True)
        value, error = waiter.result()
        return _Outcome(value=value, error=error)

    def _judge(self, outcome: _Outcome, started: float) -> Answer[_T] | Failure:
        if outcome.stuck:
            return self._failure("hook.threads_stuck", "all its threads hang in earlier calls", started)
        if outcome.timed_out:
            return self._failure("hook.timeout", f"no answer within {self.contract.limit_s} s", started)
        if outcome.error is not None:
            return self._failure("hook.raised", repr(outcome.error), started)
        # What was handed over is not taken back: calling it a failure would send it twice.
        if outcome.held_s > HELD_LOOP_FAILURE_S and self.contract.on_error is not OnError.OUTBOX:
            reason = f"held the loop for {outcome.held_s * 1000:.0f} ms; mark it @blocking or make it async"
            return self._failure("hook.held_loop", reason, started)
        if outcome.held_s > HELD_LOOP_WARNING_S:
            log.warning("%s held the loop for %.0f ms", self._name, outcome.held_s * 1000)
        return self._checked(outcome.value, started)

    def _checked(self, value: object, started: float) -> Answer[_T] | Failure:
        try:
            return Answer(self.check(value))
        except BadResult as bad:
            return self._failure(bad.code, str(bad), started)
        except BaseException as error:  # noqa: BLE001 -- a hostile answer may raise anything when it is looked at
            return self._failure("hook.result_type", f"looking at the answer raised {error!r}", started)


def _guarded_call(function: Callable[..., object], args: list[object]) -> _Outcome:
    """Call a function on the loop and measure how long it held it."""
    started = perf_counter()
    try:
        value = function(*args)
    except BaseException as error:  # noqa: BLE001 -- outside is too late: SystemExit would end the process
        return _Outcome(error=error, held_s=perf_counter() - started)
    return _Outcome(value=value, held_s=perf_counter() - started)


async def _guarded(awaitable: Awaitable[object]) -> _Outcome:
    """Await inside the task, because a task that ends with SystemExit takes the event loop with it."""
    watched = _Watched(awaitable if inspect.iscoroutine(awaitable) else _as_coroutine(awaitable))
    try:
        value = await watched
    except BaseException as error:  # noqa: BLE001 -- see above; nobody looks at a task ended by us
        return _Outcome(error=error, held_s=watched.held_s)
    return _Outcome(value=value, held_s=watched.held_s)


class _Watched:
    """Drives a coroutine and remembers the longest time it held the loop in one step."""

    def __init__(self, coroutine: Coroutine[object, None, object]) -> None:
        self._coroutine = coroutine
        self.held_s = 0.0

    def __await__(self) -> Generator[object, None, object]:
        thrown: BaseException | None = None
        while True:
            started = perf_counter()
            try:
                signal = self._coroutine.send(None) if thrown is None else self._coroutine.throw(thrown)
            except StopIteration as stop:
                return stop.value
            finally:
                self.held_s = max(self.held_s, perf_counter() - started)
            thrown = None
            try:
                yield signal
            except BaseException as error:  # noqa: BLE001 -- thrown on into the coroutine
                thrown = error


async def _as_coroutine(awaitable: Awaitable[object]) -> object:
    return await awaitable


def _end(task: asyncio.Task[_Outcome]) -> None:
    """Cancel a task without waiting for it."""
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    task.cancel()
