"""briefing.toml: reads the card a Friend sees before a visit, or says everything that is wrong with it."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from crowdcore.base.folders import shared_folder
from crowdcore.base.text import Language, Text
from crowdcore.plugin.fields import DOOR_WORD, placeholders
from crowdcore.plugin.problems import FileProblem
from crowdcore.plugin.schema import ContentFile, Table

BRIEFING_FILE = "briefing.toml"
GREETING_NAMES = frozenset({"name", "service"})
"""What a greeting may have in braces: the Friend's first name, the title of the service."""

_FEWEST_WORDS = 60
_FEWEST_LINES, _MOST_LINES = 2, 8


@dataclass(frozen=True, slots=True)
class Briefing:
    """How a Friend shows up in the name of a partner.

    Args:
        greeting: the first sentence at the door, with ``{name}`` and ``{service}`` to fill in.
        dos: what to do, in order.
        donts: what not to do.
        badge: one line under the Friend's name on the badge.
        door_words: words that customer and Friend compare at the door, by language.
        content_hash: sha256 of the content, in hexadecimal.
    """

    greeting: Text
    dos: tuple[Text, ...]
    donts: tuple[Text, ...]
    badge: Text
    door_words: Mapping[Language, tuple[str, ...]]
    content_hash: str


def read_briefing(path: Path, *, swiss: bool) -> tuple[Briefing, tuple[FileProblem, ...]]:
    """Read briefing.toml.

    Args:
        path: the file.
        swiss: German is written without ß.

    Returns:
        The card, and warnings.

    Raises:
        ContentError: everything that is wrong with the file.
    """
    file = ContentFile.open(path, kind="briefing", swiss=swiss)
    root = file.root
    root.integer("schema", low=1, high=1)
    briefing = Briefing(
        greeting=_greeting(root),
        dos=_lines(root, "do"),
        donts=_lines(root, "dont"),
        badge=root.text("badge", max_length=100),
        door_words=_door_words(root.table("door_words")) if root.has("door_words") else shared_door_words(),
        content_hash=file.content_hash,
    )
    return briefing, file.finish()


@cache
def shared_door_words() -> Mapping[Language, tuple[str, ...]]:
    """Return the words of all portals that bring none of their own."""
    words = tomllib.loads((shared_folder("locales") / "door_words.toml").read_text(encoding="utf-8"))
    return MappingProxyType({language: tuple(words[language]) for language in Language})


def alike(word: str) -> str:
    """Return what two words have in common that are heard or typed as the same: no case, no accents."""
    plain = unicodedata.normalize("NFD", word.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _greeting(root: Table) -> Text:
    greeting = root.text("greeting", max_length=240)
    unknown = placeholders(greeting.de) - GREETING_NAMES
    if unknown:
        message = f"the greeting has unknown placeholders: {', '.join(sorted(unknown))}"
        root.problem("greeting", "briefing.placeholder", message, hint="{name} and {service}")
    return greeting


def _lines(root: Table, key: str) -> tuple[Text, ...]:
    lines = root.texts(key, max_length=160, at_least=_FEWEST_LINES)
    if len(lines) > _MOST_LINES:
        message = f"{key} has {len(lines)} lines, more than {_MOST_LINES}: nobody reads them at the door"
        root.problem(key, "briefing.too_long", message)
    return lines


def _door_words(table: Table) -> Mapping[Language, tuple[str, ...]]:
    words = {
        language: table.strings(language, form=DOOR_WORD, code="briefing.door_word", at_least=_FEWEST_WORDS)
        for language in Language
    }
    for language, given in words.items():
        heard: dict[str, str] = {}
        for word in given:
            first = heard.setdefault(alike(word), word)
            if first != word:
                table.problem(language, "briefing.door_words_alike", f"{word!r} is heard like {first!r}")
    return MappingProxyType(words)
