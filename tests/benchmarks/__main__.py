"""Speed as ratios against a floor or a peer of the same run: ``make bench``.

Absolute times say more about the machine than about the code; so each figure stands beside what the same
machine needs for the least that must be done (one fsync, one raw statement, an empty answer), measured in
the same minute. Each pair is run in turns, and the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.installation import Installation, installation

ROUNDS = 5


@dataclass
class Figure:
    """One comparison: how long one operation takes, and how long its floor."""

    name: str
    ours_s: float
    floor_s: float
    floor: str

    def line(self) -> str:
        return f"{self.name:<44} {self.ours_s * 1000:9.2f} ms   {self.ours_s / self.floor_s:7.1f} x {self.floor}"


async def accepts(here: Installation) -> Figure:
    """200 Friends accept one job at once, all answered; the floor is one durable raw UPDATE."""

    took = []
    for _ in range(ROUNDS):
        offers = await here.offers()
        begun = time.perf_counter()
        await asyncio.gather(*(here.accept(offer, friend) for offer, friend in offers))
        took.append(time.perf_counter() - begun)
    ours = statistics.median(took)
    return Figure("200 accepts of one job, all answered", ours, raw_update(), "one durable raw UPDATE")


async def booking(here: Installation) -> Figure:
    """Book a job and send its first wave to 200 Friends; the floor is one durable raw INSERT."""
    return Figure("book, and ask 200 Friends", await median(here.book_and_ask), raw_update(), "one durable raw UPDATE")


async def page(here: Installation) -> Figure:
    """The home page through the whole application; the floor is the health answer of the same application."""
    ours = await median(lambda: here.get("/de/"))
    floor = await median(lambda: here.get("/healthz"))
    return Figure("home page, rendered", ours, floor, "a health answer of the same app")


async def api(here: Installation) -> Figure:
    """The catalogue as JSON; the floor is the health answer of the same application."""
    ours = await median(lambda: here.get("/api/v1/services"))
    floor = await median(lambda: here.get("/healthz"))
    return Figure("GET /api/v1/services", ours, floor, "a health answer of the same app")


async def start(_here: Installation) -> Figure:
    """Start of the command line; the floor is an empty Python."""

    def run(*command: str) -> float:
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            took.append(time.perf_counter() - begun)
        return statistics.median(took)

    ours = run(sys.executable, "-m", "crowdcore", "--help")
    return Figure("crowdcore --help", ours, run(sys.executable, "-c", "pass"), "python -c pass")


async def median(work: Callable[[], Awaitable[object]]) -> float:
    """Return the median time of `ROUNDS` runs in seconds, after one to warm up."""
    await work()
    took = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def raw_update() -> float:
    """Return the time of one UPDATE with full fsync, by sqlite3 alone."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "floor.sqlite3", isolation_level=None)
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER, n INTEGER);")
        db.execute("INSERT INTO t VALUES (1, 0)")
        took = []
        for _ in range(200):
            begun = time.perf_counter()
            db.execute("UPDATE t SET n = n + 1 WHERE id = 1")
            took.append(time.perf_counter() - begun)
        db.close()
    return statistics.median(took)


async def main() -> None:
    async with installation(friends=200) as here:
        print(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {ROUNDS} rounds, medians\n")
        for measure in (accepts, booking, page, api, start):
            print((await measure(here)).line())


if __name__ == "__main__":
    asyncio.run(main())
