"""The way through a partner's questions, as it stands in the address of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crowdcore.base.errors import NotFound
from crowdcore.plugin.triage_file import Answer, Question, Result, Triage

SEPARATOR = "."
"""Stands between the answers in an address; no id holds one."""


class NoSuchStep(NotFound):
    """The partner asks no questions, or these answers lead nowhere."""

    code = "advice.unknown"
    message = "There is no such question. Begin again with the first one."


@dataclass(frozen=True, slots=True)
class Given:
    """A question and the answer that was given."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Step:
    """Where some answers lead.

    Args:
        given: what was answered so far.
        now: the question that comes next, or the result.
    """

    given: tuple[Given, ...]
    now: Question | Result

    @property
    def way(self) -> str:
        """Return the answers as addresses write them."""
        return SEPARATOR.join(one.answer.id for one in self.given)


def follow(triage: Triage, answers: Sequence[str]) -> Step:
    """Return where answers lead, from the first question on.

    Raises:
        NoSuchStep: an answer that its question does not have, or one too many.
    """
    given: list[Given] = []
    now: Question | Result = triage.questions[triage.start]
    for answer_id in answers:
        if isinstance(now, Result):
            raise NoSuchStep
        answer = next((one for one in now.answers if one.id == answer_id), None)
        if answer is None:
            raise NoSuchStep
        given.append(Given(now, answer))
        now = triage.questions.get(answer.to) or triage.results[answer.to]
    return Step(tuple(given), now)
