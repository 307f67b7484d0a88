"""Reads of the jobs room; rows become facts here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import NotFound
from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend
from crowdcore.db import audit
from crowdcore.db.scope import current_partner
from crowdcore.db.sql import a_moment, an_id, read, rows as sql_rows
from crowdcore.jobs import models
from crowdcore.jobs.rules import (
    WITH_ASSIGNEE,
    Contact,
    Job,
    Milestone,
    Place,
    Proposal,
    ServiceCopy,
    State,
    Who,
    Window,
)
from crowdcore.partners.queries import portal
from crowdcore.plugin import Guide, JobView, PlaceView, ServiceView
from crowdcore.web.context import Viewer


async def job(job_id: UUID) -> Job:
    """Return one job.

    Raises:
        NotFound: no such job with this partner.
    """
    found = await read(models.Job, "id = ?", job_id)
    if not found:
        raise NotFound
    return facts(found[0])


async def job_of_customer(job_id: UUID, customer_id: UUID) -> Job:
    """Return a customer's own job.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    found = await job(job_id)
    if found.customer_id != customer_id:
        raise NotFound
    return found


async def job_of_friend(job_id: UUID, friend_id: UUID) -> Job:
    """Return a job that a Friend holds, held when it was handed over, or has done.

    Raises:
        NotFound: no such job, or not theirs.
    """
    found = await job(job_id)
    if friend_id not in {found.assignee_id, found.suspended_id, found.done_by_id}:
        raise NotFound
    return found


async def jobs(
    *, states: Collection[State] | None = None, limit: int = 100, before: datetime | None = None
) -> list[Job]:
    """Return the partner's jobs, newest first."""
    rows = models.Job.all()
    if states is not None:
        rows = rows.filter(state__in=list(states))
    if before is not None:
        rows = rows.filter(created_at__lt=before)
    return [facts(row) for row in await rows.order_by("-created_at", "id").limit(limit)]


async def page_of_jobs(
    viewer: Viewer, *, states: Collection[State], after: tuple[datetime, UUID] | None, limit: int
) -> list[Job]:
    """Return jobs that somebody has to do with, newest first: staff all, customers and Friends their own.

    Args:
        viewer: who asks.
        states: only jobs in these; empty for all.
        after: moment of creation and id of the last job of the page before.
        limit: most jobs.
    """
    rows = models.Job.all()
    if not viewer.is_staff:
        rows = rows.filter(await _theirs(viewer))
    if states:
        rows = rows.filter(state__in=list(states))
    if after is not None:
        at, job_id = after
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__gt=job_id))
    return [facts(row) for row in await rows.order_by("-created_at", "id").limit(limit)]


async def _theirs(viewer: Viewer) -> Q:
    mine = Q(id=None)
    if Role.CUSTOMER in viewer.roles:
        mine |= Q(customer_id=viewer.account_id)
    friend = await crowd.friend_of_or_none(viewer.account_id) if Role.FRIEND in viewer.roles else None
    if friend is not None:
        mine |= Q(assignee_id=friend.id) | Q(suspended_id=friend.id) | Q(done_by_id=friend.id)
    return mine


@dataclass(frozen=True, slots=True)
class Side:
    """A job, and how somebody stands to it.

    Args:
        job: the job.
        who: on which side they are.
        friend: the member they are, on the Friend's side.
    """

    job: Job
    who: Who
    friend: Friend | None = None


async def side_of(viewer: Viewer, job_id: UUID) -> Side:
    """Return a job to somebody who has to do with it: staff any, customers and Friends their own.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    found = await job(job_id)
    if viewer.is_staff:
        return Side(found, Who.SUPPORT)
    if Role.CUSTOMER in viewer.roles and found.customer_id == viewer.account_id:
        return Side(found, Who.CUSTOMER)
    if Role.FRIEND in viewer.roles:
        friend = await crowd.friend_of_or_none(viewer.account_id)
        if friend is not None and friend.id in {found.assignee_id, found.suspended_id, found.done_by_id}:
            return Side(found, Who.FRIEND, friend)
    raise NotFound


async def jobs_by_id(job_ids: Iterable[UUID]) -> dict[UUID, Job]:
    """Return several jobs by id; unknown ids are left out."""
    return {row.id: facts(row) for row in await models.Job.filter(id__in=list(job_ids))}


async def jobs_of_customer(customer_id: UUID, *, limit: int = 50) -> list[Job]:
    """Return a customer's jobs, newest first."""
    rows = await models.Job.filter(customer_id=customer_id).order_by("-created_at", "id").limit(limit)
    return [facts(row) for row in rows]


async def jobs_of_friend(friend_id: UUID, *, limit: int = 50) -> list[Job]:
    """Return the jobs a Friend holds or has held to the end, newest first."""
    held = await models.Assignment.filter(friend_id=friend_id).order_by("-assigned_at").limit(limit)
    found = await jobs_by_id({row.job_id for row in held})
    mine = [j for j in found.values() if friend_id in {j.assignee_id, j.suspended_id, j.done_by_id}]
    return sorted(mine, key=lambda j: j.created_at, reverse=True)


async def windows_of_friend(friend_id: UUID) -> dict[UUID, Window]:
    """Return the windows of the jobs a Friend holds and has not finished, by job."""
    rows = await models.Job.filter(assignee_id=friend_id, state__in=[State.ASSIGNED, State.UNDER_WAY])
    return {row.id: Window(row.window_start, row.window_end) for row in rows}


async def windows_of_friends(friend_ids: Iterable[UUID]) -> dict[UUID, list[Window]]:
    """Return the windows of unfinished jobs for several Friends."""
    ids = list(friend_ids)
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    query = (
        "SELECT assignee_id, window_start, window_end FROM jobs_job WHERE partner_id = ? "  # noqa: S608 -- marks only
        f"AND state IN ('{State.ASSIGNED.value}', '{State.UNDER_WAY.value}') AND assignee_id IN ({marks})"
    )
    busy: dict[UUID, list[Window]] = {}
    for row in await sql_rows(query, current_partner(), *ids):
        window = Window(a_moment(row["window_start"]), a_moment(row["window_end"]))
        busy.setdefault(an_id(row["assignee_id"]), []).append(window)
    return busy


async def released_by(job_id: UUID) -> set[UUID]:
    """Return the Friends who held this job and no longer do; they are not asked again."""
    rows = await models.Assignment.filter(job_id=job_id, ended_at__not_isnull=True)
    return {row.friend_id for row in rows}


async def assignment_wave(job_id: UUID, friend_id: UUID) -> UUID | None:
    """Return the wave through which a Friend last got a job, None if by hand or not at all."""
    row = await models.Assignment.filter(job_id=job_id, friend_id=friend_id).order_by("-assigned_at").first()
    return row.wave_id if row else None


async def assigned_at(job_id: UUID, friend_id: UUID) -> datetime:
    """Return when a Friend last got a job.

    Raises:
        NotFound: they never did.
    """
    row = await models.Assignment.filter(job_id=job_id, friend_id=friend_id).order_by("-assigned_at").first()
    if row is None:
        raise NotFound
    return row.assigned_at


async def contact(job_id: UUID) -> Contact:
    """Return who and where exactly; the caller has checked that the reader may see it.

    Raises:
        NotFound: no such job.
    """
    row = await models.Contact.get_or_none(job_id=job_id)
    if row is None:
        raise NotFound
    return Contact(name=row.name, street=row.street, phone=row.phone, email=row.email, note=row.note)


def may_see_contact(found: Job, friend_id: UUID) -> bool:
    """Say whether a Friend may see the exact address: only while they hold the job."""
    return found.assignee_id == friend_id and found.state in WITH_ASSIGNEE - {State.DONE}


async def history(job_id: UUID) -> list[audit.Line]:
    """Return the job's whole history, oldest first."""
    return await audit.history(object_kind="job", object_id=job_id)


def facts(row: Any) -> Job:  # noqa: ANN401 -- a row of the ORM, or of `read`
    """Return a row as a fact."""
    currency = Currency(str(row.guide["currency"]))
    return Job(
        id=row.id,
        number=row.number,
        state=State(row.state),
        version=row.version,
        customer_id=row.customer_id,
        service=service_from_json(row.service),
        place=Place(row.place_id, row.country, row.region, row.postcode, row.locality, Point(row.lat, row.lon)),
        urgent=row.urgent,
        wishes=tuple(Window(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in row.wishes),
        window=Window(row.window_start, row.window_end),
        language=row.language,
        channel=row.channel,
        guide=guide_from_json(row.guide),
        agreed=Money(row.agreed_cents, currency) if row.agreed_cents is not None else None,
        proposal=_proposal(row.proposal, currency),
        assignee_id=row.assignee_id,
        suspended_id=row.suspended_id,
        done_by_id=row.done_by_id,
        preferred_id=row.preferred_id,
        round_no=row.round_no,
        releases=row.releases,
        rebroadcasts=row.rebroadcasts,
        milestones={Milestone(k): datetime.fromisoformat(v) for k, v in row.milestones.items()},
        quoted_at=row.quoted_at,
        opened_at=row.opened_at,
        done_at=row.done_at,
        confirmed_at=row.confirmed_at,
        created_at=row.created_at,
    )


def columns(job: Job) -> dict[str, Any]:
    """Return a new job as column values."""
    return {
        "id": job.id,
        "number": job.number,
        "state": job.state,
        "version": job.version,
        "customer_id": job.customer_id,
        "service_id": job.service.id,
        "skill": job.service.skill,
        "service": service_to_json(job.service),
        "place_id": job.place.id,
        "country": job.place.country,
        "region": job.place.region,
        "postcode": job.place.postcode,
        "locality": job.place.locality,
        "lat": job.place.cell.lat,
        "lon": job.place.cell.lon,
        "urgent": job.urgent,
        "wishes": [[w.start.isoformat(), w.end.isoformat()] for w in job.wishes],
        "window_start": job.window.start,
        "window_end": job.window.end,
        "language": job.language,
        "channel": job.channel,
        "guide": guide_to_json(job.guide),
        "quoted_at": job.quoted_at,
        "preferred_id": job.preferred_id,
        "round_no": job.round_no,
        "milestones": {},
        "created_at": job.created_at,
    }


def view(job: Job) -> JobView:
    """Return a job as plugins see it."""
    return JobView(
        id=job.id,
        number=job.number,
        service=ServiceView(
            id=job.service.id,
            title=job.service.title,
            family=job.service.family,
            kind=job.service.kind,
            exam=job.service.exam,
            safety=job.service.safety,
            licence=job.service.licence,
            minutes=job.service.minutes,
        ),
        place=PlaceView(job.place.country, job.place.region, job.place.postcode, job.place.locality, job.place.cell),
        starts_at=None if job.urgent else job.window.start,
        urgent=job.urgent,
        language=job.language,
        guide=job.guide,
    )


def service_to_json(copy: ServiceCopy) -> dict[str, object]:
    """Return the copied service as JSON values."""
    return {
        "id": copy.id,
        "title": copy.title.as_dict(),
        "family": copy.family,
        "kind": copy.kind,
        "exam": copy.exam,
        "skill": copy.skill,
        "licence": copy.licence,
        "safety": sorted(copy.safety),
        "minutes": copy.minutes,
        "minutes_max": copy.minutes_max,
        "steps": [step.as_dict() for step in copy.steps],
    }


def service_from_json(data: Mapping[str, Any]) -> ServiceCopy:
    """Read what `service_to_json` wrote."""
    return ServiceCopy(
        **{
            **data,
            "title": Text.from_dict(data["title"]),
            "safety": frozenset(data["safety"]),
            "steps": tuple(Text.from_dict(step) for step in data["steps"]),
        }
    )


def guide_to_json(guide: Guide) -> dict[str, object]:
    """Return a guide price as JSON values."""
    return {
        "currency": guide.amount.currency.value,
        "amount": guide.amount.cents,
        "low": guide.low.cents,
        "high": guide.high.cents,
        "notes": [note.as_dict() for note in guide.notes],
    }


def guide_from_json(data: Mapping[str, Any]) -> Guide:
    """Read what `guide_to_json` wrote."""
    currency = Currency(data["currency"])
    return Guide(
        Money(data["amount"], currency),
        Money(data["low"], currency),
        Money(data["high"], currency),
        tuple(Text.from_dict(note) for note in data["notes"]),
    )


def _proposal(data: Mapping[str, Any] | None, currency: Currency) -> Proposal | None:
    if data is None:
        return None
    return Proposal(Money(data["cents"], currency), data["reason"], Who(data["by"]), datetime.fromisoformat(data["at"]))


def confirms_at(job: Job) -> datetime | None:
    """Return when reported work counts as confirmed without a word; None if nothing was reported."""
    return job.done_at + portal().settings.booking.auto_confirm if job.done_at else None
