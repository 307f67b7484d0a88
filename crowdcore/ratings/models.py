"""Table of the ratings room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Rating(PartnerOwned):
    """One customer's word on one job."""

    job_id = fields.UUIDField()
    friend_id = fields.UUIDField(null=True)
    stars = fields.IntField()
    book_again = fields.BooleanField()
    comment = fields.TextField()
    at = fields.DatetimeField()
    reply = fields.TextField(default="")
    replied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ratings_rating"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "job_id"))
        indexes = (("partner_id", "friend_id"),)


__models__ = [Rating]
