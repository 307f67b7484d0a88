"""Steckplatz's behaviour: what time and distance do to a guide price, and who is asked first.

All policy is data: `pricing.toml` says how much and why. This file only applies the table, so a change of
price or of weight needs no programmer.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

from crowdcore.base.errors import Fault
from crowdcore.base.money import CASH_STEP, Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import FriendView, Guide, JobView, QuoteRequest, hookimpl

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SUNDAY = _DAYS.index("sun")
_KERNEL_TIMES = 10
#: More than so many jobs or ratings change nothing; keeps every sum finite.
_ENOUGH = 10_000


@dataclass(frozen=True, slots=True)
class Daypart:
    """A part of the week and what it adds.

    Args:
        days: weekdays, Monday is 0; empty for all.
        start: first moment of it.
        end: first moment after it; None for the end of the day.
        percent: what is added to the guide price, in percent.
        note: why, with `{percent}`; None when nothing is added.
    """

    days: frozenset[int]
    start: time
    end: time | None
    percent: int
    note: Text | None

    def covers(self, weekday: int, at: time) -> bool:
        """Return whether `at` on `weekday` belongs to it."""
        in_time = self.start <= at and (self.end is None or at < self.end)
        return in_time and (not self.days or weekday in self.days)


@dataclass(frozen=True, slots=True)
class TravelStep:
    """What a way of more than `beyond_m` metres adds."""

    beyond_m: int
    extra: Money


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price side of `pricing.toml`; see there for what each part means."""

    currency: Currency
    times: int
    limit_note: Text
    urgent: Money
    urgent_note: Text
    as_sunday: frozenset[tuple[int, int]]
    dayparts: tuple[Daypart, ...]
    travel: tuple[TravelStep, ...]
    travel_note: Text

    def daypart(self, at: datetime) -> Daypart:
        """Return the daypart a local moment falls into; the last one takes what no other wants."""
        weekday = _SUNDAY if (at.month, at.day) in self.as_sunday else at.weekday()
        return next(part for part in self.dayparts if part.covers(weekday, at.time()))

    def step(self, travel_m: int) -> TravelStep | None:
        """Return the farthest step that `travel_m` metres exceed, if any."""
        passed = [step for step in self.travel if travel_m > step.beyond_m]
        return passed[-1] if passed else None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranking side of `pricing.toml`; see there for what each part means."""

    rating: float
    experience: float
    language: float
    newcomer: float
    prior_stars: float
    prior_count: float
    span: float
    half_at: float
    skills: Mapping[str, frozenset[str]]
    newcomer_jobs: int

    def score(self, job: JobView, friend: FriendView) -> float:
        """Return how early `friend` should be asked, from -1 to 1."""
        jobs = min(max(friend.jobs_done, 0), _ENOUGH)
        score = (
            self.rating * self._standing(friend)
            + self.experience * self._mastery(job, friend) * jobs / (jobs + self.half_at)
            + self.language * (1 if job.language in friend.languages else -1)
            + self.newcomer * max(0.0, 1 - jobs / self.newcomer_jobs)
        )
        return max(-1.0, min(1.0, score))

    def _standing(self, friend: FriendView) -> float:
        """Return the rating as -1 to 1, drawn towards the prior while only few have spoken."""
        mean, count = friend.rating_mean, min(friend.rating_count, _ENOUGH)
        if mean is None or not math.isfinite(mean) or count <= 0:
            return 0.0
        stars = max(1.0, min(5.0, mean))
        believed = (self.prior_stars * self.prior_count + stars * count) / (self.prior_count + count)
        return max(-1.0, min(1.0, (believed - self.prior_stars) / self.span))

    def _mastery(self, job: JobView, friend: FriendView) -> float:
        """Return the share of the family's skills that `friend` has proved; 1 where none are listed."""
        wanted = self.skills.get(job.service.family)
        return len(wanted & friend.skills) / len(wanted) if wanted else 1.0


def read_tariff(data: Mapping[str, Any]) -> Tariff:
    """Read the price side of a parsed `pricing.toml`.

    Raises:
        Fault: a step falls, a surcharge has no note, nothing covers the rest of the week, or the limit is
            beyond what the core allows.
    """
    currency = Currency(data["currency"])
    tariff = Tariff(
        currency=currency,
        times=data["limit"]["times"],
        limit_note=_text(data["limit"]["note"]),
        urgent=Money.parse(data["urgent"]["extra"], currency),
        urgent_note=_text(data["urgent"]["note"]),
        as_sunday=frozenset(_month_day(day) for day in data["calendar"]["as_sunday"]),
        dayparts=tuple(_daypart(row) for row in data["daypart"]),
        travel=tuple(
            TravelStep(row["beyond_km"] * 1_000, Money.parse(row["extra"], currency)) for row in data["travel"]["steps"]
        ),
        travel_note=_text(data["travel"]["note"]),
    )
    _check_tariff(tariff)
    return tariff


def read_ranking(data: Mapping[str, Any]) -> Ranking:
    """Read the ranking side of a parsed `pricing.toml`.

    Raises:
        Fault: a weight is negative, all together are more than 1, or a divisor is not positive.
    """
    rank = data["rank"]
    ranking = Ranking(
        **{name: float(rank["weight"][name]) for name in ("rating", "experience", "language", "newcomer")},
        prior_stars=float(rank["rating"]["stars"]),
        prior_count=float(rank["rating"]["count"]),
        span=float(rank["rating"]["span"]),
        half_at=float(rank["experience"]["half_at"]),
        skills={family: frozenset(skills) for family, skills in rank["experience"]["skills"].items()},
        newcomer_jobs=rank["newcomer"]["jobs"],
    )
    weights = (ranking.rating, ranking.experience, ranking.language, ranking.newcomer)
    if not all(weight >= 0 for weight in weights) or sum(weights) > 1 + 1e-9:
        raise Fault("pricing.toml: [rank.weight] must be 0 or more each and at most 1 together; lower one")
    if not min(ranking.prior_count, ranking.span, ranking.half_at, ranking.newcomer_jobs) > 0:
        raise Fault("pricing.toml: count, span, half_at and jobs of [rank.*] must be more than 0")
    return ranking


def _daypart(row: Mapping[str, Any]) -> Daypart:
    return Daypart(
        days=frozenset(_DAYS.index(day) for day in row.get("days", ())),
        start=time.fromisoformat(row.get("from", "00:00")),
        end=time.fromisoformat(row["until"]) if "until" in row else None,
        percent=row["percent"],
        note=_text(row["note"]) if "note" in row else None,
    )


def _check_tariff(tariff: Tariff) -> None:
    if not 1 <= tariff.times <= _KERNEL_TIMES:
        raise Fault(f"pricing.toml: [limit] times is {tariff.times}; the core allows 1 to {_KERNEL_TIMES}")
    for part in tariff.dayparts:
        if part.percent < 0 or (part.percent > 0) != (part.note is not None):
            raise Fault(
                f"pricing.toml: a [[daypart]] has percent = {part.percent}; more than 0 needs a note that"
                " explains it, 0 needs none, and less is not possible"
            )
    last = tariff.dayparts[-1]
    if last.days or last.start != time.min or last.end is not None:
        raise Fault("pricing.toml: the last [[daypart]] takes the rest; remove its days, from and until")
    for before, after in zip(tariff.travel, tariff.travel[1:], strict=False):
        if after.beyond_m <= before.beyond_m or after.extra < before.extra:
            raise Fault(
                f"pricing.toml: [travel] step beyond {after.beyond_m} m does not rise; sort the steps and"
                " let the extra grow with the way"
            )


def _month_day(value: str) -> tuple[int, int]:
    # 2024 is a leap year, so that 29 February may be named.
    day = datetime.fromisoformat(f"2024-{value}T00:00:00+00:00")
    return day.month, day.day


def _text(values: Mapping[str, str]) -> Text:
    return Text.neutral(values["neutral"]) if "neutral" in values else Text.from_dict(values)


def _filled(pattern: Text, **parts: str | int) -> Text:
    return Text.from_dict({language: sentence.format(**parts) for language, sentence in pattern})


def _written(money: Money) -> str:
    return f"{money.cents // 100}.{money.cents % 100:02d}"


_POLICY = tomllib.loads((Path(__file__).parent / "pricing.toml").read_text(encoding="utf-8"))
TARIFF = read_tariff(_POLICY)
RANKING = read_ranking(_POLICY)


@hookimpl
def guide_price(quote: QuoteRequest, price: Guide) -> Guide | None:
    """Add what daypart, urgency and the way of the nearest Friend cost, each with its reason.

    A price in a currency the table does not know is left alone: no rate of exchange is made up here.
    """
    if price.amount.currency is not TARIFF.currency:
        return None
    percent, extra, notes = _surcharges(quote)
    if not notes:
        return None
    low, amount, high = (part.scaled(100 + percent) + extra for part in (price.low, price.amount, price.high))
    limit = _whole_steps(Money(price.amount.cents * TARIFF.times, TARIFF.currency))
    ceiling = max(limit, _whole_steps(price.high))
    if amount > limit or high > ceiling:
        notes = (*notes, _filled(TARIFF.limit_note, times=TARIFF.times))
    return Guide(min(amount, limit), min(low, limit), min(high, ceiling), price.notes + notes)


@hookimpl
def rank_candidates(job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, float]:
    """Prefer proved skill, good and frequent ratings and the customer's language; newcomers get a start."""
    return {friend.id: RANKING.score(job, friend) for friend in friends}


def _surcharges(quote: QuoteRequest) -> tuple[int, Money, tuple[Text, ...]]:
    """Return percent, fixed amount and the notes that explain them."""
    percent, extra, notes = 0, Money(0, TARIFF.currency), []
    part = TARIFF.daypart(quote.starts_local) if quote.starts_local else None
    if part and part.note:
        percent = part.percent
        notes.append(_filled(part.note, percent=part.percent))
    if quote.urgent:
        extra += TARIFF.urgent
        notes.append(_filled(TARIFF.urgent_note, amount=_written(TARIFF.urgent)))
    step = TARIFF.step(quote.travel_m) if quote.travel_m is not None else None
    if step:
        extra += step.extra
        notes.append(_filled(TARIFF.travel_note, km=step.beyond_m // 1_000, amount=_written(step.extra)))
    return percent, extra, tuple(notes)


def _whole_steps(money: Money) -> Money:
    step = CASH_STEP[money.currency]
    return Money(money.cents // step * step, money.currency)
