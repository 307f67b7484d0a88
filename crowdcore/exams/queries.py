"""Reads of the exams room; rows become facts here, and facts become what a Friend may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from crowdcore.base import clock
from crowdcore.base.errors import NotFound
from crowdcore.base.text import Text
from crowdcore.catalog import queries as catalog
from crowdcore.crowd.rules import Friend
from crowdcore.exams import models
from crowdcore.exams.rules import (
    Grade,
    Paper,
    PaperItem,
    Past,
    Standing,
    State,
    choice_key,
    closes_at,
    length,
    standing,
)
from crowdcore.partners.queries import portal
from crowdcore.plugin.content_catalog import Service
from crowdcore.plugin.content_exam import Exam, Question, QuestionType

# -- one attempt, with its keys: for this room only -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Material:
    """What an exam said when the paper was drawn, as far as the paper needs it.

    Args:
        title: of the exam.
        skill: what a pass proves.
        pass_percent: share of the points that passes.
        valid_months: how long a pass counts.
        topics: names by topic id.
        questions: with their keys, in the order of the paper.
    """

    title: Text
    skill: str
    pass_percent: int
    valid_months: int
    topics: Mapping[str, Text]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as this room knows it. It holds the answer key: show `shown` or `result` of it.

    Args:
        id: the attempt.
        friend_id: who takes it.
        exam_id: the exam.
        seed: secret its paper was drawn with.
        state: where it stands.
        started_at: begin.
        deadline_at: end of the time limit.
        submitted_at: when it was handed in; None if the time ran out.
        paper: questions and choices in the order shown.
        about: the exam's content of that day.
        answers: stored answers by question id.
        grade: None before grading.
        valid_until: how long the pass counts; None if it is none.
    """

    id: UUID
    friend_id: UUID
    exam_id: str
    seed: str
    state: State
    started_at: datetime
    deadline_at: datetime
    submitted_at: datetime | None
    paper: Paper
    about: Material
    answers: Mapping[str, tuple[str, ...]]
    grade: Grade | None
    valid_until: datetime | None

    def is_running(self, now: datetime) -> bool:
        """Say whether answers still count."""
        return self.state is State.STARTED and now < closes_at(self.deadline_at)

    def question(self, question_id: str) -> Question | None:
        """Return a question of the paper."""
        return next((q for q in self.about.questions if q.id == question_id), None)


async def attempt_of_friend(attempt_id: UUID, friend_id: UUID) -> Attempt:
    """Return a Friend's own attempt.

    Raises:
        NotFound: no such attempt, or somebody else's.
    """
    row = await models.Attempt.get_or_none(id=attempt_id, friend_id=friend_id)
    if row is None:
        raise NotFound
    return await facts(row)


async def facts(row: models.Attempt) -> Attempt:
    """Return a row and its answers as a fact."""
    answers = await models.AttemptAnswer.filter(attempt_id=row.id)
    return Attempt(
        id=row.id,
        friend_id=row.friend_id,
        exam_id=row.exam_id,
        seed=row.seed,
        state=State(row.state),
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        submitted_at=row.submitted_at,
        paper=PAPER.validate_python(row.paper),
        about=MATERIAL.validate_python(row.content),
        answers={answer.question_id: tuple(answer.value) for answer in answers},
        grade=GRADE.validate_python(row.result) if row.result is not None else None,
        valid_until=row.valid_until,
    )


def exam(exam_id: str) -> Exam:
    """Return an exam of the partner in scope, with its keys.

    Raises:
        NotFound: the partner has no such exam.
    """
    found = portal().exams.get(exam_id)
    if found is None:
        raise NotFound
    return found


def named(values: Mapping[str, str]) -> Exam:
    """Return the exam that the path of a page names.

    Raises:
        NotFound: the partner has no such exam.
    """
    return exam(values["exam"])


#: How facts lie in JSON columns: `dump_python(fact, mode="json")` writes what `validate_python` reads.
PAPER = TypeAdapter(Paper)
MATERIAL = TypeAdapter(Material)
GRADE = TypeAdapter(Grade)

# -- what a Friend sees while the attempt runs ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """A choice: its key outside the server, and its text."""

    key: str
    text: Text


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question without anything that tells its answer or its weight.

    Args:
        place: from 1 on, in the order of the paper.
        id: the question.
        topic: name of its topic.
        type: how it is answered.
        critical: it must be right.
        prompt: the question itself.
        choices: in the order shown; empty for a number.
        unit: unit of the number, or None.
        chosen: what was answered so far: keys, or the figures of a number.
    """

    place: int
    id: str
    topic: Text
    type: QuestionType
    critical: bool
    prompt: Text
    choices: tuple[ShownChoice, ...]
    unit: Text | None
    chosen: tuple[str, ...]


def shown(of: Attempt) -> tuple[ShownQuestion, ...]:
    """Return the questions of a running attempt in its order."""
    return tuple(_shown(of, place, item) for place, item in enumerate(of.paper.items, start=1))


def _shown(of: Attempt, place: int, item: PaperItem) -> ShownQuestion:
    question = of.about.questions[place - 1]
    texts = {choice.id: choice.text for choice in question.choices}
    keys = {choice_id: choice_key(of.seed, question.id, choice_id) for choice_id in item.choices}
    answer = of.answers.get(question.id, ())
    return ShownQuestion(
        place=place,
        id=question.id,
        topic=of.about.topics[question.topic],
        type=question.type,
        critical=question.critical,
        prompt=question.prompt,
        choices=tuple(ShownChoice(keys[choice_id], texts[choice_id]) for choice_id in item.choices),
        unit=question.unit,
        chosen=tuple(keys[a] for a in answer) if keys else answer,
    )


# -- what a Friend sees afterwards ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownTopic:
    """How a topic went, with its name, and what to read or try before the next attempt."""

    name: Text
    points: int
    most: int
    required: int
    learn: Text | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A question that was wrong, and why it matters; never which choice was right."""

    prompt: Text
    explanation: Text
    critical: bool


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a graded attempt.

    Args:
        passed: whether it was enough.
        timed_out: the time ran out before it was handed in.
        score: points reached, of `max_score`.
        required: points needed.
        critical_wrong: how many questions that must be right were wrong.
        valid_until: how long the pass counts, or None.
        topics: per topic.
        mistakes: scored questions that were wrong or left out.
    """

    passed: bool
    timed_out: bool
    score: int
    max_score: int
    required: int
    critical_wrong: int
    valid_until: datetime | None
    topics: tuple[ShownTopic, ...]
    mistakes: tuple[Mistake, ...]


def result(of: Attempt) -> Result | None:
    """Return the result of an attempt, or None before it is graded."""
    grade = of.grade
    if grade is None:
        return None
    names, today = of.about.topics, portal().exams.get(of.exam_id)
    learn = {topic.id: topic.learn for topic in today.topics.values()} if today else {}
    wrong = [q for q in of.about.questions if q.id in grade.wrong]
    return Result(
        passed=grade.passed,
        timed_out=of.submitted_at is None,
        score=grade.score,
        max_score=grade.max_score,
        required=grade.required,
        critical_wrong=len(grade.critical_wrong),
        valid_until=of.valid_until,
        topics=tuple(
            ShownTopic(names[t.topic], t.points, t.most, t.required, learn.get(t.topic)) for t in grade.topics
        ),
        mistakes=tuple(Mistake(q.prompt, q.explain, q.critical) for q in wrong),
    )


# -- the exams of a Friend ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExamCard:
    """An exam and how a Friend stands with it; nothing of its questions.

    Args:
        id: the exam.
        title: what people read.
        intro: what it is about, or None.
        minutes: time limit.
        questions: how many a paper has.
        pass_percent: share of the points that passes.
        valid_months: how long a pass counts.
        missing: titles of exams to pass first.
        standing: whether they may start.
        open_attempt: their running attempt, or None.
        last_attempt: their latest graded attempt, or None.
    """

    id: str
    title: Text
    intro: Text | None
    minutes: int
    questions: int
    pass_percent: int
    valid_months: int
    missing: tuple[Text, ...]
    standing: Standing
    open_attempt: UUID | None
    last_attempt: UUID | None


def services_of(exam_id: str) -> tuple[Service, ...]:
    """Return the services that a pass opens, as the catalogue lists them."""
    return tuple(one for one in catalog.services() if one.exam == exam_id)


async def cards(friend: Friend) -> list[ExamCard]:
    """Return all exams of the partner, in the order of its files, as one Friend sees them."""
    exams = portal().exams
    rows = await models.Attempt.filter(friend_id=friend.id).order_by("started_at").only(*_PAST_COLUMNS)
    extra = await models.ExtraAttempt.filter(friend_id=friend.id)
    return [
        _card(
            exam,
            friend,
            rows=[row for row in rows if row.exam_id == exam.id],
            allowed=[row.at for row in extra if row.exam_id == exam.id],
        )
        for exam in exams.values()
    ]


async def card(friend: Friend, exam_id: str) -> ExamCard:
    """Return one exam as a Friend sees it.

    Raises:
        NotFound: the partner has no such exam.
    """
    found = exam(exam_id)
    rows = models.Attempt.filter(friend_id=friend.id, exam_id=exam_id).order_by("started_at")
    extra = await models.ExtraAttempt.filter(friend_id=friend.id, exam_id=exam_id)
    return _card(found, friend, rows=await rows.only(*_PAST_COLUMNS), allowed=[row.at for row in extra])


_PAST_COLUMNS = ("id", "exam_id", "state", "deadline_at", "submitted_at", "passed")


def _card(of: Exam, friend: Friend, *, rows: Sequence[models.Attempt], allowed: Sequence[datetime]) -> ExamCard:
    now = clock.now()
    exams = portal().exams
    running = [row.id for row in rows if row.state == State.STARTED]
    graded = [row for row in rows if row.state == State.GRADED]
    missing = tuple(other for other in of.requires if not friend.is_qualified(exams[other].skill, now))
    proofs = (q.valid_until for q in friend.qualifications if q.skill == of.skill and q.holds(now))
    return ExamCard(
        id=of.id,
        title=of.title,
        intro=of.intro,
        minutes=of.minutes,
        questions=length(of),
        pass_percent=of.pass_percent,
        valid_months=of.valid_months,
        missing=tuple(exams[other].title for other in missing),
        standing=standing(
            of,
            is_open=bool(running),
            past=[Past(row.submitted_at or row.deadline_at, passed=bool(row.passed)) for row in graded],
            allowed=allowed,
            proved_until=next(proofs, None),
            missing=missing,
            now=now,
        ),
        open_attempt=running[0] if running else None,
        last_attempt=graded[-1].id if graded else None,
    )
