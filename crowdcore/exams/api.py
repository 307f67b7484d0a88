"""The exams room as JSON. Before grading nothing here tells which answer is right or what it is worth."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import FriendUnknown
from crowdcore.exams import queries, service
from crowdcore.exams.queries import Attempt, ExamCard, ShownQuestion
from crowdcore.exams.rules import (
    AlreadyPassed,
    AlreadySubmitted,
    AnswerShape,
    AnswerUnknown,
    Entry,
    MustWait,
    NoAttemptsLeft,
    RequiresOther,
    State,
    TimeOver,
)
from crowdcore.plugin.content_exam import QuestionType
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input, Output, line
from crowdcore.web.rates import limit

FRIENDS = frozenset({Role.FRIEND})


class ExamState(Output):
    """An exam and how the Friend stands with it."""

    id: str
    title: str
    intro: str | None
    minutes: int
    questions: int
    pass_percent: int
    valid_months: int
    state: Entry
    attempts_left: int
    wait_until: datetime | None = Field(description="When it may be started again (wait, passed).")
    valid_until: datetime | None = Field(description="How long the skill is proved; null if it is not.")
    requires: list[str] = Field(description="Exams to pass first.")
    open_attempt: str | None
    last_attempt: str | None


class ExamStates(Output):
    """All exams of the portal."""

    exams: list[ExamState]


class ExamChoice(Output):
    """A choice; `id` is good for this attempt only."""

    id: str
    text: str


class ExamQuestion(Output):
    """A question of a running attempt, in the order of the paper."""

    id: str
    topic: str
    type: QuestionType
    critical: bool = Field(description="It must be right to pass.")
    prompt: str
    choices: list[ExamChoice]
    unit: str | None
    answer: list[str] = Field(description="What was answered so far.")


class ExamTopic(Output):
    """How a topic went; `required` is the exam's pass mark applied to it, for learning."""

    name: str
    points: int
    max_points: int
    required: int
    learn: str | None = Field(description="What to read or try before the next attempt.")


class ExamMistake(Output):
    """A question that was wrong or left out, and why it matters."""

    prompt: str
    explanation: str
    critical: bool


class ExamResult(Output):
    """The result of a graded attempt."""

    passed: bool
    timed_out: bool
    score: int
    max_score: int
    required: int
    valid_until: datetime | None
    topics: list[ExamTopic]
    mistakes: list[ExamMistake]


class ExamAttempt(Output):
    """An attempt: its questions while it runs, its result afterwards."""

    id: str
    exam: str
    title: str
    state: State
    started_at: datetime
    deadline_at: datetime
    questions: list[ExamQuestion]
    result: ExamResult | None


class ExamAnswer(Input):
    """The answer to one question."""

    question_id: Annotated[str, Field(max_length=60)]
    value: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = Field(
        description="One choice id (single), several (multiple), all in order (order), or one number as text."
    )


class AnswerSaved(Output):
    """An answer is stored; the same shape whether it is right or wrong."""

    question_id: str
    answered: int
    questions: int
    deadline_at: datetime


class AttemptAllowance(Input):
    """Why a Friend may try once more."""

    exam: Annotated[str, line(60)]
    reason: Annotated[str, line(200)]


async def _list(call: Call) -> list[ExamCard]:
    return await queries.cards(await friend_of(call.visit.account_id))


async def _states(call: Call, cards: list[ExamCard]) -> ExamStates:
    return ExamStates(exams=[_state(call.visit, card) for card in cards])


async def _start(call: Call) -> Attempt:
    friend = await friend_of(call.visit.account_id)
    exam_id = call.name("exam")
    if (await queries.card(friend, exam_id)).open_attempt is None:
        await limit(call.visit, "exam", actor=f"{friend.id}:{exam_id}")
    return await service.start(friend_id=friend.id, exam_id=exam_id)


async def _read(call: Call) -> Attempt:
    friend = await friend_of(call.visit.account_id)
    return await queries.attempt_of_friend(call.id("attempt_id"), friend.id)


async def _answer(call: Call) -> Attempt:
    friend = await friend_of(call.visit.account_id)
    sent = call.body(ExamAnswer)
    return await service.answer(
        friend_id=friend.id,
        attempt_id=call.id("attempt_id"),
        question_id=sent.question_id,
        value=tuple(sent.value),
    )


async def _saved(call: Call, attempt: Attempt) -> AnswerSaved:
    return AnswerSaved(
        question_id=call.body(ExamAnswer).question_id,
        answered=len(attempt.answers),
        questions=len(attempt.paper.items),
        deadline_at=attempt.deadline_at,
    )


async def _submit(call: Call) -> Attempt:
    friend = await friend_of(call.visit.account_id)
    return await service.submit(friend_id=friend.id, attempt_id=call.id("attempt_id"))


async def _allow(call: Call) -> ExamCard:
    sent = call.body(AttemptAllowance)
    return await service.allow_attempt(friend_id=call.id("friend_id"), exam_id=sent.exam, reason=sent.reason)


async def _attempt(call: Call, attempt: Attempt) -> ExamAttempt:
    visit = call.visit
    is_open = attempt.state is State.STARTED
    return ExamAttempt(
        id=str(attempt.id),
        exam=attempt.exam_id,
        title=visit.translator.text(attempt.about.title),
        state=attempt.state,
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        questions=[_question(visit, question) for question in queries.shown(attempt)] if is_open else [],
        result=_result(visit, attempt),
    )


async def _one_state(call: Call, card: ExamCard) -> ExamState:
    return _state(call.visit, card)


def _state(visit: Visit, card: ExamCard) -> ExamState:
    here = card.standing
    return ExamState(
        id=card.id,
        title=visit.translator.text(card.title),
        intro=visit.translator.text(card.intro) if card.intro else None,
        minutes=card.minutes,
        questions=card.questions,
        pass_percent=card.pass_percent,
        valid_months=card.valid_months,
        state=here.entry,
        attempts_left=here.attempts_left,
        wait_until=here.earliest,
        valid_until=here.valid_until,
        requires=list(here.missing),
        open_attempt=str(card.open_attempt) if card.open_attempt else None,
        last_attempt=str(card.last_attempt) if card.last_attempt else None,
    )


def _question(visit: Visit, shown: ShownQuestion) -> ExamQuestion:
    text = visit.translator.text
    return ExamQuestion(
        id=shown.id,
        topic=text(shown.topic),
        type=shown.type,
        critical=shown.critical,
        prompt=text(shown.prompt),
        choices=[ExamChoice(id=choice.key, text=text(choice.text)) for choice in shown.choices],
        unit=text(shown.unit) if shown.unit else None,
        answer=list(shown.chosen),
    )


def _result(visit: Visit, attempt: Attempt) -> ExamResult | None:
    found, text = queries.result(attempt), visit.translator.text
    if found is None:
        return None
    return ExamResult(
        passed=found.passed,
        timed_out=found.timed_out,
        score=found.score,
        max_score=found.max_score,
        required=found.required,
        valid_until=found.valid_until,
        topics=[
            ExamTopic(
                name=text(t.name),
                points=t.points,
                max_points=t.most,
                required=t.required,
                learn=text(t.learn) if t.learn else None,
            )
            for t in found.topics
        ],
        mistakes=[
            ExamMistake(prompt=text(m.prompt), explanation=text(m.explanation), critical=m.critical)
            for m in found.mistakes
        ],
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/exams",
        do=_list,
        show=_states,
        answer=ExamStates,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="List the exams and how you stand with them",
    ),
    ApiRoute(
        method="POST",
        path="/exams/{exam}/attempts",
        do=_start,
        show=_attempt,
        answer=ExamAttempt,
        status=201,
        roles=FRIENDS,
        refusals=(FriendUnknown, RequiresOther, AlreadyPassed, NoAttemptsLeft, MustWait),
        summary="Start an exam, or get the attempt that is running",
    ),
    ApiRoute(
        method="GET",
        path="/attempts/{attempt_id}",
        do=_read,
        show=_attempt,
        answer=ExamAttempt,
        roles=FRIENDS,
        refusals=(FriendUnknown,),
        summary="Read an attempt: questions while it runs, the result afterwards",
    ),
    ApiRoute(
        method="POST",
        path="/attempts/{attempt_id}/answers",
        do=_answer,
        show=_saved,
        body=ExamAnswer,
        answer=AnswerSaved,
        roles=FRIENDS,
        refusals=(FriendUnknown, TimeOver, AlreadySubmitted, AnswerUnknown, AnswerShape),
        summary="Answer a question; a later answer replaces it",
    ),
    ApiRoute(
        method="POST",
        path="/attempts/{attempt_id}/submit",
        do=_submit,
        show=_attempt,
        answer=ExamAttempt,
        roles=FRIENDS,
        refusals=(FriendUnknown, TimeOver, AlreadySubmitted),
        summary="Hand an attempt in",
    ),
    ApiRoute(
        method="POST",
        path="/friends/{friend_id}/exam-attempts",
        do=_allow,
        show=_one_state,
        body=AttemptAllowance,
        answer=ExamState,
        status=201,
        roles=STAFF,
        summary="Allow a Friend another attempt at an exam",
    ),
)
