"""An installation with a crowd, in a temporary folder, driven in-process."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx2

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.app.main import create_app
from crowdcore.app.worker import Worker, worker
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.geo import Point
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import Friend, Kind
from crowdcore.db.config import open_database
from crowdcore.db.migrate import migrate
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import unit_of_work
from crowdcore.dispatch import queries as dispatch
from crowdcore.jobs.rules import Contact
from crowdcore.offers import service as offers
from crowdcore.places.build import build as build_places
from crowdcore.settings import Settings, use_settings

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Installation:
    """What the benchmarks call."""

    client: httpx2.AsyncClient
    worker: Worker
    customer: Account
    friends: list[Friend] = field(default_factory=list)

    async def book_and_ask(self) -> None:
        """Book one job and run its first wave, nothing else that is due."""
        contact = Contact(name="C", street="Bahnhofstrasse 1", phone="+41790000000", email="", note="")
        booking = Booking(
            service_id="tv-box-setup", place_id="CH-8001-zurich", contact=contact, urgent=True, wishes=(),
            language="de", channel="web",
        )  # fmt: skip
        await bookings.book(customer_id=self.customer.id, booking=booking)
        await self.worker.round()

    async def offers(self) -> list[tuple[str, Friend]]:
        """Book a job and return everybody's offer of it; who won an earlier one is busy and gets none."""
        await self.book_and_ask()
        found = [(await dispatch.offers_of(friend), friend) for friend in self.friends]
        return [(mine[0].id, friend) for mine, friend in found if mine]

    async def accept(self, offer_id: str, friend: Friend) -> None:
        """Accept as one Friend; losing is an answer too."""
        with contextlib.suppress(Refusal):
            await offers.accept(offer_id=offer_id, friend=friend)

    async def get(self, path: str) -> None:
        """Ask the whole application for one path."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)


@contextlib.asynccontextmanager
async def installation(*, friends: int) -> AsyncIterator[Installation]:
    """Open an installation with `friends` Friends around one place."""
    os.environ.setdefault("CROWDCORE_SWISSCOM_TICKET_SECRET", "whsec_" + "dGVzdC1zZWNyZXQtb2YtMzItYnl0ZXMtZm9yLXVz")
    folder = Path(tempfile.mkdtemp(prefix="cc-bench-"))
    settings = Settings(
        var_dir=folder, secret="bench", plugin_path=str(ROOT / "plugins"), public_scheme="http",
        embedded_worker=False, rate_limits=False,
    )  # fmt: skip
    build_places(settings.gazetteer_path, source=ROOT / "tests/floors/places/places.jsonl")
    use_settings(settings)
    try:
        async with open_database(settings) as context:
            await migrate(context, settings)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            with partner_scope("swisscom"):
                customer, crowd_members = await _people(friends)
                transport = httpx2.ASGITransport(app=app)
                async with httpx2.AsyncClient(transport=transport, base_url="http://swisscom.localhost") as client:
                    yield Installation(client, worker(), customer, crowd_members)
    finally:
        use_settings(None)
        shutil.rmtree(folder, ignore_errors=True)


@unit_of_work
async def _people(count: int) -> tuple[Account, list[Friend]]:
    customer = await accounts.open_account(
        email="c@example.ch", name="C", language="de", roles=frozenset({Role.CUSTOMER})
    )
    members = []
    for number in range(count):
        account = await accounts.open_account(
            email=f"f{number}@example.ch", name="F", language="de", roles=frozenset({Role.FRIEND})
        )
        member = await crowd_service.join(
            account=account, kind=Kind.FRIEND, home=Point(47.37, 8.54), region="CH-ZH", place_label="8001 Zürich",
            radius_m=30_000, most_radius_m=50_000, languages=frozenset({"de"}),
        )  # fmt: skip
        await crowd_service.grant_qualification(
            friend_id=member.id, skill="tv", valid_until=clock.now() + timedelta(days=9), reason="bench"
        )
        members.append(await crowd.friend(member.id))
    return customer, members
