"""A world to test in: the real application on the shipped portals, people with tokens, a worker, a clock.

    async def test_something(world):
        customer, anna = await world.customer(), await world.friend(service="tv-box-setup")
        job = (await customer.post("/jobs", {...})).json()
        await world.drain()
        await world.advance(minutes=10)

Everybody is made through the services, as a customer of `swisscom` unless a partner is named.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from unittest import mock
from uuid import UUID

import httpx2
from starlette.applications import Starlette

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.app.main import assemble
from crowdcore.app.routes import API, PAGES
from crowdcore.app.viewers import Viewers
from crowdcore.app.worker import worker
from crowdcore.base import clock as time
from crowdcore.base.clock import FakeClock
from crowdcore.base.geo import Point
from crowdcore.base.ids import new_id
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import ALWAYS, Friend, Kind
from crowdcore.db.scope import partner_scope
from crowdcore.partners.service import opened
from crowdcore.settings import Settings
from crowdcore.web.api import ApiRoute
from crowdcore.web.live import Hub
from crowdcore.web.openapi import PREFIX, refusals_of

ZURICH = "CH-8001-zurich"
NEAR_ZURICH = Point(47.37, 8.54)
BERN = Point(46.948, 7.447)

BOOKABLE = {"swisscom": "tv-box-setup", "energy": "meter-app", "electronics": "tv-setup"}
"""One service per partner that needs an exam and can be had at once."""

PROBLEM = "application/problem+json"


def window(start: datetime, *, hours: float = 2) -> dict:
    """Return a span of time as the API reads it."""
    return {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat()}


def check_problem(response: httpx2.Response, status: int, code: str) -> dict:
    """Fail unless this is a problem document with this code; return it."""
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == PROBLEM
    return response.json()


def check_field(response: httpx2.Response, pointer: str, code: str) -> None:
    """Fail unless exactly this field was refused for exactly this reason."""
    body = check_problem(response, 422, "input.invalid")
    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [(pointer, code)]
    assert body["errors"][0]["message"]


def wish(**fields) -> dict:
    """Return the body of a booking: at once, in Zurich, with a street of its own."""
    return {
        "service": "tv-box-setup",
        "place": ZURICH,
        "street": "Bahnhofstrasse 1",
        "urgent": True,
        **fields,
    }


def _patterns() -> list[tuple[str, re.Pattern[str], ApiRoute]]:
    return [
        (route.method, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(PREFIX + route.path))), route)
        for route in API
    ]


_ROUTES = _patterns()


async def check_documented(response: httpx2.Response) -> None:
    """Fail if the API answered something that its own description does not list."""
    path, method = response.request.url.path, response.request.method
    routes = [route for verb, pattern, route in _ROUTES if verb == method and pattern.fullmatch(path)]
    if not routes:
        return
    await response.aread()
    if response.is_success:
        assert response.status_code == routes[0].status, f"{method} {path}: {response.status_code}"
        routes[0].answer.model_validate_json(response.text)
        return
    said = (response.status_code, response.json()["code"])
    listed = {(refusal.status, refusal.code) for refusal in refusals_of(routes[0])}
    assert said[0] == 401 or said in listed, f"{method} {routes[0].path} does not list {said}: {response.text}"


@dataclass
class Person:
    """Somebody with an account and a token; `post` sends a fresh Idempotency-Key unless it is given one."""

    account: Account
    client: httpx2.AsyncClient
    partner: str
    friend: Friend | None = None

    async def get(self, path: str, **query) -> httpx2.Response:
        return await self.client.get(path, params=query)

    async def post(self, path: str, body: dict | None = None, *, key: str | None = None, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(
            path,
            content=None if body is None else json.dumps(body).encode(),
            headers={
                "Idempotency-Key": key or str(new_id()),
                **({} if body is None else {"Content-Type": "application/json"}),
                **names,
            },
        )

    async def must(self, path: str, body: dict | None = None, **more) -> dict:
        """POST what has to work, and return the answer."""
        response = await self.post(path, body, **more)
        assert response.status_code in {200, 201}, response.text
        return response.json()

    async def read(self, path: str, **query) -> dict:
        """GET what has to be there, and return it."""
        response = await self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def job(self, job_id: str) -> dict:
        return await self.read(f"/jobs/{job_id}")


@dataclass
class Desk:
    """The ticket system that swisscom's plugin sends cases to; it may be away."""

    tickets: dict[str, dict] = field(default_factory=dict)
    is_away: bool = False

    async def posted(self, _url: str, body: str, headers: dict[str, str]) -> bytes:
        """Take a case over, as the plugin posts it; the same id gets the same number again."""
        if self.is_away:
            raise httpx2.ConnectError("nobody there")
        key = headers["webhook-id"]
        self.tickets.setdefault(key, json.loads(body))
        return json.dumps({"ref": f"INC-{list(self.tickets).index(key) + 1:04}"}).encode()


@dataclass
class World:
    """The application and everything around it."""

    app: Starlette
    clock: FakeClock
    stack: AsyncExitStack
    desk: Desk
    mail_folder: Path
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, clock: FakeClock) -> AsyncIterator[World]:
        """Assemble the application as it is served, without its worker; database and portals are open."""
        app = assemble(settings, hub=Hub(settings), api=API, pages=PAGES, find_viewer=Viewers().find)
        desk = Desk()
        plugin = opened()["swisscom"].hooks._registry._manager.get_plugin("swisscom")
        async with AsyncExitStack() as stack:
            stack.enter_context(mock.patch.object(plugin, "_posted", desk.posted))
            yield cls(app, clock, stack, desk, settings.var_dir / "mail")

    async def client(
        self,
        partner: str = "swisscom",
        *,
        token: str | None = None,
        language: str = "en",
        path: str = "/api/v1",
    ) -> httpx2.AsyncClient:
        """Return a client of one portal; `path` is put before every address."""
        headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app, raise_app_exceptions=True),
            base_url=f"http://{partner}.localhost{path}",
            headers=headers,
            event_hooks={"response": [check_documented]},
        )
        return await self.stack.enter_async_context(client)

    async def customer(self, partner: str = "swisscom", **more) -> Person:
        return await self.person(Role.CUSTOMER, partner, **more)

    async def agent(self, partner: str = "swisscom", *, role: Role = Role.AGENT, **more) -> Person:
        return await self.person(role, partner, **more)

    async def person(
        self, role: Role, partner: str = "swisscom", *, name: str = "", language: str = "en", phone: str = ""
    ) -> Person:
        """Open an account in a role and give it a token."""
        number = next(self.numbers)
        with partner_scope(partner):
            account = await accounts.open_account(
                email=f"{role.value}{number}@example.ch",
                name=name or f"{role.value.title()} {number}",
                language=language,
                roles=frozenset({role}),
                phone=phone,
            )
            token = await accounts.issue_token(account_id=account.id, role=role, label="test")
        return Person(account, await self.client(partner, token=token, language=language), partner)

    async def friend(
        self,
        partner: str = "swisscom",
        *,
        service: str | None = "",
        point: Point = NEAR_ZURICH,
        kind: Kind = Kind.FRIEND,
        licences: frozenset[str] = frozenset(),
        hours: int = ALWAYS,
        name: str = "",
    ) -> Person:
        """Add a member near Zurich who is qualified for `service` (None: for nothing)."""
        person = await self.person(Role.FRIEND, partner, name=name)
        with partner_scope(partner):
            member = await crowd_service.join(
                account=person.account,
                kind=kind,
                home=point,
                region="CH-ZH",
                place_label="8001 Zürich",
                radius_m=50_000,
                most_radius_m=50_000,
                languages=frozenset({"de", "fr", "en"}),
                licences=licences,
                hours=hours,
            )
            if service is not None:
                await self.qualify(member.id, service or BOOKABLE[partner], partner)
            person.friend = await crowd.friend(member.id)
        return person

    async def qualify(self, friend_id: UUID, service: str, partner: str = "swisscom") -> None:
        """Grant a member the skill that `service` asks for."""
        with partner_scope(partner):
            skill = catalog.skill_of(catalog.service(service))
            assert skill is not None, f"{service} asks for no skill"
            await crowd_service.grant_qualification(
                friend_id=friend_id, skill=skill, valid_until=time.now() + timedelta(days=300), reason="test"
            )

    async def drain(self) -> None:
        """Let the worker do everything that is due now."""
        await worker().drain()

    async def advance(self, **units: float) -> None:
        """Let time pass (`timedelta` units), then let the worker do what has become due."""
        self.clock.advance(**units)
        await self.drain()

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Return the mails sent so far, the oldest first; `to` filters by recipient."""
        files = sorted(self.mail_folder.rglob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [mail for mail in mails if to in mail["To"]]

    async def book(self, customer: Person, **fields) -> dict:
        """Book a job of the customer's partner and send the first wave."""
        booked = await customer.must("/jobs", wish(**{"service": BOOKABLE[customer.partner], **fields}))
        await self.drain()
        return booked

    async def take(self, friend: Person, number: str | None = None) -> dict:
        """Accept the Friend's newest offer, or that of the job with this number; return the answer."""
        offers = (await friend.read("/offers"))["offers"]
        mine = [offer for offer in offers if number in {None, offer["number"]}]
        assert mine, "the Friend was not asked"
        return await friend.must(f"/offers/{mine[0]['id']}/accept")


def signed(body: bytes, *, message_id: str, at: int, secret: str | None = None) -> dict[str, str]:
    """Return the headers with which a ticket system signs a message (Standard Webhooks)."""
    given = secret or os.environ["CROWDCORE_SWISSCOM_TICKET_SECRET"]
    key = base64.b64decode(given.removeprefix("whsec_"))
    seal = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(seal).decode(),
        "content-type": "application/json",
    }
