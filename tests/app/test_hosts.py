"""Hosts (F37): exactly the portal whose name was called, or a page without any brand."""

import dataclasses

import httpx2
import pytest

from crowdcore.base.text import Language
from crowdcore.partners.service import use_portals
from crowdcore.plugin.content_partner import Domain, PortalStatus

BRANDS = ("swisscom", "morgenkraft", "steckplatz", "energy", "electronics", "crowdcore")
PATHS = ("/", "/de/", "/de/nothing", "/api/v1/things", "/api/v1/openapi.json", "/robots.txt", "/favicon.ico")


async def _raw(app, path, headers, method="GET"):
    """Call the application with exactly these headers; return status, headers, body."""
    out = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        out.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    sent = {name.decode(): value.decode() for name, value in out[0]["headers"]}
    return out[0]["status"], sent, b"".join(part.get("body", b"") for part in out[1:]).decode()


def _names_nobody(headers, body):
    text = (body + " ".join(headers.values())).lower()
    return [brand for brand in BRANDS if brand in text]


@pytest.mark.parametrize("host", ["swisscom.localhost", "SWISSCOM.localhost.", "swisscom.localhost:8000"])
async def test_spellings_of_the_right_host(app, host):
    status, _, body = await _raw(app, "/de/", [(b"host", host.encode())])
    assert (status, body.split()[0]) == (200, "swisscom")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]",
        "example.ch",
        "www.swisscom.localhost",
        "swisscom.localhost.example.ch",
        "swisscomXlocalhost",
        "xn--swisscm-q5a.localhost",
        "de",
    ],
)
@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_host_is_421_without_a_brand(app, host, path):
    status, headers, body = await _raw(app, path, [(b"host", host.encode())])
    assert status == 421
    assert "location" not in headers
    assert _names_nobody(headers, body) == []
    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b""],
        [b" "],
        [b"swisscom.localhost", b"swisscom.localhost"],
        [b"swisscom.localhost", b"energy.localhost"],
        [b"swisscom.localhost, energy.localhost"],
        [b"user@swisscom.localhost"],
        [b"user:pw@swisscom.localhost"],
        [b"swisscom.localhost@evil.example"],
        [b"swisscom.localhost/"],
        [b"swisscom.localhost/../energy.localhost"],
        [b"swisscom.localhost?"],
        [b"swisscom.localhost#"],
        [b"http://swisscom.localhost"],
        [b"swisscom.localhost "],
        [b" swisscom.localhost"],
        [b"swisscom.localhost\t"],
        [b"swisscom localhost"],
        [b"swisscom.localhost:"],
        [b"swisscom.localhost:eighty"],
        [b"swisscom.localhost:99999"],
        [b"swisscom.localhost:80:80"],
        [b"swisscom..localhost"],
        [b"swisscom.localhost.."],
        [b"swisscom_localhost"],
        [b"%73wisscom.localhost"],
        [b"swisscom.localhost\x00"],
        [b"swisscom.localhost\xe4"],
        [b"*"],
        [b"x" * 300],
    ],
)
@pytest.mark.parametrize("path", ["/de/", "/api/v1/things"])
async def test_a_host_that_is_none_is_400_without_a_brand(app, hosts, path):
    status, headers, body = await _raw(app, path, [(b"host", host) for host in hosts])
    assert status == 400
    assert _names_nobody(headers, body) == []


async def test_an_unknown_host_of_the_api_gets_a_problem_document(app):
    status, headers, body = await _raw(app, "/api/v1/things", [(b"host", b"nobody.example")])
    assert (status, headers["content-type"]) == (421, "application/problem+json")
    assert '"host.unknown"' in body


@pytest.mark.parametrize("name", ["x-forwarded-host", "forwarded", "x-host", "x-original-host", "x-forwarded-server"])
async def test_forwarded_hosts_are_ignored(client, name):
    response = await client.get("/de/", headers={name: "energy.localhost"})
    assert response.text.split()[0] == "swisscom"
    response = await client.get("http://nobody.example/de/", headers={name: "swisscom.localhost"})
    assert response.status_code == 421


async def test_each_portal_answers_under_its_own_name(client):
    for partner in ("swisscom", "energy", "electronics"):
        response = await client.get(f"http://{partner}.localhost/en/")
        assert response.text.split()[:2] == [partner, "en"]


async def test_a_session_of_one_portal_is_nobody_at_another(client):
    client.headers["Cookie"] = "s=anna-s"
    assert "Anna" in (await client.get("/de/")).text
    assert "nobody" in (await client.get("http://energy.localhost/de/")).text


@pytest.mark.parametrize("host", ["swisscom.localhost", "nobody.example", "localhost"])
async def test_the_health_check_answers_everywhere_without_a_brand(client, host):
    response = await client.get(f"http://{host}/healthz")
    assert response.json() == {"status": "ok", "deliveries_waiting": 0, "deliveries_parked": 0}
    assert _names_nobody(response.headers, response.text) == []


def _changed(portals, **settings):
    portal = portals["swisscom"]
    changed = dataclasses.replace(portal, settings=dataclasses.replace(portal.settings, **settings))
    hosts = frozenset(domain.host for domain in changed.settings.domains)
    use_portals({**portals, "swisscom": dataclasses.replace(changed, hosts=hosts)})


async def test_a_second_name_leads_to_the_first(client, portals):
    primary = portals["swisscom"].settings.domains
    other = Domain(host="old.example", primary=False, language=None, redirect_to_primary=True)
    _changed(portals, domains=(*primary, other))
    response = await client.get("http://old.example:81/fr/a%20b?x=1")
    assert response.status_code == 308
    assert response.headers["location"] == "http://swisscom.localhost/fr/a%20b?x=1"


async def test_a_name_may_have_a_language(client, portals):
    primary = portals["swisscom"].settings.domains
    french = Domain(host="aide.example", primary=False, language=Language.FR, redirect_to_primary=False)
    _changed(portals, domains=(*primary, french))
    assert (await client.get("http://aide.example/")).headers["location"] == "/fr/"


async def test_a_draft_does_not_exist_yet(client, portals):
    _changed(portals, status=PortalStatus.DRAFT)
    assert (await client.get("/de/")).status_code == 421


async def test_a_closed_portal_says_so(client, portals):
    _changed(portals, status=PortalStatus.CLOSED)
    response = await client.get("/de/")
    assert response.status_code == 410
    assert portals["swisscom"].settings.name.brand in response.text
    assert (await client.get("/api/v1/things")).json()["code"] == "portal.closed"


async def test_a_websocket_is_closed(app):
    out = []

    async def send(message):
        out.append(message)

    await app({"type": "websocket", "path": "/", "headers": []}, None, send)
    assert out == [{"type": "websocket.close", "code": 1000}]


async def test_the_client_is_known_by_its_network(client, settings, app):
    def over(peer):
        transport = httpx2.ASGITransport(app, client=(peer, 1))
        return httpx2.AsyncClient(transport=transport, base_url="http://swisscom.localhost")

    async with over("203.0.113.77") as direct:
        answer = await direct.get("/de/", headers={"X-Forwarded-For": "198.51.100.1"})
        assert answer.text.endswith("203.0.113.0/24")
    async with over("2001:db8:1:2ff::5") as direct:
        assert (await direct.get("/de/")).text.endswith("2001:db8:1:200::/56")
