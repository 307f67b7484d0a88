"""The content as the core reads it: nothing to complain about, and what Steckplatz promises of itself."""

from __future__ import annotations

import tomllib

import pytest

from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Language
from crowdcore.i18n.wording import french_slips, german_slips
from crowdcore.plugin import Guide, PlaceView, QuoteRequest, ServiceView
from crowdcore.plugin.content_exam import QuestionType
from crowdcore.plugin.loader import PluginState, load
from crowdcore.plugin.settings import Secrets

RELEASE_EXAM = "vista-3"


@pytest.fixture(scope="module")
def loaded(folder):
    return load([folder], secrets=Secrets(None, {}))


@pytest.fixture(scope="module")
def content(loaded):
    return loaded.portals["electronics"]


def test_the_core_loads_it_without_a_word(loaded):
    (plugin,) = loaded.plugins
    assert plugin.problems == ()
    assert plugin.state is PluginState.LOADED
    assert plugin.hooks == ("guide_price", "rank_candidates")


def test_the_catalogue_is_wide_enough_and_every_friend_service_has_its_exam(content):
    services = content.catalog.bookable()
    assert len(services) >= 12
    assert len({service.category for service in services}) >= 4
    assert {service.kind.value for service in services} == {"install", "fix", "explain"}
    assert {service.exam for service in services} == set(content.exams)
    assert {category.id for category in content.catalog.categories.values()} == {
        service.category for service in services
    }


def test_what_is_needed_at_once_costs_more_only_in_one_place(content):
    """The extra for urgent help stands in pricing.toml; the core adds what the catalogue says on top."""
    assert not any(service.on_demand.extra for service in content.catalog.services.values())


@pytest.mark.parametrize("exam_id", ["picture-sound", "computer-print", "kitchen", RELEASE_EXAM])
def test_exams_are_fair_and_hard_to_guess(content, exam_id):
    exam = content.exams[exam_id]
    assert exam.pass_percent == 75
    assert exam.guess_probability < 0.001
    assert len(exam.questions) >= (12 if exam_id == RELEASE_EXAM else 20)
    assert {question.type for question in exam.questions.values()} == set(QuestionType)
    assert any(question.critical for question in exam.questions.values())


def test_the_release_exam_builds_on_the_family_s_exam(content):
    exam = content.exams[RELEASE_EXAM]
    assert set(exam.requires) <= set(content.exams)
    assert exam.requires
    assert sum(draw.count for draw in exam.draws) < 12


def test_every_sentence_follows_the_rules_of_its_language(folder):
    for path in sorted(folder.rglob("*.toml")):
        for where, text in _texts(tomllib.loads(path.read_text(encoding="utf-8"))):
            slips = [*german_slips(text["de"]), *french_slips(text["fr"])]
            assert slips == [], f"{path.name} {where}"
            assert not any("'" in sentence for sentence in text.values()), f"{path.name} {where}"


@pytest.mark.parametrize("page", ["imprint", "privacy", "terms", "accessibility"])
def test_legal_pages_say_that_this_is_a_demonstration(folder, page):
    pages = {
        language: (folder / "legal" / f"{page}.{language}.md").read_text(encoding="utf-8") for language in Language
    }
    assert list(german_slips(pages[Language.DE])) == []
    assert list(french_slips(pages[Language.FR])) == []
    for language, word in {"de": "Vorführung", "fr": "démonstration", "en": "demonstration"}.items():
        assert word in pages[Language(language)]


async def test_the_portal_quotes_through_the_core(loaded, content):
    service = content.catalog.services["tv-setup"]
    listed = service.prices[Currency.CHF]
    view = ServiceView(
        id=service.id,
        title=service.title,
        family=service.family.value,
        kind=service.kind.value,
        exam=service.exam,
        safety=service.safety,
        licence=service.licence,
        minutes=service.minutes.typical,
    )
    place = PlaceView("CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42))
    quote = QuoteRequest(view, place, None, urgent=True, travel_m=6_000)
    answer = await loaded.hooks("electronics", is_open=lambda: False).guide_price(
        quote=quote, price=Guide(listed.guide, listed.low, listed.high)
    )
    assert answer.amount == listed.guide + Money(19_00, Currency.CHF)
    assert len(answer.notes) == 2


def _texts(value, where=""):
    if isinstance(value, dict):
        if set(value) == set(Language) and all(isinstance(sentence, str) for sentence in value.values()):
            yield where, value
        for key, inner in value.items():
            yield from _texts(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{where}[{index}]")
