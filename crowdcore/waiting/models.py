"""Table of the waiting room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Entry(PartnerOwned):
    """An address, and what it waits for; gone a week after the one mail it gets."""

    email = fields.CharField(max_length=254)
    language = fields.CharField(max_length=2)
    region = fields.CharField(max_length=10)
    place = fields.CharField(max_length=140)
    service_id = fields.CharField(max_length=40)
    consented_at = fields.DatetimeField()
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "waiting_entry"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "email", "region"))
        indexes = (("partner_id", "region"),)


__models__ = [Entry]
