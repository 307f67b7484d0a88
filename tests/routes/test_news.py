"""What goes out by itself - live events, mails, tickets, log lines - tells nobody more than a page would."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import pytest
from starlette.applications import Starlette

from crowdcore.partners.service import opened
from crowdcore.web.openapi import PREFIX
from tests.routes.recipe import Client, api_headers, encoded, filled
from tests.routes.recipes_api import RECIPES
from tests.routes.town import FAMILY, STREET, TAG, Someone, Town
from tests.routes.watch import Eyes, marks

EVENTS = f"{PREFIX}/events"
WAIT_S = 20


class Listener:
    """One open stream, spoken to without a server."""

    def __init__(self, town: Town, someone: Someone) -> None:
        self.town = town
        self.someone = someone
        self.text = ""
        self._gone = asyncio.Event()
        self._opened = asyncio.Event()

    async def open(self, app: Starlette) -> None:
        """Call the application and keep what it sends until `close`."""
        headers = [(b"host", self.town.host.encode()), (b"authorization", f"Bearer {self.someone.token}".encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": EVENTS, "raw_path": EVENTS.encode(), "query_string": b"", "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        self._task = asyncio.ensure_future(app(scope, self._receive, self._send))
        async with asyncio.timeout(WAIT_S):
            await self._opened.wait()

    async def close(self) -> None:
        self._gone.set()
        await self._task

    async def until(self, word: str) -> None:
        """Wait until `word` has arrived."""
        async with asyncio.timeout(WAIT_S):
            while word not in self.text:  # noqa: ASYNC110 -- the stream offers no event
                await asyncio.sleep(0.01)

    async def _receive(self) -> dict[str, object]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        self.text += bytes(message.get("body", b"")).decode()  # type: ignore[arg-type]  # -- ASGI messages are loosely typed
        if self.text:
            self._opened.set()


@asynccontextmanager
async def _listening(app: Starlette, *towns: Town) -> AsyncIterator[list[Listener]]:
    hub = next(route.endpoint for route in app.routes if route.path == EVENTS)._hub
    await hub.start()
    found = [Listener(town, someone) for town in towns for someone in town.people.values()]
    for one in found:
        await one.open(app)
    yield found
    for one in found:
        await one.close()
    await hub.stop()


async def _everything_happens(client: Client, town: Town) -> None:
    """Send the valid request of every operation once; the earlier ones make some of them too late."""
    for name, recipe in RECIPES.items():
        method, _, template = name.partition(" ")
        ask = recipe.asks[0]
        if method != "GET":
            path, _ = filled(PREFIX + template, ask, town)
            body = encoded(ask.body(town)) if ask.body else None
            who = town.people.get(ask.who)  # None: no one needs to be known
            headers = api_headers(who.token if who else None, content_type="application/json")
            sent = await client.send(method, path, host=town.host, eyes=who, headers=headers, content=body)
            assert sent.status < 500


@cache
def _mails_of_a_life(folder: Path) -> list[tuple[str, str, str]]:
    return _mails(folder)


def _mails(folder: Path) -> list[tuple[str, str, str]]:
    """Return (partner, recipient, everything it says) of every mail."""
    found = []
    for path in sorted(folder.rglob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
        pages = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/html"]
        assert not [page for page in pages if TAG in page], f"{path.name}: what somebody typed has become markup"
        found.append((path.parent.name, str(mail["To"]), "\n".join([headers, *parts])))
    return found


def _check_mail(here: Town, there: Town, partner: str, to: str, text: str) -> None:
    town, other = (here, there) if partner == here.partner else (there, here)
    settings = opened()[partner].settings
    if to == settings.support.email:
        Eyes(town, other, town.people["agent"]).check(text, where=f"mail to {to}")
        return
    someone = next((one for one in town.people.values() if one.email == to), None)
    # A mailbox is read by more than one program: no exact address is ever written there.
    assert STREET not in text, f"mail of {partner} to {to}"
    Eyes(town, other, someone).check(text, where=f"mail of {partner} to {to}")
    assert text.count("From: ") >= 1
    assert opened()[other.partner].settings.name.brand not in text
    assert opened()[other.partner].settings.primary_host not in text


async def test_everything_that_happens_is_told_to_nobody_else(world, here, there, caplog):
    caplog.set_level(logging.DEBUG, "crowdcore")
    client = await Client.open(world, here, there)
    async with _listening(world.app, here, there) as streams:
        for town in (here, there):
            await _everything_happens(client, town)
        await world.drain()
        for one in streams:
            if one.someone.role == "agent":
                await one.until("escalation.opened")
                await one.until(here.ids["job:priced"] if one.town is here else there.ids["job:priced"])
    for one in streams:
        other = there if one.town is here else here
        Eyes(one.town, other, one.someone).check(one.text, where=f"stream of {one.someone.key}")
        assert one.town.word not in one.text, "an event carries what somebody typed"
    otto = next(one for one in streams if one.someone.key == "otto" and one.town is here)
    assert not [job for name, job in here.ids.items() if name.startswith("job:") and job in otto.text]

    mails = _mails(world.mail_folder)
    assert {partner for partner, _, _ in mails} == {here.partner, there.partner}
    for partner, to, text in mails:
        _check_mail(here, there, partner, to, text)
    tickets = str(world.desk.tickets)
    assert tickets.count("case_id") >= 1
    assert not [mark for mark in marks(there) if mark in tickets]
    for record in caplog.records:
        if record.name.startswith("crowdcore"):
            line = record.getMessage()
            assert STREET not in line
            assert FAMILY not in line
            assert not any(one.token in line or one.session in line for one in here.people.values())


def test_the_mails_of_a_whole_life_tell_nobody_more(built, portals, here, there):
    mails = _mails_of_a_life(built.mails)
    assert len(mails) > 50
    for partner, to, text in mails:
        _check_mail(here, there, partner, to, text)


@pytest.mark.parametrize("partner", ["swisscom", "energy"])
def test_mails_lead_to_their_own_portal(built, portals, partner):
    origin = opened()[partner].origin
    texts = [text for owner, _, text in _mails_of_a_life(built.mails) if owner == partner]
    links = {word for text in texts for word in text.split() if word.startswith(("http://", "https://"))}
    assert links
    assert {link for link in links if not link.startswith(f"{origin}/")} == set()
