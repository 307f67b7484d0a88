"""The one verb of the board room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.board.rules import DeliveryUnknown
from crowdcore.db import outbox
from crowdcore.db.transaction import unit_of_work


@unit_of_work
async def try_again(*, delivery_id: UUID) -> None:
    """Put a delivery that was given up back to work.

    Raises:
        DeliveryUnknown: nothing of this partner waits under that id.
    """
    if not await outbox.try_again(delivery_id=delivery_id):
        raise DeliveryUnknown
