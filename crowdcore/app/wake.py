"""Wakes the other processes through Redis: who commits news says so, and nobody waits for the next look."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from crowdcore.base.ids import new_id
from crowdcore.db import background
from crowdcore.db.outbox import Signal, wake_up
from crowdcore.settings import Settings

CHANNEL = "crowdcore:wake"

_PAUSE_S = 0.02
"""Many commits in so short a time are said once."""

_AGAIN_S = 1.0

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def shared(settings: Settings, signal: Signal = wake_up) -> AsyncIterator[None]:
    """Let the processes of an installation wake each other while the block runs.

    Without Redis in the settings, or while it does not answer, every process looks by itself, once a second.

    Args:
        settings: of this installation.
        signal: what is set in this process after a commit.
    """
    if not settings.redis_url:
        yield
        return
    bell = _Bell(settings.redis_url, signal)
    tasks = [background.spawn(bell.ring(), name="wake others"), background.spawn(bell.hear(), name="be woken")]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await bell.close()


class _Bell:
    """One process: says what it committed, hears what others did."""

    def __init__(self, url: str, signal: Signal) -> None:
        from redis.asyncio import Redis  # an extra; not there in an embedded installation
        from redis.exceptions import RedisError

        self._redis = Redis.from_url(url)
        self._away = (RedisError, OSError)
        self._signal = signal
        self._committed = signal.listen()
        self._name = new_id().bytes

    async def ring(self) -> None:
        """Say for ever that something was committed here."""
        while True:
            await self._committed.wait()
            self._committed.clear()
            try:
                await self._redis.publish(CHANNEL, self._name)
            except self._away:
                _log.warning("wake-ups: Redis does not answer; others look by themselves", exc_info=True)
            await asyncio.sleep(_PAUSE_S)

    async def hear(self) -> None:
        """Wake this process for ever when another one says something."""
        while True:
            try:
                async with self._redis.pubsub() as heard:
                    await heard.subscribe(CHANNEL)
                    async for message in heard.listen():
                        if message["data"] != self._name:
                            self._signal.set(but=self._committed)
            except self._away:
                _log.warning("wake-ups: Redis does not answer; trying again", exc_info=True)
            await asyncio.sleep(_AGAIN_S)

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*self._away):
            await self._redis.aclose()
