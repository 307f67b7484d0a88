"""Table of the ledger room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Line(PartnerOwned):
    """What one job brought, or how that changed later; lines are added, never altered.

    `entry` counts the lines of a job from 0, so that two deliveries of one event cannot both write.
    """

    friend_id = fields.UUIDField()
    job_id = fields.UUIDField()
    entry = fields.IntField()
    kind = fields.CharField(max_length=10)
    price_cents = fields.BigIntField()
    fee_cents = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    percent = fields.CharField(max_length=8)
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_line"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "job_id", "entry"))
        indexes = (("partner_id", "friend_id", "at"),)


__models__ = [Line]
