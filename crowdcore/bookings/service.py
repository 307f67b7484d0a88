"""Verbs of the bookings room. Gates and prices are asked first; one unit of work opens the job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.base import clock
from crowdcore.base.geo import box_around, distance_m, snap
from crowdcore.base.ids import new_id
from crowdcore.base.money import Money
from crowdcore.bookings.events import CallAsked
from crowdcore.bookings.rules import (
    REGION_CLOSED,
    SNAPSHOT_LIFE,
    Booking,
    Caller,
    GuideChanged,
    NotOnDemand,
    NotServedHere,
    PortalPaused,
    PreferredUnknown,
    ServiceUnavailable,
    WorkNotAllowed,
    check_declared,
    check_twice,
    check_wishes,
    first_window,
    number_of,
)
from crowdcore.catalog import queries as catalog
from crowdcore.crowd import queries as crowd
from crowdcore.db import outbox
from crowdcore.db.transaction import unit_of_work
from crowdcore.jobs import queries, service as jobs
from crowdcore.jobs.rules import Job, Place, ServiceCopy, State, Who
from crowdcore.partners.queries import portal
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Place as GazetteerPlace
from crowdcore.plugin import BookingView, Denied, Guide
from crowdcore.plugin.content_catalog import Service
from crowdcore.plugin.content_partner import PortalStatus

_DraftFor = Callable[[UUID], Job]


@dataclass(frozen=True, slots=True)
class Quote:
    """A guide price for one service at one place and time."""

    service: Service
    place: GazetteerPlace
    guide: Guide


async def quote(*, service_id: str, place_id: str, starts_at: datetime | None, urgent: bool) -> Quote:
    """Return the guide price for a wish.

    Args:
        service_id: from the catalogue.
        place_id: from the gazetteer.
        starts_at: wanted start in UTC; None if open.
        urgent: as soon as possible.

    Raises:
        ServiceUnavailable: not offered, or not by the crowd.
        NotOnDemand: the service needs an appointment.
        PlaceUnknown: no such place.
        NotServedHere: the region is not open.
    """
    service = catalog.bookable(service_id)
    if service is None:
        raise ServiceUnavailable
    if urgent and not service.on_demand.allowed:
        raise NotOnDemand
    place = gazetteer().place(place_id)
    await _check_region(service, place)
    guide = await catalog.quote(
        service,
        place,
        starts_local=_local(starts_at),
        urgent=urgent,
        travel_m=await _travel(service, place),
    )
    return Quote(service, place, guide)


async def save_draft(*, customer_id: UUID, booking: Booking) -> Job:
    """Check a wish, quote its price and keep it for 24 hours, without searching yet.

    Raises:
        PortalPaused, ServiceUnavailable, PlaceUnknown, NotServedHere, WorkNotAllowed, WorkUnknown,
        PreferredUnknown, GuideChanged, NotOnDemand, WishesCount, WindowOrder, WindowTooShort, WindowPast,
        WindowTooFar
    """
    draft_for = await _checked(booking)
    return await jobs.save_draft(job=draft_for(customer_id), contact=booking.contact)


async def save_draft_for(*, caller: Caller, booking: Booking) -> Job:
    """Do as `save_draft`, for somebody support speaks with; they get an account if they have none.

    Raises:
        EmailInvalid, and the refusals of `save_draft`.
    """
    return await _save_for(await _checked(booking), booking, caller)


async def ask_for_call(*, caller: Caller, booking: Booking) -> Job:
    """Keep a wish as a draft for somebody whom support calls to complete it; support hears of it.

    Raises:
        The refusals of `save_draft`.
    """
    return await _keep_for_call(await _checked(booking), booking, caller)


async def book(*, customer_id: UUID, booking: Booking, who: Who = Who.CUSTOMER, ask_twice: bool = False) -> Job:
    """Check a wish, freeze its price and start the search, all in one step.

    Args:
        customer_id: whose job it becomes.
        booking: the wish.
        who: customer or support.
        ask_twice: refuse what they booked a moment ago in the same way.

    Raises:
        BookedBefore, and the refusals of `save_draft`.
    """
    draft = (await _checked(booking))(customer_id)
    if ask_twice:
        check_twice(draft, await queries.jobs_of_customer(customer_id), clock.now())
    return await _open_now(draft, booking, who)


async def book_for(*, caller: Caller, booking: Booking, completes: UUID | None = None) -> Job:
    """Do as `book`, for somebody support speaks with; they get an account if they have none.

    Args:
        caller: who is on the phone.
        booking: their wish.
        completes: the draft of `ask_for_call` that it takes the place of.

    Raises:
        JobStateConflict: that draft was completed before, or has lapsed.
        EmailInvalid, and the refusals of `save_draft`.
    """
    return await _open_for(await _checked(booking), booking, caller, completes)


async def submit(*, job_id: UUID, who: Who, expected_guide: Money | None = None, ask_twice: bool = False) -> Job:
    """Start the search for a draft; a price older than 15 minutes is asked for again first.

    Args:
        job_id: the draft.
        who: customer or support.
        expected_guide: the price that was shown.
        ask_twice: refuse what the customer booked a moment ago in the same way.

    Raises:
        BookedBefore, NotFound, NotYours, JobStateConflict, WindowPast, GuideChanged, NotServedHere, ServiceUnavailable,
        NotOnDemand
    """
    draft = await queries.job(job_id)
    now = clock.now()
    values: dict[str, object] = {}
    if draft.state is State.DRAFT:
        if ask_twice:
            check_twice(draft, await queries.jobs_of_customer(draft.customer_id), now)
        check_wishes(draft.wishes, urgent=draft.urgent, now=now)
        if now - draft.quoted_at > SNAPSHOT_LIFE:
            guide = await _guide_again(draft)
            if guide.amount not in {draft.guide.amount, expected_guide}:
                raise GuideChanged(guide=guide.amount)
            values = {"guide": queries.guide_to_json(guide), "quoted_at": now}
        if draft.urgent:
            window = first_window((), now=now, minutes=draft.service.minutes)
            values |= {"window_start": window.start, "window_end": window.end}
    return await jobs.submit(job_id=job_id, who=who, values=values, fallback_at=portal().settings.dispatch.fallback_at)


@unit_of_work
async def _open_now(draft: Job, booking: Booking, who: Who) -> Job:
    await jobs.save_draft(job=draft, contact=booking.contact)
    return await jobs.submit(job_id=draft.id, who=who, values={}, fallback_at=portal().settings.dispatch.fallback_at)


@unit_of_work
async def _save_for(draft_for: _DraftFor, booking: Booking, caller: Caller) -> Job:
    account = await _account_of(caller)
    return await jobs.save_draft(job=draft_for(account.id), contact=booking.contact)


@unit_of_work
async def _keep_for_call(draft_for: _DraftFor, booking: Booking, caller: Caller) -> Job:
    draft = await _save_for(draft_for, booking, caller)
    await outbox.publish(CallAsked(job_id=draft.id))
    return draft


@unit_of_work
async def _open_for(draft_for: _DraftFor, booking: Booking, caller: Caller, completes: UUID | None) -> Job:
    account = await _account_of(caller)
    if completes is not None:
        await jobs.cancel(job_id=completes, who=Who.SUPPORT, reason="")
    return await _open_now(draft_for(account.id), booking, Who.SUPPORT)


async def _account_of(caller: Caller) -> Account:
    return await accounts.open_account(
        email=caller.email,
        name=caller.name,
        language=caller.language,
        roles=frozenset({Role.CUSTOMER}),
        phone=caller.phone,
    )


async def _checked(booking: Booking) -> _DraftFor:
    """Return what makes the draft once it is known whose it is."""
    here = portal()
    if here.settings.status in {PortalStatus.PAUSED, PortalStatus.CLOSED, PortalStatus.DRAFT}:
        raise PortalPaused(retry_after_s=3600)
    now = clock.now()
    check_wishes(booking.wishes, urgent=booking.urgent, now=now)
    starts_at = None if booking.urgent else booking.wishes[0].start
    quoted = await quote(
        service_id=booking.service_id, place_id=booking.place_id, starts_at=starts_at, urgent=booking.urgent
    )
    await _check_work(quoted, booking, starts_at)
    if booking.preferred_id is not None and not await crowd.friends([booking.preferred_id]):
        raise PreferredUnknown
    if booking.expected_guide is not None and booking.expected_guide != quoted.guide.amount:
        raise GuideChanged(guide=quoted.guide.amount)
    return partial(_draft, booking=booking, quoted=quoted, now=now)


def _draft(customer_id: UUID, *, booking: Booking, quoted: Quote, now: datetime) -> Job:
    service, place = quoted.service, quoted.place
    job_id = new_id()
    return Job(
        id=job_id,
        number=number_of(job_id, portal().id),
        state=State.DRAFT,
        version=1,
        customer_id=customer_id,
        service=_copy(service, booking.declared_work),
        place=Place(place.id, place.country, place.region, place.postcode, place.locality, snap(place.point)),
        urgent=booking.urgent,
        wishes=booking.wishes,
        window=first_window(booking.wishes, now=now, minutes=service.minutes.typical),
        language=booking.language,
        channel=booking.channel,
        guide=quoted.guide,
        agreed=None,
        proposal=None,
        assignee_id=None,
        suspended_id=None,
        done_by_id=None,
        preferred_id=booking.preferred_id,
        round_no=1,
        releases=0,
        rebroadcasts=0,
        milestones={},
        quoted_at=now,
        opened_at=None,
        done_at=None,
        confirmed_at=None,
        created_at=now,
    )


def _copy(service: Service, declared_work: frozenset[str]) -> ServiceCopy:
    asked = frozenset(check.work for check in service.checks)
    return ServiceCopy(
        id=service.id,
        title=service.title,
        family=service.family.value,
        kind=service.kind.value,
        exam=service.exam,
        skill=catalog.skill_of(service),
        licence=service.licence,
        safety=(service.safety - asked) | declared_work,
        minutes=service.minutes.typical,
        minutes_max=service.minutes.max,
        steps=service.steps,
    )


async def _check_region(service: Service, place: GazetteerPlace) -> None:
    here = portal()
    verdict = await here.hooks.region_gate(place=catalog.place_view(place), service=catalog.service_view(service))
    if isinstance(verdict, Denied):
        own_words = None if verdict.code == REGION_CLOSED else verdict.reason
        raise NotServedHere(said=own_words, rule=verdict.code, place=place.label, phone=here.settings.support.phone)


async def _check_work(quoted: Quote, booking: Booking, starts_at: datetime | None) -> None:
    check_declared(booking.declared_work, frozenset(check.work for check in quoted.service.checks))
    view = BookingView(
        service=catalog.service_view(quoted.service),
        place=catalog.place_view(quoted.place),
        declared_work=booking.declared_work,
        starts_local=_local(starts_at),
        urgent=booking.urgent,
        language=booking.language,
        channel=booking.channel,
    )
    verdict = await portal().hooks.check_booking(booking=view)
    if isinstance(verdict, Denied):
        raise WorkNotAllowed(said=verdict.reason, rule=verdict.code)


async def _guide_again(draft: Job) -> Guide:
    again = await quote(
        service_id=draft.service.id,
        place_id=draft.place.id,
        starts_at=None if draft.urgent else draft.window.start,
        urgent=draft.urgent,
    )
    return again.guide


async def _travel(service: Service, place: GazetteerPlace) -> int | None:
    """Return the snapped distance of the nearest Friend who may do this, None if nobody is in reach."""
    cell = snap(place.point)
    skill, now = catalog.skill_of(service), clock.now()
    box = box_around(cell, portal().settings.dispatch.radius_km * 1000)
    homes = await crowd.homes_in(box, skill=skill, at=now)
    return min((round(distance_m(cell, home)) for home in homes), default=None)


def _local(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(portal().settings.time_zone)).replace(tzinfo=None)
