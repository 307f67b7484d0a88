"""Tables of the crowd room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Friend(PartnerOwned):
    """A membership in one partner's crowd; the home is stored as a 2 km cell only."""

    account_id = fields.UUIDField()
    person_id = fields.UUIDField(db_index=True)
    kind = fields.CharField(max_length=10)
    standing = fields.CharField(max_length=10)
    name = fields.CharField(max_length=120)
    lat = fields.FloatField()
    lon = fields.FloatField()
    region = fields.CharField(max_length=10)
    place_label = fields.CharField(max_length=120)
    radius_m = fields.IntField()
    hours = fields.CharField(max_length=42)
    languages: fields.JSONField[list[str]] = fields.JSONField()
    licences: fields.JSONField[list[str]] = fields.JSONField()
    licences_claimed: fields.JSONField[list[str]] = fields.JSONField(default=list)
    paused_until = fields.DatetimeField(null=True)
    rating_count = fields.IntField(default=0)
    rating_sum = fields.IntField(default=0)
    jobs_done = fields.IntField(default=0)
    joined_at = fields.DatetimeField()

    class Meta:
        table = "crowd_friend"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "account_id"))
        indexes = (("partner_id", "lat", "lon"),)


class Qualification(PartnerOwned):
    """A skill that a member proved, or was granted by hand with a reason."""

    friend_id = fields.UUIDField()
    skill = fields.CharField(max_length=40)
    state = fields.CharField(max_length=10)
    granted_at = fields.DatetimeField()
    valid_until = fields.DatetimeField()
    attempt_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "crowd_qualification"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "friend_id", "skill"))


__models__ = [Friend, Qualification]
