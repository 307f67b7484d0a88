"""The story of one job, from booking to rating, with all that can come between."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from crowdcore.app.demo.people import saying
from crowdcore.app.demo.plans import NEVER, Fate, Plan, Step
from crowdcore.app.demo.scene import Scene, minutes
from crowdcore.app.demo.stage import act
from crowdcore.base import clock
from crowdcore.base.errors import Fault, Refusal
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend, Kind
from crowdcore.escalation import queries as cases, service as escalation
from crowdcore.escalation.rules import Case
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import Job, Milestone, State, Who, Window

_HALF_HOUR = timedelta(minutes=30)
_FORGOTTEN_AFTER = timedelta(hours=3)
_WEIGHTED_END = (("back_to_friend", 45), ("solved", 33), ("to_crowd", 8), ("closed", 14))


class _Enough(Exception):
    """The story stops here by plan."""


class Story:
    """One job's story; `told` yields the moments at which it goes on."""

    def __init__(self, scene: Scene, plan: Plan) -> None:
        """Take where it plays and what is planned."""
        self.scene, self.plan = scene, plan
        self.chance = random.Random(f"{scene.portal.id}:{plan.name}")  # noqa: S311 -- repeatable on purpose
        self._job: Job | None = None
        self._friend: Friend | None = None
        self._at_desk = False

    @property
    def job(self) -> Job:
        """The job as it was booked."""
        if self._job is None:
            raise Fault("the story has not begun")
        return self._job

    @property
    def friend(self) -> Friend:
        """Who has the job, or had it last."""
        if self._friend is None:
            raise Fault("nobody has the job")
        return self._friend

    async def told(self) -> AsyncIterator[datetime]:
        """Tell the story from now on."""
        try:
            if self.plan.fate is Fate.FORGOTTEN:
                await self.scene.draft(self.plan, self.chance)
                return
            self._job = await self.scene.book(self.plan, self.chance)
            async for moment in self._whole():
                yield moment
        except _Enough:
            return

    async def _whole(self) -> AsyncIterator[datetime]:
        for part in (self._search, self._until_there, self._work):
            async for moment in part():
                yield moment
            if self._is_alone():
                return
            if self._at_desk:
                break
        async for moment in self._afterwards():
            yield moment

    # ---- somebody is looked for ------------------------------------------------------------------------

    async def _search(self) -> AsyncIterator[datetime]:
        opened, plan = clock.now(), self.plan
        if plan.accept_after > _HALF_HOUR / 20 and self.chance.random() < 0.4:  # noqa: PLR2004 -- a draw
            yield opened + minutes(self.chance, 0.6, 1.3)
            await self.scene.decline(self.job, self.chance)
        if plan.fate is Fate.CALLED_OFF_EARLY:
            yield opened + min(plan.accept_after * 0.7, timedelta(minutes=50))
            await self._call_off()
            return
        if plan.accept_after != NEVER:
            yield opened + plan.accept_after
            async for moment in self._accept():
                yield moment
        if self._is_alone():
            yield opened + self.scene.portal.settings.dispatch.fallback_at + minutes(self.chance, 10, 50)
            async for moment in self._at_the_desk(("assigned", "assigned", "closed", "to_crowd")):
                yield moment

    async def _accept(self) -> AsyncIterator[datetime]:
        for pause in (2, 11, 35, 40):
            self._friend = await self.scene.accept(self.job, self.plan, self.chance)
            if not self._is_alone():
                self._stop_at(Step.ACCEPTED)
                return
            yield clock.now() + timedelta(minutes=pause)

    # ---- from yes to the door --------------------------------------------------------------------------

    async def _until_there(self) -> AsyncIterator[datetime]:
        job, fate = self.job, self.plan.fate
        yield clock.now() + (minutes(self.chance, 1, 5) if job.urgent else minutes(self.chance, 5, 110))
        if fate is Fate.GIVEN_BACK:
            async for moment in self._give_back():
                yield moment
            if self._is_alone():
                return
        start = self._appointment()
        await self.scene.contact(job, self.friend, self.chance, Window(start, start + timedelta(hours=1)))
        self._stop_at(Step.CONTACTED)
        if self.plan.stop is Step.PRICE:
            await self.scene.talk_price(job, self.friend, self.chance, answered=False)
            raise _Enough
        if fate is Fate.CALLED_OFF_LATE:
            yield clock.now() + (start - clock.now()) * self.chance.uniform(0.2, 0.9)
            await self._call_off()
            self._friend = None
            return
        if fate is Fate.NO_SHOW:
            async for moment in self._missed(start):
                yield moment
            return
        yield max(clock.now(), start - minutes(self.chance, 15, 30))
        await self.scene.reach(job, self.friend, Milestone.ON_THE_WAY)
        self._stop_at(Step.ON_THE_WAY)
        yield max(clock.now(), start + minutes(self.chance, -6, 8))
        await self.scene.reach(job, self.friend, Milestone.ARRIVED)

    async def _give_back(self) -> AsyncIterator[datetime]:
        act("friend", self.friend.account_id)
        reason = saying("give_back", self.job.language, self.chance)
        await escalation.give_back(job_id=self.job.id, friend=self.friend, reason=reason)
        self._friend = None
        yield clock.now() + minutes(self.chance, 1, 9)
        async for moment in self._accept():
            yield moment
        if not self._is_alone():
            yield clock.now() + minutes(self.chance, 2, 8)

    async def _missed(self, start: datetime) -> AsyncIterator[datetime]:
        """The Friend does not come: the timer notices, and support finds somebody else."""
        job = await self.scene.present(self.job)
        yield max(start, job.window.end) + _HALF_HOUR + minutes(self.chance, 5, 25)
        self._friend = None
        async for moment in self._at_the_desk(("assigned", "assigned", "closed")):
            yield moment

    def _appointment(self) -> datetime:
        """Return when the Friend comes: soon, or within the time that was wished for."""
        if self.plan.appointment is not None:
            return self.plan.appointment
        job, now = self.job, clock.now()
        if job.urgent or now > job.window.start:
            return now + minutes(self.chance, 22, 55)
        room = max(timedelta(0), job.window.end - job.window.start - timedelta(hours=1))
        return job.window.start + room * (self.chance.randint(0, 4) / 4)

    # ---- the work --------------------------------------------------------------------------------------

    async def _work(self) -> AsyncIterator[datetime]:
        job, fate = self.job, self.plan.fate
        yield clock.now() + minutes(self.chance, 1, 5)
        await self.scene.start(job, self.friend)
        self._stop_at(Step.STARTED)
        took = timedelta(minutes=job.service.minutes) * self.chance.uniform(0.6, 1.25)
        if fate is Fate.HANDED_OVER:
            yield clock.now() + took / 2
            async for moment in self._hand_over():
                yield moment
            return
        if fate is Fate.OVERRUN:
            yield clock.now() + timedelta(minutes=job.service.minutes_max) * 3 + minutes(self.chance, 10, 30)
            async for moment in self._at_the_desk(("back_to_friend", "solved")):
                yield moment
            return
        yield clock.now() + took
        await self.scene.report(job, self.friend, self.chance)
        self._stop_at(Step.REPORTED)

    async def _hand_over(self) -> AsyncIterator[datetime]:
        act("friend", self.friend.account_id)
        reason = self.chance.choice(list(self.scene.portal.settings.escalation))
        note = saying("hand_over", self.job.language, self.chance)
        await escalation.hand_over(
            job_id=self.job.id, who=Who.FRIEND, reason=reason, note=note, friend_id=self.friend.id
        )
        self._stop_at(Step.HANDED_OVER)
        yield clock.now() + minutes(self.chance, 6, 75)
        async for moment in self._at_the_desk(tuple(end for end, weight in _WEIGHTED_END for _ in range(weight))):
            yield moment

    # ---- the support desk ------------------------------------------------------------------------------

    async def _at_the_desk(self, endings: tuple[str, ...]) -> AsyncIterator[datetime]:
        """Let support take the case, answer, and end it in one of these ways."""
        case, agent, language = await cases.open_case_of(self.job.id), self.scene.agent, self.job.language
        self._at_desk = True
        if case is None:
            return
        act("agent", agent.id)
        await escalation.take_over(case_id=case.id, agent_id=agent.id, author=agent.name)
        self._stop_at(Step.TAKEN_OVER)
        if case.friend_id is not None:
            yield clock.now() + minutes(self.chance, 2, 15)
            act("agent", agent.id)
            advice = saying("advice", language, self.chance)
            await escalation.answer(case_id=case.id, author=agent.name, text=advice)
        self._stop_at(Step.ANSWERED)
        yield clock.now() + minutes(self.chance, 4, 25)
        act("agent", agent.id)
        ending = self.chance.choice(endings)
        if ending == "assigned" and not await self._assign():
            ending = "closed"
        if ending != "assigned":
            await self._end(case, ending)
        async for moment in self._after_the_desk(ending):
            yield moment

    async def _end(self, case: Case, ending: str) -> None:
        occasion = {"back_to_friend": "advice", "to_crowd": "advice"}.get(ending, ending)
        text = saying(occasion, self.job.language, self.chance)
        await escalation.hand_back(case_id=case.id, outcome=ending, author=self.scene.agent.name, text=text)  # type: ignore[arg-type]  # one of the outcomes

    async def _assign(self) -> bool:
        """Give the job to a Profi nearby, or to a Friend, by hand."""
        near = await self.scene.near(self.job)
        for friend in sorted(near, key=lambda one: (one.kind is not Kind.PROFI, one.id))[:6]:
            if await self.scene.assign(self.job, friend):
                self._friend = await crowd.friend(friend.id)
                return True
        return False

    async def _after_the_desk(self, ending: str) -> AsyncIterator[datetime]:
        present = await self.scene.present(self.job)
        if ending == "to_crowd":
            yield clock.now() + minutes(self.chance, 2, 30)
            async for moment in self._accept():
                yield moment
            present = await self.scene.present(self.job)
        if present.state is State.ASSIGNED and not self._is_alone():
            yield clock.now() + minutes(self.chance, 4, 20)
            start = clock.now() + minutes(self.chance, 25, 60)
            if Milestone.ARRIVED not in present.milestones:
                await self.scene.contact(present, self.friend, self.chance, Window(start, start + timedelta(hours=1)))
                yield start
            await self.scene.start(present, self.friend)
            yield clock.now() + timedelta(minutes=present.service.minutes) * self.chance.uniform(0.5, 1.1)
            await self.scene.report(present, self.friend, self.chance)

    # ---- afterwards ------------------------------------------------------------------------------------

    async def _afterwards(self) -> AsyncIterator[datetime]:
        job = await jobs.job(self.job.id)
        if job.state is not State.DONE:
            return
        if self.plan.fate is Fate.DISPUTED:
            async for moment in self._quarrel():
                yield moment
            return
        if self.chance.random() < 0.68 or self.plan.stop is not None:  # noqa: PLR2004 -- the others wait
            yield clock.now() + minutes(self.chance, 3, 360 if self.plan.stop is None else 10)
            act("customer", job.customer_id)
            await completion.confirm(job_id=job.id, who=Who.CUSTOMER)
            self._stop_at(Step.CONFIRMED)
        if self.chance.random() < 0.74:  # noqa: PLR2004 -- three of four rate
            yield clock.now() + minutes(self.chance, 1, 240)
            await self.scene.rate(job, self.chance)

    async def _quarrel(self) -> AsyncIterator[datetime]:
        yield clock.now() + minutes(self.chance, 45, 900 if self.plan.stop is None else 90)
        act("customer", self.job.customer_id)
        reason = saying("dispute", self.job.language, self.chance)
        await completion.dispute(job_id=self.job.id, who=Who.CUSTOMER, reason=reason)
        self._stop_at(Step.DISPUTED)
        yield clock.now() + minutes(self.chance, 60, 1_200)
        act("agent", self.scene.agent.id)
        uphold = self.chance.random() < 0.6  # noqa: PLR2004 -- a draw
        word = saying("uphold" if uphold else "withdraw", self.job.language, self.chance)
        await completion.decide(job_id=self.job.id, uphold=uphold, reason=word)

    # ---- small things ----------------------------------------------------------------------------------

    def _is_alone(self) -> bool:
        return self._friend is None

    async def _call_off(self) -> None:
        act("customer", self.job.customer_id)
        reason = saying("cancel", self.job.language, self.chance)
        await jobs_service.cancel(job_id=self.job.id, who=Who.CUSTOMER, reason=reason)

    def _stop_at(self, step: Step) -> None:
        if self.plan.stop is step:
            raise _Enough


async def tidy_desk(scene: Scene, *, until: datetime) -> AsyncIterator[datetime]:
    """Let support look through its cases every few hours and end those that nobody tells a story about."""
    while clock.now() < until:
        for case in await cases.inbox():
            if case.opened_at < clock.now() - _FORGOTTEN_AFTER:
                act("agent", scene.agent.id)
                text = saying("closed", scene.portal.settings.languages.default.value, scene.chance)
                with contextlib.suppress(Refusal):  # the job has moved on
                    await escalation.hand_back(case_id=case.id, outcome="closed", author=scene.agent.name, text=text)
        yield clock.now() + timedelta(hours=4)
