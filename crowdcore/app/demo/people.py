"""Made-up people: names, addresses and words by the language of their region."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crowdcore.app.demo.towns import Town, home_in
from crowdcore.base.geo import Point
from crowdcore.places.rules import Place

MADE_UP = "crowd.example"
"""The mail domain of everybody whom the demo itself plays; nobody else has it."""

_GERMAN_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ı": "i", "ć": "c"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody.

    Args:
        name: first and family name.
        email: below `MADE_UP`.
        phone: a number that nobody has.
        language: de, fr or en: what they read.
        street: street and number.
        town: where they live.
        place: in which quarter.
        home: where exactly.
    """

    name: str
    email: str
    phone: str
    language: str
    street: str
    town: Town
    place: Place
    home: Point


class Registry:
    """Draws people and sees to it that no two have the same address."""

    def __init__(self, chance: random.Random) -> None:
        """Draw from `chance`."""
        self._chance = chance
        self._drawn: Counter[str] = Counter()
        self._phones = 0

    def person(self, town: Town, place: Place) -> Person:
        """Return somebody who lives in a quarter of a town."""
        chance = self._chance
        names = _people()[town.language]
        name = f"{chance.choice(names['given'])} {chance.choice(names['family'])}"
        street = f"{chance.choice(names['streets'])} {chance.randint(1, 98)}"
        return Person(
            name=name,
            email=self._email(name),
            phone=self._phone(place.country),
            language=_reads(town.language, chance),
            street=street,
            town=town,
            place=place,
            home=home_in(town, place, chance),
        )

    def _email(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name.lower().translate(_GERMAN_FOLD))
        user = "".join(c if c.isalpha() else "." for c in plain if c.isascii() and (c.isalpha() or c in " -'"))
        self._drawn[user] += 1
        number = self._drawn[user]
        return f"{user}{number if number > 1 else ''}@{MADE_UP}"

    def _phone(self, country: str) -> str:
        self._phones += 1
        return f"+4917600{self._phones:06}" if country == "DE" else f"+417900{self._phones:05}"


def is_made_up(email: str) -> bool:
    """Say whether the demo itself plays the person with this address."""
    return email.endswith(f"@{MADE_UP}")


def saying(occasion: str, language: str, chance: random.Random) -> str:
    """Return what somebody says on an occasion (a key of sayings.toml), in their language."""
    line: str = chance.choice(_sayings()[language][occasion])
    return line


def _reads(spoken: str, chance: random.Random) -> str:
    """Draw what somebody reads; the portals do not speak Italian yet."""
    if spoken == "it":
        return chance.choices(("de", "fr", "en"), (45, 35, 20))[0]
    return chance.choices((spoken, "fr" if spoken == "de" else "de", "en"), (90, 2, 8))[0]


@cache
def _people() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("people.toml").read_text("utf-8"))


@cache
def _sayings() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files(__package__).joinpath("sayings.toml").read_text("utf-8"))
