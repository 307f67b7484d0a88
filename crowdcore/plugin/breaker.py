"""Breaker: five failures in a row pause an implementation for 30 seconds, then one trial call decides."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

FAILURES_IN_A_ROW = 5
PAUSE_S = 30.0


class BreakerState(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"  # everything
    OPEN = "open"  # nothing
    HALF_OPEN = "half_open"  # one trial call at a time


class Breaker:
    """The memory of one (portal, plugin, hook).

    Every `enter` that returned True is followed by exactly one of `good`, `bad` or `abandon`.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start closed.

        Args:
            monotonic: seconds that never go back; tests pass their own.
        """
        self._monotonic = monotonic
        self._failures = 0
        self._open_until: float | None = None
        self._on_trial = False

    @property
    def state(self) -> BreakerState:
        """What it lets through now."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._monotonic() < self._open_until else BreakerState.HALF_OPEN

    def enter(self) -> bool:
        """Return whether a call may be made now; in the half-open state only one at a time may."""
        match self.state:
            case BreakerState.CLOSED:
                return True
            case BreakerState.OPEN:
                return False
            case BreakerState.HALF_OPEN:
                if self._on_trial:
                    return False
                self._on_trial = True
                return True

    def good(self) -> None:
        """Record a right answer: the row of failures ends and the breaker closes."""
        self.reset()

    def bad(self) -> bool:
        """Record a failure; return whether this one opened the breaker."""
        was_closed = self._open_until is None
        self._failures += 1
        if self._on_trial or (was_closed and self._failures >= FAILURES_IN_A_ROW):
            self._open_until = self._monotonic() + PAUSE_S
            self._on_trial = False
            return was_closed
        return False

    def abandon(self) -> None:
        """Forget a call whose caller went away before it was decided."""
        self._on_trial = False

    def reset(self) -> None:
        """Close it, as the operator's page does after a repair."""
        self._failures = 0
        self._open_until = None
        self._on_trial = False
