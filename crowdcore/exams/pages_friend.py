"""Pages for Friends: the exams, one question per page, review, result. All work without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.crowd.queries import friend_of
from crowdcore.exams import queries, service
from crowdcore.exams.queries import Attempt
from crowdcore.exams.rules import (
    AlreadyPassed,
    AlreadySubmitted,
    MustWait,
    NoAttemptsLeft,
    RequiresOther,
    State,
    TimeOver,
)
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import page, redirect

FRIENDS = frozenset({Role.FRIEND})

EXAMS = "/friend/exams"


class AnswerForm(Input):
    """The answer to one question; every type of question sends the same field."""

    value: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=20)] = ()


class NothingTyped(Input):
    """A form that is only a button."""


async def show_exams(_request: Request, visit: Visit) -> Response:
    """All exams and how the Friend stands with them."""
    friend = await friend_of(visit.account_id)
    cards = await queries.cards(friend)
    brings = {card.id: queries.services_of(card.id) for card in cards}
    return page(visit, "exams/list.html", cards=cards, brings=brings, friend=friend)


async def show_exam(request: Request, visit: Visit) -> Response:
    """One exam before it is started: what to expect, and whether it may be started."""
    return await _intro_page(request, visit)


async def start(request: Request, visit: Visit) -> Response:
    """Start an exam, or go on with the attempt that is running."""
    form = await read_form(request, NothingTyped)
    friend = await friend_of(visit.account_id)
    exam_id = request.path_params["exam"]

    async def begin() -> Attempt:
        if (await queries.card(friend, exam_id)).open_attempt is None:
            await limit(visit, "exam", actor=f"{friend.id}:{exam_id}")
        return await service.start(friend_id=friend.id, exam_id=exam_id)

    try:
        return await submit(visit, form, do=begin, then=_home)
    except (RequiresOther, AlreadyPassed, NoAttemptsLeft, MustWait) as refusal:
        return await _intro_page(request, visit, status=refusal.status)  # it says why, and until when


async def resume(request: Request, visit: Visit) -> Response:
    """Where an attempt goes on: the first question without an answer, the review, or the result."""
    attempt = await _own(request, visit)
    if not attempt.is_running(clock.now()):
        return redirect(visit, _after(attempt))
    waiting = [question.place for question in queries.shown(attempt) if not question.chosen]
    return redirect(visit, _step(attempt, waiting[0] if waiting else len(attempt.paper.items) + 1))


async def show_question(request: Request, visit: Visit) -> Response:
    """One question."""
    attempt = await _own(request, visit)
    if not attempt.is_running(clock.now()):
        return redirect(visit, _after(attempt))
    return _question_page(visit, attempt, _place(request, attempt), empty_form())


async def save(request: Request, visit: Visit) -> Response:
    """Store an answer and show the next question.

    The form's key is not used: saving the same answer twice is one answer, and somebody who goes back
    in the browser and chooses again must not be told that the form was used already.
    """
    form = await read_form(request, AnswerForm)
    attempt = await _own(request, visit)
    place = _place(request, attempt)
    try:
        await service.answer(
            friend_id=attempt.friend_id,
            attempt_id=attempt.id,
            question_id=attempt.paper.items[place - 1].question_id,
            value=form.value.value,
        )
    except Rejected as refusal:
        shown = form.refused(visit, refusal)
        return _question_page(visit, attempt, place, shown, status=refusal.status)
    except (TimeOver, AlreadySubmitted) as refusal:
        return await _ended_page(request, visit, refusal)
    return redirect(visit, _step(attempt, place + 1))


async def show_review(request: Request, visit: Visit) -> Response:
    """All questions of an attempt, answered or not, and the button that hands it in."""
    attempt = await _own(request, visit)
    if attempt.state is not State.STARTED:
        return redirect(visit, f"{_home(attempt)}/result")
    return _review_page(visit, attempt)


async def hand_in(request: Request, visit: Visit) -> Response:
    """Hand the attempt in and show the result."""
    form = await read_form(request, NothingTyped)
    attempt = await _own(request, visit)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.submit(friend_id=attempt.friend_id, attempt_id=attempt.id),
            then=lambda graded: f"{_home(graded)}/result",
        )
    except (TimeOver, AlreadySubmitted) as refusal:
        return await _ended_page(request, visit, refusal)


async def show_result(request: Request, visit: Visit) -> Response:
    """The result per topic."""
    attempt = await _own(request, visit)
    if attempt.state is State.STARTED:
        return redirect(visit, _home(attempt))
    return _result_page(visit, attempt)


async def _own(request: Request, visit: Visit) -> Attempt:
    friend = await friend_of(visit.account_id)
    return await queries.attempt_of_friend(read_id(request.path_params["attempt_id"]), friend.id)


def _place(request: Request, attempt: Attempt) -> int:
    """Return the number of the question in the path, from 1 on.

    Raises:
        NotFound: the paper has no such question.
    """
    written = request.path_params["place"]
    for place in range(1, len(attempt.paper.items) + 1):
        if written == str(place):
            return place
    raise NotFound


def _home(attempt: Attempt) -> str:
    return f"/friend/attempts/{attempt.id}"


def _step(attempt: Attempt, place: int) -> str:
    """Return the page of a question, or the review after the last one."""
    return f"{_home(attempt)}/" + (f"questions/{place}" if place <= len(attempt.paper.items) else "review")


def _after(attempt: Attempt) -> str:
    """Return the page of an attempt whose time is over: the result, or the button that asks for it."""
    return f"{_home(attempt)}/" + ("review" if attempt.state is State.STARTED else "result")


async def _intro_page(request: Request, visit: Visit, *, status: int = 200) -> Response:
    card = await queries.card(await friend_of(visit.account_id), request.path_params["exam"])
    brings = queries.services_of(card.id)
    return page(visit, "exams/intro.html", status=status, card=card, brings=brings, form=empty_form())


def _question_page(
    visit: Visit,
    attempt: Attempt,
    place: int,
    form: Form[AnswerForm] | Form[BaseModel],
    *,
    status: int = 200,
) -> Response:
    questions, form = queries.shown(attempt), form.holding(visit.kept)
    return page(
        visit,
        "exams/question.html",
        status=status,
        modules=("live.js",),
        home=_home(attempt),
        question=questions[place - 1],
        chosen=form.chosen("value") or questions[place - 1].chosen,
        places=len(questions),
        deadline=attempt.deadline_at,
        left=max(attempt.deadline_at - clock.now(), timedelta()),
        form=form,
    )


def _review_page(visit: Visit, attempt: Attempt, *, status: int = 200) -> Response:
    now = clock.now()
    return page(
        visit,
        "exams/review.html",
        status=status,
        modules=("live.js",),
        title_of_exam=attempt.about.title,
        home=_home(attempt),
        questions=queries.shown(attempt),
        is_over=not attempt.is_running(now),
        deadline=attempt.deadline_at,
        left=max(attempt.deadline_at - now, timedelta()),
        form=empty_form(),
    )


def _result_page(visit: Visit, attempt: Attempt, *, status: int = 200, notice: str = "") -> Response:
    return page(
        visit,
        "exams/result.html",
        status=status,
        title_of_exam=attempt.about.title,
        exam_path=f"{EXAMS}/{attempt.exam_id}",
        result=queries.result(attempt),
        brings=queries.services_of(attempt.exam_id),
        notice=notice,
    )


async def _ended_page(request: Request, visit: Visit, refusal: Refusal) -> Response:
    """Show the result with what was refused: too late, or handed in from another tab."""
    attempt = await _own(request, visit)
    if attempt.state is State.STARTED:
        return _review_page(visit, attempt, status=refusal.status)
    notice = visit.formats.refusal(refusal)
    return _result_page(visit, attempt, status=refusal.status, notice=notice)


ROUTES = (
    PageRoute(method="GET", path=EXAMS, handler=show_exams, roles=FRIENDS),
    PageRoute(method="GET", path=f"{EXAMS}/{{exam}}", handler=show_exam, roles=FRIENDS, known=queries.named),
    PageRoute(method="POST", path=f"{EXAMS}/{{exam}}", handler=start, roles=FRIENDS, known=queries.named),
    PageRoute(method="GET", path="/friend/attempts/{attempt_id}", handler=resume, roles=FRIENDS),
    PageRoute(
        method="GET",
        path="/friend/attempts/{attempt_id}/questions/{place}",
        handler=show_question,
        roles=FRIENDS,
    ),
    PageRoute(method="POST", path="/friend/attempts/{attempt_id}/questions/{place}", handler=save, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/attempts/{attempt_id}/review", handler=show_review, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/attempts/{attempt_id}/review", handler=hand_in, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/attempts/{attempt_id}/result", handler=show_result, roles=FRIENDS),
)
