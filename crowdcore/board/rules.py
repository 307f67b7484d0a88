"""What the live board shows: the columns of open jobs, the list of what needs somebody, the drawing of the curve."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crowdcore.base.errors import NotFound
from crowdcore.insight.rules import Curve, Point, Verdict, reference
from crowdcore.jobs.rules import Milestone, State

# -- columns -----------------------------------------------------------------------------------------------


class DeliveryUnknown(NotFound):
    """No delivery of this partner was given up under this id."""

    code = "delivery.unknown"
    message = "Nothing here needs another try."


class Column(StrEnum):
    """Where an open job stands on the board."""

    SEARCH = "search"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    HANDED_OVER = "handed_over"


ON_BOARD = frozenset({State.OPEN, State.ASSIGNED, State.UNDER_WAY, State.ESCALATED, State.DISPUTED})
_STARTED = frozenset({Milestone.ON_THE_WAY.value, Milestone.ARRIVED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An open job on the board.

    Args:
        id: the job.
        number: what people say.
        service: id in the catalogue.
        title: in the reader's language.
        locality: where.
        state: where it stands.
        milestones: reached between accept and start.
        opened_at: when the search began.
        starts_at: begin of the agreed or wished time.
        is_urgent: as soon as possible, no time agreed on.
        since: when it got into its present state.
        due_at: until when support promised an answer; None without a case.
    """

    id: UUID
    number: str
    service: str
    title: str
    locality: str
    state: State
    milestones: frozenset[str]
    opened_at: datetime
    starts_at: datetime
    is_urgent: bool
    since: datetime
    due_at: datetime | None

    @property
    def column(self) -> Column:
        """Where it stands on the board."""
        match self.state:
            case State.OPEN:
                return Column.SEARCH
            case State.UNDER_WAY:
                return Column.UNDER_WAY
            case State.ASSIGNED:
                return Column.ACCEPTED if _STARTED.isdisjoint(self.milestones) else Column.UNDER_WAY
            case _:
                return Column.HANDED_OVER


@dataclass(frozen=True, slots=True)
class Limits:
    """When the partner's patience ends.

    Args:
        notice_after: nobody has accepted for so long.
        fallback_after: support takes over by itself.
    """

    notice_after: timedelta
    fallback_after: timedelta


def is_late(card: Card, now: datetime, limits: Limits) -> bool:
    """Say whether somebody should look at a job."""
    match card.column:
        case Column.SEARCH:
            return now - card.since >= limits.notice_after
        case Column.ACCEPTED:
            return not card.is_urgent and now > card.starts_at
        case Column.HANDED_OVER:
            return card.due_at is not None and now >= card.due_at
        case _:
            return False


def columns(cards: Sequence[Card], now: datetime, limits: Limits) -> dict[Column, list[Card]]:
    """Return the cards by column, in each the most urgent first."""
    found: dict[Column, list[Card]] = {column: [] for column in Column}
    for card in cards:
        found[card.column].append(card)
    for column, members in found.items():
        members.sort(key=lambda card: (not is_late(card, now, limits), _order(column, card), card.number))
    return found


def _order(column: Column, card: Card) -> datetime:
    match column:
        case Column.ACCEPTED:
            return card.starts_at
        case Column.HANDED_OVER if card.due_at is not None:
            return card.due_at
        case _:
            return card.since


def clock_face(length: timedelta) -> str:
    """Return hours and minutes as a watch shows them: ``2:41``; days in hours."""
    minutes = max(0, int(length.total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02}"


# -- what needs somebody -----------------------------------------------------------------------------------


class Kind(StrEnum):
    """Why somebody is needed; in the order in which it matters when two are equally late."""

    NOBODY = "nobody"
    CASE = "case"
    CALL = "call"
    LATE = "late"
    OBJECTION = "objection"
    RATING = "rating"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing to do.

    Args:
        kind: why.
        due_at: until when it should be done.
        since: since when it waits.
        number: of the job, or empty.
        title: service, in the reader's language.
        locality: where.
        path: page where it is done.
        reason: id of a case's reason, or empty.
        amount: stars of a rating, how many deliveries failed; else 0.
        is_taken: a colleague works on it.
    """

    kind: Kind
    due_at: datetime
    since: datetime
    number: str
    title: str
    locality: str
    path: str
    reason: str = ""
    amount: int = 0
    is_taken: bool = False


def by_urgency(needs: Sequence[Need], now: datetime) -> list[Need]:
    """Return what is over its time first, then what nobody works on yet, each by its time."""
    order = list(Kind)
    return sorted(needs, key=lambda one: (one.due_at > now, one.is_taken, one.due_at, order.index(one.kind)))


def needs_of_cards(cards: Sequence[Card], now: datetime, limits: Limits) -> list[Need]:
    """Return what the open jobs themselves ask for: nobody accepted, nobody came, an objection."""
    found = []
    for card in cards:
        kind, due_at = _need(card, limits)
        if kind is None or (kind is not Kind.OBJECTION and not is_late(card, now, limits)):
            continue
        action = {Kind.NOBODY: "/assign", Kind.OBJECTION: "/decision"}.get(kind, "")
        found.append(
            Need(
                kind=kind,
                due_at=due_at,
                since=card.starts_at if kind is Kind.LATE else card.since,
                number=card.number,
                title=card.title,
                locality=card.locality,
                path=f"/console/jobs/{card.id}{action}",
            )
        )
    return found


def _need(card: Card, limits: Limits) -> tuple[Kind | None, datetime]:
    match card.state:
        case State.OPEN:
            return Kind.NOBODY, card.since + limits.fallback_after
        case State.ASSIGNED:
            return Kind.LATE, card.starts_at
        case State.DISPUTED:
            return Kind.OBJECTION, card.since + timedelta(days=1)
        case _:
            return None, card.since


# -- the picture of the curve ------------------------------------------------------------------------------

_FROM_S, _UNTIL_S = 15.0, 4 * 3600.0
_SAMPLES = 18


@dataclass(frozen=True, slots=True)
class Mark:
    """A goal on the picture: where the curve is, where it should be."""

    point: Point
    x: float
    y: float | None
    goal_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The curve, ready to be drawn.

    Args:
        name: part of its ids, ``wide`` or ``narrow``.
        size: width and height.
        left: where the drawing begins; `right`, `bottom` where it ends.
        right: see `left`.
        bottom: see `left`.
        grid: (percent, y) of the lines across.
        line: path of the curve, empty with too little data.
        area: path of the surface below it.
        reference: path of the curve to compare with.
        marks: the goals.
    """

    name: str
    size: tuple[int, int]
    left: int
    right: int
    bottom: int
    grid: tuple[tuple[int, float], ...]
    line: str
    area: str
    reference: str
    marks: tuple[Mark, ...]


def chart(found: Curve, told: Verdict, *, is_wide: bool) -> Chart:
    """Return the drawing of a curve on a logarithmic time axis."""
    width, height, left, right, top, bottom = (720, 400, 44, 640, 30, 352) if is_wide else (400, 330, 44, 372, 34, 284)

    def across(seconds: float) -> float:
        return left + math.log(seconds / _FROM_S) / math.log(_UNTIL_S / _FROM_S) * (right - left)

    def up(share: float) -> float:
        return bottom - share * (bottom - top)

    times = _times([point.goal.after.total_seconds() for point in told.points])
    known = [(across(t), up(share)) for t in times if (share := found.share(t)) is not None] if told.is_enough else []
    line = _smooth(known)
    return Chart(
        name="wide" if is_wide else "narrow",
        size=(width, height),
        left=left,
        right=right,
        bottom=bottom,
        grid=tuple((percent, up(percent / 100)) for percent in (0, 25, 50, 75, 100)),
        line=line,
        area=f"{line}V{bottom}H{left}z" if line else "",
        reference=_smooth([(across(t), up(reference(t))) for t in times]),
        marks=tuple(
            Mark(
                point,
                round(across(point.goal.after.total_seconds()), 1),
                _height(found.share(point.goal.after.total_seconds()), up) if told.is_enough else None,
                round(up(point.goal.percent / 100), 1),
            )
            for point in told.points
        ),
    )


def _height(share: float | None, up: Callable[[float], float]) -> float | None:
    return None if share is None else round(up(share), 1)


def _times(goals: Sequence[float]) -> list[float]:
    """Return the moments at which the curve is looked at: evenly on the axis, and at every goal."""
    steps = [_FROM_S * (_UNTIL_S / _FROM_S) ** (n / _SAMPLES) for n in range(_SAMPLES + 1)]
    apart = (_UNTIL_S / _FROM_S) ** (0.6 / _SAMPLES)
    return sorted([*goals, *(t for t in steps if all(max(t / g, g / t) > apart for g in goals))])


def _smooth(points: Sequence[tuple[float, float]]) -> str:
    """Return a path through `points` that never swings beyond them (Fritsch and Carlson, harmonic slopes)."""
    if not points:
        return ""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(points)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in itertools.pairwise(slopes)]
    tangents = [slopes[0], *inner, slopes[-1]] if slopes else [0.0]
    path = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (next_x, next_y), start, end in zip(points, points[1:], tangents, tangents[1:], strict=False):
        third = (next_x - x) / 3
        path.append(
            f"C{x + third:.1f} {y + third * start:.1f} {next_x - third:.1f} {next_y - third * end:.1f}"
            f" {next_x:.1f} {next_y:.1f}"
        )
    return "".join(path)
