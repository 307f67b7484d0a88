"""Tables of the dispatch room: waves and reactions."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Wave(PartnerOwned):
    """Who was asked, when and why; written once, never changed.

    `friends` packs the members' ids, 16 bytes each, best first; `distances` their snapped distances in
    metres, 4 bytes each, big-endian.
    """

    job_id = fields.UUIDField()
    round_no = fields.IntField()
    step = fields.IntField()
    radius_m = fields.IntField()
    sent_at = fields.DatetimeField()
    friends = fields.BinaryField()
    distances = fields.BinaryField()
    excluded: fields.JSONField[dict[str, int]] = fields.JSONField()

    class Meta:
        table = "dispatch_wave"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "job_id", "round_no", "step"))


class Reaction(PartnerOwned):
    """What one member did with one wave's request."""

    wave_id = fields.UUIDField()
    job_id = fields.UUIDField()
    friend_id = fields.UUIDField()
    kind = fields.CharField(max_length=10)
    reason = fields.CharField(max_length=20, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "dispatch_reaction"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "wave_id", "friend_id", "kind"))
        indexes = (("partner_id", "job_id"), ("partner_id", "friend_id"))


__models__ = [Wave, Reaction]
