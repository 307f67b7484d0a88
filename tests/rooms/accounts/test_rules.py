"""Addresses as they are stored, secrets that are derived, sessions that end."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from crowdcore.accounts.rules import (
    SESSION_LIFE,
    STAFF,
    EmailInvalid,
    Role,
    challenge_secrets,
    digest,
    email_address,
    same,
    session_ends,
    session_secret,
)
from tests.rooms.facts import NOW

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anna@example.ch", "anna@example.ch"),
        ("  Anna.Muster@Example.CH ", "anna.muster@example.ch"),
        ("anna+tag@example.ch", "anna+tag@example.ch"),
        ("anna@müller.ch", "anna@xn--mller-kva.ch"),
        ("anna@mu\u0308ller.ch", "anna@xn--mller-kva.ch"),
        ("anna@something.test", "anna@something.test"),
    ],
)
def test_an_address_is_stored_in_one_spelling(typed, stored):
    assert email_address(typed) == stored
    assert email_address(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "anna", "anna@", "@example.ch", "anna@example", "anna@@example.ch", "anna example.ch"),
        *("anna@exa mple.ch", "anna@-example.ch", "anna@example..ch", "anna@[127.0.0.1]", "a,b@example.ch"),
        "Anna <anna@example.ch>",
        "anna@example.ch\nBcc: all@example.ch",
        "anna@example.ch\r\nBcc: all@example.ch",
        "anna\0@example.ch",
        "anna\u202e@example.ch",
        "anna\u200b@example.ch",
        "anä@example.ch",
        "a" * 250 + "@example.ch",
    ],
)
def test_what_is_no_address(typed):
    with pytest.raises(EmailInvalid):
        email_address(typed)


@given(st.text(max_size=300))
def test_no_text_gets_a_line_break_into_a_mail_header(typed):
    try:
        stored = email_address(typed)
    except EmailInvalid:
        return
    assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", stored)


@given(st.binary(min_size=16, max_size=64), st.uuids())
def test_link_and_code_are_derived_alike_every_time(key, challenge_id):
    secrets = challenge_secrets(key=key, challenge_id=challenge_id)
    assert secrets == challenge_secrets(key=key, challenge_id=challenge_id)
    assert re.fullmatch(r"\d{6}", secrets.code)
    assert re.fullmatch(r"cl_[\w-]{43}", secrets.link)


@given(st.uuids(), st.uuids(), st.binary(min_size=16, max_size=64))
def test_another_challenge_or_another_key_has_other_secrets(one, other, key):
    mine = challenge_secrets(key=KEY, challenge_id=one)
    if one != other:
        assert challenge_secrets(key=KEY, challenge_id=other).link != mine.link
        assert session_secret(key=KEY, session_id=other) != session_secret(key=KEY, session_id=one)
    if key != KEY:
        assert challenge_secrets(key=key, challenge_id=one).link != mine.link
    assert session_secret(key=KEY, session_id=one) != mine.link


def test_codes_are_spread_evenly():
    """Not one digit is likelier than another: a short code must not be shorter than it looks."""
    codes = [challenge_secrets(key=KEY, challenge_id=UUID(int=n)).code for n in range(3_000)]
    for place in range(6):
        counts = [sum(code[place] == str(digit) for code in codes) for digit in range(10)]
        assert min(counts) > 200
        assert max(counts) < 400


def test_a_cookies_secret_is_one_for_each_session():
    first = session_secret(key=KEY, session_id=UUID(int=1))
    assert first == session_secret(key=KEY, session_id=UUID(int=1))
    assert re.fullmatch(r"cs_[\w-]{43}", first)


@given(st.text(), st.text())
def test_only_the_same_secret_has_the_same_digest(one, other):
    assert same(digest(one), digest(other)) == (one == other)


@pytest.mark.parametrize(
    ("staff", "idle", "absolute"),
    [(False, timedelta(hours=12), timedelta(days=30)), (True, timedelta(minutes=30), timedelta(hours=12))],
)
def test_a_session_ends_when_idle_and_in_any_case(staff, idle, absolute):
    assert SESSION_LIFE[staff] == (idle, absolute)
    assert session_ends(staff=staff, started=NOW, used=NOW) == NOW + idle
    late = NOW + absolute - timedelta(minutes=1)
    assert session_ends(staff=staff, started=NOW, used=late) == NOW + absolute


spans = st.timedeltas(timedelta(0), timedelta(days=40))


@given(st.booleans(), spans, spans)
def test_using_a_session_never_ends_it_earlier_and_never_keeps_it_for_ever(staff, first, more):
    before = session_ends(staff=staff, started=NOW, used=NOW + first)
    after = session_ends(staff=staff, started=NOW, used=NOW + first + more)
    assert before <= after <= NOW + SESSION_LIFE[staff][1]


def test_staff_are_the_partners_people():
    assert frozenset({Role.AGENT, Role.ADMIN}) == STAFF
