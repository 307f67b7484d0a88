"""unit_of_work: one transaction, run in a shielded task; its news goes out after commit.

Why a task of its own: a task that is cancelled while it enters or leaves a Tortoise transaction never
gives the connection back, and every later query of the process hangs. Inside the shielded task nothing
is cancelled; the caller's cancellation is delivered after commit or rollback.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar

from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction  # noqa: TID251 -- the one place that may open a transaction

from crowdcore.base.errors import Fault, Refusal
from crowdcore.settings import settings

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)

#: PostgreSQL may break a deadlock by ending one side; the body had no effect then and may run again.
_ATTEMPTS = 4

#: SQLSTATEs of asyncpg's errors, which the ORM passes on as they are or as a cause.
_DEADLOCK = frozenset({"40P01", "40001"})
_LOCK_TIMEOUT = "55P03"


class StorageBusy(Refusal):
    """The database did not give a turn in time; nothing was written."""

    code = "storage.busy"
    status = 503
    message = "We are very busy right now. Nothing was lost; please try again in a moment."


class Rider(Protocol):
    """Something that travels with a unit of work: a worker's claim, or a client's idempotent command."""

    async def board(self) -> None:
        """Run first inside the transaction; may refuse the whole unit."""

    async def leave(self, result: object) -> None:
        """Run last inside the transaction, with the verb's result."""


@dataclass
class _Unit:
    after_commit: list[Callable[[], None]] = field(default_factory=list)


@dataclass
class _Riders:
    """Riders waiting for the next unit of work; taken by the first one only."""

    waiting: list[Rider] = field(default_factory=list)
    taken: bool = False

    none: ClassVar[_Riders]


_Riders.none = _Riders(taken=True)
_unit: ContextVar[_Unit | None] = ContextVar("crowdcore_unit", default=None)
_riders: ContextVar[_Riders] = ContextVar("crowdcore_riders", default=_Riders.none)


def unit_of_work(verb: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Run `verb` in one transaction; a verb called inside another verb's unit joins it.

    Nothing inside may wait for the outside world: no plugin hook, no network, no slow arithmetic.

    Raises:
        StorageBusy: the database stayed locked, or kept choosing this side of a deadlock.
    """

    @functools.wraps(verb)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_unit_of_work():
            return await verb(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await _shielded(lambda: verb(*args, **kwargs))
            except Exception as error:
                is_deadlock = _sqlstate(error) in _DEADLOCK
                if _is_locked(error) or (is_deadlock and attempt == _ATTEMPTS):
                    raise StorageBusy(retry_after_s=1) from error
                if not is_deadlock:
                    raise
                _log.warning("%s lost a deadlock; trying again: %s", verb.__qualname__, error)
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError  # the loop returns or raises

    return run


def _is_locked(error: Exception) -> bool:
    """Say whether somebody else held what was needed for too long (SQLite says so in words only)."""
    return _sqlstate(error) == _LOCK_TIMEOUT or (isinstance(error, OperationalError) and "locked" in str(error))


def _sqlstate(error: Exception) -> str | None:
    return getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)


def in_unit_of_work() -> bool:
    """Say whether a transaction is open here."""
    return _unit.get() is not None


def after_commit(call: Callable[[], None]) -> None:
    """Run `call` once the open unit of work has been committed; never if it is rolled back.

    What it raises is logged: the change is there, and whoever asked for it must not be told otherwise.
    """
    _open_unit().after_commit.append(call)


def require_unit_of_work() -> None:
    """Refuse to go on outside a unit of work.

    Raises:
        Fault: nothing is open.
    """
    _open_unit()


@contextlib.contextmanager
def riding(*riders: Rider) -> Iterator[_Riders]:
    """Let `riders` travel with the first unit of work opened in the block."""
    waiting = _Riders(list(riders))
    token = _riders.set(waiting)
    try:
        yield waiting
    finally:
        _riders.reset(token)


@contextlib.contextmanager
def on_foot() -> Iterator[None]:
    """Leave waiting riders behind: units of work in the block are only steps of what they stand for."""
    token = _riders.set(_Riders.none)
    try:
        yield
    finally:
        _riders.reset(token)


async def _shielded(body: Callable[[], Awaitable[R]]) -> R:
    task = asyncio.create_task(_in_one_transaction(body))  # noqa: TID251 -- awaited below, never outlives the call
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # marks it as retrieved; the caller is gone
        raise


async def _in_one_transaction(body: Callable[[], Awaitable[R]]) -> R:
    unit = _Unit()
    riders = _riders.get()
    aboard = [] if riders.taken else list(riders.waiting)
    _unit.set(unit)
    async with in_transaction("default"):
        for rider in aboard:
            await rider.board()
        result = await body()
        for rider in aboard:
            await rider.leave(result)
        crashpoint("before_commit")
    riders.taken = True
    crashpoint("after_commit")
    for call in unit.after_commit:
        try:
            call()
        except Exception:  # noqa: BLE001 -- logged; the verb succeeded
            _log.exception("a call after the commit failed; the change itself is there")
    return result


def _open_unit() -> _Unit:
    unit = _unit.get()
    if unit is None:
        raise Fault("this must run inside a unit of work: put @unit_of_work on the verb")
    return unit


_crashes: dict[str, int] = {}


def crashpoint(name: str) -> None:
    """End the process here if the tests asked for it (``CROWDCORE_CRASH_AT=before_commit:7``)."""
    wanted, _, count = settings().crash_at.partition(":")
    if wanted != name:
        return
    _crashes[name] = _crashes.get(name, 0) + 1
    if _crashes[name] == int(count or 1):
        os._exit(137)


@contextlib.asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """Undo only this block if it raises, and keep the rest of the open unit of work."""
    require_unit_of_work()
    async with in_transaction("default"):
        yield


def take_riders() -> list[Rider]:
    """Take the riders that wait here, to let them travel with a unit of work opened elsewhere."""
    waiting = _riders.get()
    if waiting.taken:
        return []
    waiting.taken = True
    return list(waiting.waiting)
