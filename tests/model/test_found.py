"""What model, races and reading found in the rooms, each as the shortest way to it."""

from datetime import timedelta

import pytest

from crowdcore.agreements import service as agreements
from crowdcore.app.worker import worker
from crowdcore.base import clock
from crowdcore.base.money import Currency, Money
from crowdcore.bookings import service as bookings
from crowdcore.bookings.rules import Booking
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.db.scope import partner_scope
from crowdcore.db.transaction import StorageBusy
from crowdcore.dispatch import queries as dispatch, service as dispatch_service
from crowdcore.dispatch.rules import DeclineReason, JobsOverlap, OfferDeclined, OfferGone, QualificationExpired
from crowdcore.escalation import service as escalation
from crowdcore.jobs import models as job_models, queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Contact, Job, State, Who, Window
from crowdcore.offers import service as offers
from tests.model.cast import PLACE, Cast
from tests.model.world import World

PRICE = Money(6_000, Currency.CHF)


class Stage:
    """One partner's people and the few moves the tests below are made of."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cast: Cast = world.casts["swisscom"]
        self.anna, self.beat, self.cora, self.dino, self.elif_, self.finn = (m.id for m in self.cast.members)

    async def book(self, *, hours: int | None = None, preferred=None, drain: bool = True) -> Job:
        start = clock.now() + timedelta(hours=hours or 0)
        job = await bookings.book(
            customer_id=self.cast.customers[0],
            booking=Booking(
                service_id=self.cast.service, place_id=PLACE, urgent=hours is None, language="de", channel="web",
                wishes=() if hours is None else (Window(start, start + timedelta(hours=2)),), preferred_id=preferred,
                contact=Contact(name="K", street="S", phone="+41791234567", email="", note=""),
            ),
        )  # fmt: skip
        if drain:
            await worker().drain()
        return job

    async def pass_time(self, **units: float) -> None:
        self.world.clock.advance(**units)
        await worker().drain()

    async def offer(self, friend_id, job: Job) -> str:
        friend = await crowd.friend(friend_id)
        return next(o.id for o in await dispatch.offers_of(friend) if o.job.id == job.id)

    async def accept(self, friend_id, job: Job) -> None:
        await offers.accept(offer_id=await self.offer(friend_id, job), friend=await crowd.friend(friend_id))

    async def hand_over(self, friend_id, job: Job):
        return await escalation.hand_over(
            job_id=job.id, who=Who.FRIEND, reason=self.cast.reason, note="no", friend_id=friend_id
        )

    async def revoke(self, friend_id) -> None:
        await crowd_service.revoke_qualification(friend_id=friend_id, skill=self.cast.skill, reason="test")

    async def grant(self, friend_id) -> None:
        await crowd_service.grant_qualification(
            friend_id=friend_id, skill=self.cast.skill, valid_until=clock.now() + timedelta(days=9), reason="test"
        )


@pytest.fixture
def play():
    """Run a scene on a stage of its own."""

    def run(scene):
        async def in_scope(stage: Stage) -> None:
            with partner_scope("swisscom"):
                await scene(stage)

        with World() as world:
            world.run(in_scope(Stage(world)))

    return run


def test_the_preferred_friend_is_asked_alone_first(play):
    async def scene(stage):
        job = await stage.book(preferred=stage.cora)
        assert [w.friend_ids for w in await dispatch.waves_of(job.id)] == [(stage.cora,)]
        await stage.pass_time(seconds=61)
        assert set((await dispatch.waves_of(job.id))[1].friend_ids) == {stage.anna, stage.beat}

    play(scene)


def test_who_was_asked_twice_declines_once(play):
    async def scene(stage):
        job = await stage.book()
        first = await stage.offer(stage.anna, job)
        await stage.pass_time(minutes=11)
        second = await stage.offer(stage.anna, job)
        assert first != second
        anna = await crowd.friend(stage.anna)
        await offers.decline(offer_id=first, friend=anna, reason=DeclineReason.PRICE)
        assert await dispatch.offers_of(anna) == []
        with pytest.raises(OfferDeclined):
            await offers.accept(offer_id=second, friend=anna)

    play(scene)


def test_what_was_accepted_cannot_be_declined(play):
    async def scene(stage):
        job = await stage.book()
        offer = await stage.offer(stage.anna, job)
        await stage.accept(stage.anna, job)
        with pytest.raises(OfferGone):
            await offers.decline(offer_id=offer, friend=await crowd.friend(stage.anna), reason=DeclineReason.PRICE)
        assert await dispatch.decliners(job.id) == set()

    play(scene)


def test_a_job_given_back_is_assigned_again_only_to_somebody_who_may_do_it(play):
    async def scene(stage):
        job = await stage.book()
        await stage.accept(stage.anna, job)
        await escalation.give_back(job_id=job.id, friend=await crowd.friend(stage.anna), reason="")
        other = await stage.book()
        await escalation.assign(job_id=other.id, friend_id=stage.anna, author="")
        with pytest.raises(JobsOverlap):
            await escalation.assign(job_id=job.id, friend_id=stage.anna, author="")
        await stage.revoke(stage.anna)
        with pytest.raises(QualificationExpired):
            await escalation.assign(job_id=job.id, friend_id=stage.anna, author="")

    play(scene)


def test_a_job_handed_over_does_not_come_back_to_somebody_who_is_busy_by_then(play):
    async def scene(stage):
        job = await stage.book()
        await stage.accept(stage.anna, job)
        case = await stage.hand_over(stage.anna, job)
        other = await stage.book()
        await stage.accept(stage.anna, other)
        with pytest.raises(JobsOverlap):
            await escalation.hand_back(case_id=case.id, outcome="back_to_friend", author="", text="")
        assert (await jobs.job(job.id)).state is State.ESCALATED

    play(scene)


def test_a_job_handed_back_reaches_only_to_the_friends_next_job(play):
    async def scene(stage):
        later = await stage.book(hours=5)
        await stage.accept(stage.anna, later)
        job = await stage.book()
        await stage.accept(stage.anna, job)
        case = await stage.hand_over(stage.anna, job)
        await escalation.hand_back(case_id=case.id, outcome="back_to_friend", author="", text="")
        assert (await jobs.job(job.id)).window.end == later.window.start

    play(scene)


def test_a_price_agreed_with_one_friend_does_not_bind_the_next(play):
    async def scene(stage):
        job = await stage.book()
        await stage.accept(stage.anna, job)
        await agreements.propose_price(job_id=job.id, who=Who.CUSTOMER, amount=PRICE, reason="", friend_id=None)
        await agreements.answer_price(job_id=job.id, who=Who.FRIEND, amount=PRICE, agree=True, friend_id=stage.anna)
        case = await stage.hand_over(stage.anna, job)
        await escalation.hand_back(case_id=case.id, outcome="back_to_friend", author="", text="")
        assert (await jobs.job(job.id)).agreed == PRICE
        await stage.hand_over(stage.anna, job)
        await escalation.assign(job_id=job.id, friend_id=stage.beat, author="")
        assert (await jobs.job(job.id)).agreed is None

    play(scene)


def test_an_objection_ends_the_talk_about_the_price(play):
    async def scene(stage):
        job = await stage.book()
        await stage.accept(stage.anna, job)
        await jobs_service.start(job_id=job.id, friend_id=stage.anna)
        await agreements.propose_price(job_id=job.id, who=Who.FRIEND, amount=PRICE, reason="", friend_id=stage.anna)
        await completion.report(job_id=job.id, friend_id=stage.anna, text="")
        assert (await completion.dispute(job_id=job.id, who=Who.CUSTOMER, reason="")).proposal is None

    play(scene)


def test_a_rule_that_cannot_be_asked_delays_the_search_instead_of_wasting_it(play):
    async def scene(stage):
        stage.world.break_hook("friend_eligibility")
        job = await stage.book()
        await stage.pass_time(minutes=1)
        assert await dispatch.waves_of(job.id) == []
        stage.world.heal()
        await stage.pass_time(minutes=1)
        assert await dispatch.live_offers_left(await jobs.job(job.id)) == 3

    play(scene)


def test_a_timer_survives_a_database_that_is_busy(play, monkeypatch):
    async def scene(stage):
        job = await stage.book(drain=False)
        change = jobs_service.change

        async def busy(*_, **__):
            raise StorageBusy(retry_after_s=1)

        monkeypatch.setattr(jobs_service, "change", busy)
        await stage.pass_time(hours=4)
        monkeypatch.setattr(jobs_service, "change", change)
        await stage.pass_time(minutes=1)
        assert (await jobs.job(job.id)).state is State.ESCALATED

    play(scene)


def test_losing_every_try_is_no_verdict_on_the_state(play, monkeypatch):
    """A timer that is told 'not in this state' is done for good; one that lost a race must come again."""

    async def scene(stage):
        job = await stage.book()

        class Nothing:
            async def update(self, **_):
                return 0

        real = job_models.Job.filter
        monkeypatch.setattr(job_models.Job, "filter", lambda **f: Nothing() if "version" in f else real(**f))
        with pytest.raises(StorageBusy):
            await jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason="")
        monkeypatch.undo()
        assert (await jobs.job(job.id)).state is State.OPEN

    play(scene)


def test_a_newcomer_hears_of_every_open_job_even_if_the_first_try_fails(play, monkeypatch):
    async def scene(stage):
        made = [await stage.book(hours=30 * n) for n in (1, 2, 3)]
        send, failures = dispatch_service._send_late, [OSError("lost")]

        async def flaky(job, *args, **more):
            if job.id == made[1].id and failures:
                raise failures.pop()
            return await send(job, *args, **more)

        monkeypatch.setattr(dispatch_service, "_send_late", flaky)
        await stage.grant(stage.finn)
        await stage.pass_time(seconds=10)
        await stage.pass_time(seconds=10)
        offered = {o.job.id for o in await dispatch.offers_of(await crowd.friend(stage.finn))}
        assert offered == {job.id for job in made}

    play(scene)


def test_newcomers_do_not_open_the_search_for_kinds_whose_time_has_not_come(play):
    async def scene(stage):
        await stage.revoke(stage.dino)
        await stage.revoke(stage.anna)
        job = await stage.book()
        await stage.grant(stage.anna)
        await stage.pass_time(seconds=1)
        await stage.pass_time(seconds=31)
        await stage.grant(stage.finn)
        await stage.pass_time(seconds=1)
        assert len(await dispatch.waves_of(job.id)) == 4
        await stage.grant(stage.dino)
        await stage.pass_time(seconds=1)
        assert await dispatch.offers_of(await crowd.friend(stage.dino)) == []
        await stage.pass_time(minutes=10)
        assert await stage.offer(stage.dino, job)

    play(scene)


def test_a_newcomer_who_loses_the_skill_again_at_once_blocks_nobody(play, monkeypatch):
    async def scene(stage):
        job = await stage.book()
        send = dispatch_service._send_late

        async def late(*args, **more):
            await stage.revoke(stage.finn)
            return await send(*args, **more)

        monkeypatch.setattr(dispatch_service, "_send_late", late)
        await stage.grant(stage.finn)
        await stage.pass_time(seconds=1)
        monkeypatch.setattr(dispatch_service, "_send_late", send)
        await stage.grant(stage.finn)
        await stage.pass_time(seconds=1)
        assert await stage.offer(stage.finn, job)

    play(scene)
