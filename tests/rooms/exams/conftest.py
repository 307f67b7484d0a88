"""A portal with hand-made exams, a Friend of it, and the application with this room's routes only."""

import dataclasses

import httpx2
import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.app.main import assemble
from crowdcore.app.viewers import Viewers
from crowdcore.base.geo import Point
from crowdcore.crowd import service as crowd_service
from crowdcore.crowd.rules import Kind
from crowdcore.exams import api, pages_friend
from crowdcore.partners.service import open_portals, opened, use_portals
from crowdcore.settings import Settings
from crowdcore.web import security
from crowdcore.web.live import Hub
from tests.rooms.exams.material import exam_of, question, router

HOST = "http://swisscom.localhost"


@pytest.fixture(scope="session")
def shipped():
    """The shipped portals, opened once: these tests change nothing of them but the exams."""
    return dict(open_portals(Settings(public_scheme="http")))


@pytest.fixture
def release(shipped):
    """Put exams in the place of the portal's own, as a new release of the partner's files would."""
    before = opened()

    def put(*exams):
        changed = dataclasses.replace(shipped["swisscom"], exams={exam.id: exam for exam in exams})
        use_portals({**shipped, "swisscom": changed})

    yield put
    use_portals(before)


@pytest.fixture
def exams(release):
    """The exams `router` (all types of question) and `pro`, which requires it."""
    release(
        router(),
        exam_of(question("one"), draws=router().draws[:0], exam_id="pro", requires=("router",)),
    )


async def _join(name):
    account = await accounts.open_account(
        email=f"{name}@example.ch", name=name, language="de", roles=frozenset({Role.FRIEND})
    )
    return await crowd_service.join(
        account=account,
        kind=Kind.FRIEND,
        home=Point(47.37, 8.54),
        region="CH-ZH",
        place_label="8001 Zürich",
        radius_m=30_000,
        most_radius_m=50_000,
        languages=frozenset({"de"}),
    )


@pytest.fixture
async def friend(database, scope, clock, exams):
    """A member of the crowd who has proved nothing yet."""
    return await _join("anna")


@pytest.fixture
async def other(friend):
    """Another member."""
    return await _join("beat")


@pytest.fixture
def app(settings, friend):
    return assemble(
        settings,
        hub=Hub(settings),
        api=api.ROUTES,
        pages=pages_friend.ROUTES,
        find_viewer=Viewers().find,
    )


@pytest.fixture
async def client_of(app):
    """Make a client of the JSON API for an account in a role."""
    made = []

    async def make(account_id, role=Role.FRIEND):
        token = await accounts.issue_token(account_id=account_id, role=role, label="test")
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app, raise_app_exceptions=True),
            base_url=f"{HOST}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()


@pytest.fixture
async def anna(client_of, friend):
    """Anna's program."""
    return await client_of(friend.account_id)


@pytest.fixture
async def browser(app, friend):
    """Anna's browser, signed in."""
    link = await accounts.issue_demo_link(account_id=friend.account_id)
    session = await accounts.sign_in_by_link(secret=link, browser=None)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=True),
        base_url=HOST,
        cookies={security.session_cookie(): session.secret},
    ) as client:
        yield client
