"""Verbs of the waiting room."""

from __future__ import annotations

from uuid import UUID

from crowdcore.base import clock
from crowdcore.base.ids import new_id
from crowdcore.db import outbox, timers
from crowdcore.db.transaction import unit_of_work
from crowdcore.partners.queries import portal
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Place
from crowdcore.waiting import models
from crowdcore.waiting.events import RegionOpened
from crowdcore.waiting.rules import KEPT_AFTER, KEPT_WAITING, LOOK_EVERY, ConsentMissing, OpenAlready

TIMER = "waiting.look"


async def wait(*, email: str, language: str, place_id: str, service_id: str, consent: bool) -> Place:
    """Put somebody on the list; who is on it already stays there once.

    Args:
        email: as it is stored.
        language: de, fr or en.
        place_id: from the gazetteer.
        service_id: what they wanted, or empty.
        consent: they said that they may be written to.

    Raises:
        ConsentMissing: they did not.
        PlaceUnknown: no such place.
        OpenAlready: the portal works there.
    """
    if not consent:
        raise ConsentMissing
    place = gazetteer().place(place_id)
    if _is_open(place.region):
        raise OpenAlready(place=place.label)
    return await _note(email, language, place, service_id)


@unit_of_work
async def _note(email: str, language: str, place: Place, service_id: str) -> Place:
    now, entry_id = clock.now(), new_id()
    row = models.Entry(
        id=entry_id,
        email=email,
        language=language,
        region=place.region,
        place=place.label,
        service_id=service_id,
        consented_at=now,
    )
    await models.Entry.bulk_create([row], ignore_conflicts=True)
    if await models.Entry.filter(id=entry_id).exists():
        await timers.start(kind=TIMER, subject_id=entry_id, due_at=now + LOOK_EVERY)
    return place


@unit_of_work
async def look(*, entry_id: UUID) -> None:
    """Write to somebody whose region has opened, look again tomorrow, or forget them."""
    row = await models.Entry.get_or_none(id=entry_id)
    if row is None:
        return
    now = clock.now()
    if row.told_at is not None or now >= row.consented_at + KEPT_WAITING:
        await models.Entry.filter(id=entry_id).delete()
        return
    if not _is_open(row.region):
        await timers.start(kind=TIMER, subject_id=entry_id, due_at=now + LOOK_EVERY)
        return
    if await models.Entry.filter(id=entry_id, told_at=None).update(told_at=now) == 0:
        return
    await outbox.publish(RegionOpened(entry_id=entry_id))
    await timers.start(kind=TIMER, subject_id=entry_id, due_at=now + KEPT_AFTER)


def _is_open(region: str) -> bool:
    return portal().settings.regions.is_open(region)
