"""Tables of the completion room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Report(PartnerOwned):
    """What a Friend wrote when the work was done."""

    job_id = fields.UUIDField()
    friend_id = fields.UUIDField()
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "completion_report"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "job_id"),)


class Tick(PartnerOwned):
    """A step of the work that its Friend has ticked off; the row goes when the tick is taken back."""

    job_id = fields.UUIDField()
    friend_id = fields.UUIDField()
    step = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        table = "completion_tick"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "job_id", "friend_id", "step"))


__models__ = [Report, Tick]
