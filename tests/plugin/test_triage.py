"""bot.toml and briefing.toml: what they say arrives typed; a mistake has its code, its line and a way out."""

import dataclasses
from itertools import combinations

import pytest

from crowdcore.base.text import Language
from crowdcore.plugin.briefing_file import alike, read_briefing, shared_door_words
from crowdcore.plugin.loader import load
from crowdcore.plugin.problems import ContentError
from crowdcore.plugin.settings import Secrets
from crowdcore.plugin.triage_file import MOST_QUESTIONS, read_triage
from tests.plugin.samples import EXAMPLE, copy_example, spoil

TRIAGE, BRIEFING = "bot.toml", "briefing.toml"
YES = 'to = "wrong-input"'
FEW = f"de = {['Ahorn'] * 2}"

#: (file, what stands there, what is written instead, code, what stands on the line that is named, hint)
MISTAKES = [
    (TRIAGE, 'start = "what"', 'start = "wat"', "triage.no_such", 'start = "wat"', "did you mean 'what'?"),
    (TRIAGE, 'start = "what"', 'start = "no-power"', "triage.no_such", "start =", "known: what, light"),
    (TRIAGE, 'start = "what"', 'strat = "what"', "triage.unknown_key", "strat =", "did you mean 'start'?"),
    (TRIAGE, YES, 'to = "wrong-inptu"', "triage.no_such", "wrong-inptu", "did you mean 'wrong-input'?"),
    (TRIAGE, YES, 'to = "what"', "triage.cycle", 'id = "what"', ""),
    (TRIAGE, YES, 'to = "no-power"', "triage.unreachable", 'id = "wrong-input"', ""),
    (TRIAGE, 'to = "light"', 'to = "no-power"', "triage.unreachable", 'id = "light"', ""),
    (TRIAGE, 'id = "light"', 'id = "new-box"', "triage.duplicate", ('id = "new-box"', 2), "first on line"),
    (TRIAGE, '{ id = "no"', '{ id = "yes"', "triage.duplicate", ('id = "yes"', 2), "first on line"),
    (TRIAGE, 'channel = "partner_support"', "", "triage.dead_end", ("[[result]]", 3), "service ="),
    (TRIAGE, 'channel = "partner_support"', 'channel = "hotline"', "triage.no_such", "hotline", "partner_support"),
    (TRIAGE, 'service = "tv-setup"', 'service = "tv-setpu"', "triage.no_such", "tv-setpu", "'tv-setup'?"),
    (TRIAGE, 'hint = { de = "Es sitzt', 'hint = { de = "Es heißt', "i18n.swiss_ss", "heißt", "Es heisst"),
    (TRIAGE, ', en = "No" }', " }", "i18n.missing", 'id = "no"', ""),
    (BRIEFING, "{name} und", "{vorname} und", "i18n.placeholders", "greeting", ""),
    (BRIEFING, "{service}", "{price}", "briefing.placeholder", "greeting", "{name} and {service}"),
    (BRIEFING, "[badge]", "[bage]", "briefing.unknown_key", "[bage]", "did you mean 'badge'?"),
    (BRIEFING, "[[dont]]", "[[do]]", "briefing.required", "dont", ""),
    (BRIEFING, "[[dont]]", f"[door_words]\n{FEW}\n[[dont]]", "briefing.duplicate", "de = ['Ahorn'", ""),
]


@pytest.fixture(scope="module")
def portal():
    loaded = load([EXAMPLE], secrets=Secrets(None, {}))
    assert loaded.problems == ()
    return loaded.portals["beispiel"]


def read(portal, path):
    if path.name == BRIEFING:
        return read_briefing(path, swiss=True)[0]
    return read_triage(path, partner=portal.partner, catalog=portal.catalog)[0]


def test_what_the_example_says(portal):
    tree = portal.triage
    assert (tree.start, list(tree.questions), list(tree.results)) == (
        "what",
        ["what", "light"],
        ["new-box", "wrong-input", "no-power"],
    )
    light = tree.questions["light"]
    assert (light.text.en, light.hint.de) == ("Is the light of the box on?", "Es sitzt vorne rechts.")
    assert [(answer.id, answer.text.fr, answer.to) for answer in light.answers] == [
        ("yes", "Oui", "wrong-input"),
        ("no", "Non", "no-power"),
    ]
    assert tree.questions["what"].hint is None
    assert (tree.results["new-box"].service, tree.results["new-box"].channel) == ("tv-setup", None)
    assert [tip.en for tip in tree.results["no-power"].tips] == ["Check the plug and the power strip."]
    card = portal.briefing
    assert card.greeting.en == "Hello, I am {name}, here for Beispiel about “{service}”."
    assert (len(card.dos), len(card.donts), card.badge.fr) == (2, 2, "Indépendant, du voisinage")
    assert card.door_words is shared_door_words()
    for item, name in ((tree, "start"), (light, "id"), (card, "badge")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(item, name, "x")


def test_a_mistake_has_its_code_its_line_and_a_way_out(portal, tmp_path):
    for number, (name, old, new, code, needle, hint) in enumerate(MISTAKES):
        folder = copy_example(tmp_path, f"copy{number}")
        text = spoil(folder / name, old, new)
        with pytest.raises(ContentError) as caught:
            read(portal, folder / name)
        found = caught.value.problems
        problem = next((one for one in found if one.code == code), None)
        assert problem is not None, (code, [str(one) for one in found])
        word, count = needle if isinstance(needle, tuple) else (needle, 1)
        lines = [line for line, content in enumerate(text.split("\n"), 1) if word in content]
        if code != "briefing.required":
            named = text.split("\n")[problem.line - 1]
            assert problem.line == lines[count - 1] or (named.startswith("[[") and problem.line + 1 in lines), problem
        assert hint in problem.hint, problem


def test_a_partner_may_do_without_triage_but_not_without_a_briefing(tmp_path):
    folder = copy_example(tmp_path)
    (folder / TRIAGE).unlink()
    (plugin,) = load([folder], secrets=Secrets(None, {})).plugins
    assert plugin.portal.triage is None
    (folder / BRIEFING).unlink()
    (plugin,) = load([folder], secrets=Secrets(None, {})).plugins
    assert [problem.code for problem in plugin.problems] == ["file.not_found"]
    assert plugin.portal is None


def chain(length):
    """Return a tree that asks `length` questions on its longest way, and one on its shortest."""
    text = "{ neutral = 'x' }"
    rows = ["schema = 1", 'start = "q1"']
    for number in range(1, length + 1):
        to = f"q{number + 1}" if number < length else "end"
        rows += [
            "[[question]]",
            f'id = "q{number}"',
            f"text = {text}",
            f'answers = [{{ id = "on", text = {text}, to = "{to}" }}, {{ id = "out", text = {text}, to = "end" }}]',
        ]
    return "\n".join([*rows, "[[result]]", 'id = "end"', f"title = {text}", f"text = {text}", 'channel = "friend"'])


def test_no_way_asks_more_than_five_questions(portal, tmp_path):
    path = tmp_path / TRIAGE
    path.write_text(chain(MOST_QUESTIONS))
    assert len(read(portal, path).questions) == MOST_QUESTIONS
    path.write_text(chain(MOST_QUESTIONS + 1))
    with pytest.raises(ContentError, match=r"triage\.too_deep 'q6' is question 6"):
        read(portal, path)
    path.write_text(chain(1_500))
    with pytest.raises(ContentError, match=r"triage\.too_deep"):
        read(portal, path)


def test_a_question_has_two_to_seven_answers(portal, tmp_path):
    path = tmp_path / TRIAGE
    one = chain(1).replace(', { id = "out", text = { neutral = \'x\' }, to = "end" }', "")
    path.write_text(one)
    with pytest.raises(ContentError, match="answers needs at least 2"):
        read(portal, path)
    row = '{ id = "a%s", text = { neutral = \'x\' }, to = "end" }'
    path.write_text(one.replace("answers = [", "answers = [" + ", ".join(row % n for n in range(7)) + ", "))
    with pytest.raises(ContentError, match=r"triage\.too_many_answers"):
        read(portal, path)


def test_own_door_words_are_enough_and_cannot_be_mistaken(portal, tmp_path):
    folder = copy_example(tmp_path)
    own = {language: list(words[:60]) for language, words in shared_door_words().items()}
    plain = (folder / BRIEFING).read_text()

    def written(words):
        rows = "\n".join(f"{language.value} = {given}" for language, given in words.items())
        (folder / BRIEFING).write_text(f"{plain}\n[door_words]\n{rows}\n")
        return read(portal, folder / BRIEFING)

    assert written(own).door_words[Language.FR] == tuple(own[Language.FR])
    for change, code in (
        (lambda words: words[:50], "briefing.required"),
        (lambda words: [*words, "Zwei Worte"], "briefing.door_word"),
        (lambda words: [*words, "Moorweíde"], "briefing.door_words_alike"),
    ):
        with pytest.raises(ContentError) as caught:
            written({language: change([*words[:59], "Moorweide"]) for language, words in own.items()})
        assert {problem.code for problem in caught.value.problems} == {code}


def test_the_shared_door_words_cannot_be_mistaken():
    for language, words in shared_door_words().items():
        assert len(words) >= 300, language
        assert all(word.isalpha() and word.istitle() and 4 <= len(word) <= 14 for word in words)
        heard = [alike(word) for word in words]
        assert len(set(heard)) == len(words)
        near = [
            (one, other)
            for one, other in combinations(heard, 2)
            if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) < 2
        ]
        assert near == [], language
