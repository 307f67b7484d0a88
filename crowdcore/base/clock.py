"""What time it is, in UTC: the one place that tests, the simulator and the demo's fast clock replace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """Return the present moment, timezone-aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 -- this is the one place that may ask the machine


class FakeClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        """Start at `start` (timezone-aware)."""
        self.at = start

    def now(self) -> datetime:
        """Return the moment it was last set to."""
        return self.at

    def advance(self, **units: float) -> None:
        """Move forward; `units` as for `datetime.timedelta` (``seconds=30``)."""
        self.at += timedelta(**units)


class FastClock:
    """A clock that starts at a moment and runs several times as fast as the machine's."""

    def __init__(self, start: datetime, speed: float) -> None:
        """Start at `start` (timezone-aware); `speed` simulated seconds pass in one second."""
        self.speed = speed
        self._start, self._from = start, SystemClock().now()

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self._start + (SystemClock().now() - self._from) * self.speed


_clock: Clock = SystemClock()


def now() -> datetime:
    """Return the present moment in UTC, from whichever clock is in use."""
    return _clock.now()


def seconds_until(moment: datetime) -> float:
    """Return how many seconds of the machine's time it takes until `moment`; negative if it has passed."""
    left = (moment - now()).total_seconds()
    return left / _clock.speed if isinstance(_clock, FastClock) else left


@contextmanager
def use_clock(clock: Clock) -> Iterator[None]:
    """Use another clock for the whole process while the block runs."""
    global _clock  # noqa: PLW0603 -- the process has exactly one clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before
