"""How many things take which form: the gettext plural rules of the three languages."""

from __future__ import annotations

from collections.abc import Mapping

from crowdcore.base.text import Language

#: What the header of every `.po` file must say; 0 is plural in German and singular in French.
PLURAL_HEADERS: Mapping[str, str] = {
    Language.DE: "nplurals=2; plural=(n != 1);",
    Language.FR: "nplurals=2; plural=(n > 1);",
    Language.EN: "nplurals=2; plural=(n != 1);",
}


def plural_form(language: Language, n: int) -> int:
    """Return the index of the gettext form for `n` things."""
    if language is Language.FR:
        return int(n > 1)
    return int(n != 1)
