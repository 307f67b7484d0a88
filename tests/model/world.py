"""A small installation that a test can open, break, heal and throw away within milliseconds.

The portals are the shipped ones with their real catalogues and hooks. The kernel's own answers to hooks can
be switched to failing, the catalogue's prices can be changed, and mails are kept in a list.
"""

import asyncio
import contextlib
import dataclasses
import random
import shutil
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from crowdcore.app import worker as worker_module
from crowdcore.app.worker import worker
from crowdcore.base import ids
from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.base.money import Money
from crowdcore.bookings.queries import closed_region
from crowdcore.db.config import open_database
from crowdcore.db.migrate import migrate
from crowdcore.notifications.service import deliver_case
from crowdcore.partners.service import open_portals, use_portals
from crowdcore.places.build import build
from crowdcore.plugin import Receipt, call as plugin_call, hookimpl
from crowdcore.plugin.content_catalog import PriceRange
from crowdcore.plugin.defaults import Defaults
from crowdcore.settings import Settings, use_settings
from crowdcore.web.portal import Portal
from tests import conftest, servers
from tests.model.cast import PARTNERS, Cast, engage

FRAGILE = ("friend_eligibility", "rank_candidates", "deliver_escalation", "send_notification")
"""Hooks that a test can break."""


class Down(Exception):
    """What a broken hook raises."""


class Fragile(Defaults):
    """The kernel's own answers to hooks, any of which can be switched off; mails are kept."""

    def __init__(self) -> None:
        super().__init__(region_gate=closed_region, deliver_escalation=self._by_mail, send_notification=self._keep)
        self.broken: set[str] = set()
        self.mails: list[tuple[str, str]] = []

    async def _by_mail(self, portal, case):
        return await deliver_case(case)

    async def _keep(self, portal, channel, message):
        self.mails.append((portal.id, f"{message.to}\n{message.subject}\n{message.text}\n{message.html}"))
        return Receipt(f"mail:{len(self.mails)}", conftest.START)

    def _check(self, hook: str) -> None:
        if hook in self.broken:
            raise Down(hook)

    @hookimpl
    def friend_eligibility(self, friends):
        self._check("friend_eligibility")

    @hookimpl
    def rank_candidates(self, friends):
        self._check("rank_candidates")
        return super().rank_candidates(friends)

    @hookimpl
    async def deliver_escalation(self, portal, case):
        self._check("deliver_escalation")
        return await super().deliver_escalation(portal, case)

    @hookimpl
    async def send_notification(self, portal, channel, message):
        self._check("send_notification")
        return await super().send_notification(portal, channel, message)


@dataclasses.dataclass(frozen=True)
class Template:
    """What is made once per process: an installation with its people, to be copied."""

    settings: Settings
    portals: Mapping[str, Portal]
    fragile: Fragile
    casts: Mapping[str, Cast]


@cache
def template() -> Template:
    """Make the installation that every world is a copy of."""
    folder = Path(tempfile.mkdtemp(prefix="cc-model-", dir=_quick_folder()))
    settings = Settings(
        var_dir=folder, secret="test", plugin_path=str(conftest.ROOT / "plugins"), public_scheme="http",
        database_url=_new_postgres("model_template") if conftest.ON_POSTGRES else "",
        embedded_worker=False, rate_limits=False, pool_size=20,
    )  # fmt: skip
    build(settings.gazetteer_path, source=conftest.ROOT / "tests/floors/places/places.jsonl")
    fragile = Fragile()
    use_settings(settings)
    with use_clock(FakeClock(conftest.START)), _repeatable(1 << 40):
        portals = dict(open_portals(settings, defaults=fragile))
        casts = asyncio.run(_populate(settings))
    use_portals({})
    use_settings(None)
    return Template(settings, portals, fragile, MappingProxyType(casts))


async def _populate(settings: Settings) -> dict[str, Cast]:
    async with open_database(settings) as context:
        await migrate(context, settings)
        casts = {partner: await engage(partner) for partner in PARTNERS}
        await worker().drain()
        if not conftest.ON_POSTGRES:
            await context.db().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
        return casts


def _quick_folder() -> str | None:
    """A folder in memory where there is one: thousands of databases are made and thrown away."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _new_postgres(name: str, template_name: str = "") -> str:
    base = urlsplit(servers.postgres_url())
    asyncio.run(_create_postgres(urlunsplit(base), name, template_name))
    return urlunsplit(base._replace(path=f"/{name}"))


async def _create_postgres(server: str, name: str, template_name: str) -> None:
    if not template_name:
        await conftest.create_postgres_database(server, name)
        return
    import asyncpg

    parts = urlsplit(server)
    host = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair).get("host") or parts.hostname
    connection = await asyncpg.connect(host=host, user=parts.username, database="postgres", port=parts.port or 5432)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_name}"')
    finally:
        await connection.close()


class World:
    """One copy of the installation, with a clock, an event loop and a database of its own.

    Everything asynchronous goes through `run`, which keeps one context: the database is opened in it.
    """

    def __init__(self, seed: int = 0, *, left_behind: Settings | None = None, crash_at: str = "") -> None:
        """Make a copy of the template, or open what a process has left behind when it ended.

        Args:
            seed: of the ids; 0 leaves ids and the worker as they are.
            left_behind: settings of an earlier world that was never closed.
            crash_at: where this process shall end itself, as in CROWDCORE_CRASH_AT.
        """
        self.template = template()
        self.casts = self.template.casts
        self.fragile = self.template.fragile
        self.portals = dict(self.template.portals)
        self.clock = FakeClock(conftest.START)
        self.settings = left_behind or dataclasses.replace(self._copy(), crash_at=crash_at)
        self._seed = seed
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._open.callback(shutil.rmtree, self.settings.var_dir, ignore_errors=True)
        self._open.callback(self.heal)
        self._open.enter_context(use_clock(self.clock))
        self._open.enter_context(_settled(self.settings, self.portals))
        self._open.enter_context(_repeatable(self._seed))
        self._runner = self._open.enter_context(asyncio.Runner())
        self._database = open_database(self.settings)
        self.run(self._database.__aenter__())
        self._open.callback(lambda: self.run(self._database.__aexit__(None, None, None)))
        self.fragile.mails.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, work: Coroutine):
        return self._runner.run(work)

    def break_hook(self, hook: str) -> None:
        self.fragile.broken.add(hook)

    def heal(self) -> None:
        self.fragile.broken.clear()
        for portal in self.portals.values():
            for breaker in portal.hooks._registry._breakers.values():
                breaker.reset()

    def reprice(self, partner: str, cents: int) -> None:
        """Release a new catalogue in which the cast's service costs `cents`."""
        portal = self.portals[partner]
        service = portal.catalog.services[self.casts[partner].service]
        currency = portal.settings.money.currency
        new = PriceRange(Money(cents, currency), Money(cents, currency), Money(cents, currency))
        service = dataclasses.replace(service, prices={**service.prices, currency: new})
        catalog = dataclasses.replace(portal.catalog, services={**portal.catalog.services, service.id: service})
        self.portals[partner] = dataclasses.replace(portal, catalog=catalog)
        use_portals(self.portals)

    def price(self, partner: str, *, urgent: bool) -> int:
        """What the cast's service costs now, in cents."""
        portal = self.portals[partner]
        service = portal.catalog.services[self.casts[partner].service]
        currency = portal.settings.money.currency
        extra = service.on_demand.extra[currency].cents if urgent else 0
        return service.prices[currency].guide.cents + extra

    def _copy(self) -> Settings:
        source = self.template.settings
        folder = Path(tempfile.mkdtemp(prefix="cc-world-", dir=_quick_folder()))
        shutil.copy(source.gazetteer_path, folder)
        url = ""
        if conftest.ON_POSTGRES:
            url = _new_postgres("model_world", "model_template")
        else:
            shutil.copy(source.sqlite_path, folder)
        return dataclasses.replace(source, var_dir=folder, database_url=url)


@contextlib.contextmanager
def _settled(settings: Settings, portals: Mapping[str, Portal]) -> Iterator[None]:
    """Use these settings and portals; a slow machine must not look like a plugin that hangs."""
    patience = plugin_call.HELD_LOOP_FAILURE_S
    use_settings(settings)
    use_portals(portals)
    plugin_call.HELD_LOOP_FAILURE_S = 60.0
    try:
        yield
    finally:
        plugin_call.HELD_LOOP_FAILURE_S = patience
        use_portals({})
        use_settings(None)


@contextlib.contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """Draw ids from a seed and let the worker do one thing at a time, so that a failure can be repeated."""
    chance = random.Random(seed)
    new_id, at_once = ids.uuid4, worker_module.AT_ONCE
    if seed:
        ids.uuid4 = lambda: UUID(int=chance.getrandbits(128), version=4)
        worker_module.AT_ONCE = 1
    try:
        yield
    finally:
        ids.uuid4, worker_module.AT_ONCE = new_id, at_once
