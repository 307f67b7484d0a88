"""How long a customer may object."""

from __future__ import annotations

from datetime import datetime

from crowdcore.base.errors import Refusal
from crowdcore.jobs.rules import OBJECTIONS, Job


class DisputeTooLate(Refusal):
    """The time for objections is over."""

    code = "dispute.too_late"
    status = 409
    message = "Objections are possible for %(days)s days after confirmation."


def check_dispute(job: Job, now: datetime) -> None:
    """Refuse an objection that comes too late.

    Raises:
        DisputeTooLate: more than 14 days after confirmation.
    """
    if job.confirmed_at is not None and now > job.confirmed_at + OBJECTIONS:
        raise DisputeTooLate(days=OBJECTIONS.days)
