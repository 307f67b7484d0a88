"""What members do: look at offers, accept, decline, go on with the job, give it back."""

from datetime import timedelta
from uuid import UUID, uuid4

from crowdcore.agreements import service as agreements
from crowdcore.agreements.rules import AppointmentOrder, AppointmentOverlaps, AppointmentPast, MilestoneOrder
from crowdcore.completion import service as completion
from crowdcore.crowd import queries as crowd, service as crowd_service
from crowdcore.dispatch import queries as dispatch
from crowdcore.dispatch.rules import (
    DeclineReason,
    NotEligible,
    OfferDeclined,
    OfferGone,
    OfferTaken,
    OfferUnknown,
    offer_id,
)
from crowdcore.escalation import service as escalation
from crowdcore.jobs import service as jobs
from crowdcore.jobs.rules import JobStateConflict, Milestone, StartTooEarly, State, Window
from crowdcore.offers import service as offers
from tests.model.hand import Hand, move
from tests.model.plain import (
    AUTO_CONFIRM,
    GRACE,
    HELD,
    MINUTES,
    MOST_RELEASES,
    OVER,
    PlainJob,
)

NOT_FOUND = "not_found"
ORDER = [m.value for m in Milestone]
TOLERANCE = timedelta(minutes=60)


def _offer(hand: Hand, job: PlainJob) -> tuple[UUID, UUID, UUID]:
    """Draw (wave, member it asked, member who acts)."""
    live = sorted(job.live_offers(), key=str)
    everybody = [m.id for m in job.cast.members]
    member = hand.mostly("offer of", hand.pick("live", live) if live else None, everybody) or everybody[0]
    actor = hand.mostly("acting", member, everybody)
    waves = job.waves_of(member)
    wave = hand.pick("wave", [w.id for w in waves]) if waves else uuid4()
    return wave, member, actor


def _over(hand: Hand, job: PlainJob, wave: UUID, member: UUID, actor: UUID) -> str | None:
    """Why an offer can be neither accepted nor declined, apart from having been declined."""
    sent = next((w for w in job.waves if w.id == wave), None)
    if sent is None or member != actor:
        return OfferUnknown.code
    if job.state in OVER or job.state is State.ESCALATED:
        return OfferGone.code
    if job.state is not State.OPEN:
        return OfferTaken.code
    return OfferGone.code if sent.round_no != job.round_no else None


@move(State.OPEN)
async def accept(hand: Hand, job: PlainJob) -> None:
    wave, member, actor = _offer(hand, job)
    code = _over(hand, job, wave, member, actor)
    repeated = code != OfferUnknown.code and job.has_won(member, wave)
    if repeated:
        code = None
    elif code != OfferUnknown.code and member in job.declined:
        code = OfferDeclined.code
    elif code is None and "friend_eligibility" in hand.plain.broken:
        code = NotEligible.code
    elif code is None:
        code = hand.plain.exclusion(job, member, hand.now)

    async def verb():
        return await offers.accept(offer_id=offer_id(wave, member), friend=await crowd.friend(actor))

    won = await hand.expect(job.partner, code, verb)
    if won is None:
        return
    assert won.job_id == job.id
    if not repeated:
        job.version += 1
        job.give(member, hand.now, wave)


@move(State.OPEN)
async def decline(hand: Hand, job: PlainJob) -> None:
    wave, member, actor = _offer(hand, job)
    code = _over(hand, job, wave, member, actor)
    if code != OfferUnknown.code and job.has_won(member, wave):
        code = OfferGone.code
    elif code != OfferUnknown.code and member in job.declined:
        code = None

    async def verb():
        friend = await crowd.friend(actor)
        return await offers.decline(offer_id=offer_id(wave, member), friend=friend, reason=DeclineReason.PRICE)

    if await hand.expect(job.partner, code, verb):
        job.declined.add(member)


@move(State.OPEN)
async def see(hand: Hand, job: PlainJob) -> None:
    wave, member, actor = _offer(hand, job)
    known = any(w.id == wave for w in job.waves) and member == actor

    async def verb():
        friend = await crowd.friend(actor)
        await offers.see(offer=await dispatch.offer(offer_id(wave, member), friend), friend_id=actor)

    await hand.expect(job.partner, None if known else OfferUnknown.code, verb)


def _friend(hand: Hand, job: PlainJob) -> UUID:
    everybody = [m.id for m in job.cast.members]
    return hand.mostly("friend", job.assignee or job.suspended, everybody) or everybody[0]


def _mine(job: PlainJob, friend: UUID, states) -> str | None:
    if job.state not in states:
        return JobStateConflict.code
    return None if friend == job.assignee else NOT_FOUND


@move(State.ASSIGNED)
async def give_back(hand: Hand, job: PlainJob) -> None:
    friend = _friend(hand, job)
    code = _mine(job, friend, {State.ASSIGNED})

    async def verb():
        return await escalation.give_back(job_id=job.id, friend=await crowd.friend(friend), reason=job.cast.canary)

    if await hand.expect(job.partner, code, verb):
        job.version += 1
        job.releases += 1
        if job.releases > MOST_RELEASES:
            job.hand_up()
        else:
            job.take()
            job.search_again(hand.now)


@move(*HELD)
async def reach(hand: Hand, job: PlainJob) -> None:
    friend, milestone = _friend(hand, job), hand.pick("milestone", Milestone)
    code = _mine(job, friend, HELD) or _passed(job, milestone)
    done = await hand.expect(
        job.partner, code, lambda: agreements.reach(job_id=job.id, milestone=milestone, friend_id=friend)
    )
    if done:
        job.version += 1
        _record(job, milestone)


def _record(job: PlainJob, milestone: Milestone) -> None:
    before = ORDER[: ORDER.index(milestone)]  # who moves the appointment is not on the way any more
    job.milestones = [one for one in job.milestones if one in before] + [milestone.value]


def _passed(job: PlainJob, milestone: Milestone) -> str | None:
    if milestone is Milestone.APPOINTMENT and job.state is State.ASSIGNED and milestone.value in job.milestones:
        return None
    later = ORDER[ORDER.index(milestone) :]
    return MilestoneOrder.code if any(one in job.milestones for one in later) else None


@move(State.ASSIGNED)
async def contact(hand: Hand, job: PlainJob) -> None:
    friend = _friend(hand, job)
    hours, minutes = hand.pick("appointment", ((24, 120), (48, 60), (1, 60), (-5, 60), (30, 0)))
    start = hand.now + timedelta(hours=hours)
    window = Window(start, start + timedelta(minutes=minutes))
    first = "contacted" not in job.milestones
    code = (_mine(job, friend, HELD) or _passed(job, Milestone.CONTACTED)) if first else None
    code = code or _appointment_refusal(hand, job, friend, window)
    code = code or _mine(job, friend, HELD) or _passed(job, Milestone.APPOINTMENT)
    done = await hand.expect(
        job.partner, code, lambda: agreements.contact(job_id=job.id, friend_id=friend, appointment=window)
    )
    if done:
        job.version += 1 + first
        job.milestones += ["contacted"] * first
        _record(job, Milestone.APPOINTMENT)
        job.window = window
        if job.state is State.ASSIGNED:
            job.deadline = max(window.end, hand.now) + GRACE


def _appointment_refusal(hand: Hand, job: PlainJob, friend: UUID, window: Window) -> str | None:
    if window.end <= window.start:
        return AppointmentOrder.code
    if window.end <= hand.now:
        return AppointmentPast.code
    for other in hand.plain.jobs:
        if other.assignee == friend and other.state in HELD and other is not job and other.window.overlaps(window):
            return AppointmentOverlaps.code
    return None


@move(State.ASSIGNED)
async def start(hand: Hand, job: PlainJob) -> None:
    friend = _friend(hand, job)
    code = _mine(job, friend, {State.ASSIGNED})
    if code is None and hand.now < job.window.start - TOLERANCE:
        code = StartTooEarly.code
    if await hand.expect(job.partner, code, lambda: jobs.start(job_id=job.id, friend_id=friend)):
        job.version += 1
        job.state = State.UNDER_WAY
        job.deadline = hand.now + 3 * timedelta(minutes=MINUTES[job.partner][1])


@move(State.UNDER_WAY)
async def report(hand: Hand, job: PlainJob) -> None:
    friend = _friend(hand, job)
    code = _mine(job, friend, {State.UNDER_WAY})
    done = await hand.expect(
        job.partner, code, lambda: completion.report(job_id=job.id, friend_id=friend, text=job.cast.canary)
    )
    if done:
        job.version += 1
        job.state, job.done_by, job.done_at = State.DONE, friend, hand.now
        job.deadline = hand.now + AUTO_CONFIRM


# What members do, or what is done to them, apart from any job.


async def pause(hand: Hand, partner: str, member: UUID) -> None:
    await hand.expect(partner, None, lambda: crowd_service.pause(friend_id=member))
    hand.plain.members[member].active = False


async def resume(hand: Hand, partner: str, member: UUID) -> None:
    await hand.expect(partner, None, lambda: crowd_service.resume(friend_id=member))
    hand.plain.members[member].active = True


async def grant(hand: Hand, partner: str, member: UUID) -> None:
    until = hand.now + timedelta(hours=hand.pick("hours", (1, 24 * 200)))
    skill = hand.world.casts[partner].skill
    await hand.expect(
        partner, None,
        lambda: crowd_service.grant_qualification(friend_id=member, skill=skill, valid_until=until, reason="seen"),
    )  # fmt: skip
    hand.plain.members[member].valid_until = until


async def revoke(hand: Hand, partner: str, member: UUID) -> None:
    skill = hand.world.casts[partner].skill
    await hand.expect(
        partner, None, lambda: crowd_service.revoke_qualification(friend_id=member, skill=skill, reason="seen")
    )
    hand.plain.members[member].valid_until = None


OF_MEMBERS = {one.__name__: one for one in (pause, resume, grant, revoke)}
