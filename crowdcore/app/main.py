"""The application: opens storage and portals, starts worker and live events, stops them in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Lifespan, Receive, Scope, Send
from tortoise.context import TortoiseContext

from crowdcore.app import wake
from crowdcore.app.mail import kernel_defaults
from crowdcore.app.middleware import Doorway, FindViewer, Front
from crowdcore.app.routes import API, MENU, PAGES, url_map
from crowdcore.app.viewers import Viewers
from crowdcore.base.errors import NotFound
from crowdcore.db import background
from crowdcore.db.config import is_postgres, open_database
from crowdcore.db.migrate import migrate, require
from crowdcore.partners.service import open_portals
from crowdcore.settings import Settings, use_settings
from crowdcore.web.api import ApiRoute
from crowdcore.web.limits import Limits
from crowdcore.web.live import Hub
from crowdcore.web.menu import use_menu
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import Rates, use_rates

_log = logging.getLogger(__name__)

_STOP_WITHIN_S = 10.0

Beside = Callable[[], contextlib.AbstractAsyncContextManager[None]]


def create_app(settings: Settings, *, beside: Beside = contextlib.nullcontext) -> Starlette:
    """Return the application with every room's pages and operations.

    Args:
        settings: of this installation; they become the settings of the process.
        beside: what else lives in this process while it serves (the demo's people).
    """
    use_settings(settings)
    use_menu(MENU)
    hub = Hub(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with running(settings, hub), beside():
            yield

    return assemble(settings, hub=hub, api=API, pages=PAGES, find_viewer=Viewers().find, lifespan=lifespan)


def assemble(
    settings: Settings,
    *,
    hub: Hub,
    api: Sequence[ApiRoute],
    pages: Sequence[PageRoute],
    find_viewer: FindViewer,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """Put an application together; tests give their own few routes.

    Args:
        settings: of this installation.
        hub: the live events.
        api: operations of the JSON API.
        pages: pages.
        find_viewer: who a session or a token belongs to.
        lifespan: what is open while it serves.
    """
    app = Starlette(
        routes=url_map(api, pages, hub),
        middleware=[
            Middleware(Front),
            Middleware(Limits),
            Middleware(Doorway, settings=settings, find_viewer=find_viewer),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would build the address from whatever Host was sent
    app.router.default = _nothing_here
    return app


@contextlib.asynccontextmanager
async def running(settings: Settings, hub: Hub) -> AsyncIterator[None]:
    """Open everything a serving process needs; close it in reverse.

    Raises:
        Fault: the schema is out of date (PostgreSQL), or a plugin is wrong.
    """
    async with open_database(settings) as database:
        await _check_schema(database, settings)
        open_portals(settings, defaults=kernel_defaults(settings))
        background.remember_context()
        rates = Rates(settings)
        use_rates(rates)
        await hub.start()
        try:
            async with wake.shared(settings), _worker(settings):
                yield
        finally:
            await hub.stop()
            use_rates(None)
            await rates.close()


async def _check_schema(database: TortoiseContext, settings: Settings) -> None:
    """Bring an embedded database up to date; a shared one is migrated by its operator, once for all."""
    if not is_postgres(settings):
        await migrate(database, settings, progress=lambda name: _log.info("migrated %s", name))
        return
    await require(database, settings)


async def _nothing_here(scope: Scope, _receive: Receive, _send: Send) -> None:
    if scope["type"] == "http":
        raise NotFound


@contextlib.asynccontextmanager
async def _worker(settings: Settings) -> AsyncIterator[None]:
    """Run the worker beside the requests, if the settings say so; let it finish what it holds."""
    if not settings.embedded_worker:
        yield
        return
    from crowdcore.app.worker import worker  # it imports every room; web-only processes need not

    stop = asyncio.Event()
    running = background.spawn(worker().run(stop), name="worker")
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({running}, timeout=_STOP_WITHIN_S)
