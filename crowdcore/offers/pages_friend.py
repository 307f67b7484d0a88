"""Pages for Friends: offers, to accept or to decline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.crowd.queries import friend_of, furthest_m
from crowdcore.crowd.rules import Friend, Standing
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.queries import Offer
from crowdcore.dispatch.rules import LIVE_OFFERS, DeclineReason, OfferState, OfferTaken
from crowdcore.exams.rules import RENEWAL
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import State
from crowdcore.ledger import queries as ledger
from crowdcore.offers import queries, service
from crowdcore.offers.rules import Pay, pay, ways_out
from crowdcore.plugin.content_exam import Exam
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import page

FRIENDS = frozenset({Role.FRIEND})

OFFERS = "/friend/offers"

MOST_AHEAD = 3
MOST_LATE_S = 600
"""Beyond this it does not matter how much faster somebody else was."""


class NothingTyped(Input):
    """A form that is only a button."""


class DeclineForm(Input):
    """Why not; it never counts against anybody."""

    reason: DeclineReason


@dataclass(frozen=True, slots=True)
class Card:
    """An offer with what it brings.

    Args:
        offer: the request.
        pay: how it adds up.
        form: for accepting, with a key of its own.
    """

    offer: Offer
    pay: Pay
    form: Form[BaseModel]


@dataclass(frozen=True, slots=True)
class Missed:
    """An accept that came too late, or was not possible.

    Args:
        sentence: why, in the reader's language.
        taken: somebody else has the job.
        late_s: so many seconds after them; None if that is long ago or nobody has it.
    """

    sentence: str
    taken: bool
    late_s: int | None


async def show_offers(_request: Request, visit: Visit) -> Response:
    """Open offers, and what became of those of the last day."""
    return await _page(visit, await friend_of(visit.account_id))


async def accept(request: Request, visit: Visit) -> Response:
    """Take a job; whoever was too late sees why, and what else there is."""
    friend = await friend_of(visit.account_id)
    offer_id = request.path_params["offer"]
    form = await read_form(request, NothingTyped)
    try:
        await limit(visit, "accept")
        return await submit(
            visit,
            form,
            do=lambda: service.accept(offer_id=offer_id, friend=friend),
            then=lambda won: f"/friend/jobs/{won.job_id}",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(visit, friend, refusal, offer_id=offer_id)


async def show_decline(request: Request, visit: Visit) -> Response:
    """Ask why an offer does not fit."""
    friend = await friend_of(visit.account_id)
    offer = await dispatch.offer(request.path_params["offer"], friend)
    return _decline_page(visit, offer, empty_form())


async def decline(request: Request, visit: Visit) -> Response:
    """Say no to an offer."""
    friend = await friend_of(visit.account_id)
    offer = await dispatch.offer(request.path_params["offer"], friend)
    form = await read_form(request, DeclineForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.decline(offer_id=offer.id, friend=friend, reason=form.value.reason),
            then=lambda _declined: OFFERS,
        )
    except Rejected as refusal:
        return _decline_page(visit, offer, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return await _page(visit, friend, refusal)


async def show_why(_request: Request, visit: Visit) -> Response:
    """Which jobs nearby a Friend was asked for lately, which not, and what would change that."""
    friend = await friend_of(visit.account_id)
    found = await queries.considered(friend, most_m=max(furthest_m(), friend.radius_m))
    return page(
        visit,
        "offers/why.html",
        friend=friend,
        found=found,
        asked=sum(one.was_asked for one in found),
        ways_out=ways_out(found),
        skills=friend.skills(clock.now()),
        exams=list(visit.portal.exams.values()),
        days=queries.LOOKED_BACK.days,
    )


async def _page(visit: Visit, friend: Friend, refusal: Refusal | None = None, *, offer_id: str = "") -> Response:
    """Return all offers; with a refusal, what did not work stands on top.

    Whoever takes a break, or is suspended, sees none: they could not accept one.
    """
    recent = await dispatch.offers_of(friend, live_only=False)
    asked = friend.standing is Standing.ACTIVE
    live = [offer for offer in await dispatch.offers_of(friend) if asked and offer.state in LIVE_OFFERS]
    over = [o for o in recent if o.state in {OfferState.SUPERSEDED, OfferState.WITHDRAWN, OfferState.DECLINED}]
    mine = await jobs.jobs_of_friend(friend.id)
    ahead = [job for job in mine if job.assignee_id == friend.id and job.state in {State.ASSIGNED, State.UNDER_WAY}]
    now = clock.now()
    week = visit.formats.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return page(
        visit,
        "offers/list.html",
        status=refusal.status if refusal else 200,
        modules=("live.js",),
        friend=friend,
        cards=[_card(visit, offer) for offer in live],
        over=over,
        missed=await _missed(visit, refusal, offer_id) if refusal else None,
        ahead=sorted(ahead, key=lambda job: job.window.start)[:MOST_AHEAD],
        week=await ledger.earned_since(friend.id, week - timedelta(days=week.weekday())),
        renewals=_renewals(visit, friend, now),
        now=now,
        form=empty_form(),
    )


async def _missed(visit: Visit, refusal: Refusal, offer_id: str) -> Missed:
    sentence, taken = visit.formats.refusal(refusal), isinstance(refusal, OfferTaken)
    late = None
    if taken and offer_id:
        at = await queries.taken_at((await dispatch.offer(offer_id, await friend_of(visit.account_id))).job.id)
        late = int((clock.now() - at).total_seconds()) if at else None
    return Missed(sentence, taken, late if late is not None and late < MOST_LATE_S else None)


def _renewals(visit: Visit, friend: Friend, now: datetime) -> list[tuple[Exam, datetime]]:
    """Return exams whose proof ends soon, and when; those that end first stand first."""
    exams = {exam.skill: exam for exam in visit.portal.exams.values()}
    ends = [(exams[q.skill], q.valid_until) for q in friend.qualifications if q.holds(now) and q.skill in exams]
    return sorted(((exam, end) for exam, end in ends if end - now < RENEWAL), key=lambda one: one[1])


def _card(visit: Visit, offer: Offer) -> Card:
    return Card(offer, pay(offer.job, visit.portal.settings.platform_percent), empty_form())


def _decline_page(visit: Visit, offer: Offer, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "offers/decline.html",
        status=status,
        offer=offer,
        form=form,
        reasons=[reason.value for reason in DeclineReason],
    )


ROUTES = (
    PageRoute(method="GET", path=OFFERS, handler=show_offers, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/why", handler=show_why, roles=FRIENDS),
    PageRoute(method="POST", path=f"{OFFERS}/{{offer}}/accept", handler=accept, roles=FRIENDS),
    PageRoute(method="GET", path=f"{OFFERS}/{{offer}}/decline", handler=show_decline, roles=FRIENDS),
    PageRoute(method="POST", path=f"{OFFERS}/{{offer}}/decline", handler=decline, roles=FRIENDS),
)
