"""Reads of the partners room: the portal of the scope, all portals, the portal of a host."""

from __future__ import annotations

from collections.abc import Mapping

from crowdcore.base.errors import Fault
from crowdcore.db.scope import current_partner
from crowdcore.partners import models
from crowdcore.partners.rules import UnknownHost, read_host
from crowdcore.web.portal import Portal


def portal() -> Portal:
    """Return the portal of the partner in scope.

    Raises:
        ScopeMissing: there is no partner scope.
        Fault: the partner in scope has no portal in this installation.
    """
    partner_id = current_partner()
    found = models.opened().get(partner_id)
    if found is None:
        known = ", ".join(models.opened()) or "none"
        raise Fault(f"partner '{partner_id}' has no portal here (open: {known}); is its plugin installed?")
    return found


def portals() -> Mapping[str, Portal]:
    """Return all portals by partner id, in the order of their ids."""
    return models.opened()


def portal_for_host(host: str) -> Portal:
    """Return the portal that answers on a ``Host`` header.

    Args:
        host: the header as it came; case, port and one trailing dot do not matter.

    Raises:
        HostMalformed: it is not a host name.
        UnknownHost: no portal answers there; there is no default portal.
    """
    found = models.by_host().get(read_host(host))
    if found is None:
        raise UnknownHost
    return found
