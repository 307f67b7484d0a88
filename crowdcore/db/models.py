"""The kernel's own tables: outbox, deliveries, timers, audit records, idempotency keys."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from crowdcore.base.events import JsonValue
from crowdcore.base.ids import new_id
from crowdcore.db.tables import PartnerOwned, ScopedManager


class OutboxEvent(Model):
    """An announced event, written in the transaction that made it true."""

    seq = fields.BigIntField(primary_key=True, generated=True)
    id = fields.UUIDField(default=new_id, unique=True)
    partner_id = fields.CharField(max_length=40)
    topic = fields.CharField(max_length=60)
    payload: fields.JSONField[dict[str, JsonValue]] = fields.JSONField()
    audience: fields.JSONField[list[str]] = fields.JSONField()
    at = fields.DatetimeField()
    expanded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_event"
        indexes = (("expanded_at", "seq"),)


class Delivery(Model):
    """One event on its way to one reaction; leased while it is being worked on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    event_seq = fields.BigIntField()
    partner_id = fields.CharField(max_length=40)
    topic = fields.CharField(max_length=60)
    reaction = fields.CharField(max_length=80)
    run_at = fields.DatetimeField()
    state = fields.CharField(max_length=10, default="pending")
    lease_until = fields.DatetimeField(null=True)
    token = fields.UUIDField(null=True)
    attempts = fields.IntField(default=0)
    error = fields.CharField(max_length=500, null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox_delivery"
        unique_together = (("event_seq", "reaction"),)
        indexes = (("state", "run_at"),)


class Timer(Model):
    """Something that must happen at `due_at`; leased while it is being worked on."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    partner_id = fields.CharField(max_length=40)
    kind = fields.CharField(max_length=40)
    subject_id = fields.UUIDField()
    payload: fields.JSONField[dict[str, object]] = fields.JSONField()
    due_at = fields.DatetimeField()
    state = fields.CharField(max_length=10, default="pending")
    lease_until = fields.DatetimeField(null=True)
    token = fields.UUIDField(null=True)
    attempts = fields.IntField(default=0)
    error = fields.CharField(max_length=500, null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "timer"
        indexes = (("state", "due_at"), ("partner_id", "subject_id"))


class AuditRecord(PartnerOwned):
    """One line of an object's history; each carries the hash of the line before it."""

    object_kind = fields.CharField(max_length=20)
    object_id = fields.UUIDField()
    version = fields.IntField()
    at = fields.DatetimeField()
    action = fields.CharField(max_length=40)
    from_state = fields.CharField(max_length=20, null=True)
    to_state = fields.CharField(max_length=20, null=True)
    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.UUIDField(null=True)
    via = fields.CharField(max_length=20)
    reason = fields.CharField(max_length=200, null=True)
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "audit_record"
        manager = ScopedManager()
        unique_together = (("partner_id", "object_kind", "object_id", "version"),)


class IdempotencyKey(PartnerOwned):
    """A command that had its effect, and the answer it got."""

    actor = fields.CharField(max_length=80)
    route = fields.CharField(max_length=120)
    key = fields.CharField(max_length=255)
    fingerprint = fields.CharField(max_length=64)
    status = fields.IntField(null=True)
    answer = fields.TextField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        manager = ScopedManager()
        unique_together = (("partner_id", "actor", "route", "key"),)
        indexes = (("at",),)


__models__ = [OutboxEvent, Delivery, Timer, AuditRecord, IdempotencyKey]
