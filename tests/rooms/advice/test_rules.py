"""Where answers lead: to the next question or to a result, never past it."""

from types import MappingProxyType

import pytest

from crowdcore.advice.rules import NoSuchStep, follow
from crowdcore.base.text import Text
from crowdcore.plugin.triage_file import Answer, Question, Result, Triage


def word(text: str) -> Text:
    return Text.neutral(text)


FIRST = Question(
    "what", word("What?"), None, (Answer("tv", word("TV"), "which"), Answer("other", word("Other"), "talk"))
)
SECOND = Question("which", word("Which?"), None, (Answer("old", word("Old"), "new-box"),))
TALK = Result("talk", word("Talk"), word("Talk to us"), (), None, "partner_support")
BOX = Result("new-box", word("A new box"), word("It is old"), (word("Try"),), "tv-box-setup", None)
TREE = Triage(
    "what", MappingProxyType({"what": FIRST, "which": SECOND}), MappingProxyType({"talk": TALK, "new-box": BOX}), "hash"
)


def test_without_an_answer_it_is_the_first_question():
    step = follow(TREE, ())
    assert (step.now, step.given, step.way) == (FIRST, (), "")


def test_answers_lead_on_and_are_remembered():
    step = follow(TREE, ("tv",))
    assert (step.now, step.way) == (SECOND, "tv")
    step = follow(TREE, ("tv", "old"))
    assert step.now is BOX
    assert step.way == "tv.old"
    assert [(one.question.id, one.answer.id) for one in step.given] == [("what", "tv"), ("which", "old")]


@pytest.mark.parametrize("answers", [("old",), ("",), ("other", "tv"), ("tv", "old", "old"), ("TV",)])
def test_answers_that_nobody_can_give_are_not_found(answers):
    with pytest.raises(NoSuchStep):
        follow(TREE, answers)
