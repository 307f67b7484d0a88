"""`crowdcore demo`: three portals with people in them, on this machine, without anything installed by hand."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crowdcore.base.errors import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from crowdcore.settings import Settings

TICKET_SECRET = "CROWDCORE_SWISSCOM_TICKET_SECRET"  # noqa: S105 -- the name of the setting, not a secret
TICKET_URL = "CROWDCORE_SWISSCOM_TICKET_URL"
TICKET_HOST = "tickets.localhost"
TICKET_PATH = "/demo/desk"
"""The desk is also found below this path of any host, because not every machine knows names below localhost."""
_HTTP_PORT = 80
DEMO_RATE = "200/second;2000/60second"


@click.group(invoke_without_command=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reset", is_flag=True, help="Throw the demo's data away first.")
@click.pass_context
def demo(ctx: click.Context, *, port: int, reset: bool) -> None:
    """Serve three portals with a small crowd; data is kept from one start to the next."""
    if ctx.invoked_subcommand is not None:
        return
    from crowdcore.app.cli_serve import check_port, listen

    check_port("127.0.0.1", port)
    chosen = _settings(port)
    if reset:
        _reset(chosen)
    links = asyncio.run(_prepare(chosen))
    _tell(chosen, links)
    listen(_application(chosen), host="127.0.0.1", port=port)


@demo.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reset", is_flag=True, help="Throw the demo's data away first.")
def prepare(*, port: int, reset: bool) -> None:
    """Make the demo's data without serving (for scripts that start their own processes)."""
    chosen = _settings(port)
    if reset:
        _reset(chosen)
    _tell(chosen, asyncio.run(_prepare(chosen)))


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def credentials(*, as_json: bool) -> None:
    """Print, per partner, the address and bearer tokens of a customer, an agent, an admin and many Friends."""
    path = _credentials_path()
    if not path.exists():
        raise Fault("there is no demo yet; run: make demo")
    found = json.loads(path.read_text())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for partner_id, one in found["partners"].items():
        click.echo(f"{partner_id}: {one['base_url']} ({len(one['friends'])} Friends near {one['place']})")
        for role in ("customer", "agent", "admin"):
            click.echo(f"  {role:<9} {one[role]}")


def _settings(port: int) -> Settings:
    from crowdcore.settings import settings, use_settings

    base = settings()
    os.environ.setdefault(TICKET_SECRET, _kept_secret(base.var_dir / "tickets.key"))
    os.environ.setdefault(TICKET_URL, f"http://127.0.0.1:{port}{TICKET_PATH}/tickets")
    chosen = dataclasses.replace(
        base, demo=True, public_scheme="http", public_port=0 if port == _HTTP_PORT else port, api_rate=DEMO_RATE
    )
    use_settings(chosen)
    return chosen


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text()


def _reset(chosen: Settings) -> None:
    """Remove what the demo wrote; the gazetteer stays, it only takes time to build."""
    if chosen.database_url:
        raise Fault("--reset empties SQLite only; on PostgreSQL drop and create the database yourself")
    for path in chosen.var_dir.glob("crowdcore.sqlite3*"):
        path.unlink()
    shutil.rmtree(chosen.var_dir / "mail", ignore_errors=True)
    _credentials_path().unlink(missing_ok=True)


async def _prepare(chosen: Settings) -> dict[str, dict[str, str]]:
    from crowdcore.app import world
    from crowdcore.app.mail import kernel_defaults
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import migrate
    from crowdcore.partners.service import open_portals
    from crowdcore.places.build import build as build_places

    if not chosen.gazetteer_path.exists():
        _step("building the gazetteer of places (once, a few seconds)")
        build_places(chosen.gazetteer_path)
    async with open_database(chosen) as context:
        _step("bringing the database up to date")
        await migrate(context, chosen)
        open_portals(chosen, defaults=kernel_defaults(chosen))
        if await world.is_empty():
            _step("moving people in")
            _write_credentials(chosen, await world.build(_bar))
        elif not _credentials_path().exists():
            raise Fault("the demo's credentials are gone; start anew with: make demo-reset")
        else:
            _update_addresses(chosen)
        return await world.sign_in_links()


def _application(chosen: Settings) -> ASGIApp:
    from starlette.routing import Router

    from crowdcore.app import mailbox
    from crowdcore.app.desk import Desk
    from crowdcore.app.main import create_app

    portals = create_app(chosen)
    desk = Desk(secret=os.environ[TICKET_SECRET], portal_url=_origin(chosen, "swisscom.localhost")).app()
    mails = Router(mailbox.routes(chosen.var_dir / "mail"))

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").split(":")[0]
            if host == TICKET_HOST:
                await desk(scope, receive, send)
                return
            if scope["path"].startswith(f"{TICKET_PATH}/"):
                await desk({**scope, "path": scope["path"].removeprefix(TICKET_PATH)}, receive, send)
                return
            if scope["path"].startswith("/demo/"):
                await mails(scope, receive, send)
                return
        await portals(scope, receive, send)

    return application


def _write_credentials(chosen: Settings, found: dict[str, Any]) -> None:
    from crowdcore.app.world import HOME

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
    path = _credentials_path()
    path.touch(mode=0o600)
    path.write_text(json.dumps({"partners": partners}))
    _update_addresses(chosen)


def _update_addresses(chosen: Settings) -> None:
    from crowdcore.partners.queries import portals

    path = _credentials_path()
    found = json.loads(path.read_text())
    for partner_id, portal in portals().items():
        if partner_id in found["partners"]:
            host = portal.settings.primary_host
            found["partners"][partner_id].update(base_url=_origin(chosen, host), host=host)
    path.write_text(json.dumps(found))


def _tell(chosen: Settings, links: dict[str, dict[str, str]]) -> None:
    from crowdcore.partners.queries import portals

    for partner_id, portal in portals().items():
        origin = _origin(chosen, portal.settings.primary_host)
        click.echo(f"\n{portal.settings.name.brand}: {origin}")
        for role, secret in links[partner_id].items():
            click.echo(f"  sign in as {role:<9} {origin}/de/sign-in/{secret}")
        click.echo(f"  mails              {origin}/demo/{partner_id}/mails")
    click.echo(f"\nTicket desk of the outside world: {_origin(chosen, TICKET_HOST)}")
    click.echo("Tokens for scripts: crowdcore demo credentials --json")
    click.echo("Stop with Ctrl+C; your data stays. `make demo-reset` starts anew.\n")


def _origin(chosen: Settings, host: str) -> str:
    return f"{chosen.public_scheme}://{host}" + (f":{chosen.public_port}" if chosen.public_port else "")


def _credentials_path() -> Path:
    from crowdcore.settings import settings

    return settings().var_dir / "demo-credentials.json"


def _step(text: str) -> None:
    click.echo(f"> {text}", err=True)


def _bar(what: str, done: int, total: int) -> None:
    width = 30
    filled = width * done // total
    end = "\n" if done >= total else ""
    if sys.stderr.isatty() or end:
        click.echo(f"\r  {what:<12} [{'#' * filled}{'.' * (width - filled)}] {done}/{total}{end}", err=True, nl=False)
