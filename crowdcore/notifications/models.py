"""Table of the notifications room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Message(PartnerOwned):
    """What was sent to whom and when; the text itself is not kept.

    One row per (event, recipient, channel): a delivery that is tried again finds its row and its
    Message-ID, so a doubled mail can be recognised.
    """

    key = fields.CharField(max_length=120)
    kind = fields.CharField(max_length=40)
    channel = fields.CharField(max_length=10)
    account_id = fields.UUIDField(null=True)
    job_id = fields.UUIDField(null=True)
    language = fields.CharField(max_length=2)
    reference = fields.CharField(max_length=200, null=True)
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notifications_message"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "key"))
        indexes = (("partner_id", "job_id"),)


__models__ = [Message]
