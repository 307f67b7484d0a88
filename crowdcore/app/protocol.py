"""How long a connection may take to say what it wants; the server itself would wait for ever (slow loris)."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_DEADLINE_S = 20.0
"""From the first byte of a request, or from the connection itself, to the end of the headers."""


class Impatient(AutoHTTPProtocol):  # type: ignore[valid-type, misc]  # one of two classes, by what is installed
    """The server's protocol, which closes a connection that does not get to the end of its headers in time.

    Bodies have their own deadline (web/limits.py), and between two requests the server's own applies.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting until the headers are complete; a new request has begun if none is being answered."""
        before = self._request()
        super().data_received(data)
        if self._request() is not before:
            self._stop_waiting()
        elif before is None or before.response_complete:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _request(self) -> Any:  # noqa: ANN401 -- the server's own class, another one in each protocol
        return self.cycle

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(HEAD_DEADLINE_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
