"""Verbs of the dispatch room: send the next wave, record a reaction, give a job by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crowdcore.base import clock
from crowdcore.base.geo import distance_m
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.crowd.rules import ALWAYS, Friend
from crowdcore.db import outbox, timers
from crowdcore.db.timers import Due
from crowdcore.db.transaction import crashpoint, on_foot, unit_of_work
from crowdcore.dispatch import events, models, queries
from crowdcore.dispatch.rules import (
    Candidate,
    DeclineReason,
    Exclusion,
    ReactionKind,
    Step,
    StepKind,
    Wave,
    exclusion,
    plan,
    refusal_for,
)
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.events import NobodyYet
from crowdcore.jobs.rules import Action, Job, State, Who
from crowdcore.partners.queries import portal
from crowdcore.plugin import Denied, FriendView, HookUnavailable

MOST_IN_A_WAVE = 500
"""Nobody gains from asking more people than this at once; the best are asked first."""

ASK_AGAIN = timedelta(seconds=30)
"""How long a step waits when the partner's rules could not be asked."""

LATE_STEP = 1_000
"""Waves to members who qualified while a search was under way are numbered from here."""


async def run_step(due: Due) -> None:
    """Do the step of a search that is due: a wave, or the notice that nobody has accepted yet.

    A step of a search that is over does nothing; one whose rules cannot be asked is put off.
    """
    job = await jobs.job(due.subject_id)
    if job.state is not State.OPEN or due.payload["round"] != job.round_no:
        return
    index = int(str(due.payload["step"]))
    began = datetime.fromisoformat(str(due.payload.get("began") or due.due_at.isoformat()))
    steps = plan(portal().settings.dispatch, preferred=_asks_preferred(job))
    step = steps[index]
    if step.kind is StepKind.NOTICE:
        await _notice(job, steps, index, began)
        return
    try:
        found, excluded = await candidates(job=job, step=step)
    except HookUnavailable:
        await _put_off(job, index, began)
        return
    await _send(job, steps, index, began, await _ranked(job, found), excluded)


async def candidates(*, job: Job, step: Step) -> tuple[list[Candidate], dict[str, int]]:
    """Return who a step may ask, and how many were left out by reason.

    The kernel's hard rules come first; the partner's `friend_eligibility` hook may only narrow.

    Raises:
        HookUnavailable: that hook failed. Nobody may be asked then: a partner's legal rule may sit there.
    """
    if step.kind is StepKind.PREFERRED:
        chosen = await crowd.friends([job.preferred_id] if job.preferred_id else [])
        near: list[Friend] = list(chosen.values())
        radius_m, kinds = None, None
    else:
        near = await queries.members_near(job, step.radius_m)
        radius_m, kinds = step.radius_m, step.kinds
    skip = await _not_again(job, step)
    busy = await jobs.windows_of_friends([friend.id for friend in near])
    gave_back = await jobs.released_by(job.id)
    now, zone = clock.now(), ZoneInfo(portal().settings.time_zone)
    found: list[Candidate] = []
    excluded: Counter[str] = Counter()
    for friend in near:
        reason = skip.get(friend.id) or exclusion(
            friend, job, radius_m=radius_m, kinds=kinds, now=now, zone=zone, busy=busy.get(friend.id, ()),
            gave_back=gave_back,
        )  # fmt: skip
        if reason is None:
            found.append(Candidate(friend, round(distance_m(friend.home, job.place.cell))))
        else:
            excluded[reason.value] += 1
    allowed = await _narrowed(job, found)
    if len(allowed) < len(found):
        excluded[Exclusion.PARTNER_RULE.value] += len(found) - len(allowed)
    return allowed, dict(excluded)


async def denied_by_partner(*, job: Job, friend: Friend) -> Denied | None:
    """Ask the partner's rules about one member, as is done again at accept.

    Raises:
        NotEligible: the rules cannot be asked now; nobody gets through unchecked.
    """
    candidate = Candidate(friend, round(distance_m(friend.home, job.place.cell)))
    try:
        denials = await portal().hooks.friend_eligibility(job=jobs.view(job), friends=(_view(candidate),))
    except HookUnavailable as error:
        raise refusal_for(Exclusion.PARTNER_RULE) from error
    return denials.get(friend.id)


@unit_of_work
async def react(
    *, offer: queries.Offer, friend_id: UUID, kind: ReactionKind, reason: DeclineReason | None = None
) -> None:
    """Record what a member did with an offer; the same twice is one row.

    If a no leaves nobody who could say yes, the next wave goes out at once.
    """
    row = models.Reaction(
        wave_id=offer.wave.id,
        job_id=offer.job.id,
        friend_id=friend_id,
        kind=kind,
        reason=reason,
        at=clock.now(),
    )
    await models.Reaction.bulk_create([row], ignore_conflicts=True)
    if kind is ReactionKind.DECLINED:
        await outbox.publish(events.OfferWasDeclined(job_id=offer.job.id, friend_id=friend_id))
        if await queries.live_offers_left(offer.job) == 0:
            await _pull_next_wave(offer.job)


@unit_of_work
async def assign_by_hand(*, job_id: UUID, friend_id: UUID) -> Job:
    """Give a job to a member support chose.

    Raises:
        NotFound: no such job or member.
        QualificationExpired, JobsOverlap, NotEligible: a rule forbids it.
        JobStateConflict: the job is neither open nor handed over.
    """
    friend = await check_by_hand(job_id=job_id, friend_id=friend_id)
    window = await queries.window_of(await jobs.job(job_id), friend)
    return await jobs_service.assign(job_id=job_id, friend=friend, window=window, who=Who.SUPPORT)


@unit_of_work
async def check_by_hand(*, job_id: UUID, friend_id: UUID, had_it: bool = False) -> Friend:
    """Hold job and member, and return the member if they may get the job from support's hand.

    Distance and waves do not matter, nor that they gave it back before; everything else does. Whoever was on
    the job already agreed on its time: their hours only say when they want to be asked.

    Raises:
        NotFound: no such job or member.
        QualificationExpired, JobsOverlap, NotEligible: a rule forbids it.
    """
    await jobs_service.lock(job_ids=[job_id])
    await crowd_service.lock(friend_ids=[friend_id])
    friend = await crowd.friend(friend_id)
    asked = replace(friend, hours=ALWAYS) if had_it else friend
    reason = await queries.why_not(await jobs.job(job_id), asked, by_hand=True)
    if reason is not None:
        raise refusal_for(reason)
    return friend


async def ask_newcomers(*, friend_ids: Collection[UUID]) -> int:
    """Offer open jobs nearby to members who qualified, joined or came back while they were searched for.

    Returns:
        How many offers that made.

    Raises:
        HookUnavailable: the partner's rules cannot be asked; the worker tries again later.
    """
    asked, fresh = 0, set(friend_ids)
    with on_foot():  # the news is dealt with when every job has been looked at, not with the first
        for job in await jobs.jobs(states=[State.OPEN], limit=500):
            step = await _reached(job)
            if step is None:
                continue
            found, _ = await candidates(job=job, step=step)
            for newcomer in found:
                if newcomer.friend.id in fresh:
                    asked += await _send_late(job, newcomer, step.radius_m)
    return asked


@unit_of_work
async def _send(
    job: Job,
    steps: Sequence[Step],
    index: int,
    began: datetime,
    found: Sequence[Candidate],
    excluded: dict[str, int],
) -> None:
    """Write the wave, tell the members and set the timer of the next step, all at once."""
    await jobs_service.change(job.id, Action.WIDEN, Who.TIMER, event=None)
    sent = await _write_wave(job, found, step=index, radius_m=steps[index].radius_m, excluded=excluded)
    crashpoint("wave.after_write")
    await _next(job, steps, index, began)
    if sent == 0 and await queries.live_offers_left(job) == 0:
        await _pull_next_wave(job)


@unit_of_work
async def _send_late(job: Job, newcomer: Candidate, radius_m: int) -> bool:
    """Ask one more member; say no if the search moved on, or asked them, in the meantime."""
    await jobs_service.lock(job_ids=[job.id])
    present = await jobs.job(job.id)
    if present.state is not State.OPEN or present.round_no != job.round_no:
        return False
    waves = await _waves_of_round(job)
    if any(newcomer.friend.id in wave.friend_ids for wave in waves):
        return False
    await jobs_service.change(job.id, Action.WIDEN, Who.TIMER, event=None)
    late = sum(wave.step >= LATE_STEP for wave in waves)
    await _write_wave(job, [newcomer], step=LATE_STEP + late, radius_m=radius_m, excluded={})
    return True


@unit_of_work
async def _put_off(job: Job, index: int, began: datetime) -> None:
    payload = {"round": job.round_no, "step": index, "began": began.isoformat()}
    due_at = clock.now() + ASK_AGAIN
    await timers.start(kind="dispatch.step", subject_id=job.id, due_at=due_at, payload=payload)


async def _reached(job: Job) -> Step | None:
    """Return a step that asks as far, and the same kinds, as the search has so far; None before it began."""
    waves = await _waves_of_round(job)
    if not waves:
        return None
    steps = plan(portal().settings.dispatch, preferred=_asks_preferred(job))
    kinds = frozenset(k for wave in waves if wave.step < LATE_STEP for k in steps[wave.step].kinds)
    return Step(StepKind.WAVE, timedelta(0), max(wave.radius_m for wave in waves), kinds)


async def _waves_of_round(job: Job) -> list[Wave]:
    return [wave for wave in await queries.waves_of(job.id) if wave.round_no == job.round_no]


@unit_of_work
async def _notice(job: Job, steps: Sequence[Step], index: int, began: datetime) -> None:
    await jobs_service.change(job.id, Action.NOTICE, Who.TIMER, event=NobodyYet)
    await _next(job, steps, index, began)


async def _write_wave(
    job: Job, found: Sequence[Candidate], *, step: int, radius_m: int, excluded: dict[str, int]
) -> int:
    fresh = await crowd.friends([c.friend.id for c in found])
    now = clock.now()
    still = [c for c in found if _still_fits(fresh.get(c.friend.id), job, now)]
    packed, distances = queries.pack([c.friend.id for c in still], [c.distance_m for c in still])
    row = await models.Wave.create(
        job_id=job.id,
        round_no=job.round_no,
        step=step,
        radius_m=radius_m,
        sent_at=now,
        friends=packed,
        distances=distances,
        excluded=excluded,
    )
    if still:
        accounts = tuple(str(c.friend.account_id) for c in still)
        await outbox.publish(events.WaveSent(wave_id=row.id, job_id=job.id, asked=len(still), friend_accounts=accounts))
    total, reached = await queries.asked(job)
    await outbox.publish(
        events.SearchProgress(job_id=job.id, customer_id=job.customer_id, asked=total, radius_m=reached)
    )
    return len(still)


async def _next(job: Job, steps: Sequence[Step], index: int, began: datetime) -> None:
    if index + 1 == len(steps):
        return
    payload = {"round": job.round_no, "step": index + 1, "began": began.isoformat()}
    due_at = max(began + steps[index + 1].after, clock.now())
    await timers.start(kind="dispatch.step", subject_id=job.id, due_at=due_at, payload=payload)


async def _pull_next_wave(job: Job) -> None:
    policy = portal().settings.dispatch
    upcoming = await timers.payload_of(subject_id=job.id, kind="dispatch.step")
    if upcoming is None:
        return
    steps = plan(policy, preferred=_asks_preferred(job))
    if steps[int(str(upcoming["step"]))].kind is StepKind.WAVE:
        await timers.pull(subject_id=job.id, kind="dispatch.step")


async def _not_again(job: Job, step: Step) -> dict[UUID, Exclusion]:
    """Return who must not be asked by this step because of what happened before."""
    skip = dict.fromkeys(await queries.decliners(job.id), Exclusion.DECLINED)
    if not step.again:
        for wave in await _waves_of_round(job):
            skip.update({f: Exclusion.ASKED_BEFORE for f in wave.friend_ids if f not in skip})
    return skip


async def _narrowed(job: Job, found: Sequence[Candidate]) -> list[Candidate]:
    if not found:
        return []
    denials = await portal().hooks.friend_eligibility(
        job=jobs.view(job), friends=tuple(_view(candidate) for candidate in found)
    )
    return [candidate for candidate in found if candidate.friend.id not in denials]


async def _ranked(job: Job, found: Sequence[Candidate]) -> list[Candidate]:
    if not found:
        return []
    scores = await portal().hooks.rank_candidates(
        job=jobs.view(job), friends=tuple(_view(candidate) for candidate in found)
    )
    best = sorted(found, key=lambda c: (-scores.get(c.friend.id, 0.0), c.distance_m, c.friend.id))
    return best[:MOST_IN_A_WAVE]


def _still_fits(friend: Friend | None, job: Job, now: datetime) -> bool:
    if friend is None or friend.standing != "active":
        return False
    return job.service.skill is None or friend.is_qualified(job.service.skill, now)


def _asks_preferred(job: Job) -> bool:
    return job.preferred_id is not None and job.round_no == 1


def _view(candidate: Candidate) -> FriendView:
    friend = candidate.friend
    return FriendView(
        id=friend.id,
        kind=friend.kind.value,
        languages=friend.languages,
        licences=friend.licences,
        skills=friend.skills(clock.now()),
        rating_mean=friend.rating_mean(),
        rating_count=friend.rating_count,
        jobs_done=friend.jobs_done,
        distance_m=candidate.distance_m,
        region=friend.region,
    )
