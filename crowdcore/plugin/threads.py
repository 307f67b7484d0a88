"""Threads for implementations marked `@blocking`: at most four per plugin, none of them holds up an exit."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

MAX_THREADS = 4


@dataclass(slots=True)
class ThreadCall:
    """One call that runs, or waits to run, in a plugin's thread.

    Args:
        function: what to call.
        args: with what.
        context: context variables travel along.
        finished: result is (value, None) or (None, error), so that no error type is special.
        abandoned: nobody waits for the answer any more; the thread still runs to its end.
    """

    function: Callable[..., object]
    args: Sequence[object]
    context: contextvars.Context
    finished: Future[tuple[object, BaseException | None]] = field(default_factory=Future)
    abandoned: bool = False

    def abandon(self) -> None:
        """Stop waiting for it; a call that has not started yet never does."""
        self.abandoned = True
        self.finished.cancel()

    def run(self) -> None:
        """Run it in the present thread, unless it was abandoned before."""
        if not self.finished.set_running_or_notify_cancel():
            return
        try:
            value = self.context.run(self.function, *self.args)
        except BaseException as error:  # noqa: BLE001 -- SystemExit of a plugin is a failure, not an exit
            self.finished.set_result((None, error))
        else:
            self.finished.set_result((value, None))


class ThreadPool:
    """The threads of one plugin; they are daemons, because a thread that hangs cannot be stopped."""

    def __init__(self, plugin_id: str) -> None:
        """Start without a thread.

        Args:
            plugin_id: shows in the threads' names.
        """
        self._plugin_id = plugin_id
        self._lock = threading.Lock()
        self._running: list[ThreadCall] = []
        self._waiting: deque[ThreadCall] = deque()

    @property
    def is_stuck(self) -> bool:
        """Whether all threads are busy with calls nobody waits for any more."""
        with self._lock:
            return len(self._running) >= MAX_THREADS and all(call.abandoned for call in self._running)

    def submit(self, function: Callable[..., object], args: Sequence[object]) -> ThreadCall:
        """Run `function` in a thread as soon as one of the four is free."""
        call = ThreadCall(function, args, contextvars.copy_context())
        with self._lock:
            if len(self._running) >= MAX_THREADS:
                self._waiting.append(call)
                return call
            self._running.append(call)
        threading.Thread(target=self._work, args=(call,), name=f"plugin-{self._plugin_id}", daemon=True).start()
        return call

    def _work(self, call: ThreadCall) -> None:
        next_call: ThreadCall | None = call
        while next_call is not None:
            next_call.run()
            next_call = self._next(next_call)

    def _next(self, done: ThreadCall) -> ThreadCall | None:
        with self._lock:
            self._running.remove(done)
            if not self._waiting:
                return None
            call = self._waiting.popleft()
            self._running.append(call)
            return call
