"""The whole gazetteer, built from the installed data: names that only the real data can confuse."""

import json
import sqlite3
from pathlib import Path

import pytest

from crowdcore.places.rules import CANTONS, Choice, Found

FOUND = json.loads((Path(__file__).parent / "found.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "label"), FOUND.items())
def test_what_the_small_one_finds_the_whole_one_finds(whole, text, label):
    answer = whole.search(text)
    assert isinstance(answer, Found), answer
    assert answer.place.label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Chur", "7000 Chur"),
        ("Coire", "7000 Chur"),
        ("Lugano", "6900 Lugano"),
        ("Interlaken", "3800 Interlaken"),
        ("Davos Platz", "7270 Davos Platz"),
        ("Crans-Montana", "3963 Crans-Montana"),
        ("Frankfurt", "60311 Frankfurt am Main"),
        ("Berlin", "10115 Berlin"),
        ("Hamburg", "20095 Hamburg"),
        ("Halle/Saale", "06108 Halle"),
        ("Innsbruck", "6020 Innsbruck"),
        ("Linz", "4020 Linz"),
        ("Salzburg", "5020 Salzburg"),
        ("8010 Graz", "8010 Graz"),
        ("1010", "1010 Lausanne"),
        ("1010 Wien", "1010 Wien"),
        ("Mauren FL", "9493 Mauren FL"),
        ("Königstein/Sächsische Schweiz", "01824 Königstein/Sächsische Schweiz"),
        ("80310 München", None),
    ],
)
def test_real_names_are_found(whole, text, label):
    answer = whole.search(text)
    assert (answer.place.label if isinstance(answer, Found) else None) == label


@pytest.mark.parametrize("text", ["Buchs", "Wil", "Rapperswil", "Freiburg", "Brienz", "3098", "8000 Genève"])
def test_real_ambiguities_are_choices(whole, text):
    assert isinstance(whole.search(text), Choice)


def test_all_exonyms_meet_a_town(whole_build):
    assert whole_build.unmatched == ()


def test_every_country_is_there(whole_build):
    assert whole_build.places["CH"] > 4_000
    assert whole_build.places["LI"] == 13
    assert whole_build.places["DE"] > 14_000
    assert whole_build.places["AT"] > 18_000
    assert whole_build.size < 10_000_000


def rows(whole_build, sql):
    with sqlite3.connect(whole_build.out) as db:
        found = db.execute(sql).fetchall()
    db.close()
    return found


def test_all_identifiers_are_plain_and_regions_are_iso_codes(whole_build):
    found = rows(whole_build, "SELECT id, country, region, postcode, lat, lon FROM place")
    for place_id, country, region, postcode, lat, lon in found:
        assert place_id.isascii()
        assert place_id.startswith(f"{country}-{postcode}-")
        assert region == "LI" if country == "LI" else region.startswith(f"{country}-")
        assert 45.7 < lat < 55.2
        assert 5.8 < lon < 17.3
    regions = {region for _, country, region, *_ in found if country == "CH"}
    assert regions == {f"CH-{canton}" for canton in CANTONS}
    assert len({region for _, country, region, *_ in found if country == "DE"}) == 16
    assert len({region for _, country, region, *_ in found if country == "AT"}) == 9


@pytest.mark.parametrize(("country", "step"), [("CH", 1), ("LI", 1), ("DE", 7), ("AT", 7)])
def test_places_are_found_by_their_own_label(whole, whole_build, country, step):
    ids = rows(whole_build, f"SELECT id FROM place WHERE country = '{country}' ORDER BY id")
    missed = []
    for (place_id,) in ids[::step]:
        place = whole.place(place_id)
        answer = whole.search(place.label, home=country)
        if not isinstance(answer, Found) or answer.place != place:
            missed.append(place.label)
    assert missed == []


def test_a_look_up_is_fast(whole, cost):
    """Next to what it costs to find a mistyped name, for which all names are read: the others read a few rows."""
    texts = [*FOUND, "qwertzuiop", "st", "sa", "Mondorf", "80310", "x" * 119]
    whole.search("Mondorf")  # the names are read once
    took, mistyped = sorted(cost(whole, text) for text in texts), cost(whole, "Zürhc")
    assert 4 * took[len(took) // 2] < mistyped
    assert took[-1] < 20 * mistyped
