"""What is wrong with a translation."""

import pytest
from babel.messages.catalog import Message

from crowdcore.base.folders import shared_folder
from crowdcore.base.text import Language
from crowdcore.i18n.wording import damages, glossary_slips, read_glossary, slips

N = "\u202f"


def said(english, translation):
    return Message(english, translation)


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("%(km)s km", "%(km)s km"),
        ("{name} comes", "{name} kommt"),
        ("See <b>here</b>", "Siehe <b>hier</b>"),
        ("See https://a.example", "Siehe https://a.example"),
        ("50 %% of %(all)s", "50 %% von %(all)s"),
        ("100 %", "100 %"),
        (("One Friend", "%(num)s Friends"), ("Ein Friend", "%(num)s Friends")),
        ("service area", "Ein\u00adsatz\u00adgebiet"),  # soft hyphens are wanted in long German words
    ],
)
def test_whole_translations_pass(english, translation):
    assert list(damages(said(english, translation))) == []


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("%(km)s km", "%(m)s km"),
        ("%(km)s km", "km"),
        ("{name} comes", "{name.__class__} kommt"),
        ("hello", "<b>hallo</b>"),
        ("<a href='#x'>x</a>", "<a href='javascript:x'>x</a>"),
        ("hello", "data:text/html,x"),
        ("%(km)s km", "%(km)s 5 % km"),
        ("hello", "hal\u202elo"),
        (("One Friend", "%(num)s Friends"), ("Ein Friend", "Freunde %(n)s")),
    ],
)
def test_damage_is_found(english, translation):
    assert list(damages(said(english, translation)))


@pytest.mark.parametrize(
    ("language", "translation", "complaint"),
    [
        ("de", "Straße", "writes 'Strasse'"),
        ("de", 'Der "Friend"', "foreign quotation marks"),
        ("de", "Der „Friend“", "foreign quotation marks"),
        ("fr", "Ça marche ?", "needs a narrow no-break space"),
        ("fr", "Ça marche?", "needs a narrow no-break space"),
        ("fr", "Prix: 5", "needs a narrow no-break space"),
        ("fr", f"«{N}Friend »", "inside"),
        ("fr", "% de rabais: oui", "needs a narrow no-break space"),
    ],
)
def test_slips_of_a_language_are_found(language, translation, complaint):
    assert complaint in " ".join(slips(said("x", translation), Language(language)))


@pytest.mark.parametrize(
    ("language", "translation"),
    [
        ("de", "Die «Strasse», um 14:05"),
        ("fr", f"Ça marche{N}? «{N}Oui{N}»{N}! À 14:05, voir https://a.example"),
        ("fr", '<a href="x">ici</a>'),
        ("en", "Really? “Yes”: ß"),
    ],
)
def test_right_writing_passes(language, translation):
    assert list(slips(said("x", translation), Language(language))) == []


def test_white_space_at_the_ends_must_stay():
    assert list(slips(said("Name: ", "Name:"), Language.DE))


def test_french_says_the_number_even_in_the_singular_because_zero_is_singular():
    entry = said(("One Friend", "%(num)s Friends"), ("Un Friend", "%(num)s Friends"))
    assert "is missing" in " ".join(slips(entry, Language.FR))
    assert list(slips(entry, Language.DE)) == []


GLOSSARY = read_glossary(shared_folder("locales") / "glossary.toml")


@pytest.mark.parametrize(
    ("english", "language", "translation", "is_right"),
    [
        ("Your guide price", "de", "Ihr Orientierungspreis", True),
        ("Your guide price", "de", "Ihr Richtpreis", False),
        ("Two jobs", "fr", "Deux missions", True),
        ("Two jobs", "fr", "Deux commandes", False),
        ("Money", "de", "Lohn", False),
        ("Money", "fr", "Votre salaire", False),
        ("Money", "en", "Your wage", False),
        ("Belohnung", "de", "Belohnung", True),  # a forbidden word counts from its beginning only
    ],
)
def test_fixed_words(english, language, translation, is_right):
    assert (list(glossary_slips(said(english, translation), Language(language), GLOSSARY)) == []) is is_right


def test_every_term_is_translated_and_has_one_entry():
    assert all(set(term.stems) == {"de", "fr"} and all(term.stems.values()) for term in GLOSSARY)
    assert len({term.en for term in GLOSSARY}) == len(GLOSSARY)
