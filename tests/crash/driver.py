"""People who keep trying: every command is sent with a key until it is answered."""

import asyncio
import itertools
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2

from tests.crash.processes import HOST

MOST_OPEN = 12


@dataclass
class Sent:
    """One command: how often it was sent, and the answer that was acknowledged."""

    path: str
    key: str
    body: dict | None
    tries: int = 0
    status: int | None = None
    answer: bytes = b""


@dataclass
class Ledger:
    """Everything that was sent."""

    commands: list[Sent] = field(default_factory=list)

    def acknowledged(self, suffix: str = "") -> list[Sent]:
        return [c for c in self.commands if c.status is not None and c.status < 300 and c.path.endswith(suffix)]


class Driver:
    """A customer and some Friends who book, accept, work and confirm as fast as they are answered."""

    def __init__(self, port: int, *, customer: str, friends: list[str], service: str, place: str) -> None:
        self.ledger = Ledger()
        self._url = f"http://127.0.0.1:{port}/api/v1"
        self._customer, self._friends = customer, friends
        self._service, self._place = service, place
        self._client = httpx2.AsyncClient(timeout=5, headers={"host": HOST})
        self._names = itertools.count()
        self.stopping = False

    async def run(self, customers: int = 2) -> None:
        try:
            await asyncio.gather(
                *(self._book_and_confirm() for _ in range(customers)), *(self._help(token) for token in self._friends)
            )
        finally:
            await self._client.aclose()

    async def _book_and_confirm(self) -> None:
        while not self.stopping:
            for job in await self._get(self._customer, "/jobs?limit=50&state=done", "jobs"):
                await self._post(self._customer, f"/jobs/{job['id']}/confirm", None)
            if len(await self._get(self._customer, f"/jobs?limit={MOST_OPEN}&state=open", "jobs")) == MOST_OPEN:
                await asyncio.sleep(0.05)  # a worker that is killed all the time would never catch up
                continue
            body = {
                "service": self._service, "place": self._place, "street": "Bahnhofstrasse 1", "urgent": True,
                "phone": "+41791234567", "name": "Canary Customer", "note": f"no {next(self._names)}",
            }  # fmt: skip
            await self._post(self._customer, "/jobs", body)

    async def _help(self, token: str) -> None:
        while not self.stopping:
            for offer in await self._get(token, "/offers", "offers"):
                won = await self._post(token, f"/offers/{offer['id']}/accept", None)
                if won is not None and won.status == 200:
                    break
            for job in await self._get(token, "/jobs?limit=20&state=assigned&state=under_way", "jobs"):
                if job["state"] == "assigned":
                    await self._post(token, f"/jobs/{job['id']}/contact", {})
                    await self._post(token, f"/jobs/{job['id']}/start", None)
                elif job["state"] == "under_way":
                    await self._post(token, f"/jobs/{job['id']}/report", {"text": "done"})
            await asyncio.sleep(0.05)

    async def _post(self, token: str, path: str, body: dict | None) -> Sent | None:
        """Send until answered: the same key, however often the server dies in between."""
        command = Sent(path, str(uuid4()), body)
        self.ledger.commands.append(command)
        headers = {"authorization": f"Bearer {token}", "idempotency-key": command.key}
        while True:
            command.tries += 1
            try:
                answer = await self._client.post(self._url + path, json=body, headers=headers)
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
                continue
            in_progress = answer.status_code == 409 and b"idempotency.in_progress" in answer.content
            if answer.status_code in {502, 503} or in_progress:
                await asyncio.sleep(0.1)
                continue
            assert answer.status_code < 500, (path, answer.status_code, answer.text)
            command.status, command.answer = answer.status_code, answer.content
            return command

    async def _get(self, token: str, path: str, name: str) -> list[dict]:
        while True:
            try:
                answer = await self._client.get(self._url + path, headers={"authorization": f"Bearer {token}"})
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 503:
                await asyncio.sleep(0.1)
                continue
            assert answer.status_code == 200, (path, answer.status_code, answer.text)
            return answer.json()[name]
