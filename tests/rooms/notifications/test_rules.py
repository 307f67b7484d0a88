"""Letters: every one can be filled, every kind is told once, and every button leads to a page."""

import re

import pytest

from crowdcore.base.text import forbidden_character
from crowdcore.notifications import rules
from crowdcore.notifications.rules import LETTERS, Letter, To

FILLED = {
    "service",
    "number",
    "place",
    "when",
    "friend",
    "price",
    "net",
    "brand",
    "phone",
    "reason",
    "fallback",
    "confirms",
}
GAP = re.compile(r"%\((\w+)\)s")
PATH = re.compile(r"/[a-z/{}_-]*")

every_letter = pytest.mark.parametrize(
    "letter", [letter for letters in LETTERS.values() for letter in letters], ids=lambda letter: letter.kind
)


@every_letter
def test_a_letter_says_what_is_true_and_the_one_thing_to_do(letter: Letter):
    assert letter.subject
    assert letter.paragraphs
    assert letter.action
    assert "\n" not in letter.subject
    assert all(paragraph and forbidden_character(paragraph) is None for paragraph in letter.paragraphs)


@every_letter
def test_only_known_gaps_are_left_in_a_letter(letter: Letter):
    for words in (letter.subject, *letter.paragraphs, letter.action):
        assert set(GAP.findall(words)) <= FILLED
        assert "%" not in GAP.sub("", words)
        assert words % dict.fromkeys(FILLED, "x")


@every_letter
def test_a_button_leads_to_a_page_of_whoever_reads(letter: Letter):
    assert PATH.fullmatch(letter.path)
    assert set(re.findall(r"\{(\w+)\}", letter.path)) <= {"job"}
    starts = {To.FRIEND: "/friend/", To.ASKED: "/friend/", To.SUPPORT: "/console/"}
    assert letter.path.startswith(starts.get(letter.to, "/jobs/"))


def test_each_kind_of_letter_is_sent_for_one_topic():
    kinds = [letter.kind for letters in LETTERS.values() for letter in letters]
    assert sorted(kinds) == sorted(set(kinds))


def test_nobody_gets_two_letters_for_one_event():
    for letters in LETTERS.values():
        assert len({(letter.to, letter.reason) for letter in letters}) == len(letters)


def test_the_other_letters_can_be_filled_too():
    for words in (rules.SIGN_IN_SUBJECT, *rules.SIGN_IN_TEXT, rules.CASE_SUBJECT, rules.REASON):
        assert set(GAP.findall(words)) <= {"code", "number", "reason"}
