"""Who asks, where, and in which language: the frozen Visit that every handler gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from crowdcore.base.errors import NotFound, Refusal, Word
from crowdcore.i18n.translations import mark as _

if TYPE_CHECKING:
    from crowdcore.base.text import Language
    from crowdcore.i18n.formats import Formats
    from crowdcore.i18n.translations import Translator
    from crowdcore.web.portal import Portal

Via = Literal["web", "api"]

_ROLES = {
    "admin": _("administrator"),
    "agent": _("support"),
    "customer": _("customer"),
    "friend": _("Friend"),
}
"""What roles are called in a sentence."""


class SignInNeeded(Refusal):
    """Nobody is signed in, and this is not for everybody."""

    code = "auth.missing"
    status = 401
    message = "Please sign in first."


class TokenInvalid(Refusal):
    """The token is not one of this partner's."""

    code = "auth.invalid"
    status = 401
    message = "This token is not valid here."


class TokenExpired(Refusal):
    """The token was good once."""

    code = "auth.expired"
    status = 401
    message = "This token has expired. Ask the portal's administrator for a new one."


class TokenRevoked(Refusal):
    """Somebody withdrew the token."""

    code = "auth.revoked"
    status = 401
    message = "This token has been withdrawn."


class RoleMissing(Refusal):
    """Whoever is signed in may not do this."""

    code = "auth.scope"
    status = 403
    message = "This account may not do this. Who may: %(needed)s."


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The signed-in account.

    Args:
        account_id: the account.
        roles: ``customer``, ``friend``, ``agent``, ``admin``; for a token: the token's one role.
        name: how they want to be called.
        language: the language of their messages.
        session_id: the browser session, or None.
        token_id: the API token, or None.
    """

    account_id: UUID
    roles: frozenset[str]
    name: str
    language: str
    session_id: UUID | None = None
    token_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody of the partner company."""
        return not self.roles.isdisjoint({"agent", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, as a handler sees it.

    Args:
        portal: the partner's site it came to.
        language: what the answer is written in.
        translator: words in that language.
        viewer: who is signed in, or None.
        via: ``web`` for pages, ``api`` for JSON.
        request_id: reference in logs and error pages.
        network: the client's network (IPv4 /24, IPv6 /56); for rate limits only.
        path: path of the address without the language prefix (``/jobs/7``).
        query: query parameters, each given once.
        csrf: token for the hidden field ``_csrf`` of forms.
        visitor: random id of this browser; holds for people who are not signed in.
        kept: what was typed on this page before the language was changed or the session ended: field -> texts.
        waiting: how much waits behind links of the menu, by path.
    """

    portal: Portal
    language: Language
    translator: Translator
    viewer: Viewer | None
    via: Via
    request_id: str
    network: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    csrf: str = ""
    visitor: str = ""
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)

    @property
    def formats(self) -> Formats:
        """How this reader writes figures, money and times."""
        return self.portal.formats[self.language]

    @property
    def account_id(self) -> UUID:
        """The signed-in account.

        Raises:
            SignInNeeded: nobody is signed in.
        """
        return self.signed_in.account_id

    @property
    def signed_in(self) -> Viewer:
        """The signed-in viewer.

        Raises:
            SignInNeeded: nobody is signed in.
        """
        if self.viewer is None:
            raise SignInNeeded
        return self.viewer

    @property
    def actor_key(self) -> str:
        """Who sends commands, for idempotency keys and rate limits: token, account or browser."""
        if self.viewer is None:
            return f"visitor:{self.visitor or self.network}"
        if self.viewer.token_id is not None:
            return f"token:{self.viewer.token_id}"
        return f"session:{self.viewer.account_id}"

    def asked(self, name: str) -> str:
        """Return what the address says under a name, or the form that was open carries along; else nothing."""
        return self.query.get(name) or self.kept.get(name, ("",))[0]

    def has_role(self, *roles: str) -> bool:
        """Say whether the viewer holds one of `roles`."""
        return self.viewer is not None and not self.viewer.roles.isdisjoint(roles)

    def require_role(self, roles: frozenset[str]) -> None:
        """Let only holders of one of `roles` pass.

        Raises:
            SignInNeeded: nobody is signed in.
            RoleMissing: the viewer holds none of them.
        """
        if self.signed_in.roles.isdisjoint(roles):
            raise RoleMissing(needed=tuple(Word(role, _ROLES.get(role, role)) for role in sorted(roles)))

    def href(self, path: str) -> str:
        """Return the address of a page in this visit's language: ``/jobs/7`` -> ``/de/jobs/7``."""
        return f"/{self.language.value}{path}" if path != "/" else f"/{self.language.value}/"


NAME_PATTERN = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}"

_NAME = re.compile(NAME_PATTERN, re.ASCII)


def read_name(value: str) -> str:
    """Return the name in a path: of a service, an exam, a plugin.

    Raises:
        NotFound: no name of ours looks like this.
    """
    if not _NAME.fullmatch(value):
        raise NotFound
    return value


def read_id(value: str) -> UUID:
    """Return the id in a path.

    Raises:
        NotFound: not a UUID in its usual form; nobody learns that from the answer.
    """
    try:
        found = UUID(value)
    except ValueError as error:
        raise NotFound from error
    if str(found) != value:
        raise NotFound
    return found
