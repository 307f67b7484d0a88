"""Reads of the bookings room: what the forms of pages mean, and what a person told us before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from crowdcore.base import clock
from crowdcore.base.errors import FieldProblem, Rejected
from crowdcore.base.geo import box_around, distance_m, snap
from crowdcore.base.text import Language, Text
from crowdcore.bookings import rules
from crowdcore.bookings.rules import (
    CONTACT_MISSING,
    NOW,
    PHONE_INVALID,
    REGION_CLOSED,
    Chosen,
    NotServedHere,
    PortalPaused,
    ServiceUnavailable,
    Slot,
    check_wishes,
    read_slots,
    slots,
)
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend, Standing
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Contact, Job
from crowdcore.partners.queries import portal
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Choice, Found, Place, Unknown
from crowdcore.places.sentences import place_problem
from crowdcore.plugin import Denied, PlaceView
from crowdcore.plugin.content_catalog import Service
from crowdcore.plugin.content_partner import PortalStatus
from crowdcore.web.fields import Phone, dialled

_LOOK_AHEAD_DAYS = 14
"""So far ahead the first free time at a place is looked for."""

_PHONE: TypeAdapter[str] = TypeAdapter(Phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """When help can come to a place, as far as hours and jobs of the crowd tell.

    Args:
        slot: the first time somebody is free; None for at once, or if nobody is (`free` is 0).
        free: how many are free then.
        near: how many may do the work there at all.
    """

    slot: Slot | None
    free: int
    near: int


def bookable(service_id: str) -> Service:
    """Return a service that can be booked now.

    Raises:
        PortalPaused: nothing can.
        ServiceUnknown: not in the catalogue.
        ServiceUnavailable: not done by Friends today.
    """
    if portal().settings.status is PortalStatus.PAUSED:
        raise PortalPaused
    catalog.service(service_id)
    found = catalog.bookable(service_id)
    if found is None:
        raise ServiceUnavailable
    return found


def days(count: int) -> tuple[tuple[Slot, ...], ...]:
    """Return what can be wished on the next `count` days, by day."""
    return slots(now=clock.now(), zone=zone(), days=count)


def wanted(*, place: str, place_id: str, urgent: bool, wishes: Sequence[str]) -> Chosen | Choice:
    """Return place and time of a form, or the places that may be meant.

    Args:
        place: as typed.
        place_id: chosen from a list before, or empty.
        urgent: as soon as possible.
        wishes: codes of slots.

    Raises:
        Rejected: with a sentence at each wrong field, `place` and `when`.
        PlaceUnknown: `place_id` was on no list.
    """
    times: tuple[Slot, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    try:
        times = read_slots(wishes, zone())
        check_wishes(tuple(one.window for one in times), urgent=urgent, now=clock.now())
    except Rejected as wrong:
        problems = (FieldProblem("/when", wrong.code, wrong.message, tuple(wrong.params.items())),)
    known = gazetteer()
    answer = Found(known.place(place_id)) if place_id else known.search(place)
    if isinstance(answer, Unknown):
        raise Rejected(fields=(place_problem(answer, place.strip()), *problems))
    if problems:
        raise Rejected(fields=problems)
    return answer if isinstance(answer, Choice) else Chosen(answer.place, times)


def chosen(place_id: str, when: str) -> Chosen:
    """Return what an address of step 2 says.

    Raises:
        SlotUnknown, PlaceUnknown: somebody changed it.
    """
    return Chosen(gazetteer().place(place_id), () if when == NOW else read_slots(when.split(","), zone()))


def contact(*, name: str, street: str, phone: str | None, email: str | None, note: str | None, country: str) -> Contact:
    """Return who and where exactly; a phone number without a country code is of `country`.

    Raises:
        Rejected: nobody could be reached, or not under this number.
    """
    if not phone and not email:
        raise Rejected(fields=(CONTACT_MISSING,))
    try:
        number = _PHONE.validate_python(dialled(phone, country)) if phone else ""
    except ValidationError as error:
        raise Rejected(fields=(PHONE_INVALID,)) from error
    return Contact(name=name, street=street, phone=number, email=email or "", note=note or "")


def declared(found: Service, ticked: Iterable[str]) -> frozenset[str]:
    """Return the works that were ticked, those that the service asks about."""
    return frozenset(check.work for check in found.checks).intersection(ticked)


async def latest(customer_id: UUID) -> tuple[Job, Contact] | None:
    """Return the customer's latest job with what they told us then; None if there is nothing."""
    found = next(iter(await jobs.jobs_of_customer(customer_id, limit=1)), None)
    if found is None:
        return None
    told = await jobs.contact(found.id)
    return (found, told) if told.name else None


def closed_region(place: PlaceView) -> Denied | None:
    """Say no, in all languages, for a region that the portal does not serve: the kernel's own gate."""
    here = portal()
    if here.settings.regions.is_open(place.region):
        return None
    values = {"place": f"{place.postcode} {place.locality}", "phone": here.settings.support.phone}
    said = {one.value: here.translators[one].gettext(NotServedHere.message) % values for one in Language}
    return Denied(REGION_CLOSED, Text.from_dict(said))


def free_cancel_until(job: Job) -> datetime | None:
    """Return until when the partner lets this job be cancelled at no cost; None if that time is over."""
    return rules.free_cancel_until(job, clock.now(), notice=portal().settings.booking.free_cancel)


def place_meant(typed: str) -> Place | None:
    """Return the place that is surely meant by a text, else None."""
    answer = gazetteer().search(typed) if typed.strip() else None
    return answer.place if isinstance(answer, Found) else None


async def opening(found: Service, place: Place, *, speaks: str) -> Opening:
    """Return when help can come to a place first, and how many are free then.

    Args:
        found: from the catalogue.
        place: from the gazetteer; the region is open.
        speaks: de, fr or en; only members who speak it are counted.
    """
    helpers = [one for one in await _helpers_near(found, place) if speaks in one.languages]
    taken = await jobs.windows_of_friends(one.id for one in helpers)
    people = [(one.hours, taken.get(one.id, [])) for one in helpers]
    now, here = clock.now(), zone()
    if found.on_demand.allowed:
        free = rules.free_in(rules.first_window((), now=now, minutes=found.minutes.typical), people, here)
        if free:
            return Opening(slot=None, free=free, near=len(helpers))
    for day in days(_LOOK_AHEAD_DAYS):
        for one in day:
            if one.window.start > now and (free := rules.free_in(one.window, people, here)):
                return Opening(slot=one, free=free, near=len(helpers))
    return Opening(slot=None, free=0, near=len(helpers))


async def _helpers_near(found: Service, place: Place) -> list[Friend]:
    """Return the members whose radius, and the portal's, reaches a place, and who may do a service at present."""
    most_m, cell, now = portal().settings.dispatch.radius_km * 1000, snap(place.point), clock.now()
    skill = catalog.skill_of(found)
    return [
        one
        for one in await crowd.members_in(box_around(cell, most_m))
        if one.standing is Standing.ACTIVE
        and distance_m(cell, one.home) <= min(most_m, one.radius_m)
        and (skill is None or one.is_qualified(skill, now))
        and (found.licence is None or found.licence in one.licences)
    ]


def zone() -> ZoneInfo:
    """Return the zone in which the partner's days begin."""
    return ZoneInfo(portal().settings.time_zone)
