"""Idempotent commands: the same key from the same actor has one effect and one answer.

The key is stored in the transaction of the effect itself, together with the answer, so a crash leaves
either both or neither (after the IETF Idempotency-Key draft and Stripe's published design).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.db.models import IdempotencyKey
from crowdcore.db.transaction import unit_of_work


class KeyMismatch(Refusal):
    """The key was used before, for something else."""

    code = "idempotency.mismatch"
    status = 422
    message = "This Idempotency-Key was already used for another request. Use a new key."


class KeyInProgress(Refusal):
    """The first request with this key is still running."""

    code = "idempotency.in_progress"
    status = 409
    message = "The first request with this Idempotency-Key is still running. Try again in a second."


class AlreadyDone(Exception):
    """Internal: the command had its effect before; the caller replays the stored answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer: HTTP status and body."""

    status: int
    body: str


@dataclass(slots=True)
class Command:
    """Rider: one request of one actor that must take effect once.

    Args:
        actor: who sends it (``token:<id>`` or ``session:<account>``).
        route: the operation, with the object's id.
        key: the client's key.
        fingerprint: hash of the request's content.
        render: makes the answer from the verb's result, inside the transaction.
    """

    actor: str
    route: str
    key: str
    fingerprint: str
    render: Callable[[object], Awaitable[Answer]]
    answer: Answer | None = None

    async def board(self) -> None:
        """Take the key.

        Raises:
            AlreadyDone: somebody took it and finished.
        """
        try:
            await self._take()
        except IntegrityError as error:
            raise AlreadyDone from error

    async def leave(self, result: object) -> None:
        """Store the answer beside the effect."""
        self.answer = await self.render(result)
        await self._row().update(status=self.answer.status, answer=self.answer.body)

    async def before(self) -> Answer | None:
        """Return the answer this command got earlier, or None if it is new.

        Raises:
            KeyMismatch: the key belongs to another request.
        """
        row = await self._row().first()
        if row is None:
            return None
        if row.fingerprint != self.fingerprint:
            raise KeyMismatch
        return Answer(row.status or 200, row.answer or "")

    @unit_of_work
    async def _take(self) -> None:
        await IdempotencyKey.create(
            actor=self.actor, route=self.route, key=self.key, fingerprint=self.fingerprint, at=clock.now()
        )

    def _row(self) -> QuerySet[IdempotencyKey]:
        return IdempotencyKey.filter(actor=self.actor, route=self.route, key=self.key)
