"""The small languages inside partner files: ids, durations, amounts, regions, hosts; each read or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal, InvalidOperation

SLUG = re.compile(r"[a-z][a-z0-9_-]{1,39}")
"""Ids: small letters, digits, hyphen, underscore; 2 to 40 characters."""

SKILL = re.compile(r"[a-z][a-z0-9_.-]{1,59}")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
PHONE = re.compile(r"\+[1-9][0-9 ]{5,19}[0-9]")
URL = re.compile(
    r"(https://[a-z0-9]|http://(([a-z0-9-]+\.)*localhost|127\.0\.0\.1)(?=[:/]|$))[^\s<>\"'\\]{0,500}",
    re.IGNORECASE,
)
"""https; http on this machine only."""
COUNTRY = re.compile(r"[A-Z]{2}")
LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")
DOOR_WORD = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿœ]{2,13}")
"""One word with a capital letter, 3 to 14 letters: easy to read out."""

RELATIVE_FILE = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}")

_DURATION = re.compile(r"(\d{1,6})(s|min|h|d)")
_UNIT = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,6})?")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

_CANTONS = "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH"
_LAENDER = "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH"
_REGIONS = {
    "CH": frozenset(f"CH-{code}" for code in _CANTONS.split()),
    "DE": frozenset(f"DE-{code}" for code in _LAENDER.split()),
    "AT": frozenset(f"AT-{number}" for number in range(1, 10)),
    "LI": frozenset({"LI", *(f"LI-{number:02}" for number in range(1, 12))}),
}


def parse_duration(value: str) -> timedelta | None:
    """Return ``30s``, ``10min``, ``3h`` or ``14d`` as a time span; None when it is written otherwise."""
    found = _DURATION.fullmatch(value)
    return timedelta(**{_UNIT[found[2]]: int(found[1])}) if found else None


def written_duration(span: timedelta) -> str:
    """Return a time span as files write it: ``14d``."""
    seconds = int(span.total_seconds())
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def parse_decimal(value: str) -> Decimal | None:
    """Return a quoted decimal such as ``12.5``; None when it is written otherwise."""
    try:
        return Decimal(value) if _DECIMAL.fullmatch(value) else None
    except InvalidOperation:
        return None


def placeholders(value: str) -> frozenset[str]:
    """Return the names in braces of a text: ``{name}``."""
    return frozenset(_PLACEHOLDER.findall(value))


def known_regions(code: str) -> Iterable[str]:
    """Return all regions of the country `code` lies in; empty for a country the core has no list of."""
    return _REGIONS.get(code[:2], frozenset())
