"""The real application with a few routes of its own, on the shipped portals and an empty database."""

import asyncio
import dataclasses

import httpx2
import pytest
import uvicorn

from crowdcore.app.main import assemble
from crowdcore.app.protocol import Impatient
from crowdcore.db.models import OutboxEvent
from crowdcore.partners.service import open_portals, opened, use_portals
from crowdcore.settings import Settings
from crowdcore.web import rates
from crowdcore.web.live import Hub
from tests.app.bench import Bench, ThingGone, api_routes, find_viewer, page_routes


@pytest.fixture(scope="session")
def shipped():
    """The shipped portals, loaded once."""
    return dict(open_portals(Settings(public_scheme="http")))


@pytest.fixture
def portals(shipped):
    """Use the shipped portals; a test may put others in their place."""
    before = opened()
    use_portals(shipped)
    yield shipped
    use_portals(before)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def hub(settings):
    return Hub(settings)


@pytest.fixture
def app(settings, portals, database, bench, hub):
    return assemble(settings, hub=hub, api=api_routes(bench), pages=page_routes(bench), find_viewer=find_viewer)


@pytest.fixture
async def client(app):
    transport = httpx2.ASGITransport(app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url="http://swisscom.localhost") as client:
        yield client


@pytest.fixture
async def running(app, hub):
    """The application in a real server, with live events."""
    config = uvicorn.Config(app, port=0, http=Impatient, log_level="error", lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    await hub.start()
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 -- the server offers no event
        await asyncio.sleep(0.005)
    yield server
    server.should_exit = True
    await serving
    await hub.stop()


@pytest.fixture
def server(running):
    """The address of the real server."""
    return f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"


@pytest.fixture
async def api(client):
    """The client as Anna's program."""
    client.headers["Authorization"] = "Bearer anna-t"
    client.base_url = "http://swisscom.localhost/api/v1"
    return client


@pytest.fixture
def limited(settings):
    """Switch rate limits on."""
    rates.use_rates(rates.Rates(dataclasses.replace(settings, rate_limits=True)))
    yield
    rates.use_rates(None)


@pytest.fixture
def gone():
    """The refusal that the test verb documents."""
    return ThingGone


@pytest.fixture
def effects():
    """Count what the verbs did."""

    async def count():
        return await OutboxEvent.all().count()

    return count
