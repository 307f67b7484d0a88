"""What leads to a service, and guide prices before any plugin has its say."""

from __future__ import annotations

from crowdcore.base.errors import NotFound
from crowdcore.base.money import Currency, Money
from crowdcore.i18n.translations import mark as _
from crowdcore.plugin.content_catalog import Service, ServiceKind
from crowdcore.plugin.facts import Guide

FRIEND_CHANNELS = frozenset({"friend", "profi"})
"""Channels that send a job to the crowd."""

LONGEST_PLACE = 120
"""Of what somebody types as a place, on pages that only look."""

#: The three doors of a portal: kind, icon, name, what is behind it.
DOORS = (
    (ServiceKind.INSTALL, "bolt", _("Set something up"), _("Just bought, or moved house")),
    (ServiceKind.FIX, "help", _("Solve a problem"), _("Something does not work as it should")),
    (ServiceKind.EXPLAIN, "coffee", _("No time to work it out"), _("Somebody shows you, at your pace")),
)


class ServiceUnknown(NotFound):
    """No such service in this catalogue."""

    code = "service.unknown"
    message = "This service is not in the catalogue."


def file_guide(service: Service, *, currency: Currency, urgent: bool) -> Guide:
    """Return the guide price as the catalogue file has it.

    Args:
        service: from the catalogue.
        currency: of the country where help is wanted.
        urgent: adds the on-demand extra, if the service has one.
    """
    price = service.prices[currency]
    extra = service.on_demand.extra.get(currency, Money(0, currency)) if urgent else Money(0, currency)
    return Guide(price.guide + extra, price.low + extra, price.high + extra)


def is_for_crowd(service: Service) -> bool:
    """Say whether Friends or Profis do this service."""
    return not service.retired and not FRIEND_CHANNELS.isdisjoint(service.channels)
