"""`crowdcore serve` and `crowdcore work`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from typing import TYPE_CHECKING

import click

from crowdcore.base.errors import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRACE_S = 5
"""How long open requests may take after a stop signal; live streams are closed at once."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(*, host: str, port: int) -> None:
    """Serve all portals; with the worker inside unless CROWDCORE_EMBEDDED_WORKER=0."""
    from crowdcore.app.main import create_app
    from crowdcore.settings import settings

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    listen(create_app(settings()), host=host, port=port)


@click.command()
def work() -> None:
    """Deliver events and fire timers until stopped; any number may run beside each other."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(_work())


def listen(app: ASGIApp, *, host: str, port: int) -> None:
    """Serve `app` until a stop signal.

    Raises:
        Fault: the port is taken, or the application does not start.
    """
    import uvicorn

    from crowdcore.app.protocol import Impatient

    check_port(host, port)
    starting = _Starting(app)
    try:
        uvicorn.run(
            starting,
            host=host,
            port=port,
            http=Impatient,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    except SystemExit:
        if starting.fault is not None:
            raise starting.fault from None
        raise


class _Starting:
    """Stands between server and application while it starts.

    Keeps the fault at which it did not, so that it is told like any other command's: the server would print
    it as a traceback and forget what it was. Once everything is loaded, it is set aside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.fault: Fault | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        failed: list[Message] = []

        async def keep(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                failed.append(message)
            else:
                if message["type"] == "lifespan.startup.complete":
                    _set_aside()
                await send(message)

        try:
            await self._app(scope, receive, keep)
        except Fault as fault:
            if not failed:
                raise
            self.fault = fault
            await send({"type": "lifespan.startup.failed", "message": ""})
        except BaseException:
            for message in failed:
                await send(message)
            raise


def _set_aside() -> None:
    """Spare the garbage collector what is loaded now and stays: code, portals, texts.

    A full round over all of it takes about 75 ms, in which nobody is answered and no job is dispatched.
    """
    gc.collect()
    gc.freeze()


def check_port(host: str, port: int) -> None:
    """Refuse a port somebody else listens on.

    Raises:
        Fault: it is taken; names another command line.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Fault(
                f"port {port} on {host} is taken ({error.strerror}). Stop what listens there, "
                f"or choose another: --port {port + 1}"
            ) from error


async def _work() -> None:
    from crowdcore.app import wake
    from crowdcore.app.mail import kernel_defaults
    from crowdcore.app.worker import worker
    from crowdcore.db import background
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import require
    from crowdcore.partners.service import open_portals
    from crowdcore.settings import settings

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    chosen = settings()
    async with open_database(chosen) as database:
        await require(database, chosen)
        open_portals(chosen, defaults=kernel_defaults(chosen))
        background.remember_context()
        _set_aside()
        async with wake.shared(chosen):
            await worker().run(stop)
