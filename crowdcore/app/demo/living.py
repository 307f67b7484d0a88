"""People whom the demo plays while it is served, so that one person alone can live through a booking.

Made-up Friends answer offers after human-like delays and do the work; made-up customers answer prices, confirm
and rate; a made-up colleague answers at the support desk of portals without a ticket system. They call the same
verbs as everybody else, and touch nothing but what is theirs. Nothing is remembered between two looks: what
happens next, and when, follows from the job itself, so a restart changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from crowdcore.accounts import queries as account_queries, service as accounts
from crowdcore.accounts.rules import Account, Role
from crowdcore.agreements import service as agreements
from crowdcore.app.demo import plans
from crowdcore.app.demo.people import MADE_UP, is_made_up, saying
from crowdcore.app.demo.stage import act
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.money import Money
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db import background
from crowdcore.db.scope import partner_scope
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import Wave, offer_id
from crowdcore.escalation import queries as cases, service as escalation
from crowdcore.escalation.rules import Case, CaseState
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Job, Milestone, State, Who, Window
from crowdcore.offers import service as offers
from crowdcore.partners.queries import portals
from crowdcore.ratings import queries as rating_queries, service as ratings

_log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often they look around, in seconds of the machine's time."""

DESKS = frozenset({"energy", "electronics"})
"""Portals whose support desk somebody made-up works at; the other one has a ticket system."""

AGENT = f"support@{MADE_UP}"

_BUSY = (State.ASSIGNED, State.UNDER_WAY, State.DONE, State.CONFIRMED)
_RATES_WITHIN = timedelta(hours=6)
_PRICE_WAITS = timedelta(minutes=10)
"""A Friend waits so long for the answer to a price; the customer may answer later as well."""

BOOKS_EVERY = timedelta(minutes=7)
"""How often, on each portal, a made-up customer of the past books again."""
_TRIES = 4


class Living:
    """Everybody whom the demo plays, on all portals."""

    def __init__(self, *, desks: Collection[str] = DESKS) -> None:
        """Begin now; what lies longer back is left to whoever looks at it."""
        self._since = clock.now()
        self._desks = desks
        self._booked = dict.fromkeys(portals(), self._since)

    async def run(self, stop: asyncio.Event, *, every_s: float = LOOK_S) -> None:
        """Look around until `stop` is set; a fault is logged and ends nothing."""
        while not stop.is_set():
            try:
                await self.look()
            except Exception:  # noqa: BLE001 -- the demo must outlive any fault of its people
                _log.exception("the demo's people stumbled; they go on")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)

    async def look(self) -> None:
        """Do everything that is due now, on every portal."""
        for partner_id in portals():
            with partner_scope(partner_id):
                for job in await jobs.jobs(states=[State.OPEN], limit=200):
                    await self._answer_offer(job)
                for job in await jobs.jobs(states=_BUSY, limit=300):
                    await self._go_on(job)
                if partner_id in self._desks:
                    await self._work_at_desk()
                if clock.now() > self._booked[partner_id] + BOOKS_EVERY:
                    self._booked[partner_id] = clock.now()
                    await self._book_again()

    # ---- offers ----------------------------------------------------------------------------------------

    async def _answer_offer(self, job: Job) -> None:
        waves = [wave for wave in await dispatch.waves_of(job.id) if wave.round_no == job.round_no]
        if not waves or clock.now() < waves[0].sent_at + await self._patience(job, waves[0]):
            return
        asked = {friend_id: wave for wave in waves for friend_id in wave.friend_ids}
        willing = sorted(await _made_up(asked), key=lambda one: _chance(job, f"yes:{one.id}").random())
        for friend in willing[:_TRIES]:
            act("friend", friend.account_id)
            with contextlib.suppress(Refusal):
                await offers.accept(offer_id=offer_id(asked[friend.id].id, friend.id), friend=friend)
                return

    async def _patience(self, job: Job, first: Wave) -> timedelta:
        """Return how long nobody accepts: some seconds for whoever watches, the measured curve for the others."""
        chance = _chance(job, f"search:{job.round_no}")
        if not await _plays_customer(job):
            return timedelta(seconds=chance.uniform(8, 45))
        if first.sent_at < self._since:  # it was there before: it stays a while
            return self._since - first.sent_at + timedelta(minutes=chance.uniform(3, 90))
        return plans.accepted_after(chance.random())

    async def _book_again(self) -> None:
        """Let somebody whose job is done book the same once more, every second time near the printed Friend."""
        chance = random.Random(f"{clock.now()}")  # noqa: S311 -- no secret
        done = [job for job in await jobs.jobs(states=[State.CONFIRMED, State.SETTLED], limit=200) if job.urgent]
        near = [job for job in done if job.place.locality == "Zürich"]
        among = near if near and chance.random() < 0.5 else done  # noqa: PLR2004 -- every second time
        chance.shuffle(among)
        for job in among[:_TRIES]:
            contact = await jobs.contact(job.id)
            if contact.street and await _plays_customer(job):
                act("customer", job.customer_id)
                booking = Booking(
                    service_id=job.service.id, place_id=job.place.id, contact=contact, urgent=True, wishes=(),
                    language=job.language, channel="web",
                )  # fmt: skip
                with contextlib.suppress(Refusal):
                    await bookings.book(customer_id=job.customer_id, booking=booking)
                    return

    # ---- jobs ------------------------------------------------------------------------------------------

    async def _go_on(self, job: Job) -> None:
        friend = await _held_by(job)
        with contextlib.suppress(Refusal):
            if friend is not None and job.state in {State.ASSIGNED, State.UNDER_WAY}:
                await self._as_friend(job, friend)
            if await _plays_customer(job):
                await self._as_customer(job)

    async def _as_friend(self, job: Job, friend: Friend) -> None:
        reached, now = job.milestones, clock.now()
        act("friend", friend.account_id)
        if job.state is State.UNDER_WAY:
            began = max(reached.get(Milestone.ARRIVED, self._since), self._since)
            answered = job.proposal is None or now > job.proposal.at + _PRICE_WAITS
            if answered and now > began + _draw(job, "work", 150, 330):
                text = saying("report", job.language, _chance(job, "report"))
                await completion.report(job_id=job.id, friend_id=friend.id, text=text)
        elif Milestone.ARRIVED in reached:
            if now > reached[Milestone.ARRIVED] + _draw(job, "start", 10, 30):
                await jobs_service.start(job_id=job.id, friend_id=friend.id)
        elif Milestone.ON_THE_WAY in reached:
            if now > max(reached[Milestone.ON_THE_WAY] + _draw(job, "way", 60, 120), job.window.start):
                await agreements.reach(job_id=job.id, milestone=Milestone.ARRIVED, friend_id=friend.id)
        elif Milestone.CONTACTED in reached:
            if now > job.window.start - _draw(job, "leave", 90, 240):
                await agreements.reach(job_id=job.id, milestone=Milestone.ON_THE_WAY, friend_id=friend.id)
        else:
            await self._ring(job, friend)

    async def _ring(self, job: Job, friend: Friend) -> None:
        """Ring the customer: agree on a time, and for some jobs talk about the price."""
        held_since = max(await jobs.assigned_at(job.id, friend.id), self._since)
        if clock.now() < held_since + _draw(job, "ring", 15, 50):
            return
        start = clock.now() + _draw(job, "comes", 300, 420) if _is_now(job) else job.window.start
        appointment = Window(start, start + timedelta(hours=1))
        await agreements.contact(job_id=job.id, friend_id=friend.id, appointment=appointment)
        chance = _chance(job, "price")
        if chance.random() < 0.5 and job.proposal is None:  # noqa: PLR2004 -- every second price is talked about
            guide = job.guide.amount
            amount = Money(round(guide.cents * chance.choice((1.1, 1.2, 1.3)) / 500) * 500, guide.currency)
            reason = saying("price", job.language, chance)
            await agreements.propose_price(
                job_id=job.id, who=Who.FRIEND, amount=amount, reason=reason, friend_id=friend.id
            )

    async def _as_customer(self, job: Job) -> None:
        now = clock.now()
        act("customer", job.customer_id)
        if job.proposal is not None and job.proposal.by is Who.FRIEND:
            if now > max(job.proposal.at, self._since) + _draw(job, "answer", 20, 60):
                agree = _chance(job, "answer").random() < 0.9  # noqa: PLR2004 -- nine of ten agree
                await agreements.answer_price(
                    job_id=job.id, who=Who.CUSTOMER, amount=job.proposal.amount, agree=agree, friend_id=None
                )
        elif job.state is State.DONE and job.done_at is not None:
            if now > max(job.done_at, self._since) + _draw(job, "confirm", 40, 600):
                await completion.confirm(job_id=job.id, who=Who.CUSTOMER)
        elif job.state is State.CONFIRMED and _is_fresh(job) and await rating_queries.rating_of(job.id) is None:
            await self._rate(job)

    async def _rate(self, job: Job) -> None:
        chance = _chance(job, "rate")
        if job.confirmed_at is None or clock.now() < max(job.confirmed_at, self._since) + _draw(job, "rated", 30, 300):
            return
        given, again = plans.RatingDeck(chance).deal()
        comment = saying("praise" if given > 3 else "complaint", job.language, chance)  # noqa: PLR2004 -- as elsewhere
        await ratings.rate(job_id=job.id, customer_id=job.customer_id, stars=given, book_again=again, comment=comment)

    # ---- the support desk ------------------------------------------------------------------------------

    async def _work_at_desk(self) -> None:
        for case in await cases.inbox():
            if case.state is CaseState.WAITING and case.opened_at >= self._since and case.friend_id is not None:
                with contextlib.suppress(Refusal):
                    await self._handle(case, await self._agent())

    async def _handle(self, case: Case, agent: Account) -> None:
        """Answer a case; a little later give the job back to its Friend."""
        said = await cases.messages(case.id)
        job = await jobs.job(case.job_id)
        chance = _chance(job, f"desk:{len(said)}")
        last = said[-1].at if said else case.opened_at
        if clock.now() < last + timedelta(seconds=chance.uniform(30, 75)):
            return
        act("agent", agent.id)
        text = saying("advice", job.language, chance)
        if said and said[-1].author == agent.name:
            await escalation.hand_back(case_id=case.id, outcome="back_to_friend", author=agent.name, text=text)
        elif not said:
            await escalation.answer(case_id=case.id, author=agent.name, text=text)

    async def _agent(self) -> Account:
        known = await account_queries.account_by_email(AGENT)
        return known or await accounts.open_account(
            email=AGENT, name="Support", language="de", roles=frozenset({Role.AGENT})
        )


@contextlib.asynccontextmanager
async def living(*, speed: float) -> AsyncIterator[None]:
    """Let the demo's people live while the block runs, inside a serving process."""
    stop = asyncio.Event()
    running = background.spawn(Living().run(stop, every_s=LOOK_S / min(speed, 5)), name="living")
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({running}, timeout=5)


async def _made_up(asked: Mapping[UUID, object]) -> list[Friend]:
    members = await crowd.friends(asked)
    known = await account_queries.accounts([member.account_id for member in members.values()])
    return [m for m in members.values() if m.account_id in known and is_made_up(known[m.account_id].email)]


async def _held_by(job: Job) -> Friend | None:
    """Return the made-up Friend who has the job, if one has."""
    found = await _made_up({job.assignee_id: None}) if job.assignee_id is not None else []
    return found[0] if found else None


async def _plays_customer(job: Job) -> bool:
    return is_made_up((await account_queries.account(job.customer_id)).email)


def _chance(job: Job, what: str) -> random.Random:
    """Return what one thing about one job is drawn from: the same at every look."""
    return random.Random(f"{job.id}:{what}")  # noqa: S311 -- repeatable on purpose


def _draw(job: Job, what: str, low_s: float, high_s: float) -> timedelta:
    return timedelta(seconds=_chance(job, what).uniform(low_s, high_s))


def _is_now(job: Job) -> bool:
    return job.urgent or job.window.start <= clock.now()


def _is_fresh(job: Job) -> bool:
    moment: datetime | None = job.confirmed_at
    return moment is not None and clock.now() - moment < _RATES_WITHIN
