"""What an offer brings a member, and why they were or were not asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crowdcore.base.money import Money
from crowdcore.dispatch.rules import Exclusion, OfferState
from crowdcore.jobs.rules import Job
from crowdcore.ledger.rules import fee

#: What a member cannot change by themselves, or what is no reason to change anything.
_NOTHING_TO_DO = frozenset(
    {Exclusion.OWN_JOB, Exclusion.WRONG_KIND, Exclusion.GAVE_BACK, Exclusion.ASKED_BEFORE, Exclusion.DECLINED}
)


@dataclass(frozen=True, slots=True)
class Pay:
    """How the pay for a job adds up.

    Args:
        price: what the customer pays as things stand: agreed, or the guide price.
        is_agreed: both sides said yes to it.
        fee: the platform's share.
        percent: from which the fee is worked out.
    """

    price: Money
    is_agreed: bool
    fee: Money
    percent: Decimal

    @property
    def net(self) -> Money:
        """What is left for the Friend."""
        return self.price - self.fee


@dataclass(frozen=True, slots=True)
class Considered:
    """A job nearby, and how it was with one member.

    Args:
        job: the job.
        distance_m: snapped, in metres.
        state: of the offer they got, or None.
        reason: why they would not be asked today; None if they would.
    """

    job: Job
    distance_m: int
    state: OfferState | None
    reason: Exclusion | None

    @property
    def was_asked(self) -> bool:
        """Whether they got an offer."""
        return self.state is not None


def pay(job: Job, percent: Decimal) -> Pay:
    """Return how the pay for a job adds up, with the platform's share in percent."""
    return Pay(job.price, job.agreed is not None, fee(job.price, percent), percent)


def ways_out(considered: Iterable[Considered]) -> tuple[tuple[Exclusion, int], ...]:
    """Return what keeps a member from being asked, and for how many jobs; the weightiest first.

    Reasons that nobody can or should do anything about are left out.
    """
    counted = Counter(one.reason for one in considered if one.reason is not None and not one.was_asked)
    return tuple((reason, count) for reason, count in counted.most_common() if reason not in _NOTHING_TO_DO)
