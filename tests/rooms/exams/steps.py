"""Steps of an attempt, as the tests of the verbs take them."""

from crowdcore.crowd import queries as crowd
from crowdcore.db.models import OutboxEvent
from crowdcore.exams import queries, service
from crowdcore.exams.rules import choice_key
from tests.rooms.exams.material import right_answer

MINUTES = 20
"""The time limit of the exam `router`."""


def wire(attempt, asked, answer=None):
    """Return an answer as a browser sends it; the right one unless another is given."""
    stored = right_answer(asked) if answer is None else answer
    return tuple(choice_key(attempt.seed, asked.id, one) for one in stored) if asked.choices else stored


async def begin(friend, exam_id="router"):
    return await service.start(friend_id=friend.id, exam_id=exam_id)


async def reply(attempt, question_id, answer=None):
    asked = attempt.question(question_id)
    return await service.answer(
        friend_id=attempt.friend_id,
        attempt_id=attempt.id,
        question_id=question_id,
        value=wire(attempt, asked, answer),
    )


async def answer_all(attempt, *, but=()):
    for asked in attempt.about.questions:
        if asked.id not in but:
            await reply(attempt, asked.id)


async def hand_in(attempt):
    return await service.submit(friend_id=attempt.friend_id, attempt_id=attempt.id)


async def again(attempt):
    return await queries.attempt_of_friend(attempt.id, attempt.friend_id)


async def standing(friend, exam_id="router"):
    return (await queries.card(await crowd.friend(friend.id), exam_id)).standing


async def fail(friend):
    attempt = await hand_in(await begin(friend))
    assert not attempt.grade.passed
    return attempt


async def topics():
    return [event.topic for event in await OutboxEvent.all().order_by("seq")]
