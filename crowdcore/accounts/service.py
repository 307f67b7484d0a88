"""Verbs of the accounts room: open an account, sign in, sign out, issue tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from crowdcore.accounts import models
from crowdcore.accounts.events import AccountOpened, SignInRequested
from crowdcore.accounts.queries import facts, person_with_mailbox
from crowdcore.accounts.rules import (
    CHALLENGE_LIFE,
    CODE_TRIES,
    STAFF,
    Account,
    AddressKnown,
    CodeLocked,
    CodeWrong,
    LinkUsed,
    Newcomer,
    Role,
    challenge_secrets,
    digest,
    email_address,
    same,
    session_secret,
)
from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.base.ids import new_id, new_secret
from crowdcore.base.text import cleaned
from crowdcore.db import outbox
from crowdcore.db.transaction import unit_of_work
from crowdcore.settings import secret_key


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session; `secret` goes into the cookie."""

    account: Account
    session_id: UUID
    secret: str


@unit_of_work
async def open_account(
    *,
    email: str,
    name: str,
    language: str,
    roles: frozenset[Role],
    phone: str = "",
    person_id: UUID | None = None,
) -> Account:
    """Open an account, or add roles to the one that has this address already.

    Args:
        email: address as typed; empty for somebody without one.
        name: as typed.
        language: de, fr or en.
        roles: roles to hold afterwards, in addition to earlier ones.
        phone: number in international form.
        person_id: the platform's person, if known.

    Raises:
        EmailInvalid: not an address.
    """
    address = email_address(email) if email else None
    row = await models.Account.get_or_none(email=address) if address else None
    if row is not None:
        row.roles = sorted({*row.roles, *roles})
        await row.save(update_fields=["roles"])
        return facts(row)
    if person_id is None:
        person_id = (await models.Person.create(created_at=clock.now())).id
    row = await models.Account.create(
        person_id=person_id,
        email=address,
        name=cleaned(name) or (address or "").partition("@")[0],
        roles=sorted(roles),
        language=language,
        phone=phone,
        created_at=clock.now(),
    )
    await outbox.publish(AccountOpened(account_id=row.id))
    return facts(row)


@unit_of_work
async def import_accounts(*, newcomers: Sequence[Newcomer], roles: frozenset[Role]) -> list[Account]:
    """Open many accounts at once, as when a partner brings its crowd along; addresses must be new here.

    Args:
        newcomers: who; somebody with a `person_id` is known with another partner.
        roles: what all of them may do.

    Raises:
        EmailInvalid: not an address.
        AddressKnown: an address has an account already, or comes twice.
    """
    addresses = [email_address(one.email) for one in newcomers]
    taken = await models.Account.filter(email__in=addresses).count() if addresses else 0
    if taken or len(set(addresses)) < len(addresses):
        raise AddressKnown
    now = clock.now()
    persons = [one.person_id or new_id() for one in newcomers]
    fresh = zip(persons, newcomers, strict=True)
    await models.Person.bulk_create([models.Person(id=p, created_at=now) for p, one in fresh if one.person_id is None])
    rows = [
        models.Account(
            person_id=person_id,
            email=address,
            name=cleaned(one.name),
            roles=sorted(roles),
            language=one.language,
            phone=one.phone,
            created_at=now,
        )
        for one, address, person_id in zip(newcomers, addresses, persons, strict=True)
    ]
    await models.Account.bulk_create(rows)
    return [facts(row) for row in rows]


@unit_of_work
async def introduce(*, account_id: UUID, name: str, roles: frozenset[Role], phone: str | None = None) -> Account:
    """Give an account its owner's name and more roles.

    Whoever owns the same mailbox with another partner is the same person.

    Args:
        account_id: of whoever is signed in.
        name: as typed.
        roles: roles to hold afterwards, in addition to earlier ones.
        phone: number in international form; None leaves it as it is.

    Raises:
        NotFound: no such account with this partner.
    """
    row = await models.Account.get_or_none(id=account_id)
    if row is None:
        raise NotFound
    known = await person_with_mailbox(row.email) if row.email else None
    row.name, row.roles, row.person_id = cleaned(name), sorted({*row.roles, *roles}), known or row.person_id
    row.phone = row.phone if phone is None else phone
    await row.save(update_fields=["name", "roles", "person_id", "phone"])
    return facts(row)


@unit_of_work
async def request_sign_in(*, email: str, language: str, browser: str) -> None:
    """Send a link and a code to `email`; older ones of this address stop working.

    Nothing in the answer tells whether the address is known.

    Args:
        email: as typed.
        language: language of the mail.
        browser: secret in the asking browser's cookie; the link works only there, the code anywhere.

    Raises:
        EmailInvalid: not an address.
    """
    address = email_address(email)
    now = clock.now()
    challenge_id = new_id()
    secrets = challenge_secrets(key=secret_key(), challenge_id=challenge_id)
    await models.Challenge.filter(email=address, used_at=None, reusable=False).update(used_at=now)
    await models.Challenge.create(
        id=challenge_id,
        email=address,
        code_hash=digest(f"{address}:{secrets.code}"),
        link_hash=digest(secrets.link),
        browser_hash=digest(browser),
        language=language,
        expires_at=now + CHALLENGE_LIFE,
    )
    await outbox.publish(SignInRequested(challenge_id=challenge_id))


async def sign_in_by_link(*, secret: str, browser: str | None) -> SignedIn:
    """Use a mailed link; only in the browser that asked for it.

    Raises:
        LinkUsed: unknown, used, too old, or opened in another browser (use the code there).
    """
    return await _use_link(secret, browser or "")


async def sign_in_by_code(*, email: str, code: str) -> SignedIn:
    """Use a mailed code.

    Raises:
        EmailInvalid: not an address.
        CodeWrong: does not fit; says how many tries are left.
        CodeLocked: five wrong tries.
        LinkUsed: no code is waiting for this address.
    """
    outcome = await _try_code(email_address(email), code.strip().replace(" ", ""))
    if isinstance(outcome, int):
        if outcome <= 0:
            raise CodeLocked(retry_after_s=60)
        raise CodeWrong(left=outcome)
    return outcome


@unit_of_work
async def sign_out(*, session_id: UUID) -> None:
    """End a session; ending it twice is fine."""
    await models.Session.filter(id=session_id, ended_at=None).update(ended_at=clock.now())


@unit_of_work
async def touch(*, session_id: UUID) -> None:
    """Remember that a session was used now; called at most once a minute per session."""
    await models.Session.filter(id=session_id, ended_at=None).update(used_at=clock.now())


@unit_of_work
async def issue_token(*, account_id: UUID, role: Role, label: str, life: timedelta | None = None) -> str:
    """Return a new bearer token of `account_id` in `role`; it is shown once and stored hashed."""
    secret = new_secret("cc")
    now = clock.now()
    await models.ApiToken.create(
        secret_hash=digest(secret),
        account_id=account_id,
        role=role,
        label=label,
        created_at=now,
        expires_at=now + life if life else None,
    )
    return secret


@unit_of_work
async def revoke_tokens(*, label: str) -> int:
    """Withdraw all tokens with this label; returns how many."""
    return await models.ApiToken.filter(label=label, revoked_at=None).update(revoked_at=clock.now())


@unit_of_work
async def issue_demo_link(*, account_id: UUID) -> str:
    """Return the secret of a sign-in link that may be used many times; only a demo hands these out."""
    row = await models.Account.get(id=account_id)
    secret = new_secret("cl")
    await models.Challenge.create(
        email=row.email,
        code_hash=digest(new_secret("none")),
        link_hash=digest(secret),
        browser_hash="",
        language=row.language,
        expires_at=clock.now() + timedelta(days=365),
        reusable=True,
    )
    return secret


@unit_of_work
async def _use_link(secret: str, browser: str) -> SignedIn:
    row = await models.Challenge.get_or_none(link_hash=digest(secret), used_at=None)
    if row is None or clock.now() >= row.expires_at:
        raise LinkUsed
    if not row.reusable:
        if not same(row.browser_hash, digest(browser)):
            raise LinkUsed
        if await models.Challenge.filter(id=row.id, used_at=None).update(used_at=clock.now()) == 0:
            raise LinkUsed
    return await _start_session(row)


@unit_of_work
async def _try_code(address: str, code: str) -> SignedIn | int:
    """Return the session, or how many tries are left; a wrong try must be counted, so it cannot raise."""
    row = await models.Challenge.filter(email=address, used_at=None, reusable=False).order_by("-expires_at").first()
    if row is None or clock.now() >= row.expires_at:
        raise LinkUsed
    if row.tries >= CODE_TRIES:
        return 0
    if not same(row.code_hash, digest(f"{address}:{code}")):
        tries = row.tries + 1
        if await models.Challenge.filter(id=row.id, tries=row.tries).update(tries=tries) == 0:
            return 0
        return CODE_TRIES - tries
    if await models.Challenge.filter(id=row.id, used_at=None).update(used_at=clock.now()) == 0:
        raise LinkUsed
    return await _start_session(row)


async def _start_session(challenge: models.Challenge) -> SignedIn:
    if not challenge.reusable:  # whoever asks for the code in another language reads that one from now on
        await models.Account.filter(email=challenge.email).update(language=challenge.language)
    account = await open_account(email=challenge.email, name="", language=challenge.language, roles=frozenset())
    if not account.roles:
        account = await open_account(
            email=challenge.email, name="", language=challenge.language, roles=frozenset({Role.CUSTOMER})
        )
    session_id = new_id()
    secret = session_secret(key=secret_key(), session_id=session_id)
    now = clock.now()
    await models.Session.create(
        id=session_id,
        secret_hash=digest(secret),
        account_id=account.id,
        staff=bool(account.roles & STAFF),
        started_at=now,
        used_at=now,
    )
    return SignedIn(account, session_id, secret)
