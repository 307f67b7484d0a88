"""PartnerOwned: the base of every table that belongs to a partner, and the manager that keeps it there."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.manager import Manager
from tortoise.models import Model
from tortoise.queryset import QuerySet

from crowdcore.base.errors import Fault
from crowdcore.base.ids import new_id
from crowdcore.db.scope import current_partner, sees_everything


class ScopedManager(Manager):
    """Adds ``partner_id = <partner in scope>`` to every query; refuses to work without a scope.

    Tortoise does not inherit the manager of an abstract base: every concrete table names it again in
    its Meta (a house test checks that).
    """

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the partner in scope."""
        queryset = super().get_queryset()
        if sees_everything():
            return queryset
        return queryset.filter(partner_id=current_partner())


class PartnerOwned(Model):
    """A row that belongs to one partner; `partner_id` is filled in from the scope."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    partner_id = fields.CharField(max_length=40)

    class Meta:
        """Abstract: concrete tables set table, manager and keys."""

        abstract = True

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 -- the ORM's signature
        """Make a new row of the partner in scope.

        Raises:
            ScopeMissing: there is none.
            Fault: `values` name another partner.
        """
        partner_id = current_partner()
        if values.setdefault("partner_id", partner_id) != partner_id:
            raise Fault(f"a row of partner '{values['partner_id']}' was made in the scope of '{partner_id}'")
        super().__init__(**values)
