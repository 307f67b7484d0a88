"""What betrays a brand: its words, hosts, addresses, numbers, colours and files; and the words of the project."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crowdcore.web.portal import Portal

PROJECT = "project"
PROJECT_WORDS = ("crowdcore", "uvicorn", "starlette", "tortoise", "jinja", "pluggy", "hypercorn", "Talfunk")
"""What the portals are made of, and who stood in for a partner when they were drawn, is no visitor's business."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that belongs to one owner.

    Args:
        owner: partner id, or PROJECT.
        kind: word, colour or file.
        text: what it is, for the report.
        pattern: finds it in folded text; None for files.
    """

    owner: str
    kind: str
    text: str
    pattern: re.Pattern[str] | None = None


def _word(owner: str, text: str) -> Mark:
    return Mark(owner, "word", text, re.compile(rf"(?<![^\W_]){re.escape(text.casefold())}s?(?![^\W_])"))


def _colour(owner: str, text: str) -> Mark:
    red, green, blue = (int(text[place : place + 2], 16) for place in (1, 3, 5))
    short = re.fullmatch(r"#(.)\1(.)\2(.)\3", text, re.IGNORECASE)
    forms = [re.escape(text.casefold()), rf"rgba?\(\s*{red}[\s,]+{green}[\s,]+{blue}\b"]
    forms += [f"#{''.join(short.groups()).casefold()}" + r"(?![0-9a-f])"] if short else []
    return Mark(owner, "colour", text, re.compile("|".join(forms)))


def words_of(portal: Portal) -> set[str]:
    """Return the words by which people know a portal, and the addresses that lead to it."""
    settings = portal.settings
    mails = {settings.mail.sender, settings.mail.reply_to, settings.support.email}
    return {
        settings.name.brand,
        settings.name.brand.split()[0],  # the company, where the brand says more than its name
        settings.name.legal,
        settings.support.phone,
        *(domain.host for domain in settings.domains),
        *(address.partition("@")[2] for address in mails),
    }


def colours_of(portal: Portal) -> set[str]:
    """Return the colours of a portal's roles and tints in both modes."""
    return {colour.upper() for palette in (portal.theme.light, portal.theme.dark) for colour in palette.values()}


def files_of(portal: Portal) -> set[str]:
    """Return the digests of a portal's own files."""
    texts = [text.encode() for _, text in portal.theme.files.values()]
    own = portal.folder / "theme"
    pictures = [path.read_bytes() for path in own.rglob("*") if path.is_file() and path.suffix != ".toml"]
    return {digest(content) for content in (*texts, *pictures)}


def digest(content: bytes) -> str:
    """Return what a file is recognised by."""
    return hashlib.sha256(content).hexdigest()


def marks(portals: Mapping[str, Portal], typed: Mapping[str, str]) -> tuple[Mark, ...]:
    """Return every mark of every portal that no other portal shares, and the project's.

    Args:
        portals: all portals.
        typed: partner id -> word that its people write into everything.
    """
    found = [_word(PROJECT, word) for word in PROJECT_WORDS]
    found += [_word(owner, word) for owner, word in typed.items()]
    for owner, one in portals.items():
        others = [portal for portal in portals.values() if portal.id != owner]
        found += [_word(owner, word) for word in sorted(words_of(one) - _all(map(words_of, others)))]
        found += [_colour(owner, text) for text in sorted(colours_of(one) - _all(map(colours_of, others)))]
        found += [Mark(owner, "file", text) for text in sorted(files_of(one) - _all(map(files_of, others)))]
    return tuple(found)


def _all(sets: Iterable[set[str]]) -> set[str]:
    return {item for one in sets for item in one}
