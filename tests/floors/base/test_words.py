"""Texts in three languages, what may be stored of typed text, refusals, ids, the clock, shared folders."""

import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from crowdcore.base import clock as time, folders
from crowdcore.base.clock import FakeClock, SystemClock, use_clock
from crowdcore.base.errors import Conflict, Fault, FieldProblem, NotFound, Refusal, Rejected
from crowdcore.base.ids import new_id, new_secret
from crowdcore.base.text import Language, Text, cleaned, forbidden_character

HELLO = Text("Grüezi", "Bonjour", "Hello")


@pytest.mark.parametrize(("language", "word"), [("de", "Grüezi"), ("fr", "Bonjour"), ("en", "Hello")])
def test_a_text_is_read_in_a_language(language, word):
    assert HELLO.in_(language) == HELLO.in_(Language(language)) == word


@pytest.mark.parametrize("language", ["it", "", "de_CH", "__class__", "as_dict"])
def test_another_language_is_an_error_not_a_guess(language):
    with pytest.raises(ValueError, match="Language"):
        HELLO.in_(language)


@given(st.builds(Text, st.text(), st.text(), st.text()))
def test_a_text_goes_out_as_a_table_and_comes_back(text):
    assert Text.from_dict(text.as_dict()) == text
    assert dict(text) == text.as_dict()
    assert [language for language, _ in text] == list(Language)


def test_a_neutral_text_reads_the_same_everywhere():
    assert set(Text.neutral("Vista 3").as_dict().values()) == {"Vista 3"}


@given(st.text())
def test_cleaning_twice_changes_nothing(value):
    once = cleaned(value)
    assert cleaned(once) == once
    assert once == once.strip()
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once


@pytest.mark.parametrize(
    ("value", "multiline", "index"),
    [
        ("Grüezi, ça va? 👍 «ja»", False, None),
        ("a\nb", False, 1),
        ("a\r\n\tb", True, None),
        ("a\0", True, 1),
        ("ab\u202ec", False, 2),
        ("\u200b", False, 0),
        ("\ufeffx", False, 0),
        ("x\ue000", False, 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", False, None),
        ("a\u200db", False, 1),
        ("\U0001f468\u200d", False, 1),
        ("", False, None),
    ],
)
def test_what_must_not_be_stored_is_found(value, multiline, index):
    assert forbidden_character(value, multiline=multiline) == index


class Early(Refusal):
    """Sample."""

    code = "sample.early"
    message = "Wait until %(when)s, %(name)s."


def test_a_refusal_says_its_sentence_with_the_facts_of_the_case():
    refusal = Early(when="noon", name="Anna", retry_after_s=5)
    assert str(refusal) == "sample.early: Wait until noon, Anna."
    assert (refusal.params, refusal.retry_after_s, refusal.fields) == (
        {"when": "noon", "name": "Anna"},
        5,
        (),
    )


def test_a_partners_own_words_come_first():
    refusal = Early(said=HELLO, when="noon")
    assert str(refusal) == "sample.early: Hello"
    assert refusal.said is HELLO


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (Refusal, 409, "refused"),
        (Rejected, 422, "input.invalid"),
        (NotFound, 404, "not_found"),
        (Conflict, 409, "conflict"),
    ],
)
def test_the_tree_of_refusals(kind, status, code):
    problem = FieldProblem("/email", "field.required", "Please fill in this field.")
    refusal = kind(fields=(problem,))
    assert (refusal.status, refusal.code, refusal.fields) == (status, code, (problem,))
    assert isinstance(refusal, Refusal)
    assert not isinstance(refusal, Fault)


def test_ids_and_secrets_are_never_the_same_twice():
    assert len({new_id() for _ in range(1_000)}) == 1_000
    secrets = {new_secret("cc") for _ in range(1_000)}
    assert len(secrets) == 1_000
    assert all(secret.startswith("cc_") and len(secret) >= 3 + 43 for secret in secrets)


def test_the_clock_is_the_machines_until_it_is_replaced():
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    fake = FakeClock(start)
    with use_clock(fake):
        assert time.now() == start
        fake.advance(minutes=5, seconds=1)
        assert time.now() == start + timedelta(minutes=5, seconds=1)
        with use_clock(SystemClock()):
            assert time.now() != fake.at
        assert time.now() == fake.at
    assert abs(time.now() - SystemClock().now()) < timedelta(seconds=5)
    assert time.now().tzinfo is UTC


def test_the_clock_comes_back_after_an_error():
    with pytest.raises(ValueError), use_clock(FakeClock(datetime(2000, 1, 1, tzinfo=UTC))):  # noqa: PT011 -- ours
        raise ValueError
    assert time.now().year > 2020


def test_shared_folders_lie_beside_the_package_or_in_it(monkeypatch, tmp_path):
    assert (folders.shared_folder("themes") / "base").is_dir()
    assert folders.checkout() == Path(folders.PACKAGE).parent
    package = tmp_path / "site/crowdcore"
    (package / "_themes").mkdir(parents=True)
    monkeypatch.setattr(folders, "PACKAGE", package)
    folders.shared_folder.cache_clear()
    try:
        assert folders.shared_folder("themes") == package / "_themes"
        with pytest.raises(Fault, match="'locales' is missing"):
            folders.shared_folder("locales")
        with pytest.raises(Fault, match="checkout"):
            folders.checkout()
    finally:
        folders.shared_folder.cache_clear()
