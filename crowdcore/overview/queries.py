"""Reads of the overview room: a job, and what one reader may see around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crowdcore.accounts import queries as accounts
from crowdcore.agreements import queries as agreements
from crowdcore.agreements.rules import DoorWords
from crowdcore.base import clock
from crowdcore.base.events import JsonValue
from crowdcore.base.text import Language
from crowdcore.completion import queries as completion
from crowdcore.crowd import queries as crowd
from crowdcore.crowd.rules import Friend, Standing
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation import queries as escalation
from crowdcore.escalation.rules import Case, Message
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.queries import Side
from crowdcore.jobs.rules import WITH_ASSIGNEE, Contact, Job, Who
from crowdcore.overview.rules import Sight, actions
from crowdcore.partners.queries import portal
from crowdcore.places.towns import towns_around
from crowdcore.ratings import queries as ratings
from crowdcore.ratings.rules import Rating, Summary
from crowdcore.web.context import Viewer
from crowdcore.web.dotmap import DotMap, labels, path, spot

MOST_TAKEN_ALONG = 1000


@dataclass(frozen=True, slots=True)
class Search:
    """How far the present search has got.

    Args:
        asked: how many members were asked.
        reached_m: how far away, in metres.
    """

    asked: int
    reached_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A job as one reader may see it; what is not for them is None.

    Args:
        job: the job.
        who: the reader's side.
        contact: who and where exactly.
        search: how far it has got; not for Friends.
        friend: who has the job, or has done it; not for Friends.
        phone: the number of whoever has it, while there is something to talk about; not for Friends.
        door: what is said at the door between accept and the end of the work.
        report: what the Friend wrote when the work was done.
        case: the latest case; for a Friend the latest they handed over.
        messages: what was said on it.
        rating: what the customer said; not for Friends.
        actions: what the reader may do now.
    """

    job: Job
    who: Who
    contact: Contact | None
    search: Search | None
    friend: Friend | None
    phone: str
    door: DoorWords | None
    report: str | None
    case: Case | None
    messages: tuple[Message, ...]
    rating: Rating | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a portal, in figures that are counted and not claimed.

    Args:
        ratings: what customers said.
        friends: how many members are ready.
        places: in how many places they live.
    """

    ratings: Summary
    friends: int
    places: int


async def proof() -> Proof:
    """Return the figures of the home page."""
    friends, places = await crowd.reach()
    return Proof(await ratings.overall(), friends, places)


async def overview(viewer: Viewer, job_id: UUID) -> Overview:
    """Return a job to somebody who has to do with it.

    Raises:
        NotFound: no such job, or somebody else's.
    """
    side = await jobs.side_of(viewer, job_id)
    job, is_friend = side.job, side.who is Who.FRIEND
    rating = await ratings.rating_of(job.id)
    case = await _case(side)
    friend_id = side.friend.id if side.friend else None
    friend = None if is_friend else await _friend(job)
    has_door = not is_friend or job.assignee_id == friend_id
    return Overview(
        job=job,
        who=side.who,
        contact=await _contact(side),
        search=None if is_friend or job.opened_at is None else Search(*await dispatch.asked(job)),
        friend=friend,
        phone=await _phone(job, friend),
        door=agreements.door_words(job) if has_door else None,
        report=await completion.report(job.id),
        case=case,
        messages=tuple(await escalation.messages(case.id)) if case else (),
        rating=None if is_friend else rating,
        actions=actions(job, Sight(who=side.who, friend_id=friend_id, now=clock.now(), rated=rating is not None)),
    )


async def _contact(side: Side) -> Contact | None:
    if side.friend is not None and not jobs.may_see_contact(side.job, side.friend.id):
        return None
    return await jobs.contact(side.job.id)


async def _friend(job: Job) -> Friend | None:
    friend_id = job.assignee_id or job.done_by_id
    return await crowd.friend(friend_id) if friend_id else None


async def _phone(job: Job, friend: Friend | None) -> str:
    if friend is None or job.state not in WITH_ASSIGNEE:
        return ""
    return (await accounts.account(friend.account_id)).phone


async def _case(side: Side) -> Case | None:
    known = await escalation.cases_of(side.job.id)
    if side.friend is not None:
        known = [case for case in known if case.friend_id == side.friend.id]
    return known[-1] if known else None


async def neighbourhood(job: Job, language: Language) -> DotMap:
    """Return the picture of a search: who has been asked, and who may still be; nobody nearer than their cell.

    Args:
        job: one that is searched for.
        language: of the names of towns.
    """
    policy, now = portal().settings.dispatch, clock.now()
    middle, reach_km = job.place.cell, policy.radius_km * 1.08
    waves = [wave for wave in await dispatch.waves_of(job.id) if wave.round_no == job.round_no]
    asked_ids = {friend_id for wave in waves for friend_id in wave.friend_ids}
    near = await dispatch.members_near(job, policy.radius_km * 1000)
    asked = {spot(middle, one.home) for one in near if one.id in asked_ids}
    others = {spot(middle, one.home) for one in near if _may_be_asked(one, job, now)}
    towns = towns_around(middle, round(reach_km * 1000))
    return DotMap(
        reach_km=reach_km,
        rings_km=tuple(sorted({wave.radius_km for wave in policy.waves if wave.radius_km <= policy.radius_km})),
        towns=path(spot(middle, town.point) for town in towns),
        asked=path(asked),
        waiting=path(one for one in others - asked if one.km <= policy.radius_km),
        labels=labels(middle, [(town.point, town.locality_in(language)) for town in towns], reach_km=reach_km),
    )


def _may_be_asked(friend: Friend, job: Job, now: datetime) -> bool:
    return friend.standing is Standing.ACTIVE and (
        job.service.skill is None or friend.is_qualified(job.service.skill, now)
    )


async def my_data(account_id: UUID) -> dict[str, JsonValue]:
    """Return everything a customer told us and what became of it, as JSON values, for them to take along."""
    account = await accounts.account(account_id)
    mine = await jobs.jobs_of_customer(account_id, limit=MOST_TAKEN_ALONG)
    return {
        "account": {
            "name": account.name,
            "email": account.email,
            "phone": account.phone,
            "language": account.language,
            "roles": list[JsonValue](sorted(account.roles)),
        },
        "jobs": [await _taken_along(job) for job in mine],
    }


async def _taken_along(job: Job) -> JsonValue:
    told, rating = await jobs.contact(job.id), await ratings.rating_of(job.id)
    return {
        "number": job.number,
        "state": job.state.value,
        "service": job.service.title.in_(Language(job.language)),
        "place": job.place.label,
        "wishes": [[wish.start.isoformat(), wish.end.isoformat()] for wish in job.wishes],
        "time": [job.window.start.isoformat(), job.window.end.isoformat()],
        "price": {"currency": job.price.currency.value, "cents": job.price.cents, "agreed": job.agreed is not None},
        "contact": {"name": told.name, "street": told.street, "phone": told.phone, "email": told.email},
        "note": told.note,
        "rating": None
        if rating is None
        else {"stars": rating.stars, "again": rating.book_again, "words": rating.comment},
        "history": [{"at": line.at.isoformat(), "what": line.action} for line in await jobs.history(job.id)],
    }
