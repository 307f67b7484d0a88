"""Identifiers: random, 128 bits, so that a guessed id is never a hit."""

from __future__ import annotations

import secrets
from uuid import UUID, uuid4


def new_id() -> UUID:
    """Return a fresh random id."""
    return uuid4()


def new_secret(prefix: str) -> str:
    """Return a secret of 256 random bits, e.g. ``cc_4Jd...``.

    Args:
        prefix: short word in front, so that secret scanners recognise a leaked token.
    """
    return f"{prefix}_{secrets.token_urlsafe(32)}"
