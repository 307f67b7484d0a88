"""What people type for a place: folding spellings, reading codes and names, judging how sure an answer is.

Everything here is pure. A *fold* is a name without case, accents and punctuation; there are two of them,
because "Zürich" is typed both "zuerich" and "zurich". The identifier of a place contains a fold: changing
`fold` changes identifiers that other tables have stored.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from crowdcore.base.errors import NotFound
from crowdcore.base.geo import Point

MAX_LENGTH = 120
"""Characters; a postal address in one line is shorter, and every look-up stays fast."""

COUNTRIES = ("CH", "LI", "DE", "AT")
"""The countries of the gazetteer (ISO 3166-1)."""

ZONES: Mapping[str, tuple[str, ...]] = {"CH": ("CH", "LI"), "LI": ("LI", "CH")}
"""Countries that feel like home together; every other country is a zone of its own."""

CANTONS = frozenset({
    "AG", "AI", "AR", "BE", "BL", "BS", "FR", "GE", "GL", "GR", "JU", "LU", "NE", "NW", "OW", "SG", "SH",
    "SO", "SZ", "TG", "TI", "UR", "VD", "VS", "ZG", "ZH",
})  # fmt: skip


class ChoiceReason(StrEnum):
    """Why a person must choose."""

    AMBIGUOUS = "ambiguous"
    MISMATCH = "mismatch"  # postcode and town do not agree


class UnknownReason(StrEnum):
    """Why there is no answer."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    STREET = "street"  # a street alone; postcode or town is missing
    POSTCODE = "postcode"
    NAME = "name"


class PlaceUnknown(NotFound):
    """The gazetteer has no place with this identifier."""

    code = "place.unknown"
    message = "There is no place with the id “%(place)s”."


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode with a locality: as precise as the gazetteer gets (the middle of the delivery area).

    Args:
        id: stable identifier such as ``CH-8001-zurich``.
        country: ISO 3166-1, two letters.
        region: ISO 3166-2 (``CH-ZH``, ``DE-BY``, ``AT-9``); ``LI`` for all of Liechtenstein.
        postcode: as written in the country.
        locality: official name.
        point: middle of the delivery area.
        names: (language, name) where another language has a name of its own.
    """

    id: str
    country: str
    region: str
    postcode: str
    locality: str
    point: Point
    names: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Return what is shown and posted: ``8001 Zürich``."""
        return f"{self.postcode} {self.locality}"

    def locality_in(self, language: str) -> str:
        """Return the name in `language` (``de``, ``fr``, ``en``, ``it``), or the official one."""
        return dict(self.names).get(language, self.locality)


@dataclass(frozen=True, slots=True)
class Found:
    """One place is meant."""

    place: Place
    kind: ClassVar[Literal["found"]] = "found"


@dataclass(frozen=True, slots=True)
class Choice:
    """Several places may be meant, the likeliest first; `more` says that the list was cut."""

    places: tuple[Place, ...]
    reason: ChoiceReason = ChoiceReason.AMBIGUOUS
    more: bool = False
    kind: ClassVar[Literal["choice"]] = "choice"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing fits well enough; `suggestions` are the nearest names or codes, perhaps none."""

    reason: UnknownReason
    suggestions: tuple[Place, ...] = ()
    kind: ClassVar[Literal["unknown"]] = "unknown"


Answer = Found | Choice | Unknown


# ---- folding ---------------------------------------------------------------------------------------

_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_MARKS = re.compile("[\u0300-\u036f]")
_WORDS = re.compile(r"[^\W_]+")
_SAINTS = frozenset({"st", "ste", "saint", "sainte", "sankt"})
_SHORT = {"b": "bei", "i": "im", "in": "im", "a": "am", "an": "am", "s": "sur", "o": "ob", "u": "und"}


def fold(text: str, *, digraphs: bool = True) -> str:
    """Return `text` in plain lower-case words; ``ü`` becomes ``ue`` with `digraphs`, otherwise ``u``."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
        if digraphs:
            text = text.translate(_DIGRAPHS)
        text = _MARKS.sub("", unicodedata.normalize("NFD", text.translate(_LETTERS)))
    words: list[str] = _WORDS.findall(text)
    if len(words) == 1:
        return words[0]  # somebody is still typing: "S" is not yet San
    return " ".join(_canonical(index, word) for index, word in enumerate(words))


def _canonical(index: int, word: str) -> str:
    """Return one spelling for ``St./Saint/Sankt`` and, inside a name, for ``b.``/``bei``, ``i.``/``in``."""
    if word in _SAINTS:
        return "st"
    return ("san" if word == "s" else word) if index == 0 else _SHORT.get(word, word)


def folds(text: str) -> tuple[str, ...]:
    """Return the spelling with digraphs and, where it differs, the one without."""
    exact, lossy = fold(text), fold(text, digraphs=False)
    return (exact,) if exact == lossy else (exact, lossy)


def identifier(country: str, postcode: str, locality: str) -> str:
    """Return the stable identifier of a place."""
    return f"{country}-{postcode}-{fold(locality, digraphs=False).replace(' ', '-')}"


# ---- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypedCode:
    """Four or five digits that may be a postcode, and the names that may belong to them."""

    digits: str
    country: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, taken apart; codes and names in order of likelihood."""

    codes: tuple[TypedCode, ...]
    names: tuple[str, ...]
    country: str | None
    street: bool


_CODE = re.compile(r"(?:\b(CH|FL|LI|AT|A|DE|D)[\s.–—‑-]*)?(?<!\d)(\d{4,5})(?!\d)", re.IGNORECASE)
_CODE_COUNTRY = {"CH": "CH", "FL": "LI", "LI": "LI", "AT": "AT", "A": "AT", "DE": "DE", "D": "DE"}
_BREAK = re.compile(r"[,;|\n\r]+")
_HOUSE_NUMBER = re.compile(r"\d+\s?[a-zA-Z]?(?:\s*[-–/]\s*\d+\s?[a-zA-Z]?)?(?=\s|$)")
_STREET = re.compile(
    r"\w*(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|gässli|strässli)$"
    r"|^(?:rue|avenue|av\.?|chemin|ch\.|route|rte\.?|place|pl\.|quai|boulevard|bd\.?|impasse|ruelle|"
    r"via|viale|piazza|vicolo|street|road|lane)$",
    re.IGNORECASE,
)
_COUNTRY_WORDS = {
    "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "svizra": "CH", "switzerland": "CH", "ch": "CH",
    "liechtenstein": "LI", "fl": "LI", "li": "LI",
    "deutschland": "DE", "allemagne": "DE", "germania": "DE", "germany": "DE", "de": "DE",
    "oesterreich": "AT", "autriche": "AT", "austria": "AT", "at": "AT",
}  # fmt: skip
_MAX_CODES = 4
_MAX_NAMES = 4


def tidy(text: str) -> str:
    """Return `text` without control and format characters, line breaks as commas, spaces folded."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(
        ("," if char in "\n\r\u2028\u2029" else " ") if unicodedata.category(char)[0] in "CZ" else char
        for char in text
        if unicodedata.category(char) != "Cf"
    )
    return " ".join(text.split()).strip(" ,;|")


def read(text: str) -> Typed:
    """Take `text` (tidied) apart into postcodes, names of towns and a country."""
    segments, country = _without_country([part.strip() for part in _BREAK.split(text) if part.strip()])
    codes: list[TypedCode] = []
    rest: list[str] = []
    for index, segment in enumerate(segments):
        others = segments[:index][::-1] + segments[index + 1 :]
        matches = list(_CODE.finditer(segment))[-_MAX_CODES:]
        for match in matches:
            said, digits = match.group(1), match.group(2)
            names = _towns([segment[match.end() :], segment[: match.start()], *others])
            codes.append(TypedCode(digits, _CODE_COUNTRY[said.upper()] if said else country, names))
        rest.append(_CODE.sub(" ", segment).strip() if matches else segment)
    numbered = [before for before, _ in map(_without_number, rest) if before]
    names = (*_towns(rest[::-1]), *(name for name in numbered if not is_street(name)))
    street = bool(numbered) or any(is_street(segment) for segment in rest)
    return Typed(tuple(codes[::-1][:_MAX_CODES]), names[:_MAX_NAMES], country, street)


def _without_country(segments: list[str]) -> tuple[list[str], str | None]:
    """Take a country's name off the end of any segment."""
    country = None
    kept = []
    for segment in segments:
        words = segment.split()
        said = _COUNTRY_WORDS.get(fold(words[-1])) if words else None
        landscape = len(words) > 1 and words[-2].endswith("ische")  # Königstein, Sächsische Schweiz
        if said and not landscape and (len(words) > 1 or len(words[0]) > 2):  # noqa: PLR2004 -- not "LI" alone
            country = said
            segment = " ".join(words[:-1])  # noqa: PLW2901 -- the rest of the segment goes on
        if segment.strip("() "):
            kept.append(segment)
    return kept, country


def _towns(segments: Sequence[str]) -> tuple[str, ...]:
    """Return the parts that may name a town: what follows a house number, and parts without a number."""
    names = [_without_number(segment)[1] for segment in segments]
    # A part that looks like a street may still be a village ("Strass"), but only if nothing else fits.
    return tuple(sorted((name for name in dict.fromkeys(names) if name), key=is_street))[:_MAX_NAMES]


def _without_number(segment: str) -> tuple[str, str]:
    """Return the words before and after a house number; without a number all words come after it."""
    numbers = list(_HOUSE_NUMBER.finditer(segment))
    before = segment[: numbers[0].start()] if numbers else ""
    after = segment[numbers[-1].end() :] if numbers else segment
    return _words(before), _words(after)


def _words(part: str) -> str:
    """Return `part` without stray punctuation; empty if it holds no letter."""
    return part.strip(" ,()-–.") if any(char.isalpha() for char in part) else ""


def is_street(name: str) -> bool:
    """Say whether one of the words looks like the name of a street."""
    return any(_STREET.search(word) for word in name.split())


def with_region(name: str) -> tuple[str, str] | None:
    """Split ``Buchs SG`` into (``Buchs``, ``CH-SG``); None when no canton is named."""
    words = name.replace("(", " ").replace(")", " ").split()
    if len(words) > 1 and words[-1].upper() in CANTONS:
        return " ".join(words[:-1]), f"CH-{words[-1].upper()}"
    return None


def without_region(name: str) -> str:
    """Return `name` without the letters of a canton at its end."""
    split = with_region(name)
    return split[0] if split else name


# ---- judging ---------------------------------------------------------------------------------------


class NameKind(StrEnum):
    """How a name belongs to its town."""

    OFFICIAL = "0"
    OTHER = "1"  # another language, or one half of Biel/Bienne
    SHORT = "2"  # without its qualifier: Schliern for Schliern b. Köniz


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that may be meant; `weight` is the size of its town, `likeness` how well the name fits."""

    place: Place
    town: int
    weight: int
    kind: NameKind = NameKind.OFFICIAL
    likeness: float = 1.0


_HOME_BONUS = 3.0
_KIND_MALUS = {NameKind.OFFICIAL: 0.0, NameKind.OTHER: 0.5, NameKind.SHORT: 1.0}
_LIKENESS_FACTOR = 8.0
_CLEAR_LEAD = 2.0
_ALSO_RAN = 5.0
_WELL_KNOWN = 8
_SURE = 0.65


def zone(home: str) -> tuple[str, ...]:
    """Return the countries that come first for somebody at home in `home`."""
    return ZONES.get(home, (home,))


def score(hit: Hit, home: str) -> float:
    """Return how likely `hit` is meant: well-known towns, near home, spelt as typed."""
    bonus = _HOME_BONUS if hit.place.country in zone(home) else 0.0
    return math.log2(hit.weight) + bonus - _KIND_MALUS[hit.kind] + _LIKENESS_FACTOR * hit.likeness


def ranked(hits: Iterable[Hit], home: str) -> list[Hit]:
    """Return the best hit of each town, the likeliest town first."""
    best: dict[int, Hit] = {}
    for hit in hits:
        seen = best.get(hit.town)
        if seen is None or _order(hit, home) < _order(seen, home):
            best[hit.town] = hit
    return sorted(best.values(), key=lambda hit: _order(hit, home))


def _order(hit: Hit, home: str) -> tuple[float, str, str]:
    """Return the sort key: score first, then something that never changes."""
    return -round(score(hit, home), 6), hit.place.postcode, hit.place.id


def settle(hits: Iterable[Hit], home: str, limit: int) -> Found | Choice | None:
    """Judge whether one of `hits` stands out, or several remain; None without hits."""
    order = ranked(hits, home)
    if not order:
        return None
    top = order[0]
    rivals = [hit for hit in order[1:] if not _outranks(top, hit, home)]
    if not rivals and top.likeness >= _SURE:
        return Found(top.place)
    floor = score(top, home) - _ALSO_RAN
    shown = [hit.place for hit in (order if not rivals else [top, *rivals]) if score(hit, home) >= floor]
    return Choice(tuple(shown[:limit]), more=len(shown) > limit)


def _outranks(top: Hit, other: Hit, home: str) -> bool:
    """Say whether nobody who typed this means `other`."""
    lead = score(top, home) - score(other, home)
    top_far, other_far = (hit.place.country not in zone(home) for hit in (top, other))
    if top_far != other_far and top.likeness == other.likeness:
        # Spelt alike, on two sides of the border: home wins, unless half of Europe means the other one.
        return other_far and other.weight < _WELL_KNOWN
    return lead >= _CLEAR_LEAD


def edits_allowed(length: int) -> int:
    """Return how many typing errors a word of `length` letters may have."""
    return 0 if length < 4 else 1 if length < 7 else 2  # noqa: PLR2004 -- a law of its own
