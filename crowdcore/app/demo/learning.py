"""Made-up people sitting real exams: some pass, some fail, some run out of time."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.app.demo.scene import minutes
from crowdcore.app.demo.stage import act
from crowdcore.base import clock
from crowdcore.exams import service as exams
from crowdcore.exams.queries import Attempt
from crowdcore.exams.rules import choice_key
from crowdcore.plugin.content_exam import Question, QuestionType

PASSES = 1.0
"""Share of right answers of somebody who knows it all."""

FAILS = 0.3


async def sit(
    *, friend_id: UUID, account_id: UUID, exam_id: str, knows: float, chance: random.Random, hands_in: bool = True
) -> AsyncIterator[datetime]:
    """Take an exam from now on.

    Args:
        friend_id: who.
        account_id: their account.
        exam_id: which.
        knows: share of the questions they answer right.
        chance: what they do not know is drawn from it.
        hands_in: False: they go away, and the time limit ends it.
    """
    act("friend", account_id)
    attempt = await exams.start(friend_id=friend_id, exam_id=exam_id)
    yield clock.now() + minutes(chance, 4, 9)
    act("friend", account_id)
    for question in attempt.about.questions:
        value = _right(attempt, question) if chance.random() < knows else _wrong(attempt, question)
        await exams.answer(friend_id=friend_id, attempt_id=attempt.id, question_id=question.id, value=value)
    if hands_in:
        yield clock.now() + timedelta(minutes=1)
        act("friend", account_id)
        await exams.submit(friend_id=friend_id, attempt_id=attempt.id)


def _right(attempt: Attempt, question: Question) -> tuple[str, ...]:
    match question.type:
        case QuestionType.NUMBER:
            return (str(question.number),)
        case QuestionType.ORDER:
            chosen = question.order
        case _:
            chosen = tuple(sorted(question.correct))
    return tuple(choice_key(attempt.seed, question.id, choice) for choice in chosen)


def _wrong(attempt: Attempt, question: Question) -> tuple[str, ...]:
    match question.type:
        case QuestionType.NUMBER:
            return ("0",)
        case QuestionType.ORDER:
            chosen = tuple(reversed(question.order))
        case _:
            chosen = (next(choice.id for choice in question.choices if not choice.correct),)
    return tuple(choice_key(attempt.seed, question.id, choice) for choice in chosen)
