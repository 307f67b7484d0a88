"""Tables of the jobs room."""

from __future__ import annotations

from tortoise import fields

from crowdcore.db.tables import PartnerOwned, ScopedManager


class Job(PartnerOwned):
    """A job; what was copied at booking never changes afterwards."""

    number = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    version = fields.IntField()
    customer_id = fields.UUIDField()
    service_id = fields.CharField(max_length=40)
    skill = fields.CharField(max_length=40, null=True)
    service: fields.JSONField[dict[str, object]] = fields.JSONField()
    place_id = fields.CharField(max_length=80)
    country = fields.CharField(max_length=2)
    region = fields.CharField(max_length=10)
    postcode = fields.CharField(max_length=10)
    locality = fields.CharField(max_length=120)
    lat = fields.FloatField()
    lon = fields.FloatField()
    urgent = fields.BooleanField()
    wishes: fields.JSONField[list[list[str]]] = fields.JSONField()
    window_start = fields.DatetimeField()
    window_end = fields.DatetimeField()
    language = fields.CharField(max_length=2)
    channel = fields.CharField(max_length=20)
    guide: fields.JSONField[dict[str, object]] = fields.JSONField()
    quoted_at = fields.DatetimeField()
    agreed_cents = fields.BigIntField(null=True)
    proposal: fields.JSONField[dict[str, object] | None] = fields.JSONField(null=True)
    assignee_id = fields.UUIDField(null=True)
    suspended_id = fields.UUIDField(null=True)
    done_by_id = fields.UUIDField(null=True)
    preferred_id = fields.UUIDField(null=True)
    round_no = fields.IntField(default=0)
    releases = fields.IntField(default=0)
    rebroadcasts = fields.IntField(default=0)
    milestones: fields.JSONField[dict[str, str]] = fields.JSONField()
    opened_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "jobs_job"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "number"))
        indexes = (("partner_id", "state"), ("partner_id", "customer_id"), ("partner_id", "assignee_id"))


class Contact(PartnerOwned):
    """Who and where exactly, apart from the job so that it needs a permission of its own."""

    job_id = fields.UUIDField()
    name = fields.CharField(max_length=120)
    street = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=20)
    email = fields.CharField(max_length=254)
    note = fields.TextField()

    class Meta:
        table = "jobs_contact"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "job_id"))


class Assignment(PartnerOwned):
    """A Friend's hold on a job; at most one without `ended_at` per job (a partial unique index)."""

    job_id = fields.UUIDField()
    friend_id = fields.UUIDField()
    wave_id = fields.UUIDField(null=True)
    how = fields.CharField(max_length=10)
    assigned_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=20, null=True)

    class Meta:
        table = "jobs_assignment"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "job_id"), ("partner_id", "friend_id", "ended_at"))


__models__ = [Job, Contact, Assignment]
