"""Who may wait for a region, and for how long their address is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crowdcore.base.errors import Refusal, Rejected

LOOK_EVERY = timedelta(days=1)
"""So often somebody who waits is checked; a region opens with a new start of the portal, not by the minute."""

KEPT_AFTER = timedelta(days=7)
"""So long after the mail the address is still there, for the case that the mail must be sent again."""

KEPT_WAITING = timedelta(days=730)
"""Whoever has waited so long has been forgotten by the plan, and is forgotten here."""


class OpenAlready(Refusal):
    """The portal works there: nobody has to wait."""

    code = "waiting.open_already"
    status = 409
    message = "We are open in %(place)s already. You can book now."


class ConsentMissing(Rejected):
    """Nobody is written to who has not said so."""

    code = "waiting.consent"
    message = "Tick that we may write to you. We do it once."


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the list.

    Args:
        email: where to write.
        language: de, fr or en.
        region: ISO 3166-2.
        place: postcode and town, as it was chosen.
        service_id: what they wanted, or empty.
    """

    email: str
    language: str
    region: str
    place: str
    service_id: str
