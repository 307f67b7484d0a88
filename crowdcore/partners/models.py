"""The room's one table, in memory: the portals of this process, replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crowdcore.web.portal import Portal

_portals: Mapping[str, Portal] = MappingProxyType({})
_hosts: Mapping[str, Portal] = MappingProxyType({})


def replace(*, portals: Mapping[str, Portal], hosts: Mapping[str, Portal]) -> None:
    """Forget all portals and keep these.

    Args:
        portals: by partner id.
        hosts: the same portals by host name, lower case, no port.
    """
    global _portals, _hosts
    _portals, _hosts = MappingProxyType(dict(portals)), MappingProxyType(dict(hosts))


def opened() -> Mapping[str, Portal]:
    """Return the portals by partner id."""
    return _portals


def by_host() -> Mapping[str, Portal]:
    """Return the portals by host name, lower case, no port."""
    return _hosts
