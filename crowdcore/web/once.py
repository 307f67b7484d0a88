"""One command, one effect, one answer: for API clients that repeat and people who click twice.

The key is stored in the verb's own unit of work, together with the answer (db/commands.py). What is
added here is patience within a process: a second request either is told to come back, or waits.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from crowdcore.base.errors import Refusal
from crowdcore.db.commands import AlreadyDone, Answer, Command, KeyInProgress
from crowdcore.db.scope import current_partner
from crowdcore.db.transaction import riding, unit_of_work
from crowdcore.web.context import Visit

R = TypeVar("R")

LONGEST_KEY = 255
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"

_KEY = re.compile(KEY_PATTERN)


class KeyRequired(Refusal):
    """A changing request came without a key."""

    code = "idempotency.required"
    status = 400
    message = (
        "Send an Idempotency-Key header with a fresh random value, so that repeating the request is safe. "
        "See /api/v1/openapi.json."
    )


class KeyInvalid(Refusal):
    """The key cannot be stored."""

    code = "idempotency.invalid"
    status = 400
    message = "An Idempotency-Key has 1 to %(max)s visible ASCII characters."


@dataclass(frozen=True, slots=True)
class Once:
    """What came of a command.

    Args:
        answer: stored with the effect, or found from the first time.
        replayed: this was a repetition.
    """

    answer: Answer
    replayed: bool


_Name = tuple[str, str, str, str]
_in_flight: dict[_Name, asyncio.Event] = {}


def checked_key(key: str | None) -> str:
    """Return a client's key.

    Raises:
        KeyRequired: there is none.
        KeyInvalid: too long, or with spaces or control characters.
    """
    if key is None:
        raise KeyRequired
    if not _KEY.fullmatch(key):
        raise KeyInvalid(max=LONGEST_KEY)
    return key


async def once(
    visit: Visit,
    *,
    route: str,
    key: str,
    content: str,
    do: Callable[[], Awaitable[R]],
    render: Callable[[R], Awaitable[Answer]],
) -> Once:
    """Run `do` unless this key had its effect before, and return the answer of the first time.

    Args:
        visit: who asks; keys of different actors never meet.
        route: the operation and its object, ``POST /jobs/7/accept``.
        key: the client's key, checked.
        content: the request's meaning; the same key with another one is refused.
        do: calls one verb. Its refusals are not stored: the key stays free.
        render: makes the answer, inside the verb's unit of work.

    Raises:
        KeyInProgress: the first request is still running in this process.
        KeyMismatch: the key was used for something else.
    """
    command = _command(visit, route=route, key=key, content=content, render=render)
    name = _name(command)
    if name in _in_flight:
        raise KeyInProgress(retry_after_s=1)
    async with _flying(name):
        return await _run(command, do)


async def once_patiently(
    visit: Visit,
    *,
    route: str,
    key: str,
    content: str,
    do: Callable[[], Awaitable[R]],
    render: Callable[[R], Awaitable[Answer]],
) -> Once:
    """Do as `once`, but wait for the first request: the second click of a person shows the same page."""
    command = _command(visit, route=route, key=key, content=content, render=render)
    name = _name(command)
    while (running := _in_flight.get(name)) is not None:
        await running.wait()
    async with _flying(name):
        return await _run(command, do)


def _command(visit: Visit, *, route: str, key: str, content: str, render: Callable[[R], Awaitable[Answer]]) -> Command:
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    return Command(visit.actor_key[:80], route[:120], key, fingerprint, render)  # type: ignore[arg-type]  # render takes this result only


def _name(command: Command) -> _Name:
    return (current_partner(), command.actor, command.route, command.key)


@asynccontextmanager
async def _flying(name: _Name) -> AsyncIterator[None]:
    landed = _in_flight[name] = asyncio.Event()
    try:
        yield
    finally:
        del _in_flight[name]
        landed.set()


async def _run(command: Command, do: Callable[[], Awaitable[R]]) -> Once:
    before = await command.before()
    if before is not None:
        return Once(before, replayed=True)
    try:
        with riding(command) as riders:
            result = await do()
        if not riders.taken:
            await _remember(command, result)
    except AlreadyDone:
        stored = await command.before()
        if stored is None:
            raise KeyInProgress(retry_after_s=1) from None
        return Once(stored, replayed=True)
    if command.answer is None:
        raise KeyInProgress(retry_after_s=1)
    return Once(command.answer, replayed=False)


@unit_of_work
async def _remember(command: Command, result: object) -> None:
    """Store the answer of a verb whose effect another task wrote, or that had nothing to write."""
    await command.board()
    await command.leave(result)
