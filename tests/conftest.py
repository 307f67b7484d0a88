"""Fixtures that every test may use: a clean database of either kind, a clock, the portals, a partner scope.

``CROWDCORE_TEST_DB=postgres`` runs the same tests on a real PostgreSQL from a wheel; otherwise SQLite.
"""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
from starlette import routing
from tortoise.apps import Apps

from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.db.config import open_database
from crowdcore.db.migrate import migrate
from crowdcore.db.scope import partner_scope
from crowdcore.settings import Settings, settings as settings_in_use, use_settings
from tests import servers, turns

ROOT = Path(__file__).parent.parent
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday, 10:00 in Zurich: no day of a clock change is near."""

os.environ.setdefault("CROWDCORE_SWISSCOM_TICKET_SECRET", "whsec_" + "dGVzdC1zZWNyZXQtb2YtMzItYnl0ZXMtZm9yLXVz")
# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("crowdcore", deadline=None)
hypothesis.settings.load_profile("crowdcore")

ON_POSTGRES = os.environ.get("CROWDCORE_TEST_DB") == "postgres"


def work_out_once() -> None:
    """Do once what every opening of a database or an application does alike; thousands of tests open both.

    Queries and filters of a table depend on the kind of database alone, a path's pattern on the path.
    """
    build, built = Apps._build_initial_querysets, {}

    def build_once(apps: Apps) -> None:
        kinds = {model: model._meta.db.executor_class for app in apps.apps.values() for model in app.values()}
        if any(built.get(model) is not kind for model, kind in kinds.items()):
            build(apps)
            built.update(kinds)

    Apps._build_initial_querysets = build_once
    routing.compile_path = cache(routing.compile_path)


work_out_once()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first."""
    items.sort(key=lambda item: turns.turn(item.nodeid))


def pytest_collection_finish() -> None:
    """Let the garbage collector look rarely, and never at code and all the tests: a round takes half a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> turns.Folders:
    """Give out tests by folders, in our order instead of by their number."""
    config.option.loadscopereorder = False
    return turns.Folders(config, log)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    try:
        return servers.postgres_url()
    except servers.Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def valkey_server() -> str:
    try:
        return servers.valkey_url()
    except servers.Missing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def gazetteer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from crowdcore.places.build import build

    out = tmp_path_factory.mktemp("places") / "places.sqlite3"
    build(out, source=ROOT / "tests/floors/places/places.jsonl")
    return out


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Settings:
    """A migrated, empty database, made once; tests get copies of it (SQLite) or it truncated (PostgreSQL)."""
    url = ""
    if ON_POSTGRES:
        base = urlsplit(request.getfixturevalue("postgres_server"))
        name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
        asyncio.run(create_postgres_database(urlunsplit(base), name))
        url = urlunsplit(base._replace(path=f"/{name}"))
    settings = Settings(var_dir=tmp_path_factory.mktemp("template"), database_url=url, secret="test")

    async def prepare() -> None:
        async with open_database(settings) as context:
            await migrate(context, settings)
            if not ON_POSTGRES:
                await context.db().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")

    asyncio.run(prepare())
    return settings


async def create_postgres_database(server: str, name: str) -> None:
    import asyncpg

    parts = urlsplit(server)
    host = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair).get("host") or parts.hostname
    connection = await asyncpg.connect(host=host, user=parts.username, database="postgres", port=parts.port or 5432)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


@pytest.fixture
def settings(empty_database: Settings, tmp_path: Path, gazetteer_file: Path) -> Iterator[Settings]:
    """Settings of an installation of its own, with an empty migrated database and a small gazetteer."""
    chosen = Settings(
        var_dir=tmp_path / "var",
        database_url=empty_database.database_url,
        secret="test",
        plugin_path=str(ROOT / "plugins"),
        public_scheme="http",
        embedded_worker=False,
        rate_limits=False,
    )
    chosen.var_dir.mkdir()
    if not ON_POSTGRES:
        shutil.copy(empty_database.sqlite_path, chosen.sqlite_path)
    chosen.gazetteer_path.symlink_to(gazetteer_file)
    use_settings(chosen)
    yield chosen
    use_settings(None)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[None]:
    """An open, empty database."""
    async with open_database(settings) as context:
        if ON_POSTGRES:
            await truncate(context)
        yield


async def truncate(context) -> None:
    """Empty every table that has rows; TRUNCATE makes new files for all of them, whether they have any or not."""
    connection = context.db()
    rows = await connection.execute_query_dict(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%migration%'"
    )
    names = [row["tablename"] for row in rows]
    full = await connection.execute_query_dict(
        " UNION ALL ".join(f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    )
    if full:
        deletes = "".join(f'DELETE FROM "{row["name"]}";' for row in full)
        await connection.execute_script(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT")


@pytest.fixture
def clock() -> Iterator[FakeClock]:
    """Time stands still at `START` until a test moves it."""
    fake = FakeClock(START)
    with use_clock(fake):
        yield fake


@pytest.fixture
def scope() -> Iterator[str]:
    """Work as the partner swisscom."""
    with partner_scope("swisscom"):
        yield "swisscom"


@cache
def shipped_portals(ticket_url: str):
    """Read the portals of the shipped plugins: half a second, once per process.

    Their mails go where the settings of the moment say.

    Args:
        ticket_url: of swisscom's ticket system, which its portal reads from the environment when it opens.
    """
    from crowdcore.app.mail import kernel_defaults
    from crowdcore.bookings.queries import closed_region
    from crowdcore.partners.service import open_portals, use_portals
    from crowdcore.plugin.defaults import Defaults

    async def deliver(portal, case):
        return await kernel_defaults(settings_in_use()).deliver_escalation(portal, case)

    async def send(portal, channel, message):
        return await kernel_defaults(settings_in_use()).send_notification(portal, channel, message)

    read = Settings(plugin_path=str(ROOT / "plugins"), public_scheme="http")
    defaults = Defaults(region_gate=closed_region, deliver_escalation=deliver, send_notification=send)
    portals = dict(open_portals(read, defaults=defaults))
    use_portals({})
    return portals


@pytest.fixture
def portals(settings: Settings) -> Iterator[None]:
    """The portals of the shipped plugins, with nothing remembered of other tests."""
    from crowdcore.partners.service import use_portals

    shipped = shipped_portals(os.environ.get("CROWDCORE_SWISSCOM_TICKET_URL", ""))
    for portal in shipped.values():
        portal.hooks._registry._breakers.clear()
    use_portals(shipped)
    yield
    use_portals({})


@pytest.fixture
def ticket_system(monkeypatch):
    """An address for swisscom's cases; `world` takes them instead of the network."""
    monkeypatch.setenv("CROWDCORE_SWISSCOM_TICKET_URL", "http://tickets.localhost/tickets")


@pytest.fixture
async def world(ticket_system, settings: Settings, database, portals, clock: FakeClock):
    """The real application on an empty database, and quick ways to people it; see tests/kit.py."""
    from tests.kit import World

    async with World.open(settings, clock) as world:
        yield world
