"""Tables of the accounts room."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from crowdcore.base.ids import new_id
from crowdcore.db.tables import PartnerOwned, ScopedManager


class Person(Model):
    """Somebody on the platform; what a partner knows of them is in `Account`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField()

    class Meta:
        table = "accounts_person"


class Account(PartnerOwned):
    """Somebody's standing with one partner."""

    person_id = fields.UUIDField(db_index=True)
    email = fields.CharField(max_length=254, null=True)
    name = fields.CharField(max_length=120)
    roles: fields.JSONField[list[str]] = fields.JSONField()
    language = fields.CharField(max_length=2)
    phone = fields.CharField(max_length=20, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "accounts_account"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "email"))


class Challenge(PartnerOwned):
    """A mailed link and code, waiting to be used once."""

    email = fields.CharField(max_length=254)
    code_hash = fields.CharField(max_length=64)
    link_hash = fields.CharField(max_length=64, unique=True)
    browser_hash = fields.CharField(max_length=64)
    language = fields.CharField(max_length=2)
    expires_at = fields.DatetimeField()
    tries = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)
    reusable = fields.BooleanField(default=False)

    class Meta:
        table = "accounts_challenge"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "email"),)


class Session(PartnerOwned):
    """A signed-in browser."""

    secret_hash = fields.CharField(max_length=64, unique=True)
    account_id = fields.UUIDField()
    staff = fields.BooleanField()
    started_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "accounts_session"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "account_id"),)


class ApiToken(PartnerOwned):
    """A bearer token of one account in one role."""

    secret_hash = fields.CharField(max_length=64, unique=True)
    account_id = fields.UUIDField()
    role = fields.CharField(max_length=10)
    label = fields.CharField(max_length=60)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "accounts_api_token"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "account_id"),)


__models__ = [Person, Account, Challenge, Session, ApiToken]
