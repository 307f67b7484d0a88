"""The assembled application: starts, serves, stops; and refuses what is too slow."""

import asyncio
import dataclasses

import httpx2
import pytest

from crowdcore.app.main import create_app
from crowdcore.partners.service import opened
from crowdcore.web import arrival, limits, rates
from crowdcore.web.arrival import client_network, networks


async def test_the_application_starts_and_stops(settings):
    app = create_app(dataclasses.replace(settings, embedded_worker=True, rate_limits=True))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://energy.localhost") as client:
            assert (await client.get("/healthz")).json()["status"] == "ok"
            assert (await client.get("/")).headers["location"] == "/de/"
            assert (await client.get("/api/v1/openapi.json")).status_code == 200
            assert (await client.get("/de/no-such-page")).status_code == 404
        assert set(opened()) == {"electronics", "energy", "swisscom"}
        assert rates._rates is not None
    assert rates._rates is None
    assert not [task for task in asyncio.all_tasks() if task.get_name() in {"worker", "live events"}]


async def test_a_body_that_does_not_come_is_not_waited_for(app, monkeypatch):
    monkeypatch.setattr(limits, "BODY_DEADLINE_S", 0.05)
    sent = []

    async def never():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/things",
        "raw_path": b"/api/v1/things",
        "query_string": b"",
        "headers": [
            (b"host", b"swisscom.localhost"),
            (b"authorization", b"Bearer anna-t"),
            (b"content-type", b"application/json"),
            (b"idempotency-key", b"k"),
        ],
        "client": ("127.0.0.1", 1),
    }
    async with asyncio.timeout(20):
        await app(scope, never, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert b'"body.too_slow"' in sent[1]["body"]


def _scope(peer, forwarded=""):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {"type": "http", "client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.9", "", "203.0.113.0/24"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.0/24"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.0/24"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.0/24"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7, 10.0.0.2", "198.51.100.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("10.0.0.1", "2001:db8:1:2::7", "2001:db8:1::/56"),
        ("10.0.0.1", "nonsense" * 20, ("nonsense" * 20)[:45]),
        ("testclient", "198.51.100.7", "testclient"),
    ],
)
def test_a_proxy_is_believed_only_if_it_is_ours(peer, forwarded, network):
    assert client_network(_scope(peer, forwarded), networks("10.0.0.0/16, 127.0.0.1")) == network


def test_a_wrong_list_of_proxies_does_not_start():
    with pytest.raises(arrival.Fault, match="CROWDCORE_TRUSTED_PROXIES"):
        networks("10.0.0.0/16, proxy.example")
