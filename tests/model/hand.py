"""How a move is made: draw what happens, call the real verb, and compare it with what the plain model expects."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from crowdcore.base.errors import Refusal
from crowdcore.db import audit
from crowdcore.db.commands import Answer, Command, KeyMismatch
from crowdcore.db.scope import partner_scope
from crowdcore.jobs.rules import State
from crowdcore.web import once
from tests.model.plain import Plain, PlainJob
from tests.model.world import World

Verb = Callable[[], Awaitable[Any]]
Made = Callable[["Hand", PlainJob], Awaitable[None]]

ACTOR = audit.Actor(kind="operator", via="cli")


@dataclass(frozen=True)
class Move:
    """Something somebody can do with a job, and the states in which it is the usual thing to do."""

    name: str
    make: Made
    states: frozenset[State]

    def __repr__(self) -> str:
        return self.name


MOVES: dict[str, Move] = {}


def move(*states: State) -> Callable[[Made], Made]:
    """Register a move."""

    def register(make: Made) -> Made:
        MOVES[make.__name__] = Move(make.__name__, make, frozenset(states))
        return make

    return register


@dataclass
class Sent:
    """A command that was acknowledged: sending it again must change nothing and answer the same."""

    partner: str
    verb: Verb
    route: str
    key: str
    body: str


@dataclass
class Hand:
    """Draws, acts and compares."""

    world: World
    plain: Plain
    sent: list[Sent] = field(default_factory=list)
    draw: Callable[..., Any] = lambda *_, **__: None
    keys: int = 0

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def pick(self, label: str, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)), label=label)

    def mostly(self, label: str, right: Any, wrong: Any) -> Any:
        """Draw `right` three times out of four, or whatever else there is."""
        others = [option for option in wrong if option != right]
        if not others or self.draw(st.integers(0, 5), label=f"wrong {label}?") < 5:
            return right
        return self.pick(label, others)

    async def expect(self, partner: str, code: str | None, verb: Verb) -> Any:
        """Call a verb as somebody of `partner`; it must refuse with `code`, or work if that is None.

        One call in four is a command with a key: it is sent a second time at once, and may be again later.
        """
        with partner_scope(partner):
            audit.acting_as(ACTOR)
            if self.draw(st.integers(0, 3), label="with a key?") < 3:
                return await self._refused_or_done(code, verb)
            return await self._as_command(partner, code, verb)

    async def repeat(self, sent: Sent) -> None:
        """Send an acknowledged command again: same answer, no effect; with another content it is refused."""
        with partner_scope(sent.partner):
            _, answer = await self._command(sent)
            assert answer.replayed, f"{sent.route} had its effect twice"
            assert answer.answer == Answer(200, sent.body)
            other = Sent(sent.partner, sent.verb, sent.route, sent.key, "something else")
            await self._refused_or_done(KeyMismatch.code, lambda: self._command(other))

    async def _as_command(self, partner: str, code: str | None, verb: Verb) -> Any:
        self.keys += 1
        sent = Sent(partner, verb, f"route-{self.keys}", f"key-{self.keys}", f"answer-{self.keys}")
        done = await self._refused_or_done(code, lambda: self._command(sent))
        if done is None:
            return None
        result, answer = done
        assert not answer.replayed
        await self.repeat(sent)
        self.sent.append(sent)
        return result

    async def _command(self, sent: Sent) -> tuple[Any, once.Once]:
        results: list[Any] = [None]

        async def do() -> Any:
            results[0] = await sent.verb()
            return results[0]

        async def render(_: Any) -> Answer:
            return Answer(200, sent.body)

        fingerprint = hashlib.sha256(sent.body.encode()).hexdigest()
        answer = await once._run(Command("somebody", sent.route, sent.key, fingerprint, render), do)
        return results[0], answer

    async def _refused_or_done(self, code: str | None, verb: Verb) -> Any:
        try:
            result = await verb()
        except Refusal as refusal:
            assert refusal.code == code, f"refused with {refusal!r}, expected {code or 'success'}"
            return None
        assert code is None, f"worked, but expected {code}"
        return result
