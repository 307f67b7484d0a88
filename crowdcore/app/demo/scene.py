"""What happens in the stories of made-up jobs: each act is one verb of the house, done by whom it belongs to."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.accounts.rules import Account
from crowdcore.agreements import service as agreements
from crowdcore.app.demo import plans
from crowdcore.app.demo.crowd import Member
from crowdcore.app.demo.people import Person, saying
from crowdcore.app.demo.plans import Plan
from crowdcore.app.demo.stage import act
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.money import Money
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking, Caller, Daypart, slot
from crowdcore.catalog.rules import is_for_crowd
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import DeclineReason, offer_id
from crowdcore.escalation import service as escalation
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Contact, Job, Milestone, Who, Window
from crowdcore.offers import service as offers
from crowdcore.plugin.content_catalog import Service
from crowdcore.ratings import service as ratings
from crowdcore.web.portal import Portal

_TRIES = 6


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who books."""

    account: Account
    person: Person


@dataclass(slots=True)
class Scene:
    """One portal, everybody on it, and what they can do there.

    Args:
        portal: the portal.
        members: the crowd by id.
        customers: those who book by themselves; the first one's sign-in is printed, so they book by plan only.
        agent: the account that works at the support desk.
        chance: for what belongs to no single job.
        deck: what customers say afterwards.
    """

    portal: Portal
    members: Mapping[UUID, Member]
    customers: Sequence[Customer]
    agent: Account
    chance: random.Random
    deck: plans.RatingDeck
    _by_account: dict[UUID, Customer] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The portal's time zone."""
        return ZoneInfo(self.portal.settings.time_zone)

    def customer(self, plan: Plan, chance: random.Random) -> Customer:
        """Return who books: the plan's customer, or one drawn."""
        if plan.customer is None:
            return chance.choice(self.customers[1:])
        if not self._by_account:
            self._by_account.update((one.account.id, one) for one in self.customers)
        return self._by_account[plan.customer]

    async def book(self, plan: Plan, chance: random.Random) -> Job:
        """Book what the plan says; where a gate says no, another service, as customers do.

        Raises:
            Refusal: nothing can be booked there.
        """
        customer = self.customer(plan, chance)
        by_phone = plan.customer is None and chance.random() < 0.08  # noqa: PLR2004 -- one in twelve calls
        for attempt in range(_TRIES):
            booking = self._booking(plan, customer, chance, channel="call_centre" if by_phone else "web")
            try:
                if by_phone:
                    act("agent", self.agent.id)
                    person = customer.person
                    caller = Caller(name=person.name, email=person.email, phone=person.phone, language=person.language)
                    return await bookings.book_for(caller=caller, booking=booking)
                act("customer", customer.account.id)
                return await bookings.book(customer_id=customer.account.id, booking=booking)
            except Refusal:
                if attempt + 1 == _TRIES:
                    raise
        raise AssertionError  # the loop returns or raises

    async def draft(self, plan: Plan, chance: random.Random) -> None:
        """Let somebody begin a booking and leave it."""
        customer = self.customer(plan, chance)
        act("customer", customer.account.id)
        booking = self._booking(plan, customer, chance, channel="web")
        await bookings.save_draft(customer_id=customer.account.id, booking=booking)

    async def near(self, job: Job) -> Sequence[Friend]:
        """Return members around a job, wherever the search got to."""
        return await dispatch.members_near(job, self.portal.settings.dispatch.radius_km * 1000)

    async def assign(self, job: Job, friend: Friend) -> bool:
        """Give a job by hand; say whether the house let support do it."""
        try:
            await escalation.assign(job_id=job.id, friend_id=friend.id, author=self.agent.name)
        except Refusal:
            return False
        return True

    async def accept(self, job: Job, plan: Plan, chance: random.Random) -> Friend | None:
        """Let one of those who were asked accept; None if nobody can.

        The eager ones are asked as often as the others but say yes more often.
        """
        asked = {i: wave for wave in await dispatch.waves_of(job.id) for i in wave.friend_ids}
        order = sorted(asked, key=lambda i: -(chance.random() ** (1 / self._eagerness(i))))
        if plan.friend_id is not None:
            order = [plan.friend_id] if plan.friend_id in asked else []
        for friend_id in order[:_TRIES]:
            friend = await crowd.friend(friend_id)
            act("friend", friend.account_id)
            try:
                await offers.accept(offer_id=offer_id(asked[friend_id].id, friend_id), friend=friend)
            except Refusal:
                continue
            return friend
        return None

    async def decline(self, job: Job, chance: random.Random) -> None:
        """Let one of those who were asked say no."""
        waves = await dispatch.waves_of(job.id)
        asked = waves[-1].friend_ids if waves else ()
        if len(asked) > 1:
            friend = await crowd.friend(chance.choice(asked))
            act("friend", friend.account_id)
            reason = chance.choice(list(DeclineReason))
            await offers.decline(offer_id=offer_id(waves[-1].id, friend.id), friend=friend, reason=reason)

    async def contact(self, job: Job, friend: Friend, chance: random.Random, appointment: Window | None) -> None:
        """Let the Friend ring the customer, and agree on a time."""
        act("friend", friend.account_id)
        try:
            await agreements.contact(job_id=job.id, friend_id=friend.id, appointment=appointment)
        except Refusal:  # another job is in the way: the time wished for stays
            await agreements.contact(job_id=job.id, friend_id=friend.id, appointment=None)
        if chance.random() < 0.22:  # noqa: PLR2004 -- every fifth price is another
            await self.talk_price(job, friend, chance)

    async def talk_price(self, job: Job, friend: Friend, chance: random.Random, *, answered: bool = True) -> None:
        """Propose another price; the customer answers, mostly with yes."""
        act("friend", friend.account_id)
        guide, factor = job.guide.amount, chance.choice((0.9, 1.1, 1.15, 1.25, 1.4))
        amount = Money(round(guide.cents * factor / 500) * 500, guide.currency)
        reason = saying("price", job.language, chance)
        await agreements.propose_price(job_id=job.id, who=Who.FRIEND, amount=amount, reason=reason, friend_id=friend.id)
        if answered:
            act("customer", job.customer_id)
            agree = chance.random() < 0.9  # noqa: PLR2004 -- nine of ten agree
            await agreements.answer_price(job_id=job.id, who=Who.CUSTOMER, amount=amount, agree=agree, friend_id=None)

    async def reach(self, job: Job, friend: Friend, milestone: Milestone) -> None:
        """Let the Friend set off, or arrive."""
        act("friend", friend.account_id)
        await agreements.reach(job_id=job.id, milestone=milestone, friend_id=friend.id)

    async def start(self, job: Job, friend: Friend) -> None:
        """Let the work begin."""
        act("friend", friend.account_id)
        await jobs_service.start(job_id=job.id, friend_id=friend.id)

    async def report(self, job: Job, friend: Friend, chance: random.Random) -> None:
        """Let the Friend say that the work is done."""
        act("friend", friend.account_id)
        text = saying("report", job.language, chance)
        await completion.report(job_id=job.id, friend_id=friend.id, text=text)

    async def rate(self, job: Job, chance: random.Random) -> None:
        """Let the customer say how it was."""
        act("customer", job.customer_id)
        given, again = self.deck.deal()
        occasion = "praise" if given > 3 else "complaint"  # noqa: PLR2004 -- up to three stars somebody calls back
        comment = saying(occasion, job.language, chance)
        await ratings.rate(job_id=job.id, customer_id=job.customer_id, stars=given, book_again=again, comment=comment)

    async def present(self, job: Job) -> Job:
        """Return the job as it is by now."""
        return await jobs.job(job.id)

    def _booking(self, plan: Plan, customer: Customer, chance: random.Random, *, channel: str) -> Booking:
        person = customer.person
        service = self._service(plan, chance)
        urgent = plan.urgent and service.on_demand.allowed
        return Booking(
            service_id=service.id,
            place_id=person.place.id,
            contact=Contact(
                name=person.name,
                street=person.street,
                phone=person.phone,
                email=person.email,
                note=saying("note", person.language, chance),
            ),
            urgent=urgent,
            wishes=() if urgent else self._wishes(plan, chance),
            language=person.language,
            channel=channel,
        )

    def _service(self, plan: Plan, chance: random.Random) -> Service:
        services = self.portal.catalog.services
        if plan.service_id is not None:
            return services[plan.service_id]
        known = [s for s in self.portal.catalog.bookable() if is_for_crowd(s)]
        if plan.appointment is not None:  # within hours of the booking
            known = [s for s in known if s.on_demand.allowed]
        return chance.choices(known, [0.15 if s.licence else 1 / (n + 3) for n, s in enumerate(known)])[0]

    def _wishes(self, plan: Plan, chance: random.Random) -> tuple[Window, ...]:
        day = clock.now().astimezone(self.zone).date() + timedelta(days=plan.days_ahead)
        parts = chance.sample(list(Daypart), k=chance.choice((1, 1, 2)))
        return tuple(sorted((slot(day, part, self.zone).window for part in parts), key=lambda w: w.start))

    def _eagerness(self, friend_id: UUID) -> float:
        member = self.members.get(friend_id)
        return member.recruit.eagerness if member else 0.01


def minutes(chance: random.Random, low: float, high: float) -> timedelta:
    """Draw a span of minutes."""
    return timedelta(minutes=chance.uniform(low, high))
