"""What the waiting room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crowdcore.base.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionOpened(Event):
    """Somebody waited for a region, and it is open now."""

    topic: ClassVar[str] = "waiting.region_opened"
    entry_id: UUID
