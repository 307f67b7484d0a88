"""What the tests of this plugin share: its code, facts to feed it, and a ticket desk on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import (
    EscalationCase,
    Guide,
    JobView,
    PlaceView,
    PortalView,
    Receipt,
    Secret,
    ServiceView,
)
from crowdcore.plugin.importing import import_module

FOLDER = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwTESTTEST"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="session")
def hooks() -> ModuleType:
    """The plugin's hooks.py, imported as the core imports it."""
    return import_module(FOLDER, "swisscom", "hooks")


@pytest.fixture
def clock():
    """A clock that stands still at NOW."""
    fake = FakeClock(NOW)
    with use_clock(fake):
        yield fake


@dataclass
class Request:
    """What arrived at the desk."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Desk:
    """A ticket system: keeps what arrives and answers as it is told to."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    tickets: dict[str, str] = field(default_factory=dict)
    answer: Answer | None = None

    def answer_with(self, status: str, body: bytes, *headers: str) -> None:
        """Give this answer from now on, whatever is asked."""
        self.answer = _sent(status, body, *headers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _request(reader)
            self.requests.append(request)
            await (self.answer or self._ticket(request))(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up, which some tests are about
        finally:
            writer.close()

    def _ticket(self, request: Request) -> Answer:
        key = request.headers["webhook-id"]
        ref = self.tickets.setdefault(key, f"INC-{len(self.tickets) + 1:04}")
        return _sent("200 OK", b'{"ref": "%s"}' % ref.encode())


def _sent(status: str, body: bytes, *headers: str) -> Answer:
    """Return an answer with a status line and a body."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(head[0], headers, body)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A ticket desk on a free port of this machine."""
    desk = Desk()
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    desk.url = f"http://{host}:{port}/tickets"
    async with server:
        yield desk


@pytest.fixture(scope="session")
def portal_with() -> Callable[..., PortalView]:
    """Build a portal with this plugin's settings."""

    def portal(**config: str | Secret) -> PortalView:
        return PortalView(
            id="swisscom",
            brand="Swisscom Friends",
            languages=("de", "fr", "en"),
            default_language="de",
            currency=Currency.CHF,
            config=config,
        )

    return portal


@pytest.fixture
def portal(portal_with, desk: Desk) -> PortalView:
    """A portal that is connected with the desk."""
    return portal_with(ticket_url=Secret(desk.url), ticket_secret=Secret(SECRET))


@pytest.fixture
def case() -> EscalationCase:
    price = Money(69_00, Currency.CHF)
    place = PlaceView("CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42))
    service = ServiceView(
        id="wifi-dead-spot",
        title=Text("WLAN-Funkloch beheben", "Supprimer une zone sans Wi-Fi", "Fix a Wi-Fi dead spot"),
        family="internet",
        kind="fix",
        exam="internet",
        safety=frozenset(),
        licence=None,
        minutes=60,
    )
    return EscalationCase(
        id=UUID("0b8f0c4e-6f43-4c0c-9c58-8a5d7f0f3a11"),
        key="case:0b8f0c4e:1",
        job=JobView(
            id=UUID(int=5),
            number="SC-2041",
            service=service,
            place=place,
            starts_at=NOW,
            urgent=True,
            language="fr",
            guide=Guide(price, price, price),
        ),
        reason="line_fault",
        reason_name=Text("Die Leitung ist gestört", "La ligne est en panne", "The line is faulty"),
        summary="Router blinkt rot, Kabel getauscht, «kein Signal».",
        facts={"phone": "+41 79 000 00 00"},
        reply_path="/-/swisscom/hand-back",
    )


@pytest.fixture
def hand_over(hooks: ModuleType, portal: PortalView, case: EscalationCase) -> Callable[..., Awaitable[Receipt | None]]:
    """Hand a case over as the core does; the connected portal and the usual case unless told otherwise."""

    def deliver(*, portal: PortalView = portal, case: EscalationCase = case) -> Awaitable[Receipt | None]:
        return hooks.deliver_escalation(portal=portal, case=case)

    return deliver
