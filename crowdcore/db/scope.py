"""Which partner's rows may be seen now. Without a scope a query is an error, never "all rows"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from crowdcore.base.errors import ScopeMissing

_partner: ContextVar[str | None] = ContextVar("crowdcore_partner", default=None)
_everywhere: ContextVar[str | None] = ContextVar("crowdcore_everywhere", default=None)


@contextmanager
def partner_scope(partner_id: str) -> Iterator[None]:
    """Work with the rows of `partner_id` while the block runs."""
    token = _partner.set(partner_id)
    try:
        yield
    finally:
        _partner.reset(token)


@contextmanager
def everywhere(*, reason: str) -> Iterator[None]:
    """Read across partners; only for the operator's checks and for who a person is; both give their reason."""
    token = _everywhere.set(reason)
    try:
        yield
    finally:
        _everywhere.reset(token)


def current_partner() -> str:
    """Return the partner in scope.

    Raises:
        ScopeMissing: there is none.
    """
    partner_id = _partner.get()
    if partner_id is None:
        raise ScopeMissing("no partner scope: wrap the work in crowdcore.db.scope.partner_scope()")
    return partner_id


def sees_everything() -> bool:
    """Say whether the code runs inside `everywhere`."""
    return _everywhere.get() is not None
