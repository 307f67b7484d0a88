"""200 Friends accept one job at once over HTTP: one has it, the others are told so, and nobody gets an error.

On SQLite with one server, on PostgreSQL with two. ``CROWDCORE_RACE_JOBS=50`` runs fifty in a row (``make race``).
"""

import asyncio
import dataclasses
import os
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.app.invariants import violations
from crowdcore.base import clock
from crowdcore.base.geo import Point
from crowdcore.crowd import service as crowd
from crowdcore.crowd.rules import Kind
from crowdcore.db import background
from crowdcore.db.config import open_database
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import unit_of_work
from crowdcore.settings import Settings, use_settings
from tests.conftest import ON_POSTGRES
from tests.crash.processes import HOST, Process, free_port, only_swisscom

FRIENDS = 200
JOBS = int(os.environ.get("CROWDCORE_RACE_JOBS", "3"))


@unit_of_work
async def _people() -> tuple[str, list[str]]:
    customer = await accounts.open_account(
        email="c@example.ch", name="C", language="de", roles=frozenset({Role.CUSTOMER})
    )
    friends = []
    for number in range(FRIENDS + JOBS):
        account = await accounts.open_account(
            email=f"f{number}@example.ch", name="F", language="de", roles=frozenset({Role.FRIEND})
        )
        member = await crowd.join(
            account=account, kind=Kind.FRIEND, home=Point(47.37, 8.54), region="CH-ZH", place_label="8001 Zürich",
            radius_m=30_000, most_radius_m=50_000, languages=frozenset({"de"}),
        )  # fmt: skip
        await crowd.grant_qualification(
            friend_id=member.id, skill="tv", valid_until=clock.now() + timedelta(days=9), reason="test"
        )
        friends.append(await accounts.issue_token(account_id=account.id, role=Role.FRIEND, label="race"))
    return await accounts.issue_token(account_id=customer.id, role=Role.CUSTOMER, label="race"), friends


async def _prepare(settings: Settings) -> tuple[str, list[str]]:
    async with open_database(settings) as context:
        background.remember_context()
        if ON_POSTGRES:
            from tests.conftest import truncate

            await truncate(context)
        with partner_scope("swisscom"):
            return await _people()


class Crowd:
    """Many Friends, spread over the servers."""

    def __init__(self, ports: list[int], customer: str, friends: list[str]) -> None:
        self._bases = [f"http://127.0.0.1:{port}/api/v1" for port in ports]
        self._customer, self._friends = customer, friends
        self.winners: set[str] = set()
        limits = httpx2.Limits(max_connections=100)
        self.client = httpx2.AsyncClient(timeout=60, limits=limits, headers={"host": HOST})

    def _headers(self, token: str) -> dict[str, str]:
        return {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}

    async def book(self) -> str:
        body = {
            "service": "tv-box-setup", "place": "CH-8001-zurich", "street": "Bahnhofstrasse 1", "urgent": True,
            "phone": "+41791234567", "name": "C",
        }  # fmt: skip
        answer = await self.client.post(f"{self._bases[0]}/jobs", json=body, headers=self._headers(self._customer))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def offers(self, job_id: str) -> list[tuple[str, str, str]]:
        """Wait until the wave is out; return (token, offer, base) of 200 who were asked."""
        idle = next(token for token in self._friends if token not in self.winners)
        for _ in range(200):
            if await self._offer(0, idle, job_id) is not None:
                break
            await asyncio.sleep(0.1)
        found = await asyncio.gather(*(self._offer(n, token, job_id) for n, token in enumerate(self._friends)))
        asked = [one for one in found if one is not None]
        assert len(asked) >= FRIENDS, f"the wave reached {len(asked)} Friends"
        return asked[:FRIENDS]

    async def _offer(self, number: int, token: str, job_id: str) -> tuple[str, str, str] | None:
        base = self._bases[number % len(self._bases)]
        answer = await self.client.get(f"{base}/offers", headers=self._headers(token))
        assert answer.status_code == 200, answer.text
        mine = [offer["id"] for offer in answer.json()["offers"] if offer["job_id"] == job_id]
        return (token, mine[0], base) if mine else None

    async def accept(self, token: str, offer: str, base: str) -> httpx2.Response:
        return await self.client.post(f"{base}/offers/{offer}/accept", headers=self._headers(token))


async def _race(crowd_: Crowd) -> None:
    async with crowd_.client:
        await _races(crowd_)


async def _races(crowd_: Crowd) -> None:
    for _ in range(JOBS):
        job_id = await crowd_.book()
        asked = await crowd_.offers(job_id)
        answers = await asyncio.gather(*(crowd_.accept(*one) for one in asked))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: FRIENDS - 1}
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"offer.taken"}
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
        crowd_.winners.add(asked[winner][0])
        again = await crowd_.accept(*asked[winner])
        assert again.status_code == 200
        assert again.json() == answers[winner].json()


@pytest.mark.slow
def test_one_of_two_hundred_wins(settings: Settings, tmp_path) -> None:
    settings = dataclasses.replace(settings, plugin_path=str(only_swisscom(tmp_path)))
    use_settings(settings)
    customer, friends = asyncio.run(_prepare(settings))
    ports = [free_port() for _ in range(2 if ON_POSTGRES else 1)]
    servers = [Process(settings, ["serve", "--port", str(port)], tmp_path / f"{port}.log") for port in ports]
    worker = Process(settings, ["work"], tmp_path / "worker.log")
    for process in (*servers, worker):
        process.start()
    try:
        asyncio.run(_until_served(ports))
        asyncio.run(_race(Crowd(ports, customer, friends)))
    finally:
        for process in (*servers, worker):
            process.stop()

    async def check() -> None:
        async with open_database(settings):
            assert await violations() == []

    asyncio.run(check())


async def _until_served(ports: list[int]) -> None:
    async with httpx2.AsyncClient() as client:
        for port in ports:
            for _ in range(300):
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200:
                        break
                except httpx2.HTTPError:
                    await asyncio.sleep(0.1)
            else:
                raise AssertionError(f"no server on port {port}")
