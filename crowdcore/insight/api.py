"""The insight room as JSON: the acceptance curve, figures by group, how the exams go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crowdcore.accounts.rules import STAFF
from crowdcore.exams.queries import exam as exam_of
from crowdcore.insight import queries
from crowdcore.insight.queries import ExamSum, Period, span
from crowdcore.insight.rules import Curve, ExamFigure, Figure, Item, verdict
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Input, Output


class AcceptanceQuery(Input):
    """Which requests."""

    period: Period = Period.TODAY
    region: Annotated[str, Field(max_length=10, description="ISO 3166-2; empty for all.")] = ""


class GoalOut(Output):
    """The curve at one goal."""

    after_seconds: int
    goal_percent: int
    percent: int | None = Field(description="Share accepted by then; null while it is too early, or too few to say.")
    missing: int = Field(description="Points below the goal.")


class AcceptanceOut(Output):
    """Share of requests accepted, by time since the first wave."""

    requests: int
    enough: bool = Field(description="From 30 requests on.")
    goals: list[GoalOut]
    steps: list[tuple[float, float]] = Field(description="(seconds, share accepted from then on).")


class FiguresQuery(Input):
    """Which figures."""

    period: Period = Period.MONTH
    group: Literal["all", "region", "service", "daypart"] = "region"


class FigureOut(Output):
    """What a group of requests comes to."""

    key: str
    requests: int
    within_hour: float | None
    median_seconds: float | None
    done: int
    cancelled: int
    handed_over: int
    rating: float | None
    book_again: float | None


class FigureList(Output):
    """Figures, the largest group first."""

    since: datetime
    until: datetime
    figures: list[FigureOut]


class ExamSumOut(Output):
    """How an exam goes."""

    exam: str
    taken: int
    passed: int
    score: float = Field(description="Share of the points reached.")


class ExamSumList(Output):
    """The exams that somebody has taken."""

    exams: list[ExamSumOut]


class ItemOut(Output):
    """How well a topic or a question is known."""

    id: str
    count: int
    share: float


class ExamFigureOut(Output):
    """One exam by topic and question, the least known first."""

    taken: int
    passed: float | None
    score: float | None
    topics: list[ItemOut]
    questions: list[ItemOut]


async def _acceptance(call: Call) -> Curve:
    asked = call.query(AcceptanceQuery)
    since, until = span(asked.period)
    return await queries.acceptance(since=since, until=until, region=asked.region)


async def _curve(_call: Call, found: Curve) -> AcceptanceOut:
    told = verdict(found)
    return AcceptanceOut(
        requests=told.count,
        enough=told.is_enough,
        goals=[
            GoalOut(
                after_seconds=int(point.goal.after.total_seconds()),
                goal_percent=point.goal.percent,
                percent=point.percent if told.is_enough else None,
                missing=point.missing if told.is_enough else 0,
            )
            for point in told.points
        ],
        steps=list(found.steps),
    )


async def _figures(call: Call) -> FigureList:
    asked = call.query(FiguresQuery)
    since, until = span(asked.period)
    found = queries.figures(await queries.records(since=since, until=until))
    return FigureList(since=since, until=until, figures=[_figure(one) for one in found[asked.group]])


async def _same(_call: Call, found: FigureList) -> FigureList:
    return found


def _figure(one: Figure) -> FigureOut:
    return FigureOut(
        key=one.key,
        requests=one.requests,
        within_hour=one.within_hour,
        median_seconds=one.median_s,
        done=one.done,
        cancelled=one.cancelled,
        handed_over=one.handed_over,
        rating=one.rating,
        book_again=one.again,
    )


async def _exams(_call: Call) -> dict[str, ExamSum]:
    return await queries.exams()


async def _exam_list(_call: Call, found: dict[str, ExamSum]) -> ExamSumList:
    return ExamSumList(
        exams=[ExamSumOut(exam=key, taken=one.taken, passed=one.passed, score=one.score) for key, one in found.items()]
    )


async def _exam(call: Call) -> ExamFigure:
    return await queries.exam(exam_of(call.name("exam")).id)


async def _exam_figure(_call: Call, found: ExamFigure) -> ExamFigureOut:
    return ExamFigureOut(
        taken=found.taken,
        passed=found.passed,
        score=found.score,
        topics=[_item(one) for one in found.topics],
        questions=[_item(one) for one in found.questions],
    )


def _item(one: Item) -> ItemOut:
    return ItemOut(id=one.key, count=one.count, share=one.share)


ROUTES = (
    ApiRoute(
        method="GET",
        path="/insight/acceptance",
        do=_acceptance,
        show=_curve,
        query=AcceptanceQuery,
        answer=AcceptanceOut,
        roles=STAFF,
        summary="Compare accepted requests with the goals",
    ),
    ApiRoute(
        method="GET",
        path="/insight/figures",
        do=_figures,
        show=_same,
        query=FiguresQuery,
        answer=FigureList,
        roles=STAFF,
        summary="Show figures by region, service or daypart",
    ),
    ApiRoute(
        method="GET",
        path="/insight/exams",
        do=_exams,
        show=_exam_list,
        answer=ExamSumList,
        roles=STAFF,
        summary="Show how the exams go",
    ),
    ApiRoute(
        method="GET",
        path="/insight/exams/{exam}",
        do=_exam,
        show=_exam_figure,
        answer=ExamFigureOut,
        roles=STAFF,
        summary="Show one exam by topic and question",
    ),
)
