"""What will happen to each made-up job: when it comes in, how long nobody accepts, and how it ends. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo


class Fate(StrEnum):
    """How the story of a job goes."""

    SMOOTH = "smooth"
    CALLED_OFF_EARLY = "called_off_early"
    CALLED_OFF_LATE = "called_off_late"
    GIVEN_BACK = "given_back"
    NO_SHOW = "no_show"
    HANDED_OVER = "handed_over"
    DISPUTED = "disputed"
    OVERRUN = "overrun"
    FORGOTTEN = "forgotten"
    NOBODY = "nobody"


class Step(StrEnum):
    """A step at which a story may stop."""

    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    PRICE = "price"
    ON_THE_WAY = "on_the_way"
    STARTED = "started"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    ANSWERED = "answered"
    DISPUTED = "disputed"


#: Share of the jobs, in percent; what is missing goes smoothly. Nobody accepts the last 2 % of the curve.
SHARES = {
    Fate.CALLED_OFF_EARLY: 1.5,
    Fate.CALLED_OFF_LATE: 3.0,
    Fate.GIVEN_BACK: 4.0,
    Fate.NO_SHOW: 1.2,
    Fate.HANDED_OVER: 4.5,
    Fate.DISPUTED: 1.5,
    Fate.OVERRUN: 0.6,
    Fate.FORGOTTEN: 1.2,
}

#: The measured curve: share of jobs that somebody has accepted, and after how long.
CURVE = ((0.0, 4.0), (0.40, 60.0), (0.70, 600.0), (0.91, 3_600.0), (0.98, 10_800.0))

NEVER = timedelta(days=365)

#: (stars, would book again) -> how many of 200 customers say so: 4.8 on average, and 92 % again.
RATINGS = {
    (5, True): 166, (5, False): 5, (4, True): 16, (4, False): 5,
    (3, True): 2, (3, False): 3, (2, False): 2, (1, False): 1,
}  # fmt: skip

_DAY_WEIGHTS = (1.35, 1.05, 1.0, 1.0, 1.05, 0.95, 0.6)
"""Monday first."""

_HOUR_WEIGHTS = {7: 2, 8: 5, 9: 8, 10: 8, 11: 7, 12: 4, 13: 5, 14: 6, 15: 6, 16: 7, 17: 9, 18: 10, 19: 9, 20: 6, 21: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job to come.

    Args:
        name: its own, so that its ids are always the same.
        at: when it is booked (UTC).
        accept_after: how long nobody accepts; `NEVER` for ever.
        fate: how it goes.
        urgent: wanted now.
        days_ahead: otherwise, how many days later.
        service_id: a service; None draws one.
        customer: index in the cast; None draws one.
        friend_id: who accepts; None draws one of those asked.
        appointment: when the Friend comes, if it is not for them and the customer to find.
        stop: the step after which nothing more happens by itself; None for the whole story.
    """

    name: str
    at: datetime
    accept_after: timedelta
    fate: Fate = Fate.SMOOTH
    urgent: bool = True
    days_ahead: int = 1
    service_id: str | None = None
    customer: UUID | None = None
    friend_id: UUID | None = None
    appointment: datetime | None = None
    stop: Step | None = None


def month(count: int, *, start: datetime, end: datetime, zone: ZoneInfo, chance: random.Random) -> list[Plan]:
    """Return the plans of a month in order of time.

    The delays are the quantiles of the measured curve, each taken once, so that few jobs show it as well as
    many; so are the fates.

    Args:
        count: how many jobs.
        start: begin of the month.
        end: its end.
        zone: in which people wake and sleep.
        chance: everything else is drawn from it.
    """
    moments = sorted(_moment(start, end, zone, chance) for _ in range(count))
    delays = [accepted_after((n + 0.5) / count) for n in range(count)]
    fates = _fates(count)
    chance.shuffle(delays)
    chance.shuffle(fates)
    return [
        Plan(
            name=f"month-{number:04}",
            at=moment,
            accept_after=delay,
            fate=Fate.NOBODY if delay == NEVER else fate,
            urgent=delay < timedelta(minutes=40) and chance.random() < 0.55,  # noqa: PLR2004 -- every second job
            days_ahead=chance.choices((1, 2, 3, 4, 5), (30, 30, 20, 10, 10))[0],
        )
        for number, (moment, delay, fate) in enumerate(zip(moments, delays, fates, strict=True))
    ]


def accepted_after(share: float) -> timedelta:
    """Return after how long this share of the jobs has been accepted, on the measured curve."""
    for (low, fast), (high, slow) in pairwise(CURVE):
        if share < high:
            part = (share - low) / (high - low)
            return timedelta(seconds=math.exp(math.log(fast) + part * (math.log(slow) - math.log(fast))))
    return NEVER


class RatingDeck:
    """Ratings dealt from a shuffled deck, so that few of them are distributed like many."""

    def __init__(self, chance: random.Random) -> None:
        """Shuffle with `chance`."""
        self._chance = chance
        self._cards: list[tuple[int, bool]] = []

    def deal(self) -> tuple[int, bool]:
        """Return the next rating: stars, and whether they would book again."""
        if not self._cards:
            self._cards = [card for card, count in RATINGS.items() for _ in range(count)]
            self._chance.shuffle(self._cards)
        return self._cards.pop()


def _fates(count: int) -> list[Fate]:
    found: list[Fate] = []
    for fate, percent in SHARES.items():
        found += [fate] * max(1, round(count * percent / 100))
    return [*found, *[Fate.SMOOTH] * (count - len(found))][:count]


def _moment(start: datetime, end: datetime, zone: ZoneInfo, chance: random.Random) -> datetime:
    """Draw a moment: more on Mondays and in the evening, none at night."""
    days: Sequence[int] = range((end - start).days + 1)
    while True:
        weights = [_DAY_WEIGHTS[(start + timedelta(days=day)).astimezone(zone).weekday()] for day in days]
        day = (start + timedelta(days=chance.choices(days, weights)[0])).astimezone(zone).date()
        hour = chance.choices(list(_HOUR_WEIGHTS), list(_HOUR_WEIGHTS.values()))[0]
        at = datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), zone).astimezone(UTC)
        if start <= at < end:
            return at
