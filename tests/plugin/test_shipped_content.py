"""What the three shipped partners bring for people: enough of everything, in three languages, leading somewhere."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from crowdcore.base.text import Language
from crowdcore.i18n.wording import french_slips, german_slips
from crowdcore.plugin.loader import load
from crowdcore.plugin.settings import Secrets
from tests.plugin.test_shipped_plugins import PLUGINS, SHIPPED, EverySecret

DEMONSTRATION = {Language.DE: ("Vorführung", "Demonstration"), Language.FR: ("démonstration",)}
LEGAL = ("imprint", "privacy", "terms", "accessibility")
CROWD = {"friend", "profi"}


@pytest.fixture(scope="module")
def portals():
    return load([PLUGINS], secrets=Secrets(None, EverySecret())).portals


@pytest.fixture(params=SHIPPED)
def portal(request, portals):
    return portals[request.param]


def test_there_is_enough_of_everything(portal):
    """The figures the project promises of each of its partners."""
    services = portal.catalog.bookable()
    assert len(services) >= 12
    assert len({service.category for service in services}) >= 4
    assert sum(len(exam.questions) >= 20 for exam in portal.exams.values()) >= 3
    assert len(portal.triage.questions) >= 12
    assert len(portal.triage.results) >= 8
    assert all(2 <= len(result.tips) <= 4 for result in portal.triage.results.values())
    assert len(portal.partner.escalation) >= 5
    assert all(reason.name_customer is not None for reason in portal.partner.escalation.values())
    assert all(topic.learn is not None for exam in portal.exams.values() for topic in exam.topics.values())
    assert {len(words) >= 300 for words in portal.briefing.door_words.values()} == {True}
    assert "{name}" in portal.briefing.greeting.de
    assert "{service}" in portal.briefing.greeting.de
    assert len(portal.briefing.dos) >= 4
    assert len(portal.briefing.donts) >= 4


def test_the_triage_leads_to_most_of_what_can_be_booked(portal):
    """A tree that knows half of the catalogue sends people away who could be helped."""
    reached = {result.service for result in portal.triage.results.values()} - {None}
    bookable = {service.id for service in portal.catalog.bookable() if CROWD & set(service.channels)}
    assert bookable <= reached, bookable - reached
    assert {result.channel for result in portal.triage.results.values()} >= {"partner_support"}


def test_no_result_is_only_for_those_who_know_its_name(portal):
    """Each result is reached over its own answer; two results do not say the same."""
    titles = Counter(result.title for result in portal.triage.results.values())
    assert max(titles.values()) == 1
    for question in portal.triage.questions.values():
        assert len({answer.text for answer in question.answers}) == len(question.answers)
        assert question.text.de.endswith("?")


def texts_below(value, where=""):
    """Yield (where, {language: sentence}) of every text in three languages."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_below(inner, f"{where}[{index}]")
    elif isinstance(value, dict):
        if set(value) == set(Language) and all(isinstance(sentence, str) for sentence in value.values()):
            yield where, value
        for key, inner in value.items():
            yield from texts_below(inner, f"{where}.{key}")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_text_is_written_as_natives_write(name):
    read = 0
    for path in sorted((PLUGINS / name).rglob("*.toml")):
        for where, text in texts_below(tomllib.loads(path.read_text(encoding="utf-8"))):
            place = f"{path.name} {where}"
            assert [*german_slips(text["de"]), *french_slips(text["fr"])] == [], place
            for sentence in text.values():
                assert sentence == sentence.strip(), place
                assert "'" not in sentence, f"{place}: a typewriter apostrophe in {sentence!r}"
                assert "  " not in sentence, place
                assert "..." not in sentence, place
            read += 1
    assert read > 300


@pytest.mark.parametrize("name", SHIPPED)
def test_legal_pages_are_there_and_say_that_this_is_a_demonstration(name):
    folder: Path = PLUGINS / name / "legal"
    for page in LEGAL:
        for language in Language:
            text = (folder / f"{page}.{language}.md").read_text(encoding="utf-8")
            assert text.startswith("# ")
            assert any(word in text for word in DEMONSTRATION.get(language, ("demonstration",))), (page, language)
            assert not list({Language.DE: german_slips, Language.FR: french_slips}.get(language, lambda _: ())(text))
            assert "'" not in text
