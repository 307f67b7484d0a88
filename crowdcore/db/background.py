"""Tasks that outlive the request that started them, free of its transaction and its partner."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any

_base: contextvars.Context | None = None
_running: set[asyncio.Task[Any]] = set()


def remember_context() -> None:
    """Keep the present context as the one background tasks start from; called once after start-up."""
    global _base  # noqa: PLW0603 -- one per process, set at start
    _base = contextvars.copy_context()


def spawn(work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
    """Run `work` beside the caller, in the context kept at start.

    A bare ``create_task`` would inherit an open transaction's connection and go on using it after
    commit, when it belongs to somebody else.
    """
    context = _base.copy() if _base is not None else contextvars.Context()
    task = asyncio.create_task(work, name=name, context=context)  # noqa: TID251 -- the one place
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
