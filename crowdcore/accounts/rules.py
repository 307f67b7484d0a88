"""Roles, addresses, and the laws of signing in without a password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from crowdcore.base.errors import Refusal
from crowdcore.base.text import cleaned, forbidden_character


class Role(StrEnum):
    """What somebody may do on one partner's portal; a person may hold several."""

    CUSTOMER = "customer"
    FRIEND = "friend"
    AGENT = "agent"
    ADMIN = "admin"


STAFF = frozenset({Role.AGENT, Role.ADMIN})

LONGEST_EMAIL = 254
"""RFC 5321 leaves room for 254 characters."""

CODE_DIGITS = 6
CODE_TRIES = 5
CHALLENGE_LIFE = timedelta(minutes=10)
"""A mailed link or code is good for ten minutes (OWASP ASVS 5.0, 6.5.5)."""

#: (idle, absolute) life of a session (reliability.md 4.2).
SESSION_LIFE = {
    False: (timedelta(hours=12), timedelta(days=30)),
    True: (timedelta(minutes=30), timedelta(hours=12)),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's standing with one partner.

    Args:
        id: the account; one per partner and person.
        person_id: the person on the platform.
        email: address for mails; empty for people without one.
        name: how they want to be called.
        roles: what they may do here.
        language: de, fr or en.
        phone: number in international form, or empty.
    """

    id: UUID
    person_id: UUID
    email: str
    name: str
    roles: frozenset[str]
    language: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody an account is opened for when a partner brings many people along.

    Args:
        email: address.
        name: how they want to be called.
        language: de, fr or en.
        phone: number in international form, or empty.
        person_id: the platform's person, if another partner knows them.
    """

    email: str
    name: str
    language: str
    phone: str = ""
    person_id: UUID | None = None


class AddressKnown(Refusal):
    """An import brings an address that has an account."""

    code = "account.address_known"
    status = 409
    message = "At least one of these addresses has an account already, or is listed twice."


class EmailInvalid(Refusal):
    """The text is not an e-mail address."""

    code = "email.invalid"
    status = 422
    message = "This is not a complete e-mail address. Example: name@example.ch"


class CodeWrong(Refusal):
    """The typed code does not fit."""

    code = "code.wrong"
    status = 422
    message = "The code does not match. Tries left: %(left)s."


class CodeLocked(Refusal):
    """Too many wrong codes for one challenge."""

    code = "code.locked"
    status = 429
    message = "Too many wrong codes. Ask for a new one; the old one is no longer valid."


class LinkUsed(Refusal):
    """The link or code was used, replaced, or is older than ten minutes."""

    code = "link.used"
    status = 410
    message = "This link has been used or is too old. Ask for a new one."


_LINE_BREAK = re.compile(r"[\r\n\0]")


def email_address(typed: str) -> str:
    """Return `typed` as it is stored: trimmed, lower case, domain in IDNA form.

    Raises:
        EmailInvalid: not a complete address, or one with line breaks.
    """
    text = cleaned(typed) if not _LINE_BREAK.search(typed) else ""
    if not text or len(text) > LONGEST_EMAIL or forbidden_character(text) is not None:
        raise EmailInvalid
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise EmailInvalid from error
    if found.ascii_email is None:
        raise EmailInvalid
    return found.ascii_email.lower()


@dataclass(frozen=True, slots=True)
class ChallengeSecrets:
    """The two ways to answer a sign-in mail."""

    link: str
    code: str


def challenge_secrets(*, key: bytes, challenge_id: UUID) -> ChallengeSecrets:
    """Derive link and code of a challenge from the installation's key.

    They are computed again when the mail is written, so neither the database nor the outbox ever
    holds a usable secret (HMAC-SHA-256, RFC 2104).
    """
    seal = hmac.new(key, challenge_id.bytes, hashlib.sha256).digest()
    code = int.from_bytes(hmac.new(key, b"code" + challenge_id.bytes, hashlib.sha256).digest()[:8])
    return ChallengeSecrets(
        link="cl_" + base64.urlsafe_b64encode(seal).decode().rstrip("="),
        code=f"{code % 10**CODE_DIGITS:0{CODE_DIGITS}d}",
    )


def session_secret(*, key: bytes, session_id: UUID) -> str:
    """Derive the secret of a session's cookie, so that a form sent twice gets the same cookie twice."""
    seal = hmac.new(key, b"session" + session_id.bytes, hashlib.sha256).digest()
    return "cs_" + base64.urlsafe_b64encode(seal).decode().rstrip("=")


def digest(secret: str) -> str:
    """Return what is stored of a secret: a dump of the table signs nobody in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left, right)


def session_ends(*, staff: bool, started: datetime, used: datetime) -> datetime:
    """Return when a session that was started and last used then is over."""
    idle, absolute = SESSION_LIFE[staff]
    return min(used + idle, started + absolute)
