"""Swisscom Friends' behaviour: cases go to the ticket system as signed JSON, and come back the same way.

Both directions use Standard Webhooks (HMAC-SHA256 over id, time and the bytes as sent) with one shared
secret. Nothing about a person leaves the portal but the facts that the customer agreed to share.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

import httpx2
from standardwebhooks import Webhook

from crowdcore.base import clock
from crowdcore.base.errors import Fault
from crowdcore.base.text import forbidden_character
from crowdcore.plugin import (
    EscalationCase,
    HandBack,
    InboundMessage,
    PortalView,
    Receipt,
    Secret,
    hookimpl,
)

#: The core gives up after 10 s; giving up a little earlier keeps the reason in our own words.
TOTAL_LIMIT_S = 8.0
TIMEOUT = httpx2.Timeout(5.0, connect=3.0)
#: Whom we believe, read once: reading it for every call would hold the loop, and all pages, for 20 to 50 ms.
CERTIFICATES = httpx2.create_ssl_context(trust_env=False)
MAX_BYTES = 64 * 1024
TOLERANCE_S = 300
_MAX_REF = 200
_MAX_NOTE = 4_000
_MAX_MESSAGE_ID = 255
_MIN_KEY_BYTES = 24

_SECRET_FORM = "whsec_"  # noqa: S105 -- the prefix of every such key, not a key
_UNIX_TIME = re.compile(r"[0-9]{1,12}")

#: What the ticket system may say; the words are the core's own.
Outcome = Literal["answer", "take_over", "back_to_friend", "to_crowd", "solved", "closed"]
_OUTCOMES: Mapping[str, Outcome] = {word: word for word in get_args(Outcome)}


class TicketNotTaken(Exception):
    """The ticket system did not take the case over; the core tries again later."""


class BadHandBack(ValueError):
    """A message on the hand-back address that cannot be understood."""


class BadSignature(BadHandBack):
    """A message whose signature or time does not hold: forged, altered, or replayed."""


@hookimpl
async def deliver_escalation(portal: PortalView, case: EscalationCase) -> Receipt | None:
    """Open a ticket and return its number; a portal without `ticket_url` leaves the case to the mail.

    The key of the case is the id of the message: the ticket system answers a repeated id with the ticket
    it already has, so trying again never opens a second one.

    Raises:
        TicketNotTaken: not reached in time, no success, or an answer without a usable reference.
        Fault: the portal's `ticket_secret` is missing or has the wrong form.
    """
    url = portal.config.get("ticket_url")
    if not isinstance(url, Secret):
        return None
    body = _body(portal, case)
    headers = _signed(_webhook(portal), case.key, body) | {"user-agent": portal.id}
    try:
        async with asyncio.timeout(TOTAL_LIMIT_S):
            answer = await _posted(url.reveal(), body, headers)
    except TimeoutError:
        raise TicketNotTaken(f"no complete answer within {TOTAL_LIMIT_S} s") from None
    except httpx2.HTTPError as error:
        raise TicketNotTaken(f"not reached: {type(error).__name__}") from error
    return Receipt(ref=_ref(answer), at=clock.now())


@hookimpl
def parse_hand_back(portal: PortalView, message: InboundMessage) -> HandBack | None:
    """Read `{"case_id", "outcome", "note"}` from a signed message; without a secret it is not for us.

    Raises:
        BadSignature: the signature does not fit the bytes, or the time is more than five minutes off.
        BadHandBack: the signature holds, but the content is of no use.
        Fault: the portal's `ticket_secret` has the wrong form.
    """
    if "ticket_secret" not in portal.config:
        return None
    message_id = _verified_id(_webhook(portal), message)
    data = _json_object(message.body)
    return HandBack(_case_id(data), message_id, _outcome(data), _note(data))


def _body(portal: PortalView, case: EscalationCase) -> str:
    """Return the case as JSON, the same bytes for the same case.

    The place and the time of the job stay here: where they are needed, the customer's shared facts say them.
    """
    service = case.job.service
    content = {
        "case_id": str(case.id),
        "key": case.key,
        "portal": portal.id,
        "job": {
            "number": case.job.number,
            "service": service.id,
            "title": service.title.as_dict(),
            "family": service.family,
            "kind": service.kind,
            "language": case.job.language,
            "urgent": case.job.urgent,
        },
        "reason": case.reason,
        "reason_name": case.reason_name.as_dict(),
        "summary": case.summary,
        "facts": dict(case.facts),
        "reply_path": case.reply_path,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _webhook(portal: PortalView) -> Webhook:
    secret = portal.config.get("ticket_secret")
    if not isinstance(secret, Secret):
        raise Fault("plugin swisscom: [plugin.swisscom] has no ticket_secret; cases are never sent unsigned")
    value = secret.reveal()
    try:
        # The library would skip every character that is not base64 and sign with a shorter key.
        key = base64.b64decode(value.removeprefix(_SECRET_FORM), validate=True)
    except binascii.Error:
        key = b""
    if not value.startswith(_SECRET_FORM) or len(key) < _MIN_KEY_BYTES:
        raise Fault(
            f"plugin swisscom: ticket_secret must be {_SECRET_FORM} and at least {_MIN_KEY_BYTES} random"
            " bytes in base64; make a new one and give it to the ticket system too"
        )
    return Webhook(key)


def _signed(webhook: Webhook, message_id: str, body: str) -> dict[str, str]:
    at = clock.now()
    return {
        "content-type": "application/json",
        "accept-encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": webhook.sign(message_id, at, body),
    }


async def _posted(url: str, body: str, headers: Mapping[str, str]) -> bytes:
    """Return the raw answer to a POST; no redirect is followed, and no more than 64 kB are read."""
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT, verify=CERTIFICATES, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", url, content=body.encode(), headers=headers) as response,
    ):
        if not response.is_success:
            raise TicketNotTaken(f"status {response.status_code}")
        answer = bytearray()
        # Raw: what we did not ask to be compressed is not unpacked either.
        async for chunk in response.aiter_raw():
            answer += chunk
            if len(answer) > MAX_BYTES:
                raise TicketNotTaken(f"the answer is longer than {MAX_BYTES} bytes")
        return bytes(answer)


def _ref(answer: bytes) -> str:
    try:
        ref = _json_object(answer).get("ref")
    except BadHandBack as error:
        raise TicketNotTaken(f"the answer is of no use: {error}") from None
    if not isinstance(ref, str) or not ref.strip() or not ref.isprintable() or len(ref) > _MAX_REF:
        raise TicketNotTaken('the answer has no usable "ref"')
    return ref


def _verified_id(webhook: Webhook, message: InboundMessage) -> str:
    """Return the id of a message whose signature and time hold."""
    message_id, sent, signatures = (
        message.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (0 < len(message_id) <= _MAX_MESSAGE_ID and message_id.isprintable()):
        raise BadSignature("webhook-id is missing or has the wrong form")
    if not _UNIX_TIME.fullmatch(sent):
        raise BadSignature("webhook-timestamp is missing or is no time in seconds")
    if abs(message.received_at.timestamp() - int(sent)) > TOLERANCE_S:
        raise BadSignature("webhook-timestamp is more than five minutes off")
    try:
        body = message.body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadSignature("the body is not UTF-8") from None
    # Webhook.verify would ask the machine's clock; signing again and comparing asks nobody.
    expected = webhook.sign(message_id, datetime.fromtimestamp(int(sent), UTC), body).encode()
    if not any(hmac.compare_digest(expected, given.encode()) for given in signatures.split(" ")):
        raise BadSignature("no signature fits")
    return message_id


def _json_object(body: bytes) -> Mapping[str, object]:
    if len(body) > MAX_BYTES:
        raise BadHandBack(f"longer than {MAX_BYTES} bytes")
    try:
        data = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadHandBack("not JSON") from None
    if not isinstance(data, dict):
        raise BadHandBack("not a JSON object")
    return data


def _case_id(data: Mapping[str, object]) -> UUID:
    value = data.get("case_id")
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise BadHandBack("case_id is no UUID") from None


def _outcome(data: Mapping[str, object]) -> Outcome:
    value = data.get("outcome")
    outcome = _OUTCOMES.get(value) if isinstance(value, str) else None
    if outcome is None:
        raise BadHandBack(f"outcome is not one of {', '.join(_OUTCOMES)}")
    return outcome


def _note(data: Mapping[str, object]) -> str:
    note = data.get("note", "")
    if not isinstance(note, str) or len(note) > _MAX_NOTE:
        raise BadHandBack(f"note is no text of at most {_MAX_NOTE} characters")
    if forbidden_character(note, multiline=True) is not None:
        raise BadHandBack("note has control characters")
    return note
