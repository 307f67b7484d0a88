"""Tables of the escalation room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Case(PartnerOwned):
    """A handed-over job; at most one that is not closed per job (a partial unique index)."""

    job_id = fields.UUIDField()
    state = fields.CharField(max_length=12)
    reason = fields.CharField(max_length=40)
    summary = fields.TextField()
    opened_by = fields.CharField(max_length=10)
    friend_id = fields.UUIDField(null=True)
    due_at = fields.DatetimeField()
    ticket_ref = fields.CharField(max_length=200, null=True)
    taken_by = fields.UUIDField(null=True)
    outcome = fields.CharField(max_length=20, null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "escalation_case"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "job_id"), ("partner_id", "state"))


class CaseMessage(PartnerOwned):
    """An answer on a case; `message_id` is the sender's, so that a repeated one changes nothing."""

    case_id = fields.UUIDField()
    message_id = fields.CharField(max_length=200)
    author = fields.CharField(max_length=120)
    outcome = fields.CharField(max_length=20)
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "escalation_message"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "case_id", "message_id"))


__models__ = [Case, CaseMessage]
