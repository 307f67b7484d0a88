"""Text: one piece of a partner's content, side by side in German, French and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages of every portal."""

    DE = "de"
    FR = "fr"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in all three languages.

    `neutral` texts (product names) are the same everywhere on purpose: use `Text.neutral`.
    """

    de: str
    fr: str
    en: str

    @classmethod
    def neutral(cls, value: str) -> Text:
        """Return a text that reads the same in every language."""
        return cls(value, value, value)

    def in_(self, language: str) -> str:
        """Return the sentence in `language` (``de``, ``fr`` or ``en``)."""
        return str(getattr(self, Language(language).value))

    def as_dict(self) -> dict[str, str]:
        """Return a plain mapping, ready for JSON."""
        return {"de": self.de, "fr": self.fr, "en": self.en}

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> Text:
        """Read what `as_dict` wrote."""
        return cls(values["de"], values["fr"], values["en"])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield (language, sentence) pairs."""
        yield from self.as_dict().items()


_SPACES = re.compile(r"\s+")
_JOINER = "\u200d"
#: Control, format (bidi overrides, zero-width) and unassigned characters have no place in what people type.
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def cleaned(value: str) -> str:
    """Return `value` in NFC with runs of white space folded and the ends trimmed."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", value)).strip()


def forbidden_character(value: str, *, multiline: bool = False) -> int | None:
    """Return the index of the first character that must not be stored, or None.

    Args:
        value: what a person typed.
        multiline: line breaks and tabs are allowed.
    """
    allowed = "\n\r\t" if multiline else ""
    for index, char in enumerate(value):
        if char not in allowed and unicodedata.category(char) in _FORBIDDEN and not _joins_emoji(value, index):
            return index
    return None


def _joins_emoji(value: str, index: int) -> bool:
    """Say whether a zero-width joiner makes one picture of two: a family is several people with joiners between."""
    before, char, after = value[max(index - 1, 0) : index], value[index], value[index + 1 : index + 2]
    is_between = bool(before and after) and unicodedata.category(after) == "So"
    return char == _JOINER and is_between and unicodedata.category(before) in {"So", "Sk", "Mn"}
