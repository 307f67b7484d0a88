"""Two towns on the real application: built once, and every test gets a copy."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

import pytest

from crowdcore.app.mail import kernel_defaults
from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.db.config import open_database
from crowdcore.db.migrate import migrate
from crowdcore.partners.service import open_portals, use_portals
from crowdcore.settings import Settings, use_settings
from crowdcore.web.portal import Portal
from tests.conftest import ON_POSTGRES, ROOT, START
from tests.kit import World
from tests.routes.town import WORDS, Town, build
from tests.routes.watch import Photo, Watch, photo

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """The towns, where the pattern of their database lies, and what is in it."""

    towns: dict[str, Town]
    photos: dict[str, Photo]
    settings: Settings
    mails: Path


def _settings(var_dir: Path, database_url: str) -> Settings:
    return Settings(
        var_dir=var_dir,
        database_url=database_url,
        secret="test",
        plugin_path=str(ROOT / "plugins"),
        public_scheme="http",
        embedded_worker=False,
        rate_limits=False,
    )


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Portal], Path]:
    """The shipped portals, loaded once, and the folder their mails go to."""
    chosen = _settings(tmp_path_factory.mktemp("portals"), "")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CROWDCORE_SWISSCOM_TICKET_URL", "http://tickets.localhost/tickets")
        portals = dict(open_portals(chosen, defaults=kernel_defaults(chosen)))
    use_portals({})
    return portals, chosen.var_dir / "mail"


@pytest.fixture(scope="session")
def built(
    empty_database: Settings, gazetteer_file: Path, shipped: tuple[dict[str, Portal], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:  # fmt: skip
    """Both towns, in a database that is only copied from."""
    url = _on_postgres(empty_database, f"towns_{WORKER}")
    chosen = _settings(tmp_path_factory.mktemp("towns"), url)
    if not ON_POSTGRES:
        shutil.copy(empty_database.sqlite_path, chosen.sqlite_path)
    shutil.copy(gazetteer_file, chosen.gazetteer_path)
    portals, mails = shipped

    async def live() -> tuple[dict[str, Town], dict[str, Photo]]:
        async with open_database(chosen) as context:
            if ON_POSTGRES:
                await migrate(context, chosen)
            async with World.open(chosen, clock) as world:
                towns = {partner: await build(world, partner) for partner in WORDS}
            photos = {partner: await photo(partner) for partner in WORDS}
            if not ON_POSTGRES:
                await context.db().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
        return towns, photos

    use_settings(chosen)
    use_portals(portals)
    clock = FakeClock(START)
    with use_clock(clock):
        towns, photos = asyncio.run(live())
    use_settings(None)
    use_portals({})
    kept = chosen.var_dir / "mail"
    shutil.copytree(mails, kept)
    shutil.rmtree(mails)
    return Built(towns, photos, chosen, kept)


def _on_postgres(empty: Settings, name: str, *, pattern: str = "") -> str:
    """Make a database on the server of the tests, empty or a copy of `pattern`; return its address."""
    if not ON_POSTGRES:
        return ""
    parts = urlsplit(empty.database_url)
    asyncio.run(_create(parts, name, pattern or "template1"))
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _create(server: SplitResult, name: str, pattern: str) -> None:
    import asyncpg

    options = dict(parse_qsl(server.query))
    host = options.get("host") or server.hostname
    connection = await asyncpg.connect(host=host, user=server.username, port=server.port or 5432, database="postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{pattern}"')
    finally:
        await connection.close()


_as_built: set[str] = set()
"""Copies on PostgreSQL that a test has left as they were; a new one takes a second."""


@pytest.fixture
def settings(built: Built, empty_database: Settings, tmp_path: Path) -> Iterator[Settings]:
    name = f"town_{WORKER}"
    url = urlunsplit(urlsplit(empty_database.database_url)._replace(path=f"/{name}")) if ON_POSTGRES else ""
    if url not in _as_built:
        url = _on_postgres(empty_database, name, pattern=f"towns_{WORKER}")
    _as_built.clear()
    chosen = _settings(tmp_path / "var", url)
    chosen.var_dir.mkdir()
    if not ON_POSTGRES:
        shutil.copy(built.settings.sqlite_path, chosen.sqlite_path)
    chosen.gazetteer_path.symlink_to(built.settings.gazetteer_path)
    use_settings(chosen)
    yield chosen
    use_settings(None)


@pytest.fixture
async def database(settings: Settings, built: Built) -> AsyncIterator[None]:
    """Both towns, as they were built."""
    async with open_database(settings):
        yield
        if ON_POSTGRES and {partner: await photo(partner) for partner in WORDS} == built.photos:
            _as_built.add(settings.database_url)


@pytest.fixture
def portals(shipped: tuple[dict[str, Portal], Path], settings: Settings) -> Iterator[None]:
    shutil.rmtree(shipped[1], ignore_errors=True)
    use_portals(shipped[0])
    yield
    use_portals({})


@pytest.fixture
async def world(
    settings: Settings, database: None, portals: None, clock: FakeClock, shipped: tuple[dict[str, Portal], Path]
) -> AsyncIterator[World]:
    async with World.open(settings, clock) as world:
        world.mail_folder = shipped[1]
        yield world


@pytest.fixture
def here(built: Built) -> Town:
    """The town whose routes are tried."""
    return built.towns["swisscom"]


@pytest.fixture
def there(built: Built) -> Town:
    """The town that nobody here may ever hear of."""
    return built.towns["energy"]


@pytest.fixture
def watch(built: Built, here: Town, there: Town) -> Watch:
    """Both towns as they were when the test began."""
    return Watch((here, there), (built.photos[here.partner], built.photos[there.partner]))


@pytest.fixture
async def untouched(world: World, watch: Watch) -> AsyncIterator[None]:
    """Fail if anything at all has changed in either town by the end of the test."""
    yield
    await watch.nothing_changed()
