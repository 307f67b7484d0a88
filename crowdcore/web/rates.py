"""How often one may ask: per person, per network and per portal; in memory, or in Redis for many processes.

The memory windows are our own because the library's drop expired entries in a thread, key by key, at
every hit. Its notation (``3/15 minutes``) and its Redis windows are used as they are.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, Protocol

from limits import RateLimitItem, parse_many
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from crowdcore.base.errors import Refusal
from crowdcore.settings import Settings
from crowdcore.web.context import Visit

_log = logging.getLogger(__name__)

Who = Literal["actor", "network", "portal"]
What = Literal["signin", "code", "book", "accept", "home", "exam", "export", "live", "api"]

#: What may be done how often, by whom (reliability.md 4.4); `api` is filled in from the settings.
_TABLE: Mapping[What, Mapping[Who, str]] = {
    "signin": {"actor": "3/15 minutes;8/day", "network": "20/hour", "portal": "600/hour"},
    "code": {"actor": "20/day", "network": "60/hour"},
    "book": {"actor": "5/hour;20/day", "network": "20/hour"},
    "accept": {"actor": "30/minute"},
    "home": {"actor": "3/30 days"},
    "exam": {"actor": "2/day", "network": "10/hour"},
    "export": {"actor": "3/day", "portal": "50/day"},
    "live": {"actor": "60/minute", "network": "120/minute"},
    "api": {},
}


class RateLimited(Refusal):
    """Too often."""

    code = "rate.limited"
    status = 429
    message = "That was too often. Please wait %(wait)s and try again."


class Windows(Protocol):
    """Where hits are counted."""

    async def hit(self, item: RateLimitItem, key: str) -> float:
        """Count one hit; return the seconds to wait, 0 if it passed."""

    async def close(self) -> None:
        """Let connections go."""


class MemoryWindows:
    """Moving windows in this process."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._hits: dict[tuple[RateLimitItem, str], deque[float]] = {}
        self._until_sweep = _SWEEP

    async def hit(self, item: RateLimitItem, key: str) -> float:
        """Count one hit; return the seconds to wait, 0 if it passed."""
        now, length = time.monotonic(), item.get_expiry()
        hits = self._hits.setdefault((item, key), deque())
        while hits and hits[0] <= now - length:
            hits.popleft()
        if len(hits) >= item.amount:
            return hits[0] + length - now
        hits.append(now)
        self._sweep(now)
        return 0

    async def close(self) -> None:
        """Forget everything."""
        self._hits.clear()

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep > 0:
            return
        self._until_sweep = max(_SWEEP, len(self._hits))
        over = [name for name, hits in self._hits.items() if not hits or hits[-1] <= now - name[0].get_expiry()]
        for name in over:
            del self._hits[name]


_SWEEP = 1000


class RedisWindows:
    """Moving windows shared by all processes; when Redis is away, requests pass and the log says so."""

    def __init__(self, url: str) -> None:
        """Count in the Redis at `url`."""
        from redis.asyncio import ConnectionPool  # an extra; not there in an embedded installation

        self._pool = ConnectionPool.from_url(url)
        self._limiter = MovingWindowRateLimiter(
            RedisStorage(
                f"async+{url}",
                wrap_exceptions=True,
                implementation="redispy",
                connection_pool=self._pool,  # type: ignore[arg-type]  # the library forgot pools
            )
        )

    async def hit(self, item: RateLimitItem, key: str) -> float:
        """Count one hit; return the seconds to wait, 0 if it passed."""
        try:
            if await self._limiter.hit(item, key):
                return 0
            stats = await self._limiter.get_window_stats(item, key)
        except StorageError:
            _log.exception("rate limits: Redis does not answer; requests pass")
            return 0
        return max(stats.reset_time - time.time(), 1)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class Rates:
    """The table of limits and where hits are counted."""

    def __init__(self, settings: Settings) -> None:
        """Read the limits; Redis is used if the settings name one."""
        self._on = settings.rate_limits
        self._windows: Windows = RedisWindows(settings.redis_url) if settings.redis_url else MemoryWindows()
        api: Mapping[Who, str] = {"actor": settings.api_rate, "portal": "100/second"}
        self._items: dict[What, dict[Who, list[RateLimitItem]]] = {
            what: {who: parse_many(text) for who, text in rules.items()}
            for what, rules in {**_TABLE, "api": api}.items()
        }

    async def hit(self, what: What, keys: Mapping[Who, str]) -> None:
        """Count one `what`.

        Raises:
            RateLimited: it was one too many for somebody.
        """
        if not self._on:
            return
        for who, items in self._items[what].items():
            for item in items:
                wait = await self._windows.hit(item, keys[who])
                if wait > 0:
                    seconds = math.ceil(wait)
                    raise RateLimited(retry_after_s=seconds, wait=timedelta(seconds=seconds))

    async def close(self) -> None:
        """Let connections go; called once, at the end."""
        await self._windows.close()


_rates: Rates | None = None


def use_rates(rates: Rates | None) -> None:
    """Set the limits of this process; None switches them off."""
    global _rates  # noqa: PLW0603 -- one per process, set at start
    _rates = rates


async def limit(visit: Visit, what: What, *, actor: str | None = None) -> None:
    """Count one `what` of this visit.

    Args:
        visit: who asks.
        what: row of the table.
        actor: who it counts for, when that is not the signed-in account: the e-mail address typed
            into the sign-in form, for example.

    Raises:
        RateLimited: 429 with the seconds to wait.
    """
    if _rates is None:
        return
    portal = f"{visit.portal.id}:{what}"
    await _rates.hit(
        what,
        {
            "actor": f"{portal}:a:{actor or visit.actor_key}",
            "network": f"{portal}:n:{visit.network}",
            "portal": portal,
        },
    )
