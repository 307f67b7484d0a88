"""Verbs of the exams room: start, answer, submit; grading happens here and nowhere else.

Answers are graded against the content the paper was drawn from, which is kept with the attempt.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.ids import new_id
from crowdcore.base.text import cleaned
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.db import audit, outbox, timers
from crowdcore.db.transaction import riding, unit_of_work
from crowdcore.exams import models, queries, rules
from crowdcore.exams.events import ExamFailed, ExamPassed
from crowdcore.exams.queries import GRADE, MATERIAL, PAPER, Attempt, ExamCard, Material
from crowdcore.exams.rules import GRACE, TRANSITIONS, Action, AlreadySubmitted, AnswerUnknown, State, TimeOver
from crowdcore.partners.queries import portal
from crowdcore.plugin.content_exam import Exam

DEADLINE = "exam.deadline"
"""The timer that grades an abandoned attempt."""


async def start(*, friend_id: UUID, exam_id: str) -> Attempt:
    """Draw a paper and start the clock; if an attempt at this exam is running, return that one.

    Raises:
        NotFound: no such exam, or no such Friend, with this partner.
        RequiresOther: another exam comes first.
        AlreadyPassed: the skill is proved for more than 60 days yet.
        NoAttemptsLeft: all attempts are used up.
        MustWait: the last failed attempt is too recent.
    """
    exam = queries.exam(exam_id)
    running = await models.Attempt.get_or_none(friend_id=friend_id, exam_id=exam_id, state=State.STARTED)
    if running is not None:
        await _close_if_over(await queries.facts(running))
    try:
        return await _start(friend_id, exam)
    except IntegrityError:  # started twice at the same moment: now there is one to return
        return await _start(friend_id, exam)


async def answer(*, friend_id: UUID, attempt_id: UUID, question_id: str, value: tuple[str, ...]) -> Attempt:
    """Store the answer to one question; a later one replaces it. Nothing tells whether it is right.

    Args:
        friend_id: who answers.
        attempt_id: their attempt.
        question_id: a question of its paper.
        value: keys of choices, or one number as typed.

    Raises:
        NotFound: no such attempt of theirs.
        TimeOver: more than 10 s after the deadline; the attempt is graded.
        AlreadySubmitted: it was handed in.
        AnswerUnknown: a question or choice that is not on the paper.
        AnswerShape: not the form the question asks for.
    """
    attempt = await queries.attempt_of_friend(attempt_id, friend_id)
    await _close_if_over(attempt)
    if not attempt.is_running(clock.now()):
        raise _ended(attempt.submitted_at)
    question = attempt.question(question_id)
    if question is None:
        raise AnswerUnknown(fields=(rules.UNKNOWN_QUESTION,))
    return await _save(attempt.id, question_id, rules.read_answer(question, attempt.seed, value))


async def submit(*, friend_id: UUID, attempt_id: UUID) -> Attempt:
    """Hand the attempt in and grade it; a pass grants the skill. Questions left out are wrong.

    Raises:
        NotFound: no such attempt of theirs.
        TimeOver: more than 10 s after the deadline; it was graded with what had arrived.
        AlreadySubmitted: it was handed in before.
    """
    attempt = await queries.attempt_of_friend(attempt_id, friend_id)
    await _close_if_over(attempt)
    return await _submit(attempt.id)


@unit_of_work
async def time_out(*, attempt_id: UUID) -> None:
    """Grade an abandoned attempt with what arrived in time; one that is graded stays as it is."""
    row = await models.Attempt.get_or_none(id=attempt_id)
    if row is not None and await _move(row, Action.TIME_OUT):
        await _grade(row)


@unit_of_work
async def allow_attempt(*, friend_id: UUID, exam_id: str, reason: str) -> ExamCard:
    """Let a Friend try once more than the exam allows, at once; returns how they stand with it then.

    Raises:
        NotFound: no such Friend or exam with this partner.
    """
    member = await crowd.friend(friend_id)
    found = queries.exam(exam_id)
    await models.ExtraAttempt.create(
        friend_id=member.id, exam_id=found.id, reason=cleaned(reason)[:200], at=clock.now()
    )
    return await queries.card(member, exam_id)


# -- units of work -----------------------------------------------------------------------------------


@unit_of_work
async def _start(friend_id: UUID, exam: Exam) -> Attempt:
    member = await crowd.friend(friend_id)
    running = await models.Attempt.get_or_none(friend_id=friend_id, exam_id=exam.id, state=State.STARTED)
    if running is not None:
        return await queries.facts(running)
    now = clock.now()
    refusal = rules.refusal((await queries.card(member, exam.id)).standing, now, portal().exams)
    if refusal is not None:
        raise refusal
    seed = new_id().hex
    paper = rules.draw(exam, seed)
    row = await models.Attempt.create(
        friend_id=friend_id,
        exam_id=exam.id,
        exam_version=exam.version,
        seed=seed,
        paper=PAPER.dump_python(paper, mode="json"),
        content=MATERIAL.dump_python(_material(exam, paper), mode="json"),
        state=State.STARTED,
        version=1,
        started_at=now,
        deadline_at=now + timedelta(minutes=exam.minutes),
    )
    await timers.start(kind=DEADLINE, subject_id=row.id, due_at=rules.closes_at(row.deadline_at))
    await audit.record(object_kind="attempt", object_id=row.id, version=1, action="start", to_state=State.STARTED)
    return await queries.facts(row)


def _material(exam: Exam, paper: rules.Paper) -> Material:
    questions = tuple(exam.questions[item.question_id] for item in paper.items)
    topics = {question.topic: exam.topics[question.topic].name for question in questions}
    return Material(exam.title, exam.skill, exam.pass_percent, exam.valid_months, topics, questions)


@unit_of_work
async def _save(attempt_id: UUID, question_id: str, value: tuple[str, ...]) -> Attempt:
    now = clock.now()
    # Changing the attempt's own row holds it: an answer is either before the grade or refused, never between.
    running = models.Attempt.filter(id=attempt_id, state=State.STARTED, deadline_at__gt=now - GRACE)
    if await running.update(answered_at=now) == 0:
        raise _ended((await models.Attempt.get(id=attempt_id)).submitted_at)
    earlier = models.AttemptAnswer.filter(attempt_id=attempt_id, question_id=question_id)
    if await earlier.update(value=list(value), at=now) == 0:
        await models.AttemptAnswer.create(attempt_id=attempt_id, question_id=question_id, value=list(value), at=now)
    return await queries.facts(await models.Attempt.get(id=attempt_id))


@unit_of_work
async def _submit(attempt_id: UUID) -> Attempt:
    row = await models.Attempt.get(id=attempt_id)
    if not await _move(row, Action.SUBMIT, submitted_at=clock.now()):
        raise _ended((await models.Attempt.get(id=attempt_id)).submitted_at)
    await _grade(row)
    return await queries.facts(row)


async def _close_if_over(attempt: Attempt) -> None:
    """Grade an attempt whose time is over without waiting for its timer."""
    if attempt.state is not State.STARTED or attempt.is_running(clock.now()):
        return
    with riding():  # the client's key belongs to what it asked for, not to this
        await time_out(attempt_id=attempt.id)


def _ended(submitted_at: datetime | None) -> Refusal:
    return TimeOver() if submitted_at is None else AlreadySubmitted()


async def _move(row: models.Attempt, action: Action, **values: Any) -> bool:  # noqa: ANN401 -- columns
    """Compare-and-set the state, and write the audit line; False if the state has moved on."""
    sources, target = TRANSITIONS[action]
    unchanged = models.Attempt.filter(id=row.id, state__in=sources, version=row.version)
    values |= {"state": target, "version": row.version + 1}
    if await unchanged.update(**values) == 0:
        return False
    await audit.record(
        object_kind="attempt",
        object_id=row.id,
        version=row.version + 1,
        action=action,
        from_state=row.state,
        to_state=target,
    )
    row.update_from_dict(values)
    return True


async def _grade(row: models.Attempt) -> None:
    """Grade an attempt that was just handed in or ran out, in the same unit of work."""
    attempt = await queries.facts(row)
    about, now = attempt.about, clock.now()
    grade = rules.grade(about.questions, attempt.answers, pass_percent=about.pass_percent)
    zone = ZoneInfo(portal().settings.time_zone)
    until = rules.valid_until(now, months=about.valid_months, zone=zone) if grade.passed else None
    await _move(
        row,
        Action.GRADE,
        graded_at=now,
        score=grade.score,
        max_score=grade.max_score,
        passed=grade.passed,
        valid_until=until,
        result=GRADE.dump_python(grade, mode="json"),
    )
    await timers.cancel(subject_id=row.id, kinds=(DEADLINE,))
    if until is not None:
        await crowd_service.grant_qualification(
            friend_id=row.friend_id, skill=about.skill, valid_until=until, attempt_id=row.id
        )
    await outbox.publish(await _news(row, until))


async def _news(row: models.Attempt, until: datetime | None) -> ExamPassed | ExamFailed:
    member = await crowd.friend(row.friend_id)
    timed_out = row.submitted_at is None
    if until is None:
        return ExamFailed(
            attempt_id=row.id,
            exam_id=row.exam_id,
            friend_id=member.id,
            account_id=member.account_id,
            timed_out=timed_out,
        )
    return ExamPassed(
        attempt_id=row.id,
        exam_id=row.exam_id,
        friend_id=member.id,
        account_id=member.account_id,
        timed_out=timed_out,
        valid_until=until,
    )
