"""The kernel as it is in memory: every module imported, every class of a kind found."""

import importlib
import pkgutil
import sys
from functools import cache
from types import ModuleType
from typing import TypeVar

import crowdcore

_C = TypeVar("_C", bound=type)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Import and return every module of the kernel but the one that runs it."""
    names = [
        found.name
        for found in pkgutil.walk_packages(crowdcore.__path__, "crowdcore.")
        if not found.name.endswith("__main__") and ".migrations." not in found.name
    ]
    return tuple(importlib.import_module(name) for name in sorted(names))


@cache
def subclasses(base: _C) -> tuple[_C, ...]:
    """Return the kernel's classes below `base`, at any depth, in a fixed order."""
    modules()
    found: set[_C] = set()
    waiting = [base]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.add(one)
                waiting.append(one)
    ours = (one for one in found if one.__module__.startswith("crowdcore.") and _is_current(one))
    return tuple(sorted(ours, key=lambda one: (one.__module__, one.__qualname__)))


def _is_current(one: type) -> bool:
    """Tell a class from the one that ``dataclass(slots=True)`` made it of, which lingers for a while."""
    return getattr(sys.modules[one.__module__], one.__name__, None) is one
