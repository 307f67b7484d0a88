"""`crowdcore demo`: three portals with people in them, on this machine, without anything installed by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import json
import os
import secrets
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crowdcore.base.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crowdcore.app.demo.serving import Prepared
    from crowdcore.settings import Settings

TICKET_SECRET = "CROWDCORE_SWISSCOM_TICKET_SECRET"  # noqa: S105 -- the name of the setting, not a secret
TICKET_URL = "CROWDCORE_SWISSCOM_TICKET_URL"
_HTTP_PORT = 80
DEMO_RATE = "200/second;2000/60second"

_PORT = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
_RESET = click.option("--reset", is_flag=True, help="Throw the demo's data away first.")
_WORLD = click.option(
    "--world",
    "size",
    type=click.Choice(["full", "small"]),
    default="full",
    show_default=True,
    help="A month of 4,300 people, or only a crowd in Zurich (for scripts); decides when there is no data yet.",
)


@click.group(invoke_without_command=True)
@_PORT
@_RESET
@_WORLD
@click.option("--crowd/--no-crowd", default=True, help="Let made-up people answer offers, prices and cases.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(1, 3600),
    help="How many times as fast the demo's clock runs; 20 makes a whole booking pass in a minute.",
)
@click.pass_context
def demo(ctx: click.Context, *, port: int, reset: bool, size: str, crowd: bool, speed: float) -> None:
    """Serve three portals full of life; data is kept from one start to the next."""
    if ctx.invoked_subcommand is not None:
        return
    from crowdcore.app.cli_serve import check_port, listen
    from crowdcore.app.demo.serving import application

    check_port("127.0.0.1", port)
    chosen = _settings(port)
    prepared = _prepare(chosen, port=port, reset=reset, size=size)
    _tell(chosen, prepared, speed=speed, crowd=crowd)
    with _clock(prepared, speed):
        app = application(chosen, prepared, ticket_secret=os.environ[TICKET_SECRET], speed=speed, crowd=crowd)
        listen(app, host="127.0.0.1", port=port)


@demo.command()
@_PORT
@_RESET
@_WORLD
def prepare(*, port: int, reset: bool, size: str) -> None:
    """Make the demo's data without serving (for scripts that start their own processes)."""
    chosen = _settings(port)
    _tell(chosen, _prepare(chosen, port=port, reset=reset, size=size), speed=1, crowd=False)


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def credentials(*, as_json: bool) -> None:
    """Print, per partner, the address and bearer tokens of a customer, an agent, an admin and many Friends."""
    from crowdcore.settings import settings

    path = settings().var_dir / "demo-credentials.json"
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
    base.make_var_dir()
    os.environ.setdefault(TICKET_SECRET, _kept_secret(base.var_dir / "tickets.key"))
    os.environ.setdefault(TICKET_URL, f"http://127.0.0.1:{port}/demo/desk/tickets")
    chosen = dataclasses.replace(
        base, demo=True, public_scheme="http", public_port=0 if port == _HTTP_PORT else port, api_rate=DEMO_RATE
    )
    use_settings(chosen)
    return chosen


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text()


def _prepare(chosen: Settings, *, port: int, reset: bool, size: str) -> Prepared:
    from crowdcore.app.demo.serving import prepare as make

    if reset:
        _reset(chosen)
    secret = os.environ[TICKET_SECRET]
    prepared = asyncio.run(make(chosen, size=size, port=port, ticket_secret=secret, step=_step, progress=_Bar()))
    if prepared.size != size:
        _step(f"keeping the {prepared.size} world that is there; for the {size} one: crowdcore demo --reset")
    return prepared


def _reset(chosen: Settings) -> None:
    """Remove what the demo wrote; the gazetteer stays, it only takes time to build."""
    if chosen.database_url:
        raise Fault("--reset empties SQLite only; on PostgreSQL drop and create the database yourself")
    for pattern in ("crowdcore.sqlite3*", "demo-credentials.json", "tickets.json"):
        for path in chosen.var_dir.glob(pattern):
            path.unlink()
    for folder in ("mail", "world.unfinished"):
        shutil.rmtree(chosen.var_dir / folder, ignore_errors=True)


@contextlib.contextmanager
def _clock(prepared: Prepared, speed: float) -> Iterator[None]:
    """Run the demo's clock as fast as asked, and never behind what has happened in it."""
    from crowdcore.base import clock

    now = clock.now()
    start = max(now, prepared.latest or now)
    if start == now and speed == 1:
        yield
        return
    with clock.use_clock(clock.FastClock(start, speed)):
        yield


def _tell(chosen: Settings, prepared: Prepared, *, speed: float, crowd: bool) -> None:
    from crowdcore.app.demo.serving import TICKET_HOST, origin
    from crowdcore.partners.queries import portals

    click.echo(f"\nStart here: {origin(chosen, 'localhost')}/   (portals, sign-ins, mails, ticket desk)")
    for partner_id, here in portals().items():
        address = origin(chosen, here.settings.primary_host)
        click.echo(f"\n{here.settings.name.brand}: {address}")
        for role, secret in prepared.links[partner_id].items():
            click.echo(f"  sign in as {role:<9} {address}/de/sign-in/{secret}")
        click.echo(f"  mails              {address}/demo/{partner_id}/mails")
    click.echo(f"\nTicket desk of the outside world: {origin(chosen, TICKET_HOST)}")
    click.echo("Tokens for scripts: crowdcore demo credentials --json")
    if crowd:
        fast = f" The clock runs {speed:g} times as fast." if speed > 1 else ""
        click.echo(f"Made-up Friends answer what you book (--no-crowd: nobody does).{fast}")
    click.echo("Stop with Ctrl+C; your data stays. `make demo-reset` starts anew.\n")


def _step(text: str) -> None:
    click.echo(f"> {text}", err=True)


class _Bar:
    """A line that fills up, with the seconds it took."""

    def __init__(self) -> None:
        self._shown: tuple[str, int] = ("", -1)
        self._began = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        width = 30
        filled = width * done // max(1, total)
        if self._shown == (what, filled) and done < total:
            return
        if self._shown[0] == what and self._shown[1] == width:
            return  # it was full already
        self._shown = (what, filled)
        end = "\n" if done >= total else ""
        if sys.stderr.isatty() or end:
            seconds = time.monotonic() - self._began
            bar = f"[{'#' * filled}{'.' * (width - filled)}]"
            click.echo(f"\r  {what:<12} {bar} {done}/{total} {seconds:4.0f} s{end}", err=True, nl=False)
