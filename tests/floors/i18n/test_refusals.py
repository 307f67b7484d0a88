"""What a refused person reads, and what a program gets: the same values, written for each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from crowdcore.base.errors import FieldProblem, Refusal, Word
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.i18n.formats import Formats
from crowdcore.i18n.translations import Domain, Translations
from crowdcore.web.problems import problem
from tests.floors.i18n.conftest import entry, write_po

NOON = datetime(2027, 2, 3, 11, 30, tzinfo=UTC)
ROUTER = Word("router", Text(de="Router", fr="Routeur", en="Router basics"))
STATE = Word("under_way", "under way")


class Told(Refusal):
    code = "test.told"
    message = "At %(at)s for %(price)s, %(state)s: %(exams)s, %(wait)s, %(km)s km."


@pytest.fixture
def german(tmp_path):
    de = entry("under way", "in Arbeit") + entry(Told.message, Told.message.replace("At", "Um").replace("for", "für"))
    for language, body in {"de": de, "fr": "", "en": ""}.items():
        write_po(tmp_path, language, "crowdcore", body)
    translator = Translations(Domain.read(tmp_path, "crowdcore")).translator("de")
    return Formats.of(translator, "de-CH", "Europe/Zurich")


@pytest.fixture
def told():
    price = Money(4850, Currency.CHF)
    return Told(at=NOON, price=price, state=STATE, exams=(ROUTER, STATE), wait=timedelta(hours=2), km=30)


def test_a_person_reads_times_amounts_and_words_as_the_portal_writes_them(german, told):
    sentence = german.refusal(told).replace("\u00a0", " ")
    expected = "Um Mittwoch, 3. Februar 2027, 12.30 Uhr für CHF 48.50, in Arbeit: "
    assert sentence == expected + "Router und in Arbeit, 2 Stunden, 30 km."


def test_a_program_gets_the_values_themselves(german, told):
    document = json.loads(problem(told, german, "r").body)
    assert {name: document[name] for name in ("at", "price", "state", "exams", "wait", "km")} == {
        "at": "2027-02-03T11:30:00Z",
        "price": {"amount": 4850, "currency": "CHF"},
        "state": "under_way",
        "exams": ["router", "under_way"],
        "wait": 7200,
        "km": 30,
    }
    assert "in Arbeit" in document["detail"]


def test_a_field_is_told_the_same_way_and_a_bare_sentence_stays_as_it_is(german):
    said = FieldProblem("/state", "field", "under way: %(state)s", (("state", STATE),))
    assert german.field_problem(said) == "under way: in Arbeit"
    assert german.field_problem(FieldProblem("/km", "field", "100 % wrong")) == "100 % wrong"


def test_a_partners_own_words_come_first(german):
    assert german.refusal(Told(said=ROUTER.name, km=1)) == "Router"
