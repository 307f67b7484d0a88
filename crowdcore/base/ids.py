"""Identifiers: random, 128 bits, so that a guessed id is never a hit."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

_source: Callable[[], UUID] = uuid4


def new_id() -> UUID:
    """Return a fresh id; random, unless the demo world is being made (`use_ids`)."""
    return _source()


def new_secret(prefix: str) -> str:
    """Return a secret of 256 random bits, e.g. ``cc_4Jd...``; never predictable, whatever ids are in use.

    Args:
        prefix: short word in front, so that secret scanners recognise a leaked token.
    """
    return f"{prefix}_{secrets.token_urlsafe(32)}"


class RepeatableIds:
    """Ids that come out the same each time: from a seed, a stream and a number within the stream.

    A stream per story keeps the ids of one story the same whatever happens in the others.
    """

    def __init__(self, seed: str) -> None:
        """Begin at the first id of the stream "start"."""
        self._seed = seed
        self._stream = "start"
        self._drawn: Counter[str] = Counter()

    def follow(self, stream: str) -> None:
        """Take the next ids from `stream`, where it was left."""
        self._stream = stream

    def __call__(self) -> UUID:
        """Return the next id of the present stream."""
        self._drawn[self._stream] += 1
        name = f"{self._seed}:{self._stream}:{self._drawn[self._stream]}"
        return UUID(bytes=hashlib.blake2b(name.encode(), digest_size=16).digest(), version=4)


@contextmanager
def use_ids(source: Callable[[], UUID]) -> Iterator[None]:
    """Take ids from another source for the whole process while the block runs; only for made-up worlds."""
    global _source  # noqa: PLW0603 -- the process has exactly one
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
