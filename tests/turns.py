"""Which tests go to the same worker of pytest-xdist, and which begin first.

A folder shares what is expensive to make (towns, a running demo, a browser), so it goes to one worker as a whole and
everything is made once per run. The marks of pytest-xdist would do the same, but pytest 9 ignores them silently.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

FIRST = (
    "tests/crash",
    "tests/browser",
    "tests/docs",
    "tests/routes",
    "tests/app/test_demo_world.py",
    "tests/brand",
    "tests/race",
    "tests/model",
    "tests/journeys",
)
"""What takes longest begins first: nobody shall still have all of it before them when the others are done."""


def unit(nodeid: str) -> str:
    """Return what a test is given out with: one of `FIRST`, or else its folder."""
    path = nodeid.partition("::")[0]
    return next((one for one in FIRST if path == one or path.startswith(f"{one}/")), path.rpartition("/")[0])


def turn(nodeid: str) -> int:
    """Return the place of a test's unit in the order of their beginning."""
    return FIRST.index(unit(nodeid)) if unit(nodeid) in FIRST else len(FIRST)


class Folders(LoadScopeScheduling):
    """Whole units to whoever is free, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
