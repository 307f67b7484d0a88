"""Which language somebody reads: own reading of Accept-Language, and the order of all signs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crowdcore.base.text import Language

#: Languages whose speakers read another one that portals offer (a portal may decide otherwise).
RELATIVES: Mapping[str, str] = {"gsw": "de", "rm": "de"}

#: Names of the languages in themselves, as a language switch shows them.
OWN_NAMES: Mapping[str, str] = {"de": "Deutsch", "fr": "Français", "en": "English"}

_LONGEST_HEADER = 500
_RANGE = re.compile(r"(\*|[a-z]{1,8})(?:-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)
_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known about the language of whoever asks; the first sign that is offered wins.

    Args:
        path: language prefix of the address (``fr`` in ``/fr/jobs``).
        cookie: what the language switch stored.
        account: the language the person chose for messages.
        header: the ``Accept-Language`` header as it came.
        domain: the language of the host name (``aide.example`` is French).
    """

    path: str | None = None
    cookie: str | None = None
    account: str | None = None
    header: str = ""
    domain: str | None = None


def choose(signs: Signs, offered: Sequence[str], default: str) -> Language:
    """Return the language to answer in.

    Args:
        signs: what is known.
        offered: the portal's languages, its own order.
        default: the portal's default language, used when no sign helps.
    """
    by_header = negotiate(signs.header, offered)
    for wish in (signs.path, signs.cookie, signs.account, by_header, signs.domain):
        if wish is not None and wish in offered:
            return Language(wish)
    return Language(default)


def negotiate(header: str, offered: Sequence[str], relatives: Mapping[str, str] = RELATIVES) -> Language | None:
    """Return the offered language the header wants most, or None.

    Regions are ignored (``fr-CA`` reads French); what cannot be read is skipped, never an error; a
    language with quality 0 is refused even if ``*`` would allow it.
    """
    wishes = _wishes(header, relatives)
    for tag, quality in sorted(wishes.items(), key=lambda wish: -wish[1]):
        if quality == 0:
            break
        candidates = [language for language in offered if language not in wishes] if tag == "*" else [tag]
        if candidates and candidates[0] in offered:
            return Language(candidates[0])
    return None


def _wishes(header: str, relatives: Mapping[str, str]) -> dict[str, float]:
    """Return base language -> best quality, in the order of first appearance."""
    wishes: dict[str, float] = {}
    for part in header[:_LONGEST_HEADER].split(","):
        tag, _, parameter = part.strip().partition(";")
        found = _RANGE.fullmatch(tag.strip())
        quality = _QUALITY.fullmatch(parameter) if parameter else None
        if found is None or (parameter and quality is None):
            continue
        base = found[1].lower()
        base = relatives.get(base, base)
        wishes[base] = max(wishes.get(base, 0.0), float(quality[1]) if quality else 1.0)
    return wishes
