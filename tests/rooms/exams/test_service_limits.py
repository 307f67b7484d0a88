"""The verbs on a real database: time limits, waiting, attempts, prerequisites, renewal."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdcore.app.worker import worker
from crowdcore.base.errors import Word
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import QualificationState
from crowdcore.db import audit
from crowdcore.db.models import OutboxEvent
from crowdcore.exams import queries, rules, service
from crowdcore.exams.rules import (
    AlreadyPassed,
    Entry,
    MustWait,
    NoAttemptsLeft,
    RequiresOther,
    State,
    TimeOver,
)
from crowdcore.partners.queries import portal
from tests.rooms.exams.steps import MINUTES, again, answer_all, begin, fail, hand_in, reply, standing

# -- time ----------------------------------------------------------------------------------------------


async def test_an_answer_on_its_way_at_the_deadline_still_counts(friend, clock):
    attempt = await begin(friend)
    clock.advance(minutes=MINUTES, seconds=9.9)
    assert "band" in (await reply(attempt, "band")).answers
    assert (await hand_in(attempt)).submitted_at is not None


async def test_a_late_answer_is_refused_and_what_arrived_is_graded(friend, clock):
    attempt = await begin(friend)
    await reply(attempt, "band")
    clock.advance(minutes=MINUTES, seconds=10)
    with pytest.raises(TimeOver):
        await reply(attempt, "places")
    graded = await again(attempt)
    assert graded.state is State.GRADED
    assert graded.answers.keys() == {"band"}
    assert graded.grade.score == 1
    assert queries.result(graded).timed_out


async def test_a_late_submit_says_that_the_time_is_over_however_often(friend, clock):
    attempt = await begin(friend)
    clock.advance(minutes=MINUTES, seconds=10)
    for _ in range(2):
        with pytest.raises(TimeOver):
            await hand_in(attempt)
    assert await OutboxEvent.filter(topic="exam.failed").count() == 1


async def test_an_abandoned_attempt_is_graded_by_its_timer(friend, clock):
    attempt = await begin(friend)
    await answer_all(attempt)
    clock.advance(minutes=MINUTES, seconds=9)
    await worker().drain()
    assert (await again(attempt)).state is State.STARTED
    clock.advance(seconds=1)
    await worker().drain()
    graded = await again(attempt)
    assert graded.state is State.GRADED
    assert graded.grade.passed
    assert (await OutboxEvent.get(topic="exam.passed")).payload["timed_out"]
    lines = await audit.history(object_kind="attempt", object_id=attempt.id)
    assert [(line.action, line.actor_kind) for line in lines[1:]] == [
        ("time_out", "timer"),
        ("grade", "timer"),
    ]


async def test_a_timer_that_comes_too_late_does_nothing(friend):
    attempt = await fail(friend)
    await service.time_out(attempt_id=attempt.id)
    assert await OutboxEvent.filter(topic="exam.failed").count() == 1
    assert (await again(attempt)).submitted_at is not None


async def test_a_forgotten_attempt_ends_before_the_next_begins(friend, clock):
    attempt = await begin(friend)
    clock.advance(hours=1)
    with pytest.raises(MustWait) as refused:
        await begin(friend)
    assert refused.value.params == {"at": datetime(2026, 11, 26, 9, 20, tzinfo=UTC)}, (
        "the wait runs from the end of the time"
    )
    assert (await again(attempt)).state is State.GRADED


# -- who may ------------------------------------------------------------------------------------------


async def test_after_the_last_attempt_support_can_allow_one_more(friend, clock):
    for _ in range(3):
        await fail(friend)
        clock.advance(hours=72)
    with pytest.raises(NoAttemptsLeft):
        await begin(friend)
    card = await service.allow_attempt(friend_id=friend.id, exam_id="router", reason="was ill")
    assert (card.standing.entry, card.standing.attempts_left) == (Entry.READY, 1)
    await fail(friend)
    clock.advance(hours=72)
    with pytest.raises(NoAttemptsLeft):
        await begin(friend)


async def test_an_exam_that_requires_another_one(friend):
    with pytest.raises(RequiresOther) as refused:
        await begin(friend, "pro")
    assert refused.value.params == {"exams": (Word("router", portal().exams["router"].title),)}
    attempt = await begin(friend)
    await answer_all(attempt)
    await hand_in(attempt)
    assert (await standing(friend, "pro")).entry is Entry.READY


async def test_a_skill_may_be_renewed_in_its_last_sixty_days(friend, clock):
    attempt = await begin(friend)
    await answer_all(attempt)
    first = await hand_in(attempt)
    clock.at = first.valid_until - timedelta(days=60, seconds=1)
    with pytest.raises(AlreadyPassed):
        await begin(friend)
    clock.advance(seconds=1)
    renewal = await begin(friend)
    await answer_all(renewal)
    assert (await hand_in(renewal)).valid_until > first.valid_until


async def test_a_failed_renewal_takes_nothing_away(friend, clock):
    attempt = await begin(friend)
    await answer_all(attempt)
    first = await hand_in(attempt)
    clock.at = first.valid_until - timedelta(days=30)
    await fail(friend)
    held = (await crowd.friend(friend.id)).qualifications
    assert [(q.state, q.valid_until) for q in held] == [(QualificationState.ACTIVE, first.valid_until)]


async def test_a_skill_that_was_taken_away_can_be_proved_again(friend):
    attempt = await begin(friend)
    await answer_all(attempt)
    await hand_in(attempt)
    await crowd_service.revoke_qualification(friend_id=friend.id, skill="router-skill", reason="complaints")
    assert (await standing(friend)).entry is Entry.READY


async def test_the_list_shows_every_exam_in_the_order_of_the_files(friend):
    cards = await queries.cards(await crowd.friend(friend.id))
    assert [(card.id, card.standing.entry) for card in cards] == [
        ("router", Entry.READY),
        ("pro", Entry.REQUIRES),
    ]
    assert cards[0].questions == 6
    attempt = await fail(friend)
    cards = await queries.cards(await crowd.friend(friend.id))
    assert cards[0].last_attempt == attempt.id
    assert cards[0] == await queries.card(await crowd.friend(friend.id), "router")


# -- between two looks at the clock --------------------------------------------------------------------


async def test_the_time_may_run_out_between_the_check_and_the_write(friend, clock, monkeypatch):
    """Then the answer is refused like any late one, and the timer grades."""
    attempt = await begin(friend)
    read = rules.read_answer

    def slowly(*args):
        clock.advance(minutes=MINUTES, seconds=10)
        return read(*args)

    monkeypatch.setattr(rules, "read_answer", slowly)
    with pytest.raises(TimeOver):
        await reply(attempt, "band")
    await worker().drain()
    assert (await again(attempt)).answers == {}
    assert (await again(attempt)).state is State.GRADED
