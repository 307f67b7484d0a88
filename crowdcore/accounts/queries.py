"""Reads of the accounts room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crowdcore.accounts import models
from crowdcore.accounts.rules import (
    Account,
    challenge_secrets,
    digest,
    session_ends,
    session_secret,
)
from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.db.scope import everywhere
from crowdcore.settings import secret_key
from crowdcore.web.context import TokenExpired, TokenInvalid, TokenRevoked, Viewer


def facts(row: models.Account) -> Account:
    """Return a row as a fact."""
    return Account(row.id, row.person_id, row.email or "", row.name, frozenset(row.roles), row.language, row.phone)


async def account(account_id: UUID) -> Account:
    """Return one account.

    Raises:
        NotFound: no such account with this partner.
    """
    row = await models.Account.get_or_none(id=account_id)
    if row is None:
        raise NotFound
    return facts(row)


async def accounts(account_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return several accounts by id; unknown ids are left out."""
    rows = await models.Account.filter(id__in=list(account_ids))
    return {row.id: facts(row) for row in rows}


async def account_by_email(email: str) -> Account | None:
    """Return the account with this (stored form of an) address, if there is one."""
    row = await models.Account.get_or_none(email=email)
    return facts(row) if row else None


async def person_with_mailbox(email: str) -> UUID | None:
    """Return the person who opened the first account with this address, with whichever partner.

    Nothing else of what other partners know about them is read: a person is the platform's.
    """
    with everywhere(reason="a person is one, however many partners know them"):
        row = await models.Account.filter(email=email).order_by("created_at", "id").first().only("id", "person_id")
    return row.person_id if row else None


async def viewer_of_session(secret: str) -> Viewer | None:
    """Return who a session cookie belongs to; None if it is unknown, ended or too old."""
    session = await models.Session.get_or_none(secret_hash=digest(secret), ended_at=None)
    if session is None:
        return None
    if clock.now() >= session_ends(staff=session.staff, started=session.started_at, used=session.used_at):
        return None
    row = await models.Account.get(id=session.account_id)
    return Viewer(
        account_id=row.id,
        roles=frozenset(row.roles),
        name=row.name,
        language=row.language,
        session_id=session.id,
    )


async def viewer_of_token(secret: str) -> Viewer:
    """Return who a bearer token belongs to.

    Raises:
        TokenInvalid: unknown here (another partner's token looks just the same).
        TokenExpired: its time is over.
        TokenRevoked: somebody withdrew it.
    """
    token = await models.ApiToken.get_or_none(secret_hash=digest(secret))
    if token is None:
        raise TokenInvalid
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.expires_at is not None and clock.now() >= token.expires_at:
        raise TokenExpired
    row = await models.Account.get(id=token.account_id)
    return Viewer(
        account_id=row.id,
        roles=frozenset({token.role}),
        name=row.name,
        language=row.language,
        token_id=token.id,
    )


@dataclass(frozen=True, slots=True)
class SignInMail:
    """What the sign-in mail says."""

    email: str
    language: str
    link: str
    code: str


async def sign_in_mail(challenge_id: UUID) -> SignInMail | None:
    """Return the content of a sign-in mail; None if it has been used or replaced meanwhile."""
    row = await models.Challenge.get_or_none(id=challenge_id, used_at=None)
    if row is None or clock.now() >= row.expires_at:
        return None
    secrets = challenge_secrets(key=secret_key(), challenge_id=challenge_id)
    return SignInMail(row.email, row.language, secrets.link, secrets.code)


def secret_of_session(session_id: UUID) -> str:
    """Return what goes into the cookie of a session."""
    return session_secret(key=secret_key(), session_id=session_id)


async def session_used_at(session_id: UUID) -> datetime | None:
    """Return when a session was last used."""
    row = await models.Session.get_or_none(id=session_id)
    return row.used_at if row else None
