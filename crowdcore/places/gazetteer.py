"""Answers from the gazetteer: which place is meant by what somebody typed, without network.

Read-only, synchronous, a few milliseconds at most. The file is written by `build`; its data is GeoNames
(https://www.geonames.org), CC BY 4.0.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from crowdcore.base.errors import Fault
from crowdcore.base.geo import Point
from crowdcore.places import rules
from crowdcore.places.build import FORMAT
from crowdcore.places.rules import (
    Answer,
    Choice,
    ChoiceReason,
    Found,
    Hit,
    NameKind,
    Place,
    PlaceUnknown,
    Typed,
    TypedCode,
    Unknown,
    UnknownReason,
    fold,
    folds,
)
from crowdcore.settings import settings

_PLACE = "p.id, p.country, p.region, p.postcode, p.locality, p.lat, p.lon, p.town, t.weight, t.names"
_BY_NAME = f"""
  SELECT {_PLACE}, n.kind, n.lossy, n.fold FROM name n JOIN place p ON p.id = n.place
  JOIN town t ON t.no = p.town WHERE n.fold"""  # noqa: S608 -- constants only
_BY_PLACE = f"""
  SELECT {_PLACE}, '{NameKind.OFFICIAL}' AS kind, 0 AS lossy, '' AS fold FROM place p
  JOIN town t ON t.no = p.town WHERE"""  # noqa: S608 -- constants only
_MAX_PREFIX_ROWS = 60
_MAX_WORDS = 8
_LOOSE = 0.4
_LOOSE_LENGTH = 4
_MAX_LOOSE = 8


class Gazetteer:
    """Answers from a built file; may be shared by all threads of a process."""

    def __init__(self, path: Path) -> None:
        """Open `path`.

        Raises:
            Fault: the file is missing, damaged or of another version.
        """
        remedy = "Run `crowdcore places build`."
        if not path.is_file():
            raise Fault(f"There is no gazetteer of places at {path}. {remedy}")
        self._lock = threading.Lock()
        # immutable: nobody writes this file, a rebuild replaces it; so no lock files appear beside it.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        try:
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise Fault(f"{path} is not a gazetteer of places ({error}). {remedy}") from error
        if version != FORMAT:
            self._db.close()
            raise Fault(f"{path} is a gazetteer of format {version}, not {FORMAT}. {remedy}")
        self._spellings: dict[str, dict[int, list[str]]] = {}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def licence(self) -> str:
        """Return whom to credit for the data."""
        return str(self.rows("SELECT value FROM about WHERE key = 'licence'")[0][0])

    def place(self, place_id: str) -> Place:
        """Return the place with this identifier.

        Raises:
            PlaceUnknown: there is none (any more).
        """
        rows = self.rows(f"{_BY_PLACE} p.id = ?", place_id)
        if not rows:
            raise PlaceUnknown(place=place_id)
        return place_of(rows[0])

    def search(self, text: str, *, home: str = "CH", limit: int = 8) -> Answer:
        """Find the place that is meant by `text`: a postcode, a town, both, or an address.

        Args:
            text: what a person typed; anything, of any length.
            home: country (ISO 3166-1) whose places are preferred.
            limit: most places in a choice or among suggestions.
        """
        if len(text.strip()) > rules.MAX_LENGTH:
            return Unknown(UnknownReason.TOO_LONG)
        tidy = rules.tidy(text)[: rules.MAX_LENGTH]
        if not any(char.isalnum() for char in tidy):
            return Unknown(UnknownReason.EMPTY)
        typed = rules.read(tidy)
        home = typed.country or home
        if typed.codes:
            return self._by_code(typed, home, limit)
        return self._by_names(typed, home, limit)

    def suggest(self, text: str, *, home: str = "CH", limit: int = 8) -> tuple[Place, ...]:
        """Return what `text` may become while somebody is still typing, the likeliest first."""
        tidy = rules.tidy(text[: rules.MAX_LENGTH])
        if tidy.isdecimal():
            return self._codes_starting(tidy, home, limit)
        if tidy and not any(char.isdigit() for char in tidy):
            near = [*self._starting(tidy, rules.zone(home)), *self._exactly(tidy)]
            hits = near or self._starting(tidy, rules.COUNTRIES)
            if hits:
                return tuple(hit.place for hit in rules.ranked(hits, home)[:limit])
        answer = self.search(text, home=home, limit=limit)
        if isinstance(answer, Found):
            return (answer.place,)
        return answer.places if isinstance(answer, Choice) else answer.suggestions

    def _codes_starting(self, digits: str, home: str, limit: int) -> tuple[Place, ...]:
        """Return the places whose postcodes begin with `digits`, those near home first."""
        near = rules.zone(home)
        hits: list[Hit] = []
        for country in (*near, *(each for each in rules.COUNTRIES if each not in near)):
            sql = f"{_BY_PLACE} p.country = ? AND p.postcode >= ? AND p.postcode < ?"
            order = "ORDER BY p.postcode, t.weight DESC, p.id LIMIT ?"
            hits += self._hits(f"{sql} {order}", country, digits, digits + ":", limit - len(hits))
        return tuple(hit.place for hit in hits)

    # ---- with a postcode ---------------------------------------------------------------------------

    def _by_code(self, typed: Typed, home: str, limit: int) -> Answer:
        """Answer from the digits, and let the names agree or disagree."""
        fallback: Answer | None = None
        for code in typed.codes:
            local = self._at(code, home)
            agreed = self._agreeing(local, code.names)
            if agreed:
                return _settled_code(agreed, code.country or home, limit)
            if fallback is None and local:
                fallback = self._unconfirmed(local, code, home, limit)
        if fallback is not None:
            return fallback
        code = typed.codes[0]
        named = self._known(code.names, home, rules.COUNTRIES)
        if named is not None:
            near = [hit for hit in self._around(code, home, limit) if hit.town == named.town]
            places = dict.fromkeys([named.place, *(hit.place for hit in near)])
            return Choice(tuple(places)[:limit], ChoiceReason.MISMATCH)
        return Unknown(UnknownReason.POSTCODE, tuple(hit.place for hit in self._around(code, home, limit))[:limit])

    def _at(self, code: TypedCode, home: str) -> list[Hit]:
        """Return the places with this postcode; in Germany a lost leading zero is forgiven."""
        digits = [code.digits]
        if len(code.digits) == 4 and "DE" in (code.country, home):  # noqa: PLR2004 -- five digits less the zero
            digits.append(f"0{code.digits}")
        marks = ", ".join("?" * len(digits))
        hits = self._hits(f"{_BY_PLACE} p.postcode IN ({marks})", *digits)
        return [hit for hit in hits if code.country in (None, hit.place.country)]

    def _agreeing(self, local: list[Hit], names: Sequence[str]) -> list[Hit]:
        """Return the places of `local` that one of `names` means; an official name before a short one."""
        for name in names:
            named = self._exactly(name)
            for kind in NameKind:
                towns = {hit.town for hit in named if hit.kind is kind}
                agreed = [hit for hit in local if hit.town in towns]
                if agreed:
                    return agreed
            spellings = folds(rules.without_region(name))
            agreed = [hit for hit in local if _resembles(hit.place.locality, spellings)]
            if agreed:
                return agreed
        return []

    def _unconfirmed(self, local: list[Hit], code: TypedCode, home: str, limit: int) -> Answer:
        """Answer for a postcode whose town was not typed, or is another one."""
        countries = {*rules.zone(home), *(hit.place.country for hit in local)}
        named = self._known(code.names, home, countries)
        settled = _settled_code(local, home, limit)
        if named is None:
            return settled
        places = [settled.place] if isinstance(settled, Found) else list(settled.places)
        return Choice((*places[: limit - 1], named.place), ChoiceReason.MISMATCH)

    def _known(self, names: Sequence[str], home: str, countries: Collection[str]) -> Hit | None:
        """Return the best known town of these countries that one of `names` spells exactly."""
        for name in names:
            hits = [hit for hit in self._exactly(name) if hit.place.country in countries]
            if hits and not rules.is_street(name):
                return rules.ranked(hits, home)[0]
        return None

    def _around(self, code: TypedCode, home: str, limit: int) -> list[Hit]:
        """Return the places whose postcodes are nearest by number, in the countries that fit."""
        wanted = (code.country,) if code.country else rules.zone(home)
        fitting = [c for c in wanted if _width(c) == len(code.digits)]
        fitting = fitting or [c for c in rules.COUNTRIES if _width(c) == len(code.digits)]
        hits: list[Hit] = []
        for country in fitting:
            for order in ("p.postcode >= ? ORDER BY p.postcode", "p.postcode < ? ORDER BY p.postcode DESC"):
                sql = f"{_BY_PLACE} p.country = ? AND {order} LIMIT ?"
                hits += self._hits(sql, country, code.digits, limit)
        number = int(code.digits)
        return sorted(hits, key=lambda hit: (abs(int(hit.place.postcode) - number), hit.place.id))

    # ---- with a name -------------------------------------------------------------------------------

    def _by_names(self, typed: Typed, home: str, limit: int) -> Answer:
        """Answer from names: exact ones first, then near ones, then the first words of one."""
        sure = [name for name in typed.names if not rules.is_street(name)]
        for hits in itertools.chain(
            (self._exactly(name) if name in sure else self._near_home(name, home) for name in typed.names),
            (self._nearly(name, home) for name in sure),
            (self._beginning(name) for name in sure),
        ):
            said = [hit for hit in hits if hit.place.country == typed.country]
            answer = rules.settle(said or hits, home, limit)
            if answer is not None:
                return answer
        reason = UnknownReason.STREET if typed.street else UnknownReason.NAME
        near = self._loosely(sure[0], home) if sure and not typed.street else []
        return Unknown(reason, tuple(hit.place for hit in near[:limit]))

    def _near_home(self, name: str, home: str) -> list[Hit]:
        """Return the towns near home called `name`, although it looks like a street."""
        return [hit for hit in self._exactly(name) if not _far(hit, home)]

    def _beginning(self, name: str) -> list[Hit]:
        """Return the towns called like the first words of `name`, the longest first: Bern of Bern Zentrum."""
        words = re.split(r"[\s\-–]+", name)[:_MAX_WORDS]
        for length in range(len(words) - 1, 0, -1):
            hits = [hit for hit in self._exactly(" ".join(words[:length])) if hit.kind is not NameKind.SHORT]
            if hits:
                return hits
        return []

    def _exactly(self, name: str) -> list[Hit]:
        """Return the towns called `name`; in each country a spelling with umlauts beats one without."""
        rows = self._spelt_as(name)
        split = rules.with_region(name)
        if not rows and split:
            rows = [row for row in self._spelt_as(split[0]) if row["region"] == split[1]]
        lossless = {row["country"] for row in rows if not row["lossy"]}
        return [_hit(row) for row in rows if not row["lossy"] or row["country"] not in lossless]

    def _spelt_as(self, name: str) -> list[sqlite3.Row]:
        """Return the rows of towns called `name`; without its umlauts only if nothing has them."""
        return next((rows for spelling in folds(name) if (rows := self._named([spelling]))), [])

    def _named(self, spellings: Sequence[str]) -> list[sqlite3.Row]:
        """Return the rows of towns with one of these folded names."""
        marks = ", ".join("?" * len(spellings))
        return self.rows(f"{_BY_NAME} IN ({marks})", *spellings)

    def _nearly(self, name: str, home: str) -> list[Hit]:
        """Return towns whose name begins with `name` or differs by a typing error; near home if any fit."""
        for countries in (rules.zone(home), rules.COUNTRIES):
            hits = [*self._starting(name, countries), *self._mistyped(name, countries)]
            if hits:
                return hits
        return []

    def _starting(self, name: str, countries: Sequence[str]) -> list[Hit]:
        """Return the best known towns whose name begins with `name`."""
        marks = ", ".join("?" * len(countries))
        sql = f"{_BY_NAME} >= ? AND n.fold < ? AND n.country IN ({marks})"
        sql += " ORDER BY t.weight DESC, n.fold LIMIT ?"
        for spelling in folds(name):
            rows = self.rows(sql, spelling, spelling + "\uffff", *countries, _MAX_PREFIX_ROWS)
            if rows and len(spelling) > 1:
                return [_hit(row, len(spelling) / len(row["fold"])) for row in rows]
        return []

    def _mistyped(self, name: str, countries: Sequence[str]) -> list[Hit]:
        """Return the towns whose name is a few typing errors away."""
        for spelling in folds(name):
            allowed = rules.edits_allowed(len(spelling))
            known = self._of_length(countries, len(spelling), allowed) if allowed else []
            found = process.extract_iter(spelling, known, scorer=OSA.distance, score_cutoff=allowed)
            close = {each: 1 - edits / max(len(each), len(spelling)) for each, edits, _ in found}
            if close:
                return self._spelt(close, countries)
        return []

    def _loosely(self, name: str, home: str) -> list[Hit]:
        """Return the towns with the least unlike names, for somebody who must try again."""
        spelling, near = fold(name), rules.zone(home)
        known = self._of_length(near, len(spelling), _LOOSE_LENGTH)
        found = process.extract(
            spelling, known, scorer=OSA.normalized_similarity, score_cutoff=_LOOSE, limit=_MAX_LOOSE
        )
        return rules.ranked(self._spelt({each: float(alike) for each, alike, _ in found}, near), home)

    def _spelt(self, likeness: dict[str, float], countries: Sequence[str]) -> list[Hit]:
        """Return the towns with these folded names."""
        chosen = sorted(likeness, key=lambda each: (-likeness[each], each))[:_MAX_PREFIX_ROWS]
        rows = self._named(chosen)
        return [_hit(row, likeness[row["fold"]]) for row in rows if row["country"] in countries]

    def _of_length(self, countries: Sequence[str], length: int, margin: int) -> list[str]:
        """Return the folded names of these countries whose length is within `margin` of `length`."""
        sizes = range(max(1, length - margin), length + margin + 1)
        buckets = (self._by_length(country).get(size, []) for country in countries for size in sizes)
        return list(itertools.chain.from_iterable(buckets))

    def _by_length(self, country: str) -> dict[int, list[str]]:
        """Return all folded names of a country by length; read once, every typing error needs them."""
        if country not in self._spellings:
            by_length: dict[int, list[str]] = defaultdict(list)
            for (name,) in self.rows("SELECT DISTINCT fold FROM name WHERE country = ?", country):
                by_length[len(name)].append(name)
            self._spellings[country] = by_length
        return self._spellings[country]

    def _hits(self, sql: str, *values: str | int) -> list[Hit]:
        """Return the rows of a query for places as hits."""
        return [_hit(row) for row in self.rows(sql, *values)]

    def rows(self, sql: str, *values: str | float) -> list[sqlite3.Row]:
        """Run one query; one thread at a time may use the connection."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def place_of(row: sqlite3.Row) -> Place:
    """Return the place of a row with the columns `_PLACE`."""
    names = tuple(json.loads(row["names"]).items())
    point = Point(row["lat"], row["lon"])
    return Place(row["id"], row["country"], row["region"], row["postcode"], row["locality"], point, names)


def _hit(row: sqlite3.Row, likeness: float = 1.0) -> Hit:
    """Return the hit of a row."""
    return Hit(place_of(row), row["town"], row["weight"], NameKind(row["kind"]), likeness)


def _width(country: str) -> int:
    """Return how many digits a postcode of `country` has."""
    return 5 if country == "DE" else 4


def _far(hit: Hit, home: str) -> int:
    """Return 0 for places near home, 1 for all others."""
    return int(hit.place.country not in rules.zone(home))


def _settled_code(hits: list[Hit], home: str, limit: int) -> Found | Choice:
    """Return the place or places of one postcode; those near home if there are any."""
    near = [hit for hit in hits if not _far(hit, home)]
    answer = rules.settle(near or hits, home, limit)
    assert answer is not None  # noqa: S101 -- callers pass at least one hit
    return answer


def _resembles(locality: str, spellings: Collection[str]) -> bool:
    """Say whether a locality begins with, or is nearly, one of these folded names."""
    return any(
        known.startswith(typed) or OSA.distance(known, typed) <= rules.edits_allowed(len(typed))
        for known in folds(locality)
        for typed in spellings
    )


@cache
def _opened(path: Path) -> Gazetteer:
    return Gazetteer(path)


def gazetteer() -> Gazetteer:
    """Return the installation's gazetteer, opened once per process.

    Raises:
        Fault: it has not been built yet.
    """
    return _opened(settings().gazetteer_path)
