"""Every hook of API level 1 on one page: when it is called, what may be answered, what None means.

Implementations may be `def` or `async def`; a `def` that waits is marked `@blocking`. They take any of
the parameters, by name. The order of the plugins is the order of `[plugins] list` in partner.toml; the
core's own defaults come last. No hook is called inside a database transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crowdcore.plugin.contract import Combine, OnError, hook
from crowdcore.plugin.facts import (
    BookingView,
    Denied,
    EscalationCase,
    FriendView,
    Guide,
    HandBack,
    InboundMessage,
    JobView,
    PlaceView,
    PortalView,
    QuoteRequest,
    Receipt,
    RenderedMessage,
    ServiceView,
)


@hook(combine=Combine.VETO, on_error=OnError.CLOSED, limit_s=0.2)
def region_gate(portal: PortalView, place: PlaceView, service: ServiceView) -> Denied | None:
    """Say whether a service may be offered at a place.

    Called while the booking form is built and again when a job is opened. The first `Denied` wins; the
    core asks last and closes what the portal's `[regions]` do not open. So a plugin can close more, or
    say in its own words why a region is closed, but never open one. A plugin that fails counts as
    `Denied("plugin.unavailable")`.

    Args:
        portal: the portal, with this plugin's own settings.
        place: where help is wanted.
        service: what is wanted.

    Returns:
        `Denied` with a sentence for the customer, or None for no objection.

    Example:
        ``return Denied("energy.region_planned", TEXT) if place.region in portal.config["planned"] else None``

    Since:
        API level 1.
    """


@hook(combine=Combine.VETO, on_error=OnError.CLOSED, limit_s=0.25)
def check_booking(portal: PortalView, booking: BookingView) -> Denied | None:
    """Say whether a booking may be made as it stands.

    Called once, before a job is opened, with the works the customer declared. The place for safety rules
    and partner law. The first `Denied` wins; a plugin that fails counts as `Denied("plugin.unavailable")`.

    Args:
        portal: the portal, with this plugin's own settings.
        booking: what is about to be booked.

    Returns:
        `Denied` with a sentence for the customer, or None for no objection.

    Example:
        ``if "open_fuse_box" in booking.declared_work: return Denied("energy.fuse_box", TEXT)``

    Since:
        API level 1.
    """


@hook(combine=Combine.CHAIN, on_error=OnError.SKIP, limit_s=0.2)
def guide_price(portal: PortalView, quote: QuoteRequest, price: Guide) -> Guide | None:
    """Change the guide price of a service for a time, a place or a distance.

    Called for the price on the booking form and once more when the job is opened; the job keeps that
    answer. The price goes through all plugins in order; one that fails is skipped.

    Args:
        portal: the portal, with this plugin's own settings.
        quote: what is asked for, when and where.
        price: the price so far: from `catalog.toml`, or from the plugin before.

    Returns:
        The new price, or None to leave it. Same currency; 0 <= low <= amount <= high <= ten times the
        amount in the file; rounded to what can be paid in cash.

    Example:
        ``return Guide(price.amount.scaled(125), price.low, price.high.scaled(125), (EVENING,))``

    Since:
        API level 1.
    """


@hook(combine=Combine.COLLECT, on_error=OnError.CLOSED, limit_s=0.8)
def friend_eligibility(portal: PortalView, job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, Denied] | None:
    """Exclude Friends who may not take a job.

    Called for the candidates of a job before they are asked, and again for one when he accepts, after the
    core's own rules (exam, licence, radius, blocks): a plugin can only narrow. All denials count. When a
    plugin fails, nobody is asked until it answers again.

    Args:
        portal: the portal, with this plugin's own settings.
        job: the job.
        friends: the candidates, at most some thousands; answer for all in one call.

    Returns:
        Denials by Friend id, ids from `friends` only; None or an empty mapping for no objection.

    Example:
        ``return {f.id: LICENCE for f in friends if "electrical_fitter" not in f.licences}``

    Since:
        API level 1.
    """


@hook(combine=Combine.SUM, on_error=OnError.SKIP, limit_s=0.3)
def rank_candidates(portal: PortalView, job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, float] | None:
    """Say who of the eligible should be asked first, all else equal.

    Called when a wave is built. Scores of all plugins are added to the core's own (distance and rating);
    a Friend without a score counts as 0. A plugin that fails is skipped.

    Args:
        portal: the portal, with this plugin's own settings.
        job: the job.
        friends: the eligible candidates.

    Returns:
        Finite numbers from -1 to 1 by Friend id, ids from `friends` only; None for no opinion.

    Example:
        ``return {f.id: 0.2 for f in friends if job.language in f.languages}``

    Since:
        API level 1.
    """


@hook(combine=Combine.FIRST, on_error=OnError.OUTBOX, limit_s=10)
def deliver_escalation(portal: PortalView, case: EscalationCase) -> Receipt | None:
    """Hand a case over to the partner's own support.

    Called by the worker after a hand-over was stored, and again with growing pauses until there is a
    receipt. The first receipt wins; the core's default sends a mail to partner support.

    Args:
        portal: the portal, with this plugin's own settings.
        case: the case. The same `case.key` twice must give the same receipt, not a second ticket.

    Returns:
        The other system's receipt, or None to leave it to the next one.

    Example:
        ``return Receipt(ref=answer["ticket"], at=clock.now())``

    Since:
        API level 1.
    """


@hook(combine=Combine.FIRST, on_error=OnError.RAISE, limit_s=0.5)
def parse_hand_back(portal: PortalView, message: InboundMessage) -> HandBack | None:
    """Understand an answer of the partner's support.

    Called when a message comes in on the portal's hand-back address, after its signature and age were
    checked. The first answer wins; when nobody understands it, or a plugin fails, the sender gets 400.

    Args:
        portal: the portal, with this plugin's own settings.
        message: the message as it came.

    Returns:
        What the message says, or None when it is not this plugin's kind of message.

    Example:
        ``return HandBack(UUID(data["case"]), data["id"], "solved", data["note"])``

    Since:
        API level 1.
    """


@hook(combine=Combine.FIRST, on_error=OnError.OUTBOX, limit_s=15)
def send_notification(portal: PortalView, channel: str, message: RenderedMessage) -> Receipt | None:
    """Send a message over a channel.

    Called by the worker, once per recipient and channel, and again with growing pauses until there is a
    receipt. The message is already in the recipient's language and the portal's brand. The first receipt
    wins; the core's default sends mail.

    Args:
        portal: the portal, with this plugin's own settings.
        channel: ``mail``, ``sms``, ``push``, or a channel of the plugin.
        message: the rendered message.

    Returns:
        The carrier's receipt, or None when the channel is not this plugin's.

    Example:
        ``return None if channel != "sms" else Receipt(ref=await post(message), at=clock.now())``

    Since:
        API level 1.
    """
