"""What is compared with the plain model: every job, every member, every offer, every wave, and whose rows are whose."""

from datetime import datetime
from uuid import UUID

from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend, Standing
from crowdcore.db.scope import partner_scope
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation import queries as escalation
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, State
from crowdcore.ratings import queries as ratings
from tests.model.cast import canary
from tests.model.plain import HELD, WAVES, Plain, PlainJob, PlainWave
from tests.model.world import World

LATE_STEP = 1_000


def pass_time(plain: Plain, now: datetime) -> None:
    """Do to the model what its deadlines say, as a worker that has just run must have done."""
    for job in plain.jobs:
        if job.state is State.CANCELLED:
            job.end_case()
        if job.deadline is None or job.deadline > now:
            continue
        match job.state:
            case State.DRAFT:
                job.end(State.EXPIRED)
            case State.OPEN | State.ASSIGNED:
                job.hand_up()
            case State.UNDER_WAY:
                job.hand_up(keep=True)
            case State.DONE:
                job.confirm(now)
                plain.count_done(job)
            case State.CONFIRMED:
                job.end(State.SETTLED)


def busy_now(plain: Plain) -> dict[tuple[UUID, UUID], bool]:
    """Who is busy at the time of which open job."""
    return {
        (job.id, m.id): plain.busy(m.id, job) for job in plain.jobs if job.state is State.OPEN for m in job.cast.members
    }


async def look_at_waves(plain: Plain, before: dict[tuple[UUID, UUID], bool], now: datetime) -> None:
    """Check the waves that went out since the last look, and take them into the model.

    Args:
        plain: the model, with the time's changes done.
        before: who was busy before the worker ran; waves may have gone out before or after jobs ended.
        now: the moment at which the worker ran.
    """
    for job in plain.jobs:
        with partner_scope(job.partner):
            waves = await dispatch.waves_of(job.id)
        known = {w.id for w in job.waves}
        for wave in waves:
            if wave.id not in known:
                late = {m for w in waves if w.step >= LATE_STEP and w.sent_at == wave.sent_at for m in w.friend_ids}
                _check_wave(plain, job, wave, late, before)
                job.waves.append(PlainWave(wave.id, wave.round_no, wave.friend_ids))
        if job.state is State.OPEN:
            sent = [w for w in waves if w.round_no == job.round_no and w.step < LATE_STEP]
            assert len(sent) >= plain.steps_due(job, now), f"{job.id}: a wave is missing"


def _check_wave(plain: Plain, job: PlainJob, wave, late: set[UUID], before: dict[tuple[UUID, UUID], bool]) -> None:
    asked = set(wave.friend_ids)
    assert len(asked) == len(wave.friend_ids)
    assert "friend_eligibility" not in plain.broken or not asked, "somebody was asked though the rules cannot be"
    assert wave.round_no == job.round_no, "a wave of a search that is over"
    earlier = {m for w in job.waves if w.round_no == wave.round_no for m in w.members}
    if wave.step >= LATE_STEP:
        assert len(asked) <= 1
        assert not asked & (earlier - asked)
        most, least = {m.id for m in job.cast.members}, set()
    else:
        most = plain.in_reach(job, wave.step)
        least = most - (late if not _again(job, wave.step) else set())
        if not _again(job, wave.step):
            most, least = most - earlier, least - earlier
    may, must = set(), set()
    for member in most:
        reasons = _reasons(plain, job, member, wave.sent_at, before)
        may |= {member} if None in reasons else set()
        must |= {member} if reasons == {None} and member in least else set()
    if "friend_eligibility" in plain.broken:
        must = set()
    assert asked <= may, f"asked wrongly: {_names(job, asked - may)}"
    assert must <= asked, f"not asked: {_names(job, must - asked)}"


def _reasons(plain: Plain, job: PlainJob, member: UUID, at: datetime, before) -> set[str | None]:
    """Every reason not to ask a member that may have held when the wave went out."""
    if member in job.declined or member in job.gave_back:
        return {"asked before"}
    reason = plain.exclusion(job, member, at)
    was_busy = before.get((job.id, member), False)
    if reason in {None, "offer.overlap"}:
        return {reason, "offer.overlap" if was_busy else None}
    return {reason}


def _again(job: PlainJob, step: int) -> bool:
    first = 0 if job.preferred is None or job.round_no > 1 else 1
    return step >= first and WAVES[job.partner][step - first][3]


def _names(job: PlainJob, members: set[UUID]) -> str:
    return ", ".join(job.cast.member(m).name for m in members)


async def compare(world: World, plain: Plain, *, worked: bool) -> None:
    """Compare everything; `worked` says whether the worker ran, which may have written reminders and waves.

    What a member is offered is looked up for everybody after the worker ran, else for one in turn.
    """
    plain.looks += 1
    for partner in world.casts:
        mine = {job.id: job for job in plain.of_partner(partner)}
        with partner_scope(partner):
            found = await jobs.jobs(limit=1000)
            assert {job.id for job in found} == set(mine)
            for job in found:
                _same_job(mine[job.id], job, worked=worked)
                if mine[job.id].case is not None:
                    await _same_case(mine[job.id])
            for number, member in enumerate(await crowd.crowd()):
                _same_member(plain, member)
                if worked or number == plain.looks % 6:
                    await _same_offers(plain, member, mine.values())


def _same_job(plain: PlainJob, job: Job, *, worked: bool) -> None:
    proposal = (job.proposal.amount.cents, job.proposal.by.value) if job.proposal else None
    seen = {
        "state": job.state, "guide": job.guide.amount.cents, "agreed": job.agreed.cents if job.agreed else None,
        "proposal": proposal, "assignee": job.assignee_id, "suspended": job.suspended_id, "done_by": job.done_by_id,
        "round_no": job.round_no, "releases": job.releases, "rebroadcasts": job.rebroadcasts, "window": job.window,
        "confirmed_at": job.confirmed_at,
    }  # fmt: skip
    for name, value in seen.items():
        wanted = getattr(plain, name)
        assert value == wanted, f"{job.id} in {plain.state}: {name} is {value}, expected {wanted}"
    for member in plain.cast.members:
        holds = member.id == plain.assignee and plain.state in HELD
        assert jobs.may_see_contact(job, member.id) == holds, "the address is open to somebody without the job"
    if job.state in HELD:
        assert sorted(m.value for m in job.milestones) == sorted(plain.milestones)
    if worked:
        assert job.version >= plain.version
        plain.version = job.version
    assert job.version == plain.version, f"{job.id}: version {job.version}, expected {plain.version}"


async def _same_case(plain: PlainJob) -> None:
    case = plain.case
    if case.id is None:
        opened = await escalation.open_case_of(plain.id)
        assert opened is not None, "support has the job, but no case"
        case.id = opened.id
    found = await escalation.case(case.id)
    assert (found.state.value, found.friend_id, found.taken_by) == (case.state, case.friend, case.agent)


def _same_member(plain: Plain, found: Friend) -> None:
    member = plain.members[found.id]
    assert (found.standing is Standing.ACTIVE) == member.active
    assert (found.jobs_done, found.rating_sum) == (member.done, member.stars)


async def _same_offers(plain: Plain, member: Friend, mine) -> None:
    offers = {o.job.id for o in await dispatch.offers_of(member)}
    wanted = {job.id for job in mine if member.id in job.live_offers()}
    assert offers == wanted, f"{member.name} sees offers of {offers}, expected {wanted}"


async def look_for_canaries(world: World) -> None:
    """Nothing that one partner can read, or mails, names the other."""
    for partner in world.casts:
        with partner_scope(partner):
            seen: list[object] = [await crowd.crowd(), await ratings.overall(), await escalation.inbox()]
            for job in await jobs.jobs(limit=1000):
                seen += [job, await jobs.contact(job.id), await jobs.history(job.id), await dispatch.waves_of(job.id)]
                for case in await escalation.cases_of(job.id):
                    seen.append(await escalation.messages(case.id))
        mails = [mail for sender, mail in world.fragile.mails if sender == partner]
        text = f"{seen}{mails}"
        for other in world.casts:
            assert other == partner or canary(other) not in text, f"{partner} can see what belongs to {other}"
