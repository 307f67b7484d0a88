"""Host names: how a ``Host`` header is read, and what is said when no portal answers there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from crowdcore.base.errors import Fault, Refusal

_LONGEST_HOST = 253
_LARGEST_PORT = 65_535
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?P<name>{_LABEL}(?:\.{_LABEL})*)\.?(?::(?P<port>\d{{1,5}}))?", re.ASCII)
_ADDRESS = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?", re.ASCII)


class UnknownHost(Refusal):
    """No portal answers under this name."""

    code = "host.unknown"
    status = 421
    message = "No portal answers under this name. Please check the address."


class HostMalformed(Refusal):
    """The Host header is missing, doubled, or no host name."""

    code = "host.malformed"
    status = 400
    message = "The name of the site is missing in the request, or is not a host name."


class PortalClosed(Refusal):
    """The partner has ended this portal."""

    code = "portal.closed"
    status = 410
    message = "This portal has been closed."


def read_host(header: str) -> str:
    """Return the host name in a ``Host`` header: lower case, no port, no trailing dot.

    Raises:
        HostMalformed: it is not a host name.
    """
    found = _HOST.fullmatch(header.lower()) or _ADDRESS.fullmatch(header.lower())
    if found is None or len(found["name"]) > _LONGEST_HOST or int(found["port"] or 0) > _LARGEST_PORT:
        raise HostMalformed
    return found["name"]


def hosts_to_partners(hosts: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return host -> partner id.

    Args:
        hosts: (host, partner id) pairs of all portals.

    Raises:
        Fault: two partners claim the same host.
    """
    found: dict[str, str] = {}
    for host, partner_id in hosts:
        if found.setdefault(host, partner_id) != partner_id:
            raise Fault(
                f"host '{host}' is claimed by '{found[host]}' and by '{partner_id}'; "
                "remove it from [[domain]] in the partner.toml of one of them"
            )
    return found
