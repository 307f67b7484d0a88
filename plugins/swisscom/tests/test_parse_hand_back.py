"""Taking a case back: only what is signed, fresh and well-formed is believed."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from standardwebhooks import Webhook

from crowdcore.base.errors import Fault
from crowdcore.plugin import HandBack, InboundMessage, Secret
from crowdcore.plugin.facts import OUTCOMES
from crowdcore.plugin.results import checked_hand_back

NOW = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwTESTTEST"
CASE = UUID("0b8f0c4e-6f43-4c0c-9c58-8a5d7f0f3a11")
CONTENT = {"case_id": str(CASE), "outcome": "solved", "note": "Leitung repariert."}


@pytest.fixture
def portal(portal_with):
    return portal_with(ticket_secret=Secret(SECRET))


def _signed(content, *, at=NOW, secret=SECRET, message_id="msg_1"):
    """Return a message as the ticket system sends it at `at`; it arrives at NOW."""
    body = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
    }
    return InboundMessage(headers, body.encode(), NOW)


def _with(message, **headers):
    changed = dict(message.headers) | {f"webhook-{name}": value for name, value in headers.items()}
    return InboundMessage(changed, message.body, message.received_at)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_signed_answer_is_believed(hooks, portal, outcome):
    message = _signed(CONTENT | {"outcome": outcome})
    answer = hooks.parse_hand_back(portal=portal, message=message)
    assert checked_hand_back(answer) == HandBack(CASE, "msg_1", outcome, "Leitung repariert.")


def test_a_note_is_optional(hooks, portal):
    message = _signed({"case_id": str(CASE), "outcome": "closed"})
    assert hooks.parse_hand_back(portal=portal, message=message).note == ""


def test_without_a_secret_the_message_is_not_for_us(hooks, portal_with):
    assert hooks.parse_hand_back(portal=portal_with(), message=_signed(CONTENT)) is None


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_one_changed_bit_is_noticed(hooks, portal_with, position, bit):
    portal = portal_with(ticket_secret=Secret(SECRET))
    message = _signed(CONTENT)
    body = bytearray(message.body)
    body[position % len(body)] ^= 1 << bit
    with pytest.raises(hooks.BadSignature):
        hooks.parse_hand_back(portal=portal, message=InboundMessage(message.headers, bytes(body), NOW))


def test_the_same_content_written_anew_is_noticed(hooks, portal):
    message = _signed(json.dumps(CONTENT, indent=1))
    rewritten = InboundMessage(message.headers, json.dumps(CONTENT).encode(), NOW)
    with pytest.raises(hooks.BadSignature, match="no signature fits"):
        hooks.parse_hand_back(portal=portal, message=rewritten)


@pytest.mark.parametrize(
    "headers",
    [
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": "v1"},
        {"signature": "garbage,, ,v1,=="},
        {"signature": "v1,ä"},
        {"signature": Webhook("whsec_" + "B" * 32).sign("msg_1", NOW, json.dumps(CONTENT))},
        {"id": "msg_2"},
        {"id": ""},
        {"id": "x" * 256},
        {"id": "msg_1\n"},
        {"timestamp": ""},
        {"timestamp": "nan"},
        {"timestamp": "1e9"},
        {"timestamp": "-1"},
        {"timestamp": "٣" * 10},
        {"timestamp": "9" * 4_000},
        {"timestamp": str(int(NOW.timestamp()) + 1)},
    ],
)
def test_headers_that_do_not_fit_are_refused(hooks, portal, headers):
    with pytest.raises(hooks.BadSignature):
        hooks.parse_hand_back(portal=portal, message=_with(_signed(CONTENT), **headers))


def test_an_unsigned_message_is_refused(hooks, portal):
    bare = InboundMessage({}, json.dumps(CONTENT).encode(), NOW)
    with pytest.raises(hooks.BadSignature):
        hooks.parse_hand_back(portal=portal, message=bare)


@pytest.mark.parametrize("off_s", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_fine(hooks, portal, off_s):
    message = _signed(CONTENT, at=NOW + timedelta(seconds=off_s))
    assert hooks.parse_hand_back(portal=portal, message=message).case_id == CASE


@pytest.mark.parametrize("off_s", [-86_400, -301, 301, 86_400])
def test_a_replay_of_an_old_message_is_refused(hooks, portal, off_s):
    message = _signed(CONTENT, at=NOW + timedelta(seconds=off_s))
    with pytest.raises(hooks.BadSignature, match="five minutes"):
        hooks.parse_hand_back(portal=portal, message=message)


def test_while_a_key_is_changed_one_of_two_signatures_is_enough(hooks, portal):
    message = _signed(CONTENT)
    other = Webhook("whsec_" + "B" * 32).sign("msg_1", NOW, message.body.decode())
    both = _with(message, signature=f"{other} {message.headers['webhook-signature']}")
    assert hooks.parse_hand_back(portal=portal, message=both).case_id == CASE


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 50_000,
        '\ufeff{"case_id": 1}',
        {},
        CONTENT | {"case_id": "7"},
        CONTENT | {"case_id": 7},
        CONTENT | {"case_id": None},
        CONTENT | {"outcome": "lost"},
        CONTENT | {"outcome": ["solved"]},
        CONTENT | {"outcome": None},
        CONTENT | {"note": 7},
        CONTENT | {"note": "x" * 4_001},
        CONTENT | {"note": "a\u0000b"},
        CONTENT | {"note": "a\u202eb"},
        '{"case_id": "' + str(CASE) + '", "outcome": "solved", "note": "\\ud800"}',
        CONTENT | {"rest": "x" * 70_000},
    ],
)
def test_signed_nonsense_is_a_value_error_and_no_forgery(hooks, portal, content):
    with pytest.raises(hooks.BadHandBack) as caught:
        hooks.parse_hand_back(portal=portal, message=_signed(content))
    assert not isinstance(caught.value, hooks.BadSignature)
    assert isinstance(caught.value, ValueError)


def test_bytes_that_are_no_text_are_refused(hooks, portal):
    message = InboundMessage(_signed(CONTENT).headers, b"\xff\xfe", NOW)
    with pytest.raises(hooks.BadSignature, match="UTF-8"):
        hooks.parse_hand_back(portal=portal, message=message)


@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=6))
def test_whatever_arrives_ends_in_a_value_error(hooks, portal_with, body, headers):
    portal = portal_with(ticket_secret=Secret("whsec_" + b64encode(b"k" * 32).decode()))
    named = {f"webhook-{name}": value for name, value in zip(("id", "timestamp"), headers, strict=False)}
    with pytest.raises(ValueError, match=r".*"):
        hooks.parse_hand_back(portal=portal, message=InboundMessage(headers | named, body, NOW))


def test_a_weak_key_believes_nobody(hooks, portal_with):
    with pytest.raises(Fault, match="ticket_secret"):
        hooks.parse_hand_back(portal=portal_with(ticket_secret=Secret("demo")), message=_signed(CONTENT))
