"""How well the crowd serves: the acceptance curve and its goals, figures by group, and what a table file may hold."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from crowdcore.crowd.rules import RATINGS_SHOWN_FROM
from crowdcore.exams.rules import Grade

ENOUGH = 30
"""Fewer requests than this say nothing about a goal."""

REFERENCE_SHAPE = 0.374
REFERENCE_SCALE_S = 6.1 * 60
"""The measured curve every portal compares itself with: a Weibull of this shape and scale (seconds)."""


@dataclass(frozen=True, slots=True)
class Goal:
    """So many percent of all requests shall be accepted after so long."""

    after: timedelta
    percent: int


GOALS = (
    Goal(timedelta(minutes=1), 40),
    Goal(timedelta(minutes=10), 70),
    Goal(timedelta(hours=1), 90),
    Goal(timedelta(hours=3), 98),
)
WITHIN_HOUR = GOALS[2].after


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a request was watched from its first wave on, and whether somebody accepted then.

    Args:
        seconds: until it was accepted, or as long as it was watched without; infinite for a request that
            the crowd never accepted and never can.
        accepted: somebody of the crowd said yes at the end of that time.
    """

    seconds: float
    accepted: bool


def wait_of(*, asked_at: datetime, accepted_at: datetime | None, left_at: datetime | None) -> Wait:
    """Return how long a request waited.

    Args:
        asked_at: its first wave.
        accepted_at: when the crowd accepted; None if it has not.
        left_at: until when it could be watched: when the customer cancelled, or now while the search runs;
            None once somebody else took it over.
    """
    if accepted_at is not None:
        return Wait(max(0.0, (accepted_at - asked_at).total_seconds()), accepted=True)
    if left_at is not None:
        return Wait(max(0.0, (left_at - asked_at).total_seconds()), accepted=False)
    return Wait(math.inf, accepted=False)


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of requests accepted, by time since the first wave (the estimate of Kaplan and Meier).

    A request that is still searching, or was cancelled before anybody accepted, counts for as long as it
    was watched and no longer; so a quiet last hour makes no figure better or worse.

    Args:
        count: how many requests.
        steps: (seconds, share accepted from then on), rising.
        watched_s: longest time any of them was watched.
    """

    count: int
    steps: tuple[tuple[float, float], ...]
    watched_s: float

    def share(self, seconds: float) -> float | None:
        """Return the share accepted within `seconds`; None if nothing has been watched for so long."""
        found = 0.0
        for at, share in self.steps:
            if at > seconds:
                break
            found = share
        return None if seconds > self.watched_s and found < 1 else found


def curve(waits: Iterable[Wait]) -> Curve:
    """Return the acceptance curve of these requests."""
    known = sorted(waits, key=lambda wait: (wait.seconds, not wait.accepted))
    waiting, left = 1.0, len(known)
    steps: dict[float, float] = {}
    for wait in known:
        if wait.accepted:
            waiting *= (left - 1) / left
            steps[wait.seconds] = 1 - waiting
        left -= 1
    return Curve(len(known), tuple(steps.items()), known[-1].seconds if known else 0.0)


def reference(seconds: float) -> float:
    """Return the share accepted within `seconds` on the curve all portals compare themselves with."""
    return 1 - math.exp(-((seconds / REFERENCE_SCALE_S) ** REFERENCE_SHAPE))


@dataclass(frozen=True, slots=True)
class Point:
    """The curve at one goal.

    Args:
        goal: the goal.
        percent: share accepted by then in whole percent; None while it is too early to say.
    """

    goal: Goal
    percent: int | None

    @property
    def missing(self) -> int:
        """Return how many points are missing, 0 if it is reached or unknown."""
        return max(0, self.goal.percent - self.percent) if self.percent is not None else 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the curve says about the goals.

    Args:
        count: how many requests it is made of.
        points: one for each goal, in order of time.
    """

    count: int
    points: tuple[Point, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there are enough requests to judge."""
        return self.count >= ENOUGH

    @property
    def judged(self) -> tuple[Point, ...]:
        """The goals about which something can be said."""
        return tuple(point for point in self.points if point.percent is not None) if self.is_enough else ()

    @property
    def reached(self) -> int:
        """How many goals are reached."""
        return sum(not point.missing for point in self.judged)

    @property
    def worst(self) -> Point | None:
        """The goal that misses most, None if all are reached."""
        worst = max(self.judged, key=lambda point: point.missing, default=None)
        return worst if worst is not None and worst.missing else None


def verdict(found: Curve, goals: Sequence[Goal] = GOALS) -> Verdict:
    """Return how a curve stands against the goals; a share is rounded down, so no goal is reached by rounding."""
    shares = [(goal, found.share(goal.after.total_seconds())) for goal in goals]
    return Verdict(
        found.count,
        tuple(Point(goal, None if share is None else math.floor(share * 100 + 1e-9)) for goal, share in shares),
    )


# -- figures -----------------------------------------------------------------------------------------------


class Daypart(StrEnum):
    """When a request came in, local time."""

    MORNING = "morning"  # 6-12
    AFTERNOON = "afternoon"  # 12-18
    EVENING = "evening"  # 18-22
    NIGHT = "night"
    WEEKEND = "weekend"  # all of it


_DAYPARTS = ((6, Daypart.NIGHT), (12, Daypart.MORNING), (18, Daypart.AFTERNOON), (22, Daypart.EVENING))
_SATURDAY = 5


def daypart(local: datetime) -> Daypart:
    """Return the part of the week a local moment lies in."""
    if local.weekday() >= _SATURDAY:
        return Daypart.WEEKEND
    return next((part for until, part in _DAYPARTS if local.hour < until), Daypart.NIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One request, as the figures see it.

    Args:
        region: ISO 3166-2.
        service: id in the catalogue.
        part: when it came in.
        wait: how long until somebody accepted.
        is_done: the work was done.
        is_cancelled: it was called off.
        cases: how often support had to help.
        stars: rating, None without one.
        again: the customer would book again; None without a rating.
    """

    region: str
    service: str
    part: Daypart
    wait: Wait
    is_done: bool
    is_cancelled: bool
    cases: int
    stars: int | None
    again: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a group of requests comes to.

    Args:
        key: of the group; empty for all together.
        requests: how many.
        within_hour: share accepted within an hour, None while unknown.
        median_s: half of the accepted ones waited no longer, in seconds; None if none was accepted.
        done: how many were done.
        cancelled: how many were called off.
        handed_over: how many needed support.
        rating: mean of the stars, None below five ratings.
        again: share that would book again, None below five ratings.
    """

    key: str
    requests: int
    within_hour: float | None
    median_s: float | None
    done: int
    cancelled: int
    handed_over: int
    rating: float | None
    again: float | None


def figure(key: str, records: Sequence[Record]) -> Figure:
    """Return what these requests come to."""
    waits = [record.wait for record in records]
    accepted = [wait.seconds for wait in waits if wait.accepted]
    stars = [record.stars for record in records if record.stars is not None]
    again = [record.again for record in records if record.again is not None]
    return Figure(
        key=key,
        requests=len(records),
        within_hour=curve(waits).share(WITHIN_HOUR.total_seconds()),
        median_s=median(accepted) if accepted else None,
        done=sum(record.is_done for record in records),
        cancelled=sum(record.is_cancelled for record in records),
        handed_over=sum(record.cases > 0 for record in records),
        rating=sum(stars) / len(stars) if len(stars) >= RATINGS_SHOWN_FROM else None,
        again=sum(again) / len(again) if len(again) >= RATINGS_SHOWN_FROM else None,
    )


def grouped(records: Iterable[Record], key: Callable[[Record], str]) -> tuple[Figure, ...]:
    """Return one figure for each group, the largest first."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    found = [figure(name, members) for name, members in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.requests, one.key)))


# -- exams -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """One graded attempt: which questions it asked, and what came of it."""

    asked: tuple[str, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class Item:
    """How well a topic or a question is known.

    Args:
        key: id of the topic or question.
        count: how often it was asked.
        share: share of the points reached, or of right answers.
    """

    key: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ExamFigure:
    """How an exam goes.

    Args:
        taken: graded attempts.
        passed: share of them that passed, None without any.
        score: mean share of the points, None without any.
        topics: by topic, the least known first.
        questions: by question, the least known first.
    """

    taken: int
    passed: float | None
    score: float | None
    topics: tuple[Item, ...]
    questions: tuple[Item, ...]


def exam_figure(sheets: Sequence[Sheet]) -> ExamFigure:
    """Return how an exam goes, from these attempts."""
    points: dict[str, list[tuple[int, int]]] = defaultdict(list)
    answers: dict[str, list[bool]] = defaultdict(list)
    for sheet in sheets:
        for topic in sheet.grade.topics:
            points[topic.topic].append((topic.points, topic.most))
        for question in sheet.asked:
            answers[question].append(question not in sheet.grade.wrong)
    topics = [
        Item(key, len(found), sum(reached for reached, _most in found) / (sum(most for _reached, most in found) or 1))
        for key, found in points.items()
    ]
    questions = [Item(key, len(found), sum(found) / len(found)) for key, found in answers.items()]
    taken = len(sheets)
    return ExamFigure(
        taken,
        sum(sheet.grade.passed for sheet in sheets) / taken if taken else None,
        sum(sheet.grade.score / (sheet.grade.max_score or 1) for sheet in sheets) / taken if taken else None,
        tuple(sorted(topics, key=lambda one: (one.share, one.key))),
        tuple(sorted(questions, key=lambda one: (one.share, one.key))),
    )


# -- a table as a file -------------------------------------------------------------------------------------

_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_CONTROL = frozenset("\t\r\n\0")

Cell = str | int | float | None


def table_file(rows: Iterable[Sequence[Cell]], *, point: str = ".") -> str:
    """Return a table as text that spreadsheet programs open with a double click.

    Semicolons, because the programs here expect them; a byte order mark, or umlauts break; the reader's own sign
    before decimals, or 4.5 becomes the fourth of May; and text that a program would run as a formula gets an
    apostrophe in front (OWASP, CSV injection).

    Args:
        rows: cells; None is an empty one.
        point: sign before decimals.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_cell(value, point) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Cell, point: str) -> str | int:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(value).replace(".", point)
    if isinstance(value, str) and _opens_formula(value):
        return f"'{value}"
    return value


def _opens_formula(text: str) -> bool:
    return text[:1] in _CONTROL or text.strip()[:1] in _FORMULA
