"""The verbs on a real database: one paper, one grade, whatever happens meanwhile."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from crowdcore.base.errors import NotFound
from crowdcore.crowd import queries as crowd
from crowdcore.db import audit, timers
from crowdcore.db.models import OutboxEvent
from crowdcore.db.scope import partner_scope
from crowdcore.exams import models, queries, rules, service
from crowdcore.exams.rules import (
    AlreadySubmitted,
    AnswerShape,
    AnswerUnknown,
    Entry,
    MustWait,
    State,
)
from crowdcore.plugin.content_exam import Draw
from tests.rooms.exams.material import exam_of, question, right_answer, router
from tests.rooms.exams.steps import (
    MINUTES,
    again,
    answer_all,
    begin,
    fail,
    hand_in,
    reply,
    standing,
    topics,
    wire,
)

# -- start ---------------------------------------------------------------------------------------------


async def test_a_start_draws_a_paper_and_sets_the_clock(friend, clock):
    attempt = await begin(friend)
    assert attempt.state is State.STARTED
    assert attempt.deadline_at == clock.now() + timedelta(minutes=MINUTES)
    assert attempt.paper == rules.draw(router(), attempt.seed)
    assert await timers.live_of(subject_id=attempt.id) == [
        ("exam.deadline", attempt.deadline_at + timedelta(seconds=10))
    ]
    assert (await standing(friend)).entry is Entry.OPEN


async def test_papers_of_two_people_differ(friend, other):
    mine, theirs = await begin(friend), await begin(other)
    assert mine.seed != theirs.seed
    assert len(mine.seed) == 32


async def test_a_second_start_returns_the_attempt_that_runs(friend, clock):
    first = await begin(friend)
    await reply(first, "band")
    clock.advance(minutes=5)
    second = await begin(friend)
    assert second.id == first.id
    assert second.deadline_at == first.deadline_at
    assert second.answers.keys() == {"band"}


async def test_two_starts_at_the_same_moment_are_one_attempt(friend):
    attempts = await asyncio.gather(*(begin(friend) for _ in range(6)))
    assert len({attempt.id for attempt in attempts}) == 1
    assert await models.Attempt.all().count() == 1


async def test_there_is_no_exam_of_that_name(friend):
    with pytest.raises(NotFound):
        await begin(friend, "knitting")


# -- answers -------------------------------------------------------------------------------------------


async def test_the_last_answer_to_a_question_counts(friend):
    attempt = await begin(friend)
    wrong = attempt.question("band").choices[1].id
    await reply(attempt, "band", (wrong,))
    await reply(attempt, "band", (wrong,))
    stored = await reply(attempt, "band")
    assert stored.answers == {"band": right_answer(attempt.question("band"))}
    assert await models.AttemptAnswer.all().count() == 1


async def test_an_attempt_goes_on_where_it_stopped(friend):
    attempt = await begin(friend)
    await reply(attempt, "steps")
    shown = {q.id: q for q in queries.shown(await again(attempt))}
    assert shown["steps"].chosen == wire(attempt, attempt.question("steps"))
    assert shown["cable"].chosen == ()


async def test_what_does_not_belong_to_the_paper_burns_nothing(friend):
    attempt = await begin(friend)
    foreign = wire(attempt, attempt.question("socket"))
    for question_id, value in (("band", foreign), ("knitting", foreign), ("band", ("x",))):
        with pytest.raises(AnswerUnknown):
            await service.answer(friend_id=friend.id, attempt_id=attempt.id, question_id=question_id, value=value)
    with pytest.raises(AnswerShape):
        await service.answer(friend_id=friend.id, attempt_id=attempt.id, question_id="cable", value=("many",))
    assert (await reply(attempt, "band")).state is State.STARTED


async def test_nobody_answers_for_somebody_else(friend, other):
    attempt = await begin(friend)
    with pytest.raises(NotFound):
        await service.answer(
            friend_id=other.id,
            attempt_id=attempt.id,
            question_id="band",
            value=wire(attempt, attempt.question("band")),
        )
    with pytest.raises(NotFound):
        await service.submit(friend_id=other.id, attempt_id=attempt.id)
    with partner_scope("energy"), pytest.raises(NotFound):
        await queries.attempt_of_friend(attempt.id, friend.id)


async def test_saving_never_looks_at_the_key(friend, monkeypatch):
    """Right and wrong take the same way, so neither the answer nor the time tells them apart."""

    def forbidden(*_):
        raise AssertionError

    monkeypatch.setattr(rules, "is_right", forbidden)
    attempt = await begin(friend)
    await answer_all(attempt)
    assert len((await again(attempt)).answers) == 6


# -- the grade -----------------------------------------------------------------------------------------


async def test_a_pass_grants_the_skill_at_once(friend, clock):
    attempt = await begin(friend)
    await answer_all(attempt)
    graded = await hand_in(attempt)
    assert graded.state is State.GRADED
    assert (graded.grade.score, graded.grade.max_score) == (8, 8)
    assert graded.valid_until.isoformat() == "2028-11-23T22:59:59+00:00"
    member = await crowd.friend(friend.id)
    assert member.is_qualified("router-skill", graded.valid_until - timedelta(seconds=1))
    assert not member.is_qualified("router-skill", graded.valid_until)
    assert (await topics())[-2:] == ["qualification.granted", "exam.passed"]
    event = await OutboxEvent.get(topic="exam.passed")
    assert event.audience == [str(friend.account_id)]
    assert not event.payload["timed_out"]
    assert await timers.live_of(subject_id=attempt.id) == []
    assert (await standing(friend)).entry is Entry.PASSED


async def test_a_fail_grants_nothing_and_makes_one_wait(friend, clock):
    attempt = await begin(friend)
    await reply(attempt, "band")
    graded = await hand_in(attempt)
    assert not graded.grade.passed
    assert graded.valid_until is None
    assert not (await crowd.friend(friend.id)).qualifications
    assert (await topics())[-1] == "exam.failed"
    with pytest.raises(MustWait) as refused:
        await begin(friend)
    assert refused.value.params == {"at": datetime(2026, 11, 26, 9, tzinfo=UTC)}
    clock.advance(hours=72)
    assert (await begin(friend)).id != attempt.id


async def test_one_critical_mistake_fails(friend):
    attempt = await begin(friend)
    await answer_all(attempt, but={"socket"})
    graded = await hand_in(attempt)
    assert graded.grade.score == graded.grade.required == 6
    assert not graded.grade.passed
    assert queries.result(graded).critical_wrong == 1


async def test_the_history_of_an_attempt_has_no_hole(friend):
    attempt = await fail(friend)
    lines = await audit.history(object_kind="attempt", object_id=attempt.id)
    assert [(line.action, line.to_state) for line in lines] == [
        ("start", "started"),
        ("submit", "submitted"),
        ("grade", "graded"),
    ]
    assert await audit.broken_links(object_kind="attempt") == []


async def test_a_release_changes_no_running_attempt(friend, release):
    attempt = await begin(friend)
    turned = [
        dataclasses.replace(
            q, choices=tuple(dataclasses.replace(c, correct=not c.correct) for c in q.choices), order=()
        )
        for q in router().questions.values()
    ]
    release(dataclasses.replace(exam_of(*turned, draws=router().draws, pass_percent=100), version=4))
    await answer_all(attempt)
    graded = await hand_in(attempt)
    assert graded.grade.passed
    assert graded.grade.score == 8
    assert graded.paper.exam_version == 3


async def test_an_exam_that_was_taken_out_is_still_graded(friend, release):
    attempt = await begin(friend)
    await answer_all(attempt)
    release(exam_of(question("one"), draws=(Draw("wifi", 1),), exam_id="tv"))
    assert (await hand_in(attempt)).grade.passed
    assert [card.id for card in await queries.cards(await crowd.friend(friend.id))] == ["tv"]


# -- once ----------------------------------------------------------------------------------------------


async def test_handing_in_twice_is_refused(friend):
    attempt = await fail(friend)
    with pytest.raises(AlreadySubmitted):
        await hand_in(attempt)
    with pytest.raises(AlreadySubmitted):
        await reply(attempt, "band")
    assert await OutboxEvent.filter(topic="exam.failed").count() == 1


async def test_of_many_submits_at_once_one_counts(friend):
    attempt = await begin(friend)
    await answer_all(attempt)
    outcomes = await asyncio.gather(*(hand_in(attempt) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, queries.Attempt) for one in outcomes) == 1
    assert sum(isinstance(one, AlreadySubmitted) for one in outcomes) == 5
    assert await OutboxEvent.filter(topic="exam.passed").count() == 1
    assert await OutboxEvent.filter(topic="qualification.granted").count() == 1


async def test_an_answer_beside_a_submit_counts_or_is_refused(friend, clock):
    seen = set()
    for n in range(8):
        attempt = await begin(friend)
        late = asyncio.create_task(reply(attempt, "band"))
        await asyncio.sleep(0.001 * n)
        graded = await hand_in(attempt)
        (outcome,) = await asyncio.gather(late, return_exceptions=True)
        saved = isinstance(outcome, queries.Attempt)
        assert saved or isinstance(outcome, AlreadySubmitted)
        assert ("band" in (await again(graded)).answers) is saved
        assert ("band" in graded.grade.wrong) is not saved
        seen.add(saved)
        await service.allow_attempt(friend_id=friend.id, exam_id="router", reason="race")
        clock.advance(hours=73)
    assert True in seen


async def test_losing_the_race_to_start_is_no_error(friend, monkeypatch):
    """PostgreSQL lets two transactions look for a running attempt before either has written one."""
    create, calls = models.Attempt.create, []

    async def too_late(**values):
        calls.append(values)
        if len(calls) == 1:
            raise IntegrityError
        return await create(**values)

    monkeypatch.setattr(models.Attempt, "create", too_late)
    assert (await begin(friend)).state is State.STARTED
    assert len(calls) == 2
