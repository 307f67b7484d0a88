"""Builds the gazetteer: one SQLite file of places, written whole or not at all.

The data is GeoNames (https://www.geonames.org), CC BY 4.0; the file says so in its table `about`.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from crowdcore.base import clock
from crowdcore.base.errors import Fault
from crowdcore.places import geonames, rules
from crowdcore.places.geonames import Progress, Town
from crowdcore.places.rules import NameKind, folds

FORMAT = 1
"""Version of the file's tables; a file of another version is refused, and rebuilt by the operator."""

_SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE town (no INTEGER PRIMARY KEY, weight INTEGER NOT NULL, names TEXT NOT NULL);
CREATE TABLE place (
  id TEXT PRIMARY KEY, country TEXT NOT NULL, region TEXT NOT NULL, postcode TEXT NOT NULL,
  locality TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, town INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE name (
  fold TEXT NOT NULL, lossy INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL, country TEXT NOT NULL,
  PRIMARY KEY (fold, place)
) WITHOUT ROWID;
"""
_LANGUAGES = ("de", "fr", "it", "en")
_INDEXES = """
CREATE INDEX place_postcode ON place (postcode);
CREATE INDEX place_country ON place (country, postcode);
"""

_Entry = tuple[Town, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Args:
        out: the file that was written.
        places: number of places per country.
        towns: number of towns.
        names: number of spellings that can be found.
        size: bytes of the file.
        unmatched: exonyms whose town is not in the source.
    """

    out: Path
    places: dict[str, int]
    towns: int
    names: int
    size: int
    unmatched: tuple[str, ...]


def build(out: Path, source: Path | None = None, progress: Progress | None = None) -> BuildReport:
    """Build the gazetteer; the file appears whole or not at all, and may replace one that is in use.

    Args:
        out: the file to write; its folder is created.
        source: GeoNames' postal codes as JSON lines; the installed package's by default.
        progress: called with stage (``read``, ``tidy``, ``write``), done and total.

    Raises:
        Fault: the source is missing or damaged, or a country of the gazetteer is missing in it.
    """
    told = progress or (lambda _stage, _done, _total: None)
    source = source or geonames.installed_source()
    rows = list(geonames.rows(source, told))
    missing = sorted(set(rules.COUNTRIES) - {row.country for row in rows})
    if missing:
        raise Fault(f"{source} has no place in {', '.join(missing)}; it is not the expected data.")
    told("tidy", 0, 1)
    towns = geonames.towns(geonames.tidied(rows))
    entries, unmatched = _with_exonyms(towns)
    told("tidy", 1, 1)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".gazetteer-") as folder:
        draft = Path(folder) / out.name
        about = {"licence": geonames.LICENCE, "source": source.name, "built_at": clock.now().isoformat()}
        names = _write(draft, about, entries, told)
        size = draft.stat().st_size
        draft.replace(out)
    places = Counter(place.country for town in towns for place in town.places)
    return BuildReport(out, dict(places), len(towns), names, size, unmatched)


def _with_exonyms(towns: Sequence[Town]) -> tuple[list[_Entry], tuple[str, ...]]:
    """Pair each town with its hand-written entry; also return the entries that have no town."""
    known: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, town in enumerate(towns):
        known[town.country, town.name].append(index)
    entries: list[_Entry] = [(town, {}) for town in towns]
    unmatched: list[str] = []
    text = files("crowdcore.places").joinpath("exonyms.toml").read_text("utf-8")
    for exonyms in tomllib.loads(text)["town"]:
        candidates = [
            index
            for index in known[exonyms["country"], exonyms["name"]]
            if exonyms.get("region", towns[index].central.region) == towns[index].central.region
        ]
        if not candidates:
            unmatched.append(f"{exonyms['name']} ({exonyms['country']})")
            continue
        index = max(candidates, key=lambda each: towns[each].weight)
        town, central = towns[index], exonyms.get("central")
        town.listed = True
        town.central = next((place for place in town.places if place.postcode == central), town.central)
        for part, postcode in exonyms.get("parts", {}).items():
            place = next((each.id for each in town.places if each.postcode == postcode), None)
            if place:
                town.aliases |= {part: place, f"{town.name} {part}": place}
        entries[index] = (town, exonyms)
    return entries, tuple(unmatched)


def _write(path: Path, about: dict[str, str], entries: Sequence[_Entry], progress: Progress) -> int:
    """Write the tables to a new file; return the number of names."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        db.execute("BEGIN")
        db.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        for number, (town, exonyms) in enumerate(entries):
            spoken = json.dumps({each: exonyms[each] for each in _LANGUAGES if each in exonyms})
            db.execute("INSERT INTO town VALUES (?, ?, ?)", (number, town.weight, spoken))
            rows = (
                (p.id, p.country, p.region, p.postcode, p.locality, p.point.lat, p.point.lon, number)
                for p in town.places
            )
            db.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            # The first spelling of a place wins: names come in order of kind, exact folds before lossy ones.
            db.executemany("INSERT OR IGNORE INTO name VALUES (?, ?, ?, ?, ?)", _names(town, exonyms))
            if number % 5_000 == 0:
                progress("write", number, len(entries))
        db.execute("COMMIT")
        db.executescript(f"{_INDEXES} PRAGMA user_version = {FORMAT}; ANALYZE; VACUUM;")
        progress("write", len(entries), len(entries))
        count: int = db.execute("SELECT count(*) FROM name").fetchone()[0]
    finally:
        db.close()
    return count


def _names(town: Town, exonyms: Mapping[str, Any]) -> Iterator[tuple[str, int, str, str, str]]:
    """Yield the rows of the table `name` for one town, the most official first."""
    others = list(geonames.other_names(town.country, town.name))
    spoken = [exonyms[each] for each in _LANGUAGES if each in exonyms]
    labelled = [
        (town.name, NameKind.OFFICIAL, town.central.id),
        *((name, NameKind.OTHER, town.central.id) for name in [*spoken, *exonyms.get("also", ())]),
        *((name, NameKind.OTHER, town.central.id) for name, short in others if not short),
        *((name, NameKind.SHORT, town.central.id) for name, short in others if short),
        *((name, NameKind.SHORT, place) for name, place in town.aliases.items()),
    ]
    for lossy in (0, 1):
        for name, kind, place in labelled:
            spellings = folds(name)
            if lossy < len(spellings) and spellings[lossy]:
                yield spellings[lossy], lossy, kind.value, place, town.country
