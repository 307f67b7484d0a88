"""The addresses that belong to no room: files, looks, descriptions, the live stream, the callback."""

from __future__ import annotations

import asyncio

import pytest
from starlette.routing import Route

from crowdcore.partners.service import opened
from crowdcore.web.openapi import PREFIX
from crowdcore.web.operation import ApiPath
from crowdcore.web.pages import PagePath
from tests.kit import World
from tests.routes.checks import FORM, METHODS, UNKNOWN_HOST, names_nobody, refused
from tests.routes.recipe import Client, api_headers
from tests.routes.town import Town

HEALTH = "/healthz"
EVENTS = f"{PREFIX}/events"
CALLBACK = "/-/{plugin}/hand-back"

#: path of the route -> the address that is tried, and what GET says there.
FIXED: dict[str, tuple[str, int]] = {
    "/": ("/", 302),
    "/favicon.ico": ("/favicon.ico", 200),
    "/robots.txt": ("/robots.txt", 200),
    "/_s/{rest:path}": ("<static>", 200),
    "/_t/{version}/{name}": ("<look>", 200),
    f"{PREFIX}/openapi.json": (f"{PREFIX}/openapi.json", 200),
    EVENTS: (EVENTS, 401),
    "/sw.js": ("/sw.js", 200),
    "/manifest.webmanifest": ("/manifest.webmanifest", 200),
    "/{lang}/manifest.webmanifest": ("/en/manifest.webmanifest", 200),
    "/{lang}/friend.webmanifest": ("/en/friend.webmanifest", 200),
    "/apple-touch-icon.png": ("/apple-touch-icon.png", 200),
    "/_t/{version}/icon-{icon}.png": ("<icon>", 200),
    CALLBACK: ("/-/swisscom/hand-back", 405),
    "/{lang}": ("/en", 308),
}


def _address(path: str, town: Town) -> str:
    portal = opened()[town.partner]
    files = {"<static>": portal.static.url("base.css"), "<look>": f"/_t/{portal.theme.version}/theme.css"}
    files["<icon>"] = f"/_t/{portal.theme.version}/icon-192.png"
    return files.get(FIXED[path][0], FIXED[path][0])


@pytest.fixture
async def client(world: World, here: Town, there: Town) -> Client:
    return await Client.open(world, here, there)


def test_every_other_address_is_known(world):
    others = [route for route in world.app.routes if not isinstance(route.endpoint, ApiPath | PagePath)]
    assert all(isinstance(route, Route) for route in others)
    assert {route.path for route in others} == FIXED.keys(), "write down in FIXED what GET says there"


@pytest.mark.parametrize("path", FIXED)
@pytest.mark.usefixtures("untouched")
async def test_reading_changes_nothing_and_tells_nothing(client, here, path):
    address, status = _address(path, here), FIXED[path][1]
    answer = await client.send("GET", address, host=here.host)
    head = await client.send("HEAD", address, host=here.host)
    assert (answer.status, head.status, head.response.content) == (status, status, b"")
    assert "morgenkraft" not in answer.response.text.lower()
    if "location" in answer.response.headers:
        assert answer.response.headers["location"].startswith("/")


@pytest.mark.parametrize("path", [*FIXED, HEALTH])
@pytest.mark.usefixtures("untouched")
async def test_other_methods_are_not_understood(client, here, path):
    address = HEALTH if path == HEALTH else _address(path, here)
    known = {"POST"} if path == CALLBACK else {"GET", "HEAD"}
    someone = here.people["admin"]
    headers = {**api_headers(someone.token), "content-type": FORM}
    for method in METHODS:
        if method not in known:
            answer = await client.send(method, address, host=here.host, eyes=someone, headers=headers, content=b"a=1")
            assert answer.status == 405
            assert set(answer.response.headers["allow"].split(", ")) == known


@pytest.mark.parametrize("path", FIXED)
@pytest.mark.usefixtures("untouched")
async def test_an_unknown_host_says_nothing(client, here, path):
    answer = await client.send("GET", _address(path, here), host=UNKNOWN_HOST)
    assert answer.status == 421
    names_nobody(answer, here)


@pytest.mark.parametrize("host", [UNKNOWN_HOST, "swisscom.localhost"])
async def test_the_health_check_names_nobody(client, here, host):
    answer = await client.send("GET", HEALTH, host=host)
    assert answer.status == 200
    names_nobody(answer, here)


@pytest.mark.usefixtures("untouched")
async def test_looks_and_files_of_the_other_portal_are_not_there(client, here, there):
    theirs = opened()[there.partner]
    for address in (
        f"/_t/{theirs.theme.version}/theme.css",
        f"/_t/{theirs.theme.version}/icon.svg",
        "/_s/000000000000/base.css",
        "/_s/base.css",
        f"/_s/{'0' * 12}/../base.css",
        "/_s/%2e%2e/%2e%2e/partner.toml",
        "/_s/..%2fpartner.toml",
        "/_s//etc/passwd",
    ):
        answer = await client.send("GET", address, host=here.host)
        assert answer.status == 404, address


@pytest.mark.usefixtures("untouched")
async def test_the_stream_is_for_whoever_is_signed_in_here(client, here, there):
    mine, theirs = here.people["cora"], there.people["cora"]
    refused(await client.send("GET", EVENTS, host=here.host), 401, "auth.missing")
    for headers in ({"cookie": f"s={theirs.session}"}, {"cookie": "s=cs_no"}):
        refused(await client.send("GET", EVENTS, host=here.host, headers=headers), 401, "auth.missing")
    for token in (theirs.token, "cc_no", mine.session):
        headers = {"authorization": f"Bearer {token}", "cookie": f"s={mine.session}"}
        refused(await client.send("GET", EVENTS, host=here.host, headers=headers), 401, "auth.invalid")
    signed_in = {"authorization": f"Bearer {mine.token}"}
    for accept in ("image/png", "text/html", "application/json"):
        headers = {**signed_in, "accept": accept}
        refused(await client.send("GET", EVENTS, host=here.host, eyes=mine, headers=headers), 406, "accept")


@pytest.mark.usefixtures("untouched")
async def test_asking_for_the_head_of_the_stream_opens_none(client, here):
    someone = here.people["cora"]
    headers = {"authorization": f"Bearer {someone.token}"}
    for _ in range(6):  # more than one account may open
        async with asyncio.timeout(20):
            answer = await client.send("HEAD", EVENTS, host=here.host, eyes=someone, headers=headers)
        assert (answer.status, answer.response.content) == (200, b"")
        assert answer.response.headers["content-type"].startswith("text/event-stream")
