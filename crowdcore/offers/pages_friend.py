"""Pages for Friends: offers, to accept or to decline."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.base.money import Money
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import Friend
from crowdcore.dispatch import queries
from crowdcore.dispatch.queries import Offer
from crowdcore.dispatch.rules import LIVE_OFFERS, DeclineReason, OfferState
from crowdcore.offers import service
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import page

FRIENDS = frozenset({Role.FRIEND})

OFFERS = "/friend/offers"


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
        fee: the platform's share of the guide price.
        net: what is left for the Friend.
        form: for accepting, with a key of its own.
    """

    offer: Offer
    fee: Money
    net: Money
    form: Form[BaseModel]


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
        return await _page(visit, friend, refusal)


async def show_decline(request: Request, visit: Visit) -> Response:
    """Ask why an offer does not fit."""
    friend = await friend_of(visit.account_id)
    offer = await queries.offer(request.path_params["offer"], friend)
    return _decline_page(visit, offer, empty_form())


async def decline(request: Request, visit: Visit) -> Response:
    """Say no to an offer."""
    friend = await friend_of(visit.account_id)
    offer = await queries.offer(request.path_params["offer"], friend)
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


async def _page(visit: Visit, friend: Friend, refusal: Refusal | None = None) -> Response:
    """Return all offers; with a refusal, what did not work stands on top."""
    recent = await queries.offers_of(friend, live_only=False)
    live = [offer for offer in await queries.offers_of(friend) if offer.state in LIVE_OFFERS]
    over = [o for o in recent if o.state in {OfferState.SUPERSEDED, OfferState.WITHDRAWN, OfferState.DECLINED}]
    return page(
        visit,
        "offers/list.html",
        status=refusal.status if refusal else 200,
        friend=friend,
        cards=[_card(visit, offer) for offer in live],
        over=over,
        notice=visit.translator.refusal(refusal) if refusal else "",
    )


def _card(visit: Visit, offer: Offer) -> Card:
    price = offer.job.guide.amount
    fee = Money(int(price.cents * visit.portal.settings.platform_percent / Decimal(100)), price.currency)
    return Card(offer, fee.rounded(), price - fee.rounded(), empty_form())


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
    PageRoute(method="POST", path=f"{OFFERS}/{{offer}}/accept", handler=accept, roles=FRIENDS),
    PageRoute(method="GET", path=f"{OFFERS}/{{offer}}/decline", handler=show_decline, roles=FRIENDS),
    PageRoute(method="POST", path=f"{OFFERS}/{{offer}}/decline", handler=decline, roles=FRIENDS),
)
