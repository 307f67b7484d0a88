"""Hooks: what one portal's plugins answer, one typed method per hook; nobody else calls a plugin."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar
from uuid import UUID

from crowdcore.base.errors import Fault
from crowdcore.base.text import Text
from crowdcore.plugin import results
from crowdcore.plugin.call import Answer, Call, Failure
from crowdcore.plugin.contract import CONTRACTS, Contract, HookFailed, HookUnavailable, OnError
from crowdcore.plugin.facts import (
    BookingView,
    ConfigValue,
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
from crowdcore.plugin.registry import KERNEL, Implementation, Registry

_T = TypeVar("_T")
_KEPT_FAILURES = 100

UNAVAILABLE = Denied(
    "plugin.unavailable",
    Text(
        de="Das können wir im Moment nicht prüfen. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
        fr="Nous ne pouvons pas le vérifier pour l’instant. Veuillez réessayer dans quelques minutes.",
        en="We cannot check this at the moment. Please try again in a few minutes.",
    ),
)
"""The answer of a veto whose plugin failed."""


class Hooks:
    """The hooks of one portal: only the plugins on its allow-list, in its order, the core's defaults last.

    A plugin that is not on the list does not exist here, whatever the registry holds.
    """

    def __init__(
        self,
        registry: Registry,
        portal: PortalView,
        order: Sequence[str],
        *,
        configs: Mapping[str, Mapping[str, ConfigValue]],
        is_open: Callable[[], bool],
    ) -> None:
        """Bind a portal to the registry.

        Args:
            registry: all plugins' code.
            portal: the portal; its `config` is replaced for each plugin by that plugin's own values.
            order: plugin ids of `[plugins] list`, in order.
            configs: checked `[plugin.<id>]` values by plugin id.
            is_open: whether a unit of work is open now; no hook runs inside one.
        """
        if KERNEL in order or len(set(order)) != len(order):
            raise Fault(f"[plugins] list of portal {portal.id!r} names a plugin twice, or {KERNEL!r}: {order}")
        self.portal_id = portal.id
        self.failures: deque[Failure] = deque(maxlen=_KEPT_FAILURES)
        self._registry = registry
        self._order = (*order, KERNEL)
        self._views = {p: dataclasses.replace(portal, config=configs.get(p, {})) for p in self._order}
        self._is_open = is_open

    async def region_gate(self, *, place: PlaceView, service: ServiceView) -> Denied | None:
        """Return the first objection to offering `service` at `place`, or None."""
        return await self._veto("region_gate", {"place": place, "service": service})

    async def check_booking(self, *, booking: BookingView) -> Denied | None:
        """Return the first objection to `booking`, or None."""
        return await self._veto("check_booking", {"booking": booking})

    async def guide_price(self, *, quote: QuoteRequest, price: Guide) -> Guide:
        """Return the guide price for `quote`, starting from the file's `price`."""
        check = partial(results.checked_guide, first=price)
        return await self._chain("guide_price", {"quote": quote}, price, check)

    async def friend_eligibility(self, *, job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, Denied]:
        """Return who of `friends` may not take `job`, and why.

        Raises:
            HookUnavailable: a plugin gave no answer; treat all as denied.
        """
        answers = await self._by_friend("friend_eligibility", job, friends, results.checked_denials)
        denials: dict[UUID, Denied] = {}
        for answer in answers:
            denials = {**answer, **denials}
        return denials

    async def rank_candidates(self, *, job: JobView, friends: Sequence[FriendView]) -> Mapping[UUID, float]:
        """Return the sum of all plugins' scores per Friend; every Friend has one, 0 when nobody minds."""
        answers = await self._by_friend("rank_candidates", job, friends, results.checked_scores)
        scores = dict.fromkeys((friend.id for friend in friends), 0.0)
        for answer in answers:
            for friend_id, score in answer.items():
                scores[friend_id] += score
        return scores

    async def deliver_escalation(self, *, case: EscalationCase) -> Receipt:
        """Hand `case` over and return the receipt.

        Raises:
            HookUnavailable: nobody took it now; try again later with the same key.
        """
        facts = {"case": case}
        return _delivered(await self._first("deliver_escalation", facts, results.checked_receipt), case.key)

    async def parse_hand_back(self, *, message: InboundMessage) -> HandBack | None:
        """Return what the partner's support says, or None when no plugin understands it.

        Raises:
            HookFailed: a plugin failed on it; answer 400.
        """
        return await self._first("parse_hand_back", {"message": message}, results.checked_hand_back)

    async def send_notification(self, *, channel: str, message: RenderedMessage) -> Receipt:
        """Send `message` over `channel` and return the receipt.

        Raises:
            HookUnavailable: nobody took it now; try again later with the same key.
        """
        facts = {"channel": channel, "message": message}
        return _delivered(await self._first("send_notification", facts, results.checked_receipt), message.key)

    def implemented_by(self, hook: str) -> tuple[str, ...]:
        """Return the ids of the plugins this portal asks for `hook`, in order."""
        return tuple(implementation.plugin_id for implementation in self._asked(hook))

    def _asked(self, hook: str) -> list[Implementation]:
        if self._is_open():
            raise Fault(f"hook {hook} was called inside an open unit of work; ask before it, tell after it")
        found = self._registry.implementations(hook)
        return [found[plugin_id] for plugin_id in self._order if plugin_id in found]

    async def _call(
        self,
        implementation: Implementation,
        facts: Mapping[str, object],
        check: Callable[[object], _T | None],
    ) -> Answer[_T] | Failure:
        plugin_id, hook = implementation.plugin_id, implementation.hook
        call = Call(
            portal_id=self.portal_id,
            implementation=implementation,
            contract=CONTRACTS[hook],
            facts={**facts, "portal": self._views[plugin_id]},
            check=check,
            breaker=self._registry.breaker(self.portal_id, plugin_id, hook),
            threads=self._registry.threads(plugin_id),
        )
        result = await call.make()
        if isinstance(result, Failure):
            self.failures.append(result)
        return result

    async def _veto(self, hook: str, facts: Mapping[str, object]) -> Denied | None:
        for implementation in self._asked(hook):
            result = await self._call(implementation, facts, results.checked_denied)
            if isinstance(result, Failure):
                return UNAVAILABLE
            if result.value is not None:
                return result.value
        return None

    async def _chain(
        self,
        hook: str,
        facts: Mapping[str, object],
        value: _T,
        check: Callable[[object], _T | None],
    ) -> _T:
        last = CONTRACTS[hook].params[-1]
        for implementation in self._asked(hook):
            result = await self._call(implementation, {**facts, last: value}, check)
            if isinstance(result, Answer) and result.value is not None:
                value = result.value
        return value

    async def _first(self, hook: str, facts: Mapping[str, object], check: Callable[[object], _T | None]) -> _T | None:
        for implementation in self._asked(hook):
            result = await self._call(implementation, facts, check)
            if isinstance(result, Failure):
                raise _failed(CONTRACTS[hook], result)
            if result.value is not None:
                return result.value
        return None

    async def _by_friend(
        self,
        hook: str,
        job: JobView,
        friends: Sequence[FriendView],
        check: Callable[[object, frozenset[UUID]], dict[UUID, _T] | None],
    ) -> list[dict[UUID, _T]]:
        if not friends:
            return []
        facts = {"job": job, "friends": tuple(friends)}
        bound = partial(_check_ids, check, frozenset(friend.id for friend in friends))
        answers: list[dict[UUID, _T]] = []
        for implementation in self._asked(hook):
            result = await self._call(implementation, facts, bound)
            if isinstance(result, Failure):
                if CONTRACTS[hook].on_error is OnError.CLOSED:
                    raise _failed(CONTRACTS[hook], result)
            elif result.value is not None:
                answers.append(result.value)
        return answers


def _check_ids(
    check: Callable[[object, frozenset[UUID]], dict[UUID, _T] | None], ids: frozenset[UUID], value: object
) -> dict[UUID, _T] | None:
    return check(value, ids)


def _failed(contract: Contract, failure: Failure) -> Fault:
    return HookFailed(str(failure)) if contract.on_error is OnError.RAISE else HookUnavailable(str(failure))


def _delivered(receipt: Receipt | None, key: str) -> Receipt:
    if receipt is None:
        raise HookUnavailable(f"no plugin and no default took {key!r}")
    return receipt
