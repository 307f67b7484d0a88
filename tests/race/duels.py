"""Two people, or a person and a timer, want to move one job at the same moment: one serial order, a clear answer."""

import asyncio
import time
from datetime import timedelta

from crowdcore.base.errors import NotFound, Refusal
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import JobsOverlap, OfferGone, OfferTaken, QualificationExpired
from crowdcore.escalation import queries as cases, service as escalation
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import JobStateConflict, State, Who
from crowdcore.offers import service as offers
from tests.race.bench import Bench, Duel, slowed


async def accept_and_cancel(bench: Bench, rounds: int) -> None:
    duel = Duel(bench, "accept", "cancel")
    for _ in range(rounds):
        job = await bench.book()
        won, cancelled = await duel.fight(
            await bench.accepting(bench.anna, job),
            lambda job=job: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=""),
        )
        assert not isinstance(cancelled, Refusal), "an open or assigned job can always be called off"
        actions = await bench.actions(job)
        accepted = not isinstance(won, Refusal)
        assert accepted or isinstance(won, OfferGone), won
        assert actions[-2:] == (["accept", "cancel"] if accepted else ["widen", "cancel"])
        assert (await jobs.job(job.id)).assignee_id is None
        duel.first(left=accepted)
    await bench.check()
    duel.check_both_seen(rounds)


async def accept_and_wave(bench: Bench, rounds: int) -> None:
    duel = Duel(bench, "accept", "wave")
    for _ in range(rounds):
        job = await bench.book()
        accept = await bench.accepting(bench.anna, job)
        bench.world.clock.advance(seconds=31)
        won, _ = await duel.fight(accept, bench.worker.round)
        assert not isinstance(won, Refusal), won
        actions = await bench.actions(job)
        assert actions[-1] == "accept", "somebody was asked about a job that was taken"
        assert actions.count("widen") == len(await dispatch.waves_of(job.id))
        duel.first(left=actions.count("widen") == 1)
    await bench.check()
    duel.check_both_seen(rounds)


async def accept_and_revoke(bench: Bench, rounds: int) -> None:
    """Once a revocation is acknowledged, no accept wins that had not won before."""
    duel = Duel(bench, "accept", "revoke")
    checked = [0.0]

    async def hesitate() -> None:
        await asyncio.sleep(bench.chance.uniform(0, 0.003))
        checked[0] = time.perf_counter()

    async def revoke() -> float:
        await crowd_service.revoke_qualification(friend_id=bench.anna, skill=bench.cast.skill, reason="race")
        return time.perf_counter()

    with slowed(jobs_service, "assign", hesitate):
        for _ in range(rounds):
            job = await bench.book()
            accept = await bench.accepting(bench.anna, job)
            won, revoked_at = await duel.fight(accept, revoke)
            accepted = not isinstance(won, Refusal)
            assert accepted or isinstance(won, QualificationExpired), won
            assert not (accepted and revoked_at < checked[0]), "an accept won after the revocation was acknowledged"
            duel.first(left=accepted)
            await crowd_service.grant_qualification(
                friend_id=bench.anna, skill=bench.cast.skill, reason="race",
                valid_until=bench.world.clock.now() + timedelta(days=300),
            )  # fmt: skip
    await bench.check()
    duel.check_both_seen(rounds)


async def accept_and_pull(bench: Bench, rounds: int) -> None:
    """Support pulls a job out of the search while somebody accepts it."""
    duel = Duel(bench, "accept", "support")
    for _ in range(rounds):
        job = await bench.book()
        won, case = await duel.fight(
            await bench.accepting(bench.anna, job),
            lambda job=job: escalation.hand_over(
                job_id=job.id, who=Who.SUPPORT, reason=bench.cast.reason, note="race", friend_id=None
            ),
        )
        now, accepted = await jobs.job(job.id), not isinstance(won, Refusal)
        if isinstance(case, Refusal):
            assert isinstance(case, JobStateConflict)
            assert (now.state, now.assignee_id) == (State.ASSIGNED, bench.anna)
            assert await cases.cases_of(job.id) == []
        else:
            assert now.state is State.ESCALATED
            assert case.friend_id == (bench.anna if accepted else None)
        assert accepted or isinstance(won, OfferGone), won
        duel.first(left=accepted)
    await bench.check()
    duel.check_both_seen(rounds)


async def cancel_and_start(bench: Bench, rounds: int) -> None:
    duel = Duel(bench, "cancel", "start")
    for _ in range(rounds):
        bench.world.clock.advance(hours=3)
        job = await bench.book(urgent=True, drain=False)
        await escalation.assign(job_id=job.id, friend_id=bench.anna, author="race")
        cancelled, started = await duel.fight(
            lambda job=job: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=""),
            lambda job=job: jobs_service.start(job_id=job.id, friend_id=bench.anna),
        )
        refused = [r for r in (cancelled, started) if isinstance(r, Refusal)]
        assert len(refused) == 1, "exactly one of them comes first"
        assert isinstance(refused[0], JobStateConflict)
        assert (await bench.actions(job))[-1] == ("start" if refused[0] is cancelled else "cancel")
        duel.first(left=refused[0] is started)
    await bench.check()
    duel.check_both_seen(rounds)


async def confirm_and_dispute(bench: Bench, rounds: int) -> None:
    """Both may win; the work is counted once, and only the order decides the state."""
    duel = Duel(bench, "confirm", "dispute")
    before = (await crowd.friend(bench.anna)).jobs_done
    confirmations = 0
    for _ in range(rounds):
        bench.world.clock.advance(hours=3)
        job = await bench.book(urgent=True, drain=False)
        await escalation.assign(job_id=job.id, friend_id=bench.anna, author="race")
        await jobs_service.start(job_id=job.id, friend_id=bench.anna)
        await completion.report(job_id=job.id, friend_id=bench.anna, text="")
        confirmed, disputed = await duel.fight(
            lambda job=job: completion.confirm(job_id=job.id, who=Who.CUSTOMER),
            lambda job=job: completion.dispute(job_id=job.id, who=Who.CUSTOMER, reason=""),
        )
        assert not isinstance(disputed, Refusal)
        assert (await jobs.job(job.id)).state is State.DISPUTED
        confirmations += not isinstance(confirmed, Refusal)
        duel.first(left=not isinstance(confirmed, Refusal))
    assert (await crowd.friend(bench.anna)).jobs_done == before + confirmations
    await bench.check()
    duel.check_both_seen(rounds)


async def two_jobs_one_friend(bench: Bench, rounds: int) -> None:
    """Two jobs at the same time: by two accepts, and by an accept and support's hand."""
    duel = Duel(bench, "one", "the other")
    for number in range(rounds):
        one = await bench.book()
        other = await bench.book(same_time=True)
        second = await bench.accepting(bench.anna, other)
        if number % 2:
            second = lambda other=other: escalation.assign(  # noqa: E731 -- one of two ways, chosen here
                job_id=other.id, friend_id=bench.anna, author="race"
            )
        answers = await duel.fight(await bench.accepting(bench.anna, one), second)
        refused = [r for r in answers if isinstance(r, Refusal)]
        assert len(refused) == 1, "both jobs, or none, were given to one Friend at the same time"
        assert isinstance(refused[0], JobsOverlap)
        duel.first(left=refused[0] is answers[1])
        lost = other if refused[0] is answers[1] else one
        await jobs_service.cancel(job_id=lost.id, who=Who.CUSTOMER, reason="")
    await bench.check()
    duel.check_both_seen(rounds)


async def two_friends_one_job(bench: Bench, rounds: int) -> None:
    """One accepts, and support gives the job to somebody else."""
    duel = Duel(bench, "accept", "support")
    for _ in range(rounds):
        job = await bench.book()
        won, assigned = await duel.fight(
            await bench.accepting(bench.anna, job),
            lambda job=job: escalation.assign(job_id=job.id, friend_id=bench.beat, author="race"),
        )
        accepted = not isinstance(won, Refusal)
        assert accepted == isinstance(assigned, Refusal), "exactly one of them has the job"
        assert isinstance(assigned if accepted else won, JobStateConflict if accepted else OfferTaken)
        duel.first(left=accepted)
    await bench.check()
    duel.check_both_seen(rounds)


async def a_double_click_on_giving_back(bench: Bench, rounds: int) -> None:
    """The second click must not take the job from whoever accepted it in between."""
    for _ in range(rounds):
        job = await bench.book()
        await (await bench.accepting(bench.anna, job))()
        anna, beat = await crowd.friend(bench.anna), await crowd.friend(bench.beat)

        async def beat_accepts(job=job, beat=beat) -> None:
            while not (offered := [o for o in await dispatch.offers_of(beat) if o.job.id == job.id]):
                await bench.worker.round()
            await offers.accept(offer_id=offered[0].id, friend=beat)

        def back(job=job, anna=anna):
            return escalation.give_back(job_id=job.id, friend=anna, reason="race")

        first, second, _ = await bench.race(back, back, beat_accepts, delays=(0, bench.chance.uniform(0, 0.05), 0))
        refused = [r for r in (first, second) if isinstance(r, Refusal)]
        assert len(refused) == 1, "given back twice"
        assert isinstance(refused[0], JobStateConflict | NotFound)
        bench.outcomes[refused[0].code] += 1
        assert (await jobs.job(job.id)).assignee_id == bench.beat
    await bench.check()


DUELS = {
    duel.__name__: duel
    for duel in (
        accept_and_cancel, accept_and_wave, accept_and_revoke, accept_and_pull, cancel_and_start,
        confirm_and_dispute, two_jobs_one_friend, two_friends_one_job, a_double_click_on_giving_back,
    )
}  # fmt: skip
