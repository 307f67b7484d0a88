"""Folding, reading and judging, without a gazetteer."""

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.geo import Point
from crowdcore.places import rules
from crowdcore.places.rules import Choice, Found, Hit, NameKind, Place


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Zürich", "zuerich"),
        ("Zürich", "ZÜRICH"),
        ("Zürich", "Zu\u0308rich"),
        ("Köniz", "koeniz"),
        ("Genève", "geneve"),
        ("St. Gallen", "Sankt Gallen"),
        ("St. Gallen", "st gallen"),
        ("Ste-Croix", "Sainte Croix"),
        ("La Chaux-de-Fonds", "la chaux de fonds"),
        ("Schliern b. Köniz", "Schliern bei Köniz"),
        ("Freiburg im Breisgau", "Freiburg i. Breisgau"),
        ("S. Antonino", "San Antonino"),
        ("Straß", "strass"),
        ("L'Isle", "l’isle"),
        ("Œuvrez", "oeuvrez"),
    ],
)
def test_spellings_of_one_name_fold_alike(written, typed):
    assert rules.fold(written) == rules.fold(typed)


def test_an_umlaut_has_two_folds_and_an_accent_one():
    assert rules.folds("Zürich") == ("zuerich", "zurich")
    assert rules.folds("Genève") == ("geneve",)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_only_words_remain(text):
    once = rules.fold(text)
    assert rules.fold(once) == once or not once.isascii()
    assert once == " ".join(once.split())


def test_the_identifier_is_stable_and_plain():
    assert rules.identifier("CH", "8001", "Zürich") == "CH-8001-zurich"
    assert rules.identifier("CH", "3098", "Schliern b. Köniz") == "CH-3098-schliern-bei-koniz"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("8001 Zürich", [("8001", None, ("Zürich",))]),
        ("CH-3012 Bern", [("3012", "CH", ("Bern",))]),
        ("D-80331 München", [("80331", "DE", ("München",))]),
        ("A 1010", [("1010", "AT", ())]),
        ("FL-9490 Vaduz", [("9490", "LI", ("Vaduz",))]),
        ("8001Zürich", [("8001", None, ("Zürich",))]),
        ("Zürich 8001", [("8001", None, ("Zürich",))]),
        ("Bahnhofstrasse 1, 8001 Zürich", [("8001", None, ("Zürich",))]),
        ("Rue du Rhône 10\n1204 Genève\nSuisse", [("1204", "CH", ("Genève",))]),
        ("8001 Zürich, Bahnhofstrasse 12a", [("8001", None, ("Zürich",))]),
        (
            "Seestrasse 1234, 8800 Thalwil",
            [("8800", None, ("Thalwil",)), ("1234", None, ("Thalwil", "Seestrasse"))],
        ),
        ("079 1234567", []),
    ],
)
def test_postcodes_are_read_with_the_names_beside_them(text, codes):
    read = rules.read(rules.tidy(text))
    assert [(code.digits, code.country, code.names) for code in read.codes] == codes


@pytest.mark.parametrize(
    ("text", "names", "country", "street"),
    [
        ("Köniz", ("Köniz",), None, False),
        ("Bahnhofstrasse 1 Zürich", ("Zürich",), None, True),
        ("Bahnhofstrasse 1, Zürich", ("Zürich",), None, True),
        ("Lugano, Via Nassa 5", ("Lugano",), None, True),
        ("Bahnhofstrasse 1", (), None, True),
        ("Bahnhofstrasse", ("Bahnhofstrasse",), None, True),
        ("Bern 9", ("Bern",), None, True),
        ("Zürich (Schweiz)", ("Zürich",), "CH", False),
        ("Freiburg, Deutschland", ("Freiburg",), "DE", False),
        ("Li", ("Li",), None, False),
    ],
)
def test_names_countries_and_streets_are_told_apart(text, names, country, street):
    read = rules.read(rules.tidy(text))
    assert (read.codes, read.names, read.country, read.street) == ((), names, country, street)


@given(st.text(max_size=rules.MAX_LENGTH))
def test_anything_can_be_read(text):
    read = rules.read(rules.tidy(text))
    assert len(read.codes) <= 4
    assert len(read.names) <= 4


def test_a_cantons_letters_are_split_off():
    assert rules.with_region("Buchs SG") == ("Buchs", "CH-SG")
    assert rules.with_region("Wil (zh)") == ("Wil", "CH-ZH")
    assert rules.with_region("Bern") is None
    assert rules.with_region("ZH") is None
    assert rules.without_region("Buchs SG") == "Buchs"
    assert rules.without_region("Bern") == "Bern"


# ---- judging ---------------------------------------------------------------------------------------


def hit(name, town, *, country="CH", weight=1, kind=NameKind.OFFICIAL, likeness=1.0):
    place = Place(f"{country}-{town:04}-{name}", country, country, f"{town:04}", name, Point(47.0, 8.0))
    return Hit(place, town, weight, kind, likeness)


def names(answer):
    return [place.locality for place in answer.places]


def test_one_hit_is_found_and_none_is_none():
    assert rules.settle([hit("a", 1)], "CH", 8) == Found(hit("a", 1).place)
    assert rules.settle([], "CH", 8) is None


def test_hits_of_one_town_are_one_answer():
    assert rules.settle([hit("a", 1), hit("a2", 1, kind=NameKind.SHORT)], "CH", 8) == Found(hit("a", 1).place)


def test_equals_are_a_choice_in_a_fixed_order():
    hits = [hit("b", 2), hit("a", 1), hit("c", 3)]
    for order in (hits, hits[::-1]):
        assert names(rules.settle(order, "CH", 8)) == ["a", "b", "c"]


def test_a_cut_choice_says_so():
    answer = rules.settle([hit(str(n), n) for n in range(1, 6)], "CH", 3)
    assert names(answer) == ["1", "2", "3"]
    assert answer.more


def test_home_wins_against_a_small_namesake_abroad():
    hits = [hit("home", 1), hit("abroad", 2, country="AT", weight=3)]
    assert rules.settle(hits, "CH", 8) == Found(hits[0].place)
    assert rules.settle(hits, "AT", 8) == Found(hits[1].place)


def test_a_well_known_namesake_abroad_is_offered():
    hits = [hit("village", 1), hit("city", 2, country="DE", weight=40)]
    assert names(rules.settle(hits, "CH", 8)) == ["city", "village"]


def test_liechtenstein_is_home_for_switzerland():
    hits = [hit("vaduz", 1, country="LI"), hit("other", 2, country="DE", weight=2)]
    assert rules.settle(hits, "CH", 8) == Found(hits[0].place)


def test_an_unlike_name_is_offered_but_never_taken():
    answer = rules.settle([hit("a", 1, likeness=0.4)], "CH", 8)
    assert isinstance(answer, Choice)


@pytest.mark.parametrize(("length", "edits"), [(1, 0), (3, 0), (4, 1), (6, 1), (7, 2), (30, 2)])
def test_short_words_may_have_fewer_errors(length, edits):
    assert rules.edits_allowed(length) == edits


def test_a_place_shows_its_label_and_the_name_in_a_language():
    place = Place("CH-1204-geneve", "CH", "CH-GE", "1204", "Genève", Point(46.2, 6.1), (("de", "Genf"),))
    assert place.label == "1204 Genève"
    assert place.locality_in("de") == "Genf"
    assert place.locality_in("fr") == "Genève"
