"""The application on a real port, in a thread beside the test: as it is served, on the towns' database and clock."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from crowdcore.app.main import create_app
from crowdcore.settings import Settings

_STARTS_WITHIN_S = 30


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """Serve `settings` with its worker on its public port until the end."""
    app = create_app(dataclasses.replace(settings, embedded_worker=True))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=settings.public_port, log_level="error", server_header=False, lifespan="on",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="portals", daemon=True)
    thread.start()
    until = time.monotonic() + _STARTS_WITHIN_S
    while not server.started:
        assert thread.is_alive(), "the portals did not start; see the log"
        assert time.monotonic() < until, "the portals did not start in time"
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STARTS_WITHIN_S)
