"""The laws of an exam: when it may be taken, which questions, what counts as an answer, what it is worth."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from crowdcore.base.errors import Conflict, FieldProblem, Refusal, Rejected, Word
from crowdcore.plugin.content_exam import Exam, Question, QuestionType

GRACE = timedelta(seconds=10)
"""An answer that was on its way when the time ran out still counts."""

RENEWAL = timedelta(days=60)
"""So long before a qualification ends its exam may be taken again."""

PILOTS = 1
"""At most so many unscored questions are on a paper."""


class State(StrEnum):
    """Where an attempt stands."""

    STARTED = "started"
    SUBMITTED = "submitted"
    TIMED_OUT = "timed_out"
    GRADED = "graded"


class Action(StrEnum):
    """Every way an attempt can move; the value is also the audit record's action."""

    SUBMIT = "submit"
    TIME_OUT = "time_out"
    GRADE = "grade"


#: action -> (states it may start from, state it leads to)
TRANSITIONS: Mapping[Action, tuple[frozenset[State], State]] = {
    Action.SUBMIT: (frozenset({State.STARTED}), State.SUBMITTED),
    Action.TIME_OUT: (frozenset({State.STARTED}), State.TIMED_OUT),
    Action.GRADE: (frozenset({State.SUBMITTED, State.TIMED_OUT}), State.GRADED),
}


class TimeOver(Refusal):
    """The time limit has passed, grace included."""

    code = "exam.time_over"
    status = 410
    message = "The time is over. The exam was graded with the answers that arrived in time."


class AlreadySubmitted(Conflict):
    """The attempt was handed in before."""

    code = "exam.already_submitted"
    message = "This exam has already been submitted. Its result is here."


class AnswerUnknown(Rejected):
    """The answer names a question or a choice that is not on this paper; the attempt goes on."""

    code = "exam.answer_unknown"
    message = "This answer does not belong to this question. Open the question again; your attempt goes on."


class AnswerShape(Rejected):
    """The answer does not have the form its question asks for; the attempt goes on."""

    code = "exam.answer_shape"


class MustWait(Conflict):
    """A failed attempt was not long enough ago."""

    code = "exam.wait"
    message = "You can take this exam again from %(at)s."


class NoAttemptsLeft(Conflict):
    """All attempts are used up."""

    code = "exam.no_attempts_left"
    message = "You have used all your attempts at this exam. Support can allow another one."


class RequiresOther(Conflict):
    """Another exam comes first."""

    code = "exam.requires"
    message = "Another exam comes first: %(exams)s."


class AlreadyPassed(Conflict):
    """The skill is proved, and will be for a while."""

    code = "exam.already_passed"
    message = "You have passed this exam already. You can renew it from %(at)s."


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One question of a paper; its choice ids in the order shown, none for a number."""

    question_id: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """What one attempt asks, in which order, and which version of the exam it was drawn from."""

    exam_version: int
    content_hash: str
    items: tuple[PaperItem, ...]


def length(exam: Exam) -> int:
    """Return how many questions a paper of `exam` has."""
    pilots = sum(question.pilot for question in exam.questions.values())
    return sum(wanted.count for wanted in exam.draws) + min(pilots, PILOTS)


def draw(exam: Exam, seed: str) -> Paper:
    """Draw a paper; the same seed gives the same paper on every machine and Python version.

    Args:
        exam: its pools hold at least as many scored questions as are drawn.
        seed: secret of the attempt.
    """
    by_chance = sorted(exam.questions.values(), key=lambda q: _rank(seed, "draw", q.id))
    chosen: list[Question] = []
    for wanted in exam.draws:
        pool = [q for q in by_chance if q.topic == wanted.topic and not q.pilot and q not in chosen]
        chosen += pool[: wanted.count]
    chosen += [q for q in by_chance if q.pilot][:PILOTS]
    shown = sorted(chosen, key=lambda q: _rank(seed, "place", q.id))
    return Paper(exam.version, exam.content_hash, tuple(_item(question, seed) for question in shown))


def _item(question: Question, seed: str) -> PaperItem:
    ids = [choice.id for choice in question.choices]
    return PaperItem(question.id, tuple(sorted(ids, key=lambda c: choice_key(seed, question.id, c))))


def choice_key(seed: str, question_id: str, choice_id: str) -> str:
    """Return the name of a choice outside the server.

    The ids authors give (``a``, ``b`` or ``right-answer``) would tell the order of the file, so people
    and clients only see a key that is made from the attempt's secret seed.
    """
    return _rank(seed, "choice", question_id, choice_id)[:12]


def _rank(seed: str, *parts: str) -> str:
    return hashlib.sha256("\0".join((seed, *parts)).encode()).hexdigest()


# -- answers -----------------------------------------------------------------------------------------

UNKNOWN_QUESTION = FieldProblem("/question_id", "exam.answer_unknown", AnswerUnknown.message)
_UNKNOWN_CHOICE = FieldProblem("/value", "exam.answer_unknown", AnswerUnknown.message)
_ONE_CHOICE = FieldProblem("/value", "exam.answer_shape", "Choose one answer.")
_SOME_CHOICES = FieldProblem("/value", "exam.answer_shape", "Choose at least one answer, each once.")
_EVERY_PLACE = FieldProblem("/value", "exam.answer_shape", "Put every line in its place, each once.")
_A_NUMBER = FieldProblem("/value", "exam.answer_shape", "Enter a number, for example 12.5.")

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,6})?")


def read_answer(question: Question, seed: str, value: Sequence[str]) -> tuple[str, ...]:
    """Return an answer as it is stored: choice ids, or the figures of a number.

    Args:
        question: a question of the attempt's paper.
        seed: the attempt's.
        value: keys of choices as `choice_key` made them, or one number as typed.

    Raises:
        AnswerUnknown: a key that this question does not have.
        AnswerShape: too few or too many, one twice, or not a number.
    """
    if question.type is QuestionType.NUMBER:
        return (_number(value),)
    ids = {choice_key(seed, question.id, choice.id): choice.id for choice in question.choices}
    if not set(value) <= set(ids):
        raise AnswerUnknown(fields=(_UNKNOWN_CHOICE,))
    chosen = tuple(ids[key] for key in value)
    if question.type is QuestionType.SINGLE and len(chosen) != 1:
        raise AnswerShape(fields=(_ONE_CHOICE,))
    if question.type is QuestionType.MULTIPLE and (not chosen or len(set(chosen)) < len(chosen)):
        raise AnswerShape(fields=(_SOME_CHOICES,))
    if question.type is QuestionType.ORDER and sorted(chosen) != sorted(ids.values()):
        raise AnswerShape(fields=(_EVERY_PLACE,))
    return chosen


def _number(value: Sequence[str]) -> str:
    """Return the figures of a number; people type 2,5 or 2.5, and 1’200 with any apostrophe."""
    typed = re.sub(r"[\s'’]", "", "".join(value)).replace("−", "-").replace(",", ".")
    if len(value) != 1 or not _NUMBER.fullmatch(typed):
        raise AnswerShape(fields=(_A_NUMBER,))
    return typed


def is_right(question: Question, answer: tuple[str, ...]) -> bool:
    """Say whether a stored answer is right; there is no half right, and no answer is wrong."""
    if not answer:
        return False
    if question.type is QuestionType.ORDER:
        return answer == question.order
    if question.type is QuestionType.NUMBER:
        return abs(Decimal(answer[0]) - (question.number or 0)) <= question.tolerance
    return frozenset(answer) == question.correct


# -- the grade ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopicResult:
    """How a topic went.

    Args:
        topic: topic id.
        points: reached.
        most: possible.
        required: what the exam's share would be here; for learning, only the total decides.
    """

    topic: str
    points: int
    most: int
    required: int = 0


@dataclass(frozen=True, slots=True)
class Grade:
    """What an attempt is worth.

    Args:
        score: points reached, of `max_score`.
        required: points needed.
        passed: enough points, and no critical question wrong.
        topics: in the order of the paper.
        wrong: ids of scored questions that were wrong or left out, in the order of the paper.
        critical_wrong: those of them that fail the exam whatever the total.
    """

    score: int
    max_score: int
    required: int
    passed: bool
    topics: tuple[TopicResult, ...]
    wrong: tuple[str, ...]
    critical_wrong: tuple[str, ...]


def grade(asked: Sequence[Question], answers: Mapping[str, tuple[str, ...]], *, pass_percent: int) -> Grade:
    """Grade stored answers to the questions of a paper; pilot questions count for nothing."""
    scored = [q for q in asked if not q.pilot]
    wrong = tuple(q.id for q in scored if not is_right(q, answers.get(q.id, ())))
    critical = tuple(q.id for q in scored if q.critical and q.id in wrong)
    topics: dict[str, TopicResult] = {}
    for q in scored:
        so_far = topics.get(q.topic, TopicResult(q.topic, 0, 0))
        gained = 0 if q.id in wrong else q.points
        topics[q.topic] = replace(so_far, points=so_far.points + gained, most=so_far.most + q.points)
    score, most = sum(t.points for t in topics.values()), sum(t.most for t in topics.values())
    required = _share(most, pass_percent)
    passed = score >= required and not critical
    marked = tuple(replace(t, required=_share(t.most, pass_percent)) for t in topics.values())
    return Grade(score, most, required, passed, marked, wrong, critical)


def _share(points: int, percent: int) -> int:
    """Return the least whole number of points that is at least `percent` of `points`."""
    return -(-points * percent // 100)


def closes_at(deadline: datetime) -> datetime:
    """Return the first moment at which no answer counts any more."""
    return deadline + GRACE


def valid_until(passed_at: datetime, *, months: int, zone: ZoneInfo) -> datetime:
    """Return the last second of the day in `zone` so many months later; 31 January becomes 28 February."""
    day = passed_at.astimezone(zone).date()
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    return datetime.combine(last, time(23, 59, 59), zone).astimezone(UTC)


# -- who may start -----------------------------------------------------------------------------------


class Entry(StrEnum):
    """Whether somebody may take an exam now."""

    OPEN = "open"
    READY = "ready"
    REQUIRES = "requires"
    PASSED = "passed"
    NO_ATTEMPTS_LEFT = "no_attempts_left"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Past:
    """A finished attempt: when it ended (not when it was graded), and how."""

    ended_at: datetime
    passed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with an exam.

    Args:
        entry: whether they may start.
        attempts_left: how often they may still start; the open attempt is not among them.
        earliest: when they may start again (WAIT, PASSED).
        valid_until: how long the skill is proved; None if it is not.
        missing: exams to pass first (REQUIRES).
    """

    entry: Entry
    attempts_left: int
    earliest: datetime | None = None
    valid_until: datetime | None = None
    missing: tuple[str, ...] = ()


def standing(
    exam: Exam,
    *,
    is_open: bool,
    past: Sequence[Past],
    allowed: Sequence[datetime],
    proved_until: datetime | None,
    missing: tuple[str, ...],
    now: datetime,
) -> Standing:
    """Say how somebody stands with `exam`; attempts count from the last pass on.

    Args:
        exam: as it is today.
        is_open: an attempt of theirs is running.
        past: finished attempts, oldest first.
        allowed: when support allowed another attempt, which also ends the waiting.
        proved_until: end of the qualification they hold now, or None.
        missing: required exams whose skill they do not hold.
        now: the present moment.
    """
    since = max((p.ended_at for p in past if p.passed), default=None)
    counted = [p.ended_at for p in past if since is None or p.ended_at > since]
    more = [at for at in allowed if since is None or at > since]
    left = max(0, exam.attempts.max + len(more) - len(counted) - is_open)
    here = Standing(Entry.READY, left, valid_until=proved_until)
    if is_open:
        return replace(here, entry=Entry.OPEN)
    if missing:
        return replace(here, entry=Entry.REQUIRES, missing=missing)
    if proved_until is not None and now < proved_until - RENEWAL:
        return replace(here, entry=Entry.PASSED, earliest=proved_until - RENEWAL)
    if left == 0:
        return replace(here, entry=Entry.NO_ATTEMPTS_LEFT)
    excused = not counted or any(at > counted[-1] for at in more)
    if not excused and now < counted[-1] + exam.attempts.wait:
        return replace(here, entry=Entry.WAIT, earliest=counted[-1] + exam.attempts.wait)
    return here


def refusal(here: Standing, now: datetime, exams: Mapping[str, Exam]) -> Refusal | None:
    """Return why an exam may not be started now, or None if it may; `exams` are the portal's by id."""
    earliest = here.earliest or now
    seconds = int((earliest - now).total_seconds()) + 1
    match here.entry:
        case Entry.REQUIRES:
            return RequiresOther(exams=tuple(Word(one, exams[one].title) for one in here.missing))
        case Entry.NO_ATTEMPTS_LEFT:
            return NoAttemptsLeft()
        case Entry.PASSED:
            return AlreadyPassed(retry_after_s=seconds, at=earliest)
        case Entry.WAIT:
            return MustWait(retry_after_s=seconds, at=earliest)
        case _:
            return None
