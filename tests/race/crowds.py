"""Many at once: a street full of Friends, the same click many times, two workers on one timer."""

from datetime import timedelta
from uuid import UUID

from crowdcore.accounts import service as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base.errors import Refusal
from crowdcore.base.geo import Point, snap
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import Kind
from crowdcore.db import timers
from crowdcore.dispatch.rules import OfferTaken
from crowdcore.escalation import queries as cases, service as escalation
from crowdcore.escalation.rules import CaseClosed, CaseTaken
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import JobStateConflict, State, Who
from crowdcore.places.gazetteer import gazetteer
from crowdcore.plugin import HandBack
from tests.model.cast import PLACE
from tests.race.bench import Bench


async def move_in(bench: Bench, number: int) -> list[UUID]:
    """Let qualified members move into the neighbourhood."""
    cell = snap(gazetteer().place(PLACE).point)
    found = []
    for n in range(number):
        account = await accounts.open_account(
            email=f"n{n}@example.ch", name=f"N{n}", language="de", roles=frozenset({Role.FRIEND})
        )
        friend = await crowd_service.join(
            account=account, kind=Kind.FRIEND, home=Point(cell.lat, cell.lon), region="CH-ZH", place_label="x",
            radius_m=30_000, most_radius_m=50_000, languages=frozenset({"de"}),
        )  # fmt: skip
        await crowd_service.grant_qualification(
            friend_id=friend.id, skill=bench.cast.skill, reason="race",
            valid_until=bench.world.clock.now() + timedelta(days=300),
        )  # fmt: skip
        found.append(friend.id)
    return found


async def all_accept_at_once(bench: Bench, rounds: int, *, friends: int) -> None:
    """One winner per job, everybody else hears that it is taken, and the winner may ask again."""
    street = await move_in(bench, friends)
    for _ in range(rounds):
        job = await bench.book()
        verbs = [await bench.accepting(friend, job) for friend in street]
        bench.chance.shuffle(verbs)
        answers = await bench.race(*verbs)
        winners = [n for n, answer in enumerate(answers) if not isinstance(answer, Refusal)]
        assert len(winners) == 1, f"{len(winners)} winners"
        assert {type(answer) for answer in answers} == {type(answers[winners[0]]), OfferTaken}
        assert await verbs[winners[0]]() == answers[winners[0]]
        bench.outcomes["lost"] += len(answers) - 1
    await bench.check()


async def the_same_click_many_times(bench: Bench, rounds: int, *, clicks: int = 5) -> None:
    """The same command with the same key, in parallel: one effect, one answer."""
    for _ in range(rounds):
        with_key, count = bench.command(), len(await jobs.jobs(limit=5_000))
        answers = await bench.race(*[with_key(lambda: bench.book(same_time=True, drain=False))] * clicks)
        assert len(await jobs.jobs(limit=5_000)) == count + 1, "booked more than once"
        _same_answer(answers)
        job = await jobs.job(UUID(answers[0].answer.body))
        await bench.worker.drain()

        with_key, accept = bench.command(), await bench.accepting(bench.anna, job)
        _same_answer(await bench.race(*[with_key(accept)] * clicks))

        with_key = bench.command()
        cancel = with_key(lambda job=job: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=""))
        _same_answer(await bench.race(*[cancel] * clicks))
        assert (await bench.actions(job))[2:] == ["widen", "accept", "cancel"]
        bench.outcomes["replayed"] += clicks - 1
    await bench.check()


def _same_answer(answers) -> None:
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert not refused, refused
    assert len({answer.answer for answer in answers}) == 1, "two answers to one command"
    assert sum(not answer.replayed for answer in answers) == 1, "more than one effect"


async def two_workers_one_timer(bench: Bench, rounds: int) -> None:
    """A worker that slept longer than its lease wakes up: what it holds has been done, or is being done, by another."""
    for number in range(rounds):
        job = await bench.book(drain=False)
        await jobs_service.cancel(job_id=(await bench.book()).id, who=Who.CUSTOMER, reason="")
        await escalation.hand_over(
            job_id=job.id, who=Who.SUPPORT, reason=bench.cast.reason, note="race", friend_id=None
        )
        bench.world.clock.advance(hours=1, seconds=1)
        held = [due for due in await timers.claim(limit=1000) if due.subject_id == job.id]
        bench.world.clock.advance(seconds=31)
        again = [due for due in await timers.claim(limit=1000) if due.subject_id == job.id]
        assert len(held) == len(again) == 1
        fire = bench.worker._fire_in_scope
        zombie, heir = (lambda: fire(held[0])), (lambda: fire(again[0]))
        if number % 3:
            await bench.race(zombie, heir)
        else:
            await heir()
            await zombie()
        assert (await bench.actions(job)).count("remind") == 1, "a timer had its effect twice"
        bench.outcomes["fenced"] += 1
        await escalation.hand_back(
            case_id=(await cases.cases_of(job.id))[0].id, outcome="closed", author="race", text=""
        )
    await bench.check()


async def a_failing_timer_and_its_end(bench: Bench, rounds: int) -> None:
    """A timer whose effect failed must not come back to life when its job has ended meanwhile."""
    for _ in range(rounds):
        job = await bench.book(drain=False)
        due = next(due for due in await timers.claim(limit=1000) if due.subject_id == job.id)
        await bench.race(
            lambda due=due: timers.fail(due, error="race"),
            lambda job=job: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=""),
        )
        assert await timers.live_of(subject_id=job.id) == []
        bench.outcomes["ended"] += 1
    await bench.check()


async def two_agents_one_case(bench: Bench, rounds: int) -> None:
    """Two agents take the same case, while the ticket system sends the same message twice."""
    for number in range(rounds):
        job = await bench.book(drain=False)
        case = await escalation.hand_over(
            job_id=job.id, who=Who.SUPPORT, reason=bench.cast.reason, note="race", friend_id=None
        )
        takes = [
            lambda agent=agent: escalation.take_over(case_id=case.id, agent_id=agent, author="race")
            for agent in bench.cast.agents
        ]
        taken = await bench.race(*takes)
        refused = [r for r in taken if isinstance(r, Refusal)]
        assert len(refused) == 1, "both agents believe that the case is theirs"
        assert isinstance(refused[0], CaseTaken)
        message = HandBack(case.id, f"m-{number}", "to_crowd" if number % 2 else "answer", "race")
        answers = await bench.race(*[lambda m=message: escalation._receive("desk", m)] * 3)
        assert not [a for a in answers if isinstance(a, Refusal)], "a repeated message was refused"
        assert (await bench.actions(job)).count("rebroadcast") == number % 2
        bench.outcomes["once"] += 1
        await jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason="")
        if (left := await cases.open_case_of(job.id)) is not None:
            await escalation.close_cancelled(job_id=left.job_id)
    await bench.check()


async def an_answer_and_the_end_of_a_case(bench: Bench, rounds: int) -> None:
    """Nothing is written on a case after it was closed."""
    for _ in range(rounds):
        job = await bench.book(drain=False)
        case = await escalation.hand_over(
            job_id=job.id, who=Who.SUPPORT, reason=bench.cast.reason, note="race", friend_id=None
        )
        answered, ended = await bench.race(
            lambda case=case: escalation.answer(case_id=case.id, author="race", text="x"),
            lambda case=case: escalation.hand_back(case_id=case.id, outcome="closed", author="race", text=""),
        )
        assert not isinstance(ended, Refusal)
        assert not isinstance(answered, Refusal) or isinstance(answered, CaseClosed | JobStateConflict)
        said = [message.outcome for message in await cases.messages(case.id)]
        assert sorted(said) == (["closed"] if isinstance(answered, Refusal) else ["answer", "closed"])
        bench.outcomes["refused" if isinstance(answered, Refusal) else "answered"] += 1
        assert (await jobs.job(job.id)).state is State.CANCELLED
    await bench.check()


async def the_same_grant_twice(bench: Bench, rounds: int) -> None:
    """An examiner and an exam grant one skill at the same moment."""
    for number in range(rounds):
        until = bench.world.clock.now() + timedelta(days=300)
        grants = [
            lambda: crowd_service.grant_qualification(
                friend_id=bench.anna, skill=f"skill-{number}", valid_until=until, reason="race"
            )
        ] * 3
        assert not [r for r in await bench.race(*grants) if isinstance(r, Refusal)]
        assert f"skill-{number}" in (await crowd.friend(bench.anna)).skills(bench.world.clock.now())
    await bench.check()


CROWDS = {
    crowd.__name__: crowd
    for crowd in (
        the_same_click_many_times, two_workers_one_timer, a_failing_timer_and_its_end, two_agents_one_case,
        an_answer_and_the_end_of_a_case, the_same_grant_twice,
    )
}  # fmt: skip
