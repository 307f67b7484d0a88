"""What people type, and what the gazetteer answers, on the small gazetteer."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.base.geo import Point, distance_m
from crowdcore.places import rules
from crowdcore.places.rules import Choice, ChoiceReason, Found, PlaceUnknown, Unknown, UnknownReason

#: What people type -> the one place that is meant; also asked of the whole gazetteer.
FOUND = json.loads((Path(__file__).parent / "found.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "label"), FOUND.items())
def test_one_place_is_found(small, text, label):
    answer = small.search(text)
    assert isinstance(answer, Found), answer
    assert answer.place.label == label


CHOICES = [
    ("3098", ["3098 Köniz", "3098 Schliern b. Köniz"], ChoiceReason.AMBIGUOUS),
    ("Buchs", ["5033 Buchs AG", "6211 Buchs LU", "8107 Buchs ZH", "9470 Buchs SG"], ChoiceReason.AMBIGUOUS),
    ("Wil", ["5276 Wil AG", "8196 Wil ZH", "9500 Wil SG"], ChoiceReason.AMBIGUOUS),
    ("Rapperswil", ["3255 Rapperswil BE", "8640 Rapperswil SG"], ChoiceReason.AMBIGUOUS),
    ("Freiburg", ["1700 Fribourg", "79098 Freiburg im Breisgau"], ChoiceReason.AMBIGUOUS),
    ("8000 Genève", ["1204 Genève", "8000 Zürich"], ChoiceReason.MISMATCH),
    ("3097 Köniz", ["3097 Liebefeld", "3098 Köniz"], ChoiceReason.MISMATCH),
    ("80331 Zürich", ["8001 Zürich", "80331 München"], ChoiceReason.MISMATCH),
    ("8999 Winterthur", ["8400 Winterthur", "8404 Winterthur"], ChoiceReason.MISMATCH),
]


@pytest.mark.parametrize(("text", "labels", "reason"), CHOICES)
def test_what_may_mean_several_places_is_a_choice(small, text, labels, reason):
    answer = small.search(text)
    assert isinstance(answer, Choice), answer
    assert sorted(place.label for place in answer.places) == labels
    assert answer.reason is reason


def test_the_likeliest_place_comes_first(small):
    assert small.search("3098").places[0].label == "3098 Köniz"
    assert small.search("Freiburg").places[0].label == "1700 Fribourg"
    assert small.search("8000 Genève").places[0].label == "8000 Zürich"
    assert small.search("Freiburg", home="DE").place.label == "79098 Freiburg im Breisgau"


def test_home_decides_between_countries(small):
    assert small.search("Baden", home="CH").place.label == "5400 Baden"
    assert small.search("Baden", home="AT").place.label == "2500 Baden"
    assert small.search("9490", home="AT").place.label == "9490 Vaduz"


def test_a_lost_leading_zero_is_forgiven_in_germany_only(small):
    assert small.search("1067 Dresden", home="DE").place.label == "01067 Dresden"
    assert small.search("D-1067").place.label == "01067 Dresden"
    assert isinstance(small.search("1067", home="CH"), Unknown)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", UnknownReason.EMPTY),
        ("   \t\n ", UnknownReason.EMPTY),
        ("\x00\x07\x1b", UnknownReason.EMPTY),
        ("\u200b\u202e", UnknownReason.EMPTY),
        ("…!?, ;", UnknownReason.EMPTY),
        ("x" * 10_000, UnknownReason.TOO_LONG),
        ("8001 Zürich " * 1_000, UnknownReason.TOO_LONG),
        ("Bahnhofstrasse 1", UnknownReason.STREET),
        ("Rue de Lausanne 10", UnknownReason.STREET),
        ("qwertzuiop", UnknownReason.NAME),
        ("東京", UnknownReason.NAME),
        ("8099", UnknownReason.POSTCODE),
        ("80310", UnknownReason.POSTCODE),
    ],
)
def test_what_is_not_known_says_why(small, text, reason):
    answer = small.search(text)
    assert isinstance(answer, Unknown), answer
    assert answer.reason is reason


def test_the_unknown_is_answered_with_what_is_nearest(small):
    assert small.search("8099").suggestions[0].label == "8107 Buchs ZH"
    assert small.search("80310").suggestions[0].label == "80331 München"
    assert "8600 Dübendorf" in {place.label for place in small.search("Düdelstorf").suggestions}


def test_blanks_around_do_not_count(small):
    assert small.search(" " * 500 + "Vaduz" + "\n" * 500).place.label == "9490 Vaduz"


def test_control_characters_inside_do_not_hide_a_name(small):
    assert small.search("Zü\u200brich\x00").place.label == "8001 Zürich"


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200), home=st.sampled_from(["CH", "LI", "DE", "AT", "FR", ""]))
def test_no_text_whatsoever_is_an_exception(small, text, home):
    answer = small.search(text, home=home, limit=4)
    match answer.kind:
        case "found":
            assert small.place(answer.place.id) == answer.place
        case "choice":
            assert 0 < len(answer.places) <= 4
        case _:
            assert len(answer.suggestions) <= 4
    assert len(small.suggest(text, home=home, limit=4)) <= 4


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE place; --",
        "%",
        "_",
        "8001' OR '1'='1",
        "{0}",
        "a" * 120,
        "8 " * 60,
        "1234 " * 24,
        "," * 120,
    ],
)
def test_hostile_texts_are_answered_quickly(small, cost, text):
    assert cost(small, text) < 500 * cost(small, "Vaduz")
    assert small.search("Vaduz").kind == "found"


# ---- places ----------------------------------------------------------------------------------------


def test_a_place_is_kept_by_its_id(small):
    place = small.search("8001 Zürich").place
    assert place.id == "CH-8001-zurich"
    assert small.place("CH-8001-zurich") == place
    assert (place.country, place.region, place.postcode) == ("CH", "CH-ZH", "8001")
    assert distance_m(place.point, Point(47.3717, 8.5423)) < 500


def test_an_unknown_id_is_a_refusal(small):
    with pytest.raises(PlaceUnknown) as refused:
        small.place("CH-0000-nowhere")
    assert refused.value.status == 404
    assert refused.value.code == "place.unknown"


def test_a_town_has_its_name_in_other_languages(small):
    geneva = small.search("1204 Genève").place
    assert [geneva.locality_in(language) for language in ("de", "fr", "en")] == ["Genf", "Genève", "Geneva"]
    assert small.search("2502 Biel").place.locality_in("fr") == "Bienne"
    assert small.search("Thalwil").place.locality_in("fr") == "Thalwil"


def test_the_data_is_credited(small):
    assert "GeoNames" in small.licence


# ---- while typing ----------------------------------------------------------------------------------


def labels(places):
    return [place.label for place in places]


def test_names_are_completed_near_home_first(small):
    assert labels(small.suggest("Zü")) == ["8001 Zürich"]
    assert labels(small.suggest("Münch"))[0] == "3053 Münchenbuchsee"
    assert labels(small.suggest("München"))[0] == "80331 München"
    assert labels(small.suggest("Mün", home="DE")) == ["80331 München"]


def test_codes_are_completed_near_home_first(small):
    assert labels(small.suggest("309")) == ["3097 Liebefeld", "3098 Köniz", "3098 Schliern b. Köniz"]
    assert labels(small.suggest("1", limit=2)) == ["1000 Lausanne", "1003 Lausanne"]
    assert labels(small.suggest("10", home="AT", limit=2)) == ["1010 Wien", "1020 Wien"]


def test_an_address_is_completed_too(small):
    assert labels(small.suggest("Bahnhofstrasse 1, 8001 Zü")) == ["8001 Zürich"]
    assert labels(small.suggest("8000 Genève")) == ["8000 Zürich", "1204 Genève"]
    assert small.suggest("") == ()


def test_many_threads_may_ask_at_once(small):
    texts = [*FOUND] * 5
    alone = [small.search(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(small.search, texts))
    assert together == alone


def test_every_answer_is_within_the_limit(small):
    assert len(small.search("Buchs", limit=2).places) == 2
    assert small.search("Buchs", limit=2).more
    assert not small.search("Buchs").more
    assert rules.MAX_LENGTH == 120
