"""What the files of this plugin say together: references, three languages, exams that prove something."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from crowdcore.base.money import Currency
from crowdcore.base.text import Language
from crowdcore.i18n.translations import Domain
from crowdcore.i18n.wording import french_slips, german_slips
from crowdcore.plugin.content_exam import QuestionType
from crowdcore.plugin.exam_rules import GUESS_WARNED
from crowdcore.plugin.loader import PluginState, load

FILES = ["bot.toml", "briefing.toml", "catalog.toml", "partner.toml", "safety.toml"]
EXAMS = ["energy-basics", "heating-apps", "solar-and-wallbox"]
LAW = [f"legal/{page}" for page in ("imprint", "privacy", "terms", "accessibility")]


@pytest.fixture(scope="module")
def plugin(folder):
    return next(found for found in load([folder]).plugins if found.id == "energy")


@pytest.fixture(scope="module")
def portal(plugin):
    assert plugin.portal is not None, plugin.problems
    return plugin.portal


@pytest.fixture(scope="module")
def safety(folder):
    return _read(folder, "safety.toml")


def _read(folder, name):
    return tomllib.loads((folder / name).read_text(encoding="utf-8"))


def _texts(value, way=""):
    """Yield (where, language, sentence) of every text in three languages below `value`."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{way}[{index}]")
    elif isinstance(value, dict):
        if value.keys() & set(Language) and all(isinstance(item, str) for item in value.values()):
            assert set(value) == set(Language), way
            yield from ((way, language, value[language]) for language in Language)
        else:
            for key, item in value.items():
                yield from _texts(item, f"{way}.{key}")


def test_the_core_loads_it_without_a_word_of_warning(plugin):
    assert plugin.problems == ()
    assert plugin.state is PluginState.LOADED
    assert plugin.hooks == ("region_gate", "check_booking", "friend_eligibility")


async def test_the_core_is_told_no(folder, *, places, service, booking, job, friend):
    """The answers pass the core's own checks on the way; a bad one would read plugin.unavailable."""
    hooks = load([folder]).hooks("energy", is_open=lambda: False)
    closed = await hooks.region_gate(place=places["DE-BW"], service=service("wallbox-app"))
    assert closed.code == "energy.licence_pack_missing"
    refused = await hooks.check_booking(booking=booking(declared={"meter_seal"}))
    assert refused.code == "energy.meter_seal"
    layman, fitter = friend("friend", number=1), friend("profi", {"ch_niv_connection"}, number=2)
    denials = await hooks.friend_eligibility(job=job("light-fitting"), friends=[layman, fitter])
    assert {number: denied.code for number, denied in denials.items()} == {layman.id: "energy.profi_only"}


@pytest.mark.parametrize("name", [*FILES, *(f"exams/{exam}.toml" for exam in EXAMS)])
def test_every_text_is_written_as_a_native_would(folder, name):
    texts = list(_texts(_read(folder, name)))
    assert texts
    for where, language, sentence in texts:
        assert sentence.strip() == sentence, where
        assert "'" not in sentence, (where, sentence)
        if language is Language.DE:
            assert not list(german_slips(sentence)), where
        if language is Language.FR:
            assert not list(french_slips(sentence)), where


@pytest.mark.parametrize("page", LAW)
def test_legal_pages_say_that_this_is_a_demonstration(folder, page):
    words = {Language.DE: "Vorführung", Language.FR: "démonstration", Language.EN: "demonstration"}
    for language, word in words.items():
        text = (folder / f"{page}.{language}.md").read_text(encoding="utf-8")
        assert word in text
        assert text.startswith("# ")
        if language is Language.DE:
            assert not list(german_slips(text))
        if language is Language.FR:
            assert not list(french_slips(text))


def test_own_texts_can_be_read(folder):
    Domain.read(folder / "locales", "energy")


def test_questions_ask_about_works_the_gate_knows(portal, hooks):
    for service in portal.catalog.services.values():
        assert service.safety <= hooks.RULEBOOK.works.keys(), service.id


def test_a_service_says_its_own_purpose_as_the_gate_does(folder, hooks):
    declared = {row["id"]: set(row.get("safety", ())) for row in _read(folder, "catalog.toml")["service"]}
    for service_id, works in declared.items():
        assert {work.id for work in hooks.RULEBOOK.purpose_of(service_id)} == works
    for work in hooks.RULEBOOK.works.values():
        assert work.services <= declared.keys()


def test_services_named_in_the_regions_exist(portal, safety):
    regions = safety["regions"]
    for service_id in (*regions["pilot_services"], *regions["needs_licence_pack"]):
        assert service_id in portal.catalog.services


def test_licensed_services_can_be_done_by_somebody(portal, hooks):
    for service in portal.catalog.services.values():
        purpose = hooks.RULEBOOK.purpose_of(service.id)
        if service.licence is not None:
            assert hooks.RULEBOOK.licences[service.licence].country in hooks.RULEBOOK.licence_packs
            assert all(service.licence in work.licences_in("CH") for work in purpose)
        if purpose:
            assert service.channels == ("profi",)
            assert all(work.licences_in("CH") for work in purpose)


def test_what_is_said_instead_names_services_by_their_titles(portal, hooks):
    """A renamed service must be renamed in the refusals that send people there."""
    titles = [service.title for service in portal.catalog.services.values()]
    marks = {Language.DE: ("«", "»"), Language.FR: ("«\u202f", "\u202f»"), Language.EN: ("“", "”")}
    found = 0
    for work in hooks.RULEBOOK.works.values():
        for language, (opening, closing) in marks.items():
            sentence = work.instead.in_(language)
            if opening in sentence:
                named = sentence.partition(opening)[2].partition(closing)[0]
                assert named in {title.in_(language) for title in titles}, (work.id, language)
                found += 1
    assert found == 9


def test_the_catalogue_is_wide_and_priced_in_both_currencies(portal):
    services = portal.catalog.bookable()
    assert len(services) >= 12
    assert len({service.category for service in services}) >= 4
    assert portal.partner.money.for_country("DE") is Currency.EUR
    assert portal.partner.money.for_country("CH") is Currency.CHF
    assert all(set(service.prices) == {Currency.CHF, Currency.EUR} for service in services)


@pytest.mark.parametrize("exam_id", EXAMS)
def test_an_exam_proves_something(portal, exam_id):
    exam = portal.exams[exam_id]
    questions = exam.questions.values()
    assert len(questions) >= 20
    assert sum(draw.count for draw in exam.draws) == 12
    assert 75 <= exam.pass_percent <= 80
    assert exam.guess_probability < GUESS_WARNED
    assert {question.type for question in questions} == set(QuestionType)
    pool = Counter(question.topic for question in questions)
    assert all(pool[draw.topic] >= 2 * draw.count for draw in exam.draws)


@pytest.mark.parametrize("exam_id", EXAMS)
def test_no_paper_without_a_critical_question(portal, exam_id):
    """Whatever is drawn from the safety topic, at least one question is about life and limb."""
    exam = portal.exams[exam_id]
    safety = [question for question in exam.questions.values() if question.topic == "safety"]
    drawn = next(draw.count for draw in exam.draws if draw.topic == "safety")
    assert sum(not question.critical for question in safety) < drawn
    assert all(question.topic == "safety" for question in exam.questions.values() if question.critical)


@pytest.mark.parametrize("exam_id", EXAMS)
@pytest.mark.parametrize("language", list(Language))
def test_the_longest_choice_gives_nothing_away(portal, exam_id, language):
    singles = [q for q in portal.exams[exam_id].questions.values() if q.type is QuestionType.SINGLE]
    told = 0
    for question in singles:
        lengths = {choice.id: len(choice.text.in_(language)) for choice in question.choices}
        (right,) = question.correct
        told += all(lengths[right] > length for name, length in lengths.items() if name != right)
    assert told <= len(singles) * 0.6


def test_the_basics_come_before_everything_else(portal):
    assert portal.exams["energy-basics"].requires == ()
    assert portal.exams["heating-apps"].requires == ("energy-basics",)
    assert portal.exams["solar-and-wallbox"].requires == ("energy-basics",)


def test_titles_are_translated(portal):
    for service in portal.catalog.services.values():
        assert len({service.title.de, service.title.fr, service.title.en}) == 3, service.id
