"""Handing a case over: what leaves the portal, what comes back, and every way in which a desk can fail."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crowdcore.base.errors import Fault
from crowdcore.plugin import Receipt, Secret
from crowdcore.plugin.results import checked_receipt

NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("clock")


async def test_the_desk_gets_a_signed_case_and_its_number_is_the_receipt(hand_over, portal, case, desk):
    receipt = await hand_over()
    assert checked_receipt(receipt) == Receipt(ref="INC-0001", at=NOW)
    (request,) = desk.requests
    assert request.line == "POST /tickets HTTP/1.1"
    assert request.headers["webhook-id"] == case.key
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    # Signed again by hand, so that a fault of the library would show.
    key = b64decode(portal.config["ticket_secret"].reveal().removeprefix("whsec_"))
    message = f"{case.key}.{int(NOW.timestamp())}.".encode() + request.body
    signature = b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"


async def test_only_what_the_customer_shared_leaves_the_portal(hand_over, case, desk):
    await hand_over()
    (request,) = desk.requests
    assert json.loads(request.body) == {
        "case_id": str(case.id),
        "key": case.key,
        "portal": "swisscom",
        "job": {
            "number": "SC-2041",
            "service": "wifi-dead-spot",
            "title": case.job.service.title.as_dict(),
            "family": "internet",
            "kind": "fix",
            "language": "fr",
            "urgent": True,
        },
        "reason": "line_fault",
        "reason_name": case.reason_name.as_dict(),
        "summary": case.summary,
        "facts": {"phone": "+41 79 000 00 00"},
        "reply_path": "/-/swisscom/hand-back",
    }
    for canary in ("Liebefeld", "3097", "46.93", str(case.job.id)):
        assert canary.encode() not in request.body


async def test_the_same_key_twice_opens_one_ticket(hand_over, case, desk):
    first = await hand_over()
    again = await hand_over()
    other = await hand_over(case=replace(case, key="case:other:1"))
    assert first == again
    assert other.ref != first.ref
    assert desk.requests[0].body == desk.requests[1].body, "a repeated message is the same message"


async def test_a_portal_without_a_ticket_system_leaves_the_case_to_the_next_one(hand_over, portal_with):
    assert await hand_over(portal=portal_with()) is None


@pytest.mark.parametrize(
    "answer",
    [
        ("500 Internal Server Error", b'{"ref": "INC-1"}'),
        ("503 Service Unavailable", b""),
        ("404 Not Found", b"{}"),
        ("401 Unauthorized", b"{}"),
        ("200 OK", b""),
        ("200 OK", b"<html>welcome</html>"),
        ("200 OK", b"\xff\xfe\x00"),
        ("200 OK", b'["ref"]'),
        ("200 OK", b"{}"),
        ("200 OK", b'{"ref": null}'),
        ("200 OK", b'{"ref": 7}'),
        ("200 OK", b'{"ref": "  "}'),
        ("200 OK", b'{"ref": "a\\nb"}'),
        ("200 OK", b'{"ref": "' + b"x" * 201 + b'"}'),
        ("200 OK", b'{"ref": "\\ud800"}'),
        ("200 OK", b"[" * 60_000),
        ("204 No Content", b""),
    ],
)
async def test_no_success_or_no_reference_is_no_receipt(hooks, hand_over, desk, answer):
    desk.answer_with(*answer)
    with pytest.raises(hooks.TicketNotTaken):
        await hand_over()


async def test_a_redirect_is_not_followed(hooks, hand_over, desk):
    desk.answer_with("307 Temporary Redirect", b'{"ref": "INC-1"}', f"location: {desk.url}/other")
    with pytest.raises(hooks.TicketNotTaken, match="status 307"):
        await hand_over()
    assert len(desk.requests) == 1


async def test_a_huge_answer_is_not_read_to_its_end(hooks, hand_over, desk):
    written = 0

    async def endless(writer):
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while written < 500_000_000:
            writer.write(b" " * 16_384)
            await writer.drain()
            written += 16_384

    desk.answer = endless
    with pytest.raises(hooks.TicketNotTaken, match="longer than 65536 bytes"):
        await hand_over()
    assert written < 50_000_000


async def test_a_compressed_bomb_is_not_unpacked(hooks, hand_over, desk):
    gzip = b"\x1f\x8b\x08\x00" + b"\x00" * 40
    desk.answer_with("200 OK", gzip, "content-encoding: gzip")
    with pytest.raises(hooks.TicketNotTaken, match="of no use"):
        await hand_over()
    assert desk.requests[0].headers["accept-encoding"] == "identity"


async def test_a_silent_desk_is_given_up(hooks, hand_over, desk, monkeypatch):
    async def silent(writer):
        await asyncio.sleep(2)

    desk.answer = silent
    monkeypatch.setattr(hooks, "TOTAL_LIMIT_S", 0.2)
    with pytest.raises(hooks.TicketNotTaken, match=r"within 0\.2 s"):
        await hand_over()


async def test_a_desk_that_drips_is_given_up_too(hooks, hand_over, desk, monkeypatch):
    """Each byte comes in time; only the limit on the whole ends it."""

    async def dripping(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(40):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    desk.answer = dripping
    monkeypatch.setattr(hooks, "TOTAL_LIMIT_S", 0.3)
    with pytest.raises(hooks.TicketNotTaken, match="within"):
        await hand_over()


async def test_a_desk_that_hangs_up_is_not_reached(hooks, hand_over, desk):
    async def nothing(writer):
        return

    desk.answer = nothing
    with pytest.raises(hooks.TicketNotTaken, match="not reached"):
        await hand_over()


async def test_nobody_listens(hooks, hand_over, portal_with):
    portal = portal_with(ticket_url=Secret("http://127.0.0.1:1/"), ticket_secret=Secret("whsec_" + "A" * 32))
    with pytest.raises(hooks.TicketNotTaken, match="not reached"):
        await hand_over(portal=portal)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "A" * 32, "whsec_not base64!", "whsec_" + "A" * 20, "whsec_" + "A" * 33]
)
async def test_a_weak_key_signs_nothing_and_is_not_shown(hand_over, portal_with, desk, secret):
    portal = portal_with(ticket_url=Secret(desk.url), ticket_secret=Secret(secret))
    with pytest.raises(Fault, match="ticket_secret must be whsec_") as caught:
        await hand_over(portal=portal)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(caught.value)
    assert desk.requests == []


async def test_a_case_is_never_sent_unsigned(hand_over, portal_with, desk):
    with pytest.raises(Fault, match="never sent unsigned"):
        await hand_over(portal=portal_with(ticket_url=Secret(desk.url)))
    assert desk.requests == []
