"""Making the demo's data, and everything that is served beside the portals."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from crowdcore.app.demo import mailbox, world
from crowdcore.app.demo.desk import Desk
from crowdcore.app.demo.living import living
from crowdcore.app.demo.production import build_full
from crowdcore.app.demo.start_page import STYLE_PATH, Door, Front, front_page
from crowdcore.app.demo.world import HOME, Credentials, Progress
from crowdcore.app.mail import kernel_defaults
from crowdcore.app.main import create_app
from crowdcore.base import clock
from crowdcore.base.errors import Fault
from crowdcore.db import background
from crowdcore.db.config import is_postgres, open_database
from crowdcore.db.migrate import migrate
from crowdcore.db.sql import a_moment, rows
from crowdcore.partners.queries import portals
from crowdcore.partners.service import open_portals
from crowdcore.places.build import build as build_places
from crowdcore.settings import Settings

TICKET_HOST = "tickets.localhost"
TICKET_PATH = "/demo/desk"
"""The desk is also found below this path of any host, because not every machine knows names below localhost."""

SWISSCOM_HOST = "swisscom.localhost"

_FRONT_HOSTS = frozenset({"localhost", "127.0.0.1"})
_UNFINISHED = "world.unfinished"

Step = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """What a start of the demo found or made.

    Args:
        links: partner -> role -> secret of a sign-in link.
        size: small or full: the world that is there.
        latest: the latest moment in the data, if there is any.
    """

    links: Mapping[str, Mapping[str, str]]
    size: str
    latest: datetime | None


def credentials_path(chosen: Settings) -> Path:
    """Return where tokens for scripts are kept."""
    return chosen.var_dir / "demo-credentials.json"


async def prepare(
    chosen: Settings, *, size: str, port: int, ticket_secret: str, step: Step, progress: Progress
) -> Prepared:
    """Make the world if there is none, and fresh sign-in links.

    Args:
        chosen: settings of the demo.
        size: small or full.
        port: where the demo will listen.
        ticket_secret: key of the ticket desk.
        step: told what is being done.
        progress: told (what, done, total) of the world.

    Raises:
        Fault: people are there, but their credentials are gone.
    """
    if not chosen.gazetteer_path.exists():
        step("building the gazetteer of places (once, a few seconds)")
        await asyncio.to_thread(build_places, chosen.gazetteer_path)
    on_file = not is_postgres(chosen)
    if on_file and not chosen.sqlite_path.exists():
        await _build(chosen, size=size, port=port, ticket_secret=ticket_secret, step=step, progress=progress)
    async with open_database(chosen) as context:
        step("bringing the database up to date")
        await migrate(context, chosen)
        if not portals():
            open_portals(chosen, defaults=kernel_defaults(chosen))
        if await world.is_empty():
            _keep(chosen, await _made(chosen, size, port, ticket_secret, step, progress), size)
        elif not credentials_path(chosen).exists():
            raise Fault("the demo's credentials are gone; start anew with: make demo-reset")
        _update_addresses(chosen)
        found = await rows("SELECT MAX(at) AS at FROM outbox_event")
        latest = a_moment(found[0]["at"]) if found[0]["at"] else None
        kept = json.loads(credentials_path(chosen).read_text()).get("world", "small")
        return Prepared(await world.sign_in_links(), kept, latest)


async def _build(chosen: Settings, *, size: str, port: int, ticket_secret: str, step: Step, progress: Progress) -> None:
    """Make the world in a file of its own, which gets its name when it is finished: half a world is none."""
    unfinished = dataclasses.replace(chosen, var_dir=chosen.var_dir / _UNFINISHED)
    shutil.rmtree(unfinished.var_dir, ignore_errors=True)
    async with open_database(unfinished, alone=True) as context:
        await migrate(context, unfinished)
        open_portals(chosen, defaults=kernel_defaults(chosen))
        background.remember_context()
        made = await _made(chosen, size, port, ticket_secret, step, progress)
    _keep(chosen, made, size)
    unfinished.sqlite_path.replace(chosen.sqlite_path)
    shutil.rmtree(unfinished.var_dir)


async def _made(
    chosen: Settings, size: str, port: int, ticket_secret: str, step: Step, progress: Progress
) -> dict[str, Credentials]:
    if size == "small":
        step("moving people in")
        return await world.build_small(progress)
    step("making a month of three portals (once, about a minute; --world small is faster)")
    async with _listening(_desk(chosen, ticket_secret), port):
        made, _refused = await build_full(progress)
    return made


def application(chosen: Settings, prepared: Prepared, *, ticket_secret: str, speed: float, crowd: bool) -> ASGIApp:
    """Return the portals with everything around them: front page, mailbox, ticket desk, and people.

    Args:
        chosen: settings of the demo.
        prepared: what `prepare` returned.
        ticket_secret: key of the ticket desk.
        speed: simulated seconds per second.
        crowd: whether made-up people play along.
    """
    served = create_app(chosen, beside=(lambda: living(speed=speed)) if crowd else contextlib.nullcontext)
    desk = _desk(chosen, ticket_secret)
    mails = Router(mailbox.routes(chosen.var_dir / "mail"))
    front = front_page(_front(chosen, prepared, speed=speed, crowd=crowd))

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await served(scope, receive, send)
            return
        host, path = dict(scope["headers"]).get(b"host", b"").decode("latin-1").split(":")[0], scope["path"]
        if path == STYLE_PATH or (path == "/" and host in _FRONT_HOSTS):
            await front(scope, receive, send)
        elif host == TICKET_HOST:
            await desk(scope, receive, send)
        elif path.startswith(f"{TICKET_PATH}/"):
            await desk({**scope, "path": path.removeprefix(TICKET_PATH)}, receive, send)
        elif path.startswith("/demo/"):
            await mails(scope, receive, send)
        else:
            await served(scope, receive, send)

    return choose


def origin(chosen: Settings, host: str) -> str:
    """Return the address of a host of the demo."""
    return f"{chosen.public_scheme}://{host}" + (f":{chosen.public_port}" if chosen.public_port else "")


def _front(chosen: Settings, prepared: Prepared, *, speed: float, crowd: bool) -> Front:
    doors = []
    for partner_id, here in portals().items():
        address = origin(chosen, here.settings.primary_host)
        languages = [language.value for language in here.settings.languages.offered]
        links = prepared.links[partner_id]
        doors.append(Door(here.settings.name.brand, address, languages, links, f"{address}/demo/{partner_id}/mails"))
    return Front(doors, origin(chosen, TICKET_HOST), speed, crowd)


def _desk(chosen: Settings, secret: str) -> ASGIApp:
    return Desk(secret=secret, portal_url=origin(chosen, SWISSCOM_HOST), file=chosen.var_dir / "tickets.json").app()


@contextlib.asynccontextmanager
async def _listening(desk: ASGIApp, port: int) -> AsyncIterator[None]:
    """Let the ticket desk take cases in while the past is played, where it will be later."""

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(f"{TICKET_PATH}/"):
            await desk({**scope, "path": scope["path"].removeprefix(TICKET_PATH)}, receive, send)
        else:
            wait = PlainTextResponse("The demo is being made; look again in a minute.", 503, {"Retry-After": "20"})
            await wait(scope, receive, send)

    server = _DeskServer(
        uvicorn.Config(below, host="127.0.0.1", port=port, log_level="error", access_log=False, lifespan="off")
    )
    running = background.spawn(server.serve(), name="desk")
    await server.ready.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({running}, timeout=10)


class _DeskServer(uvicorn.Server):
    """A server that says when it listens, and leaves Ctrl+C to whoever makes the world."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.ready.set()


def _keep(chosen: Settings, found: Mapping[str, Credentials], size: str) -> None:
    partners = {
        partner_id: {
            "base_url": "",
            "host": "",
            "place": HOME,
            "place_id": one.place_id,
            "service_id": one.service_id,
            **one.tokens,
            "friends": list(one.friends),
        }
        for partner_id, one in found.items()
    }
    path = credentials_path(chosen)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"world": size, "made_at": clock.now().isoformat(), "partners": partners}))


def _update_addresses(chosen: Settings) -> None:
    path = credentials_path(chosen)
    found = json.loads(path.read_text())
    for partner_id, here in portals().items():
        if partner_id in found["partners"]:
            host = here.settings.primary_host
            found["partners"][partner_id].update(base_url=origin(chosen, host), host=host)
    draft = path.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(found))
    draft.replace(path)
