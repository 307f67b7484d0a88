"""What the bookings room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAsked(Event):
    """Somebody without e-mail wants to be called, and then booked for; what they want is a draft."""

    topic: ClassVar[str] = "booking.call_asked"
    job_id: UUID
