"""The state machine: real services on a real database, compared with the plain model after every step."""

import os
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from crowdcore.app.invariants import violations
from crowdcore.app.worker import worker
from crowdcore.base.errors import NotFound
from crowdcore.completion import service as completion
from crowdcore.db.scope import partner_scope
from crowdcore.escalation import service as escalation
from crowdcore.jobs import service as jobs
from crowdcore.jobs.rules import State, Who
from tests.model import moves_support, watch
from tests.model.cast import PARTNERS
from tests.model.draws import BACKEND, EvenDraws
from tests.model.hand import MOVES, Hand
from tests.model.moves_customer import CASTING, book
from tests.model.moves_friend import OF_MEMBERS
from tests.model.plain import OVER, Plain
from tests.model.world import FRAGILE, World

EXAMPLES = int(os.environ.get("CROWDCORE_MODEL_EXAMPLES", "16"))
STEPS = 40
SEED = 1
MOST_JOBS = 6

#: Steps of time: to the next wave, the second call, the notice, the fallback, a night, the weekend, the end.
SPANS = tuple(
    timedelta(seconds=s)
    for s in (1, 31, 31, 61, 600, 600, 3_601, 3 * 3_600 + 1, 11_000, 86_401, 3 * 86_400 + 1, 15 * 86_400)
)

#: How often each kind of thing happens.
WEIGHTS = {
    "the_usual": 24, "anything": 4, "somebody_books": 3, "time_passes": 6, "a_member_changes": 3,
    "a_plugin_breaks": 1, "plugins_heal": 2, "a_catalogue_is_released": 1, "a_command_is_repeated": 1,
    "a_stranger_tries": 1,
}  # fmt: skip

#: Moves that lead on are made more often, so that the late states are reached.
EAGER = {
    "accept": 8, "start": 6, "report": 6, "submit": 4, "hand_back": 3, "contact": 3, "decline": 3, "hand_over": 2,
    "propose_price": 2, "answer_price": 2, "confirm": 2, "rate": 2,
}  # fmt: skip

#: The worker gives up a delivery after 20 tries; a plugin is repaired before that.
MOST_BROKEN_ROUNDS = 8

assert moves_support  # its moves are registered by importing it


def budget(*, examples: int = EXAMPLES, steps: int = STEPS, shrink: bool = True) -> settings:
    """How long to look, and whether to look for the shortest way to a failure."""
    EvenDraws.start(None if "CROWDCORE_MODEL_EXAMPLES" in os.environ else SEED)
    phases = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if shrink else [])]
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, phases=phases,
        suppress_health_check=list(HealthCheck), print_blob=True, database=None, backend=BACKEND,
    )  # fmt: skip


class Crowdcore(RuleBasedStateMachine):
    """Two partners, six members each, up to six jobs, and everything people and time may do to them."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.broken_rounds = 0
        self.worked = False
        self.sound = True

    @initialize(seed=st.integers(1, 1 << 16))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.world.__enter__()
        self.plain = Plain.of(self.world.casts, self.world.clock.now())
        self.hand = Hand(self.world, self.plain)

    @rule(data=st.data())
    def something_happens(self, data) -> None:
        """One rule that weighs by itself: Hypothesis would switch half of many rules off in each example."""
        happenings = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
        getattr(self, f"_{data.draw(st.sampled_from(happenings), label='what')}")(data)
        if data.draw(st.integers(0, 2), label="worker runs?"):
            self._work()

    def _somebody_books(self, data) -> None:
        if len(self.plain.jobs) < MOST_JOBS:
            self._act(data, book(self.hand, draft=data.draw(st.integers(0, 3), label="draft?") == 3))

    def _the_usual(self, data) -> None:
        """Somebody makes a move that fits the state of a job."""
        if all(job.state in OVER for job in self.plain.jobs):
            return self._somebody_books(data)
        job = self._job(data, frozenset(State) - OVER)
        fitting = [m.name for m in MOVES.values() if job.state in m.states for _ in range(EAGER.get(m.name, 1))]
        name = data.draw(st.sampled_from(fitting), label="move")
        return self._act(data, MOVES[name].make(self.hand, job))

    def _anything(self, data) -> None:
        """Somebody tries whatever comes to mind."""
        if self.plain.jobs:
            job, name = self._job(data), data.draw(st.sampled_from(list(MOVES)), label="move")
            self._act(data, MOVES[name].make(self.hand, job))

    def _a_member_changes(self, data) -> None:
        partner = data.draw(st.sampled_from(list(PARTNERS)), label="partner")
        members = {m.name: m.id for m in self.world.casts[partner].members}
        name = data.draw(st.sampled_from(list(members)), label="member")
        change = data.draw(st.sampled_from(list(OF_MEMBERS)), label="change")
        self._act(data, OF_MEMBERS[change](self.hand, partner, members[name]))

    def _time_passes(self, data) -> None:
        span = data.draw(st.sampled_from(SPANS), label="span")
        self.world.clock.advance(seconds=span.total_seconds())
        self._check()

    def _a_plugin_breaks(self, data) -> None:
        hook = data.draw(st.sampled_from(FRAGILE), label="hook")
        self.world.break_hook(hook)
        self.plain.broken.add(hook)

    def _plugins_heal(self, data) -> None:
        self._heal()

    def _a_catalogue_is_released(self, data) -> None:
        partner = data.draw(st.sampled_from(list(PARTNERS)), label="partner")
        self.world.reprice(partner, data.draw(st.sampled_from((4_000, 6_900, 12_000)), label="price"))
        self._check()

    def _a_command_is_repeated(self, data) -> None:
        if self.hand.sent:
            number = data.draw(st.integers(0, len(self.hand.sent) - 1), label="command")
            self._act(data, self.hand.repeat(self.hand.sent[number]))

    def _a_stranger_tries(self, data) -> None:
        """The other partner knows the job's id and tries everything with it."""
        if not self.plain.jobs:
            return
        job = self._job(data)
        stranger = CASTING[job.partner]
        member = self.world.casts[stranger].members[0].id
        tries = {
            "cancel": lambda: jobs.cancel(job_id=job.id, who=Who.SUPPORT, reason=""),
            "start": lambda: jobs.start(job_id=job.id, friend_id=member),
            "confirm": lambda: completion.confirm(job_id=job.id, who=Who.SUPPORT),
            "assign": lambda: escalation.assign(job_id=job.id, friend_id=member, author=""),
        }
        name = data.draw(st.sampled_from(sorted(tries)), label="try")
        self._act(data, self.hand.expect(stranger, NotFound.code, tries[name]))

    def _job(self, data, states=frozenset(State)):
        numbers = [n for n, job in enumerate(self.plain.jobs) if job.state in states]
        return self.plain.jobs[data.draw(st.sampled_from(numbers), label="job")]

    def _act(self, data, move) -> None:
        self.hand.draw, self.sound = data.draw, False
        self.world.clock.advance(milliseconds=1)
        self.world.run(move)
        self._check()

    def _work(self) -> None:
        self.sound = False
        now = self.world.clock.now()
        before = watch.busy_now(self.plain)
        self.world.run(worker().drain())
        self._take_waves_then_time(before, now)
        self.worked = True
        self.broken_rounds += bool(self.plain.broken)
        if self.broken_rounds > MOST_BROKEN_ROUNDS:
            self._heal()
        self._check()

    def _take_waves_then_time(self, before, now) -> None:
        """Waves are older than the fallback of the same moment; who is busy may have changed in between."""
        open_before = [job for job in self.plain.jobs if job.state is State.OPEN]
        watch.pass_time(self.plain, now)
        self.world.run(watch.look_at_waves(self.plain, before, now))
        assert all(job.state in {State.OPEN, State.ESCALATED} for job in open_before)

    def _heal(self) -> None:
        self.world.heal()
        self.plain.heal(self.world.clock.now())
        self.broken_rounds = 0

    def _check(self) -> None:
        self.world.run(watch.compare(self.world, self.plain, worked=self.worked))
        self.worked = False
        broken = self.world.run(violations())
        assert not broken, broken
        self.sound = True

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if self.sound:
                self._come_to_rest()
        finally:
            self.world.__exit__()

    def _come_to_rest(self) -> None:
        """Repair everything, let support end what waits for a person, and let 30 days pass."""
        self._heal()
        for days in (0, 0.15, 1, 3, 4, 8, 14):
            self.world.clock.advance(days=days)
            self._work()
            for job in self.plain.jobs:
                self.world.run(self._end(job))
        broken = self.world.run(violations(quiet=True))
        assert not broken, broken
        assert all(job.state in OVER for job in self.plain.jobs)
        self.world.run(watch.look_for_canaries(self.world))

    async def _end(self, job) -> None:
        with partner_scope(job.partner):
            if job.state is State.ESCALATED:
                await escalation.hand_back(case_id=job.case.id, outcome="closed", author="", text="")
            elif job.state is State.DISPUTED:
                await completion.decide(job_id=job.id, uphold=False, reason="")
            else:
                return
        job.suspended = None
        job.end(State.CANCELLED)
        job.end_case()
        job.version += 1
