"""The door for plugin authors: all a plugin may import, besides `crowdcore.base` and the standard library.

    from crowdcore.plugin import Denied, hookimpl

    @hookimpl
    def check_booking(portal, booking): ...

What each hook is for stands in `crowdcore.plugin.hookspecs`.
"""

from crowdcore.plugin import hookspecs
from crowdcore.plugin.contract import API_LEVEL, HookFailed, HookUnavailable, blocking, hookimpl
from crowdcore.plugin.facts import (
    OUTCOMES,
    Attachment,
    BookingView,
    ConfigValue,
    Denied,
    EscalationCase,
    FriendView,
    Guide,
    HandBack,
    InboundMessage,
    JobView,
    Outcome,
    PlaceView,
    PortalView,
    QuoteRequest,
    Receipt,
    RenderedMessage,
    ServiceView,
)
from crowdcore.plugin.secret import Secret

__all__ = [
    "API_LEVEL",
    "OUTCOMES",
    "Attachment",
    "BookingView",
    "ConfigValue",
    "Denied",
    "EscalationCase",
    "FriendView",
    "Guide",
    "HandBack",
    "HookFailed",
    "HookUnavailable",
    "InboundMessage",
    "JobView",
    "Outcome",
    "PlaceView",
    "PortalView",
    "QuoteRequest",
    "Receipt",
    "RenderedMessage",
    "Secret",
    "ServiceView",
    "blocking",
    "hookimpl",
    "hookspecs",
]
