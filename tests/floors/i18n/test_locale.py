"""Which language somebody reads."""

import pytest
from hypothesis import given, strategies as st

from crowdcore.i18n.locale import Signs, choose, negotiate

OFFERED = ("de", "fr", "en")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en;q=0.5, de;q=0.8", "de"),
        ("de;q=0.8, en;q=0.8", "de"),  # equal wishes: the first counts
        ("FR-ch", "fr"),
        ("de-Latn-CH-1996", "de"),
        ("gsw-CH", "de"),
        ("rm;q=0.9, en;q=0.8", "de"),
        ("it, fr;q=0.4", "fr"),  # a language nobody offers passes on to the next wish
        ("*", "de"),
        ("fr;q=0.5, *;q=0.8", "de"),
        ("de;q=0, *", "fr"),  # anything but German
        ("*;q=0.1, en", "en"),
        ("en ; q = 0.5 , fr;q=0.4", "en"),
    ],
)
def test_the_header_names_a_language(header, language):
    assert negotiate(header, OFFERED) == language


@pytest.mark.parametrize(
    "header",
    [
        "",
        "it",
        "xx;q=9",
        "de;q=nan",
        "de;q=1.5",
        "de;q=-1",
        "de;q",
        "fr;q=0",
        "de fr",
        ";;;",
        ",,,",
        "đe",
        "*;q=0",
        "1",
    ],
)
def test_nonsense_names_none_and_is_no_error(header):
    assert negotiate(header, OFFERED) is None


def test_a_portal_may_decide_who_reads_what():
    assert negotiate("rm", OFFERED, {"rm": "en"}) == "en"


def test_only_offered_languages_are_chosen():
    assert negotiate("de, fr;q=0.5", ("fr",)) == "fr"


@given(st.text(max_size=2000))
def test_no_header_breaks_it(header):
    assert negotiate(header, OFFERED) in {*OFFERED, None}


def test_signs_count_in_their_order():
    signs = {"path": "en", "cookie": "fr", "account": "de", "header": "en", "domain": "fr"}
    assert choose(Signs(**signs), OFFERED, "de") == "en"
    del signs["path"]
    assert choose(Signs(**signs), OFFERED, "de") == "fr"
    del signs["cookie"]
    assert choose(Signs(**signs), OFFERED, "fr") == "de"
    del signs["account"]
    assert choose(Signs(**signs), OFFERED, "de") == "en"
    del signs["header"]
    assert choose(Signs(**signs), OFFERED, "de") == "fr"
    assert choose(Signs(), OFFERED, "de") == "de"


def test_a_sign_for_a_language_that_is_not_offered_is_passed_over():
    assert choose(Signs(path="it", cookie="rm", account="fr"), ("de", "fr"), "de") == "fr"
