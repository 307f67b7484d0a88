"""The core's own answers, written as a plugin that is asked last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from crowdcore.plugin.contract import hookimpl
from crowdcore.plugin.facts import (
    Denied,
    EscalationCase,
    FriendView,
    PlaceView,
    PortalView,
    Receipt,
    RenderedMessage,
)

#: At this distance somebody is neither near nor far.
_HALF_WAY_M = 10_000
_DISTANCE_WEIGHT = 0.75
_RATING_WEIGHT = 0.25
#: A newcomer counts as rated like this, as often as that: neither punished nor preferred.
_PRIOR_STARS = 4.5
_PRIOR_COUNT = 5

RegionGate = Callable[[PlaceView], Denied | None]
DeliverEscalation = Callable[[PortalView, EscalationCase], Awaitable[Receipt]]
SendNotification = Callable[[PortalView, str, RenderedMessage], Awaitable[Receipt | None]]


class Defaults:
    """What happens when no plugin has an answer of its own."""

    def __init__(
        self,
        *,
        region_gate: RegionGate,
        deliver_escalation: DeliverEscalation,
        send_notification: SendNotification,
    ) -> None:
        """Take what needs the portal's settings or a mailer from whoever has them.

        Args:
            region_gate: closes what the portal's `[regions]` do not open.
            deliver_escalation: hands a case to partner support by mail.
            send_notification: sends a message, or returns None for a channel it does not know.
        """
        self._gate = region_gate
        self._deliver = deliver_escalation
        self._send = send_notification

    @hookimpl
    def region_gate(self, place: PlaceView) -> Denied | None:
        """Close every region that the portal's settings do not open."""
        return self._gate(place)

    @hookimpl
    def rank_candidates(self, friends: Sequence[FriendView]) -> Mapping[UUID, float]:
        """Prefer the nearer, and among the equally near the better rated."""
        return {friend.id: default_score(friend) for friend in friends}

    @hookimpl
    async def deliver_escalation(self, portal: PortalView, case: EscalationCase) -> Receipt:
        """Hand the case over by mail."""
        return await self._deliver(portal, case)

    @hookimpl
    async def send_notification(self, portal: PortalView, channel: str, message: RenderedMessage) -> Receipt | None:
        """Send the message by mail."""
        return await self._send(portal, channel, message)


def default_score(friend: FriendView) -> float:
    """Return a score from -1 to 1 that falls with the distance and rises a little with the rating."""
    nearness = 1 - 2 * friend.distance_m / (friend.distance_m + _HALF_WAY_M)
    stars = (friend.rating_mean or 0.0) * friend.rating_count
    mean = (stars + _PRIOR_STARS * _PRIOR_COUNT) / (friend.rating_count + _PRIOR_COUNT)
    score = _DISTANCE_WEIGHT * nearness + _RATING_WEIGHT * (mean - 3) / 2
    return max(-1.0, min(1.0, score))
