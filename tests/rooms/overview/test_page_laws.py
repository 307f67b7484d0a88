"""What holds for every page there is: who may come in, whose jobs are shown, and that forms are our own.

Each law goes over all routes in one world: opening one for each of them would take minutes.
"""

import re
from uuid import UUID

import pytest

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.app.routes import PAGES
from crowdcore.base.ids import new_id
from tests.browsing import browser

CUSTOMER_PAGES = [route for route in PAGES if route.path.startswith("/jobs/{job_id}")]
FRIEND_PAGES = [route for route in PAGES if route.path.startswith("/friend/jobs/{job_id}")]
CONSOLE_PAGES = [route for route in PAGES if route.path.startswith("/console/") and "_id}" in route.path]
FORMS = [route for route in PAGES if route.method == "POST"]


NAMES = {"exam": "tv", "group": "region.csv"}


def _filled(path, **values):
    known = {**NAMES, **values}
    return "/en" + re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1]) or _stand_in(found[1])), path)


def _stand_in(name):
    return new_id() if name.endswith("_id") else "tv-box-setup"


async def _csrf(visitor):
    return (await visitor.get("/account")).forms[0].fields["_csrf"][0]


async def _ask(visitor, route, path):
    """Send a request to a page; a POST carries the browser's own token and a key."""
    if route.method == "GET":
        return await visitor.client.get(path)
    return await visitor.client.post(path, data={"_csrf": await _csrf(visitor), "_key": "k"})


def _without_ids(html):
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16}", "", html)


def _role_of(route):
    if route.roles == {Role.ADMIN}:
        return Role.ADMIN
    return Role.AGENT if route.roles == STAFF else Role.FRIEND if route.roles == {Role.FRIEND} else Role.CUSTOMER


@pytest.fixture
async def job_id(world):
    """Somebody's job, accepted by somebody."""
    owner, anna = await world.customer(), await world.friend()
    booked = await world.book(owner)
    await world.take(anna)
    return UUID(booked["id"])


def _anything() -> dict[str, object]:
    """Return values for paths that lead to a page, though to nothing of anybody's."""
    ids = ("job_id", "case_id", "friend_id", "delivery_id", "attempt_id")
    return {**{name: new_id() for name in ids}, "exam": "tv", "offer": "x", "secret": "x"}


@pytest.fixture
async def visitors(world):
    """A signed-in browser for each role."""
    people = {
        Role.CUSTOMER: await world.customer(),
        Role.FRIEND: await world.friend(),
        Role.AGENT: await world.agent(),
        Role.ADMIN: await world.agent(role=Role.ADMIN),
    }
    return {role: await browser(world, person=person) for role, person in people.items()}


def test_there_are_pages_to_look_at():
    assert len(PAGES) > 70
    assert min(len(CUSTOMER_PAGES), len(FRIEND_PAGES), len(CONSOLE_PAGES), len(FORMS)) > 8


async def test_nobody_gets_anywhere_with_somebody_elses_job(world, job_id, visitors):
    for routes, role in ((CUSTOMER_PAGES, Role.CUSTOMER), (FRIEND_PAGES, Role.FRIEND)):
        for route in routes:
            foreign = await _ask(visitors[role], route, _filled(route.path, job_id=job_id))
            unknown = await _ask(visitors[role], route, _filled(route.path, job_id=new_id()))
            assert (foreign.status_code, unknown.status_code) == (404, 404), route
            assert _without_ids(foreign.text) == _without_ids(unknown.text), route


async def test_staff_of_another_portal_see_nothing(world, job_id):
    elsewhere = await browser(world, "energy", person=await world.agent("energy", role=Role.ADMIN))
    for route in CONSOLE_PAGES:
        answer = await _ask(
            elsewhere, route, _filled(route.path, job_id=job_id, case_id=job_id, friend_id=job_id, delivery_id=job_id)
        )
        assert answer.status_code == 404, route


async def test_a_form_without_this_browsers_token_does_nothing(world, visitors):
    for route in FORMS:
        visitor = visitors[_role_of(route)]
        path = _filled(route.path, **_anything())
        other = await _csrf(visitors[Role.AGENT if visitor is not visitors[Role.AGENT] else Role.FRIEND])
        for data in ({"_key": "k"}, {"_key": "k", "_csrf": "0" * 64}, {"_key": "k", "_csrf": other}):
            assert (await visitor.client.post(path, data=data)).status_code == 403, route
        own = {"_key": "k", "_csrf": await _csrf(visitor)}
        elsewhere = await visitor.client.post(path, data=own, headers={"Sec-Fetch-Site": "cross-site"})
        assert elsewhere.status_code == 403, route


async def test_nobody_comes_in_without_the_role(world, visitors):
    stranger = await browser(world)
    for route in PAGES:
        path = _filled(route.path, **_anything())
        if route.method == "GET" and not route.public:
            answer = await stranger.client.get(path)
            assert answer.status_code == 303, route
            assert answer.headers["location"].startswith("/en/sign-in?next=/"), route
        for role in set(visitors) - route.roles if not route.public else ():
            assert (await _ask(visitors[role], route, path)).status_code == 403, route


async def test_what_is_no_id_is_no_job(visitors):
    for route in PAGES:
        if route.method == "GET" and "{job_id}" in route.path:
            for job_id in ("1", "x" * 400, str(new_id()).upper()):
                answer = await visitors[_role_of(route)].client.get(_filled(route.path, job_id=job_id))
                assert answer.status_code == 404, route


@pytest.mark.parametrize("partner", ["energy", "electronics"])
async def test_no_page_of_a_portal_names_another_portal(world, partner):
    others = {"Swisscom Friends", "Morgenkraft", "Steckplatz"}
    agent = await browser(world, partner, person=await world.agent(partner))
    for path in ("/", "/services", "/sign-in", "/account", "/jobs", "/console", "/console/friends", "/nothing"):
        html = (await agent.get(path)).html
        assert len([name for name in others if name in html]) == 1, path
