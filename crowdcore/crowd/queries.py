"""Reads of the crowd room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from crowdcore.base.errors import FieldProblem, NotFound, Rejected
from crowdcore.base.geo import Box, Point, snap
from crowdcore.crowd import models
from crowdcore.crowd.rules import (
    LEAST_RADIUS_M,
    Friend,
    FriendUnknown,
    Kind,
    Qualification,
    QualificationState,
    Standing,
)
from crowdcore.db.scope import current_partner
from crowdcore.db.sql import a_moment, an_id, from_json, rows as sql_rows
from crowdcore.i18n.translations import mark as _
from crowdcore.partners.queries import portal
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Choice, Found, Place, Unknown
from crowdcore.places.sentences import place_problem
from crowdcore.places.towns import towns_around
from crowdcore.web.dotmap import DotMap, Label, Spot, labels, path, spot

_RADII_KM = (2, 5, 10, 15, 20, 25, 30, 40, 50)
_HALF_WIDTH = 36.0
"""Of that picture, whatever the radius, so that its words and dots have one size."""

_LONGEST_LABEL, _MOST_LABELS, _CLEAR = 14, 5, 0.12
"""The picture is small: few and short names, none beside the house but its own."""

_AROUND = 1.2
"""The picture of a neighbourhood reaches so much further than its ring."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where somebody helps: a place and how far they go.

    Args:
        place: from the gazetteer.
        radius_m: in metres.
    """

    place: Place
    radius_m: int


_COLUMNS = """f.id, f.account_id, f.person_id, f.kind, f.standing, f.name, f.lat, f.lon, f.region, f.place_label,
  f.radius_m, f.hours, f.languages, f.licences, f.licences_claimed, f.paused_until, f.rating_count, f.rating_sum,
  f.jobs_done"""
_REACH = """
  SELECT COUNT(*) AS members, COUNT(DISTINCT place_label) AS places
  FROM crowd_friend WHERE partner_id = ? AND standing = ?"""
_BOX = "f.partner_id = ? AND f.lat BETWEEN ? AND ? AND f.lon BETWEEN ? AND ?"
_JOINED = "FROM crowd_qualification q JOIN crowd_friend f ON f.id = q.friend_id AND f.partner_id = q.partner_id"


async def friend(friend_id: UUID) -> Friend:
    """Return one member.

    Raises:
        NotFound: no such member with this partner.
    """
    found = await friends([friend_id])
    if not found:
        raise NotFound
    return found[friend_id]


async def friend_of(account_id: UUID) -> Friend:
    """Return the member behind an account.

    Raises:
        FriendUnknown: this account is not a member.
    """
    found = await friend_of_or_none(account_id)
    if found is None:
        raise FriendUnknown
    return found


async def friend_of_or_none(account_id: UUID) -> Friend | None:
    """Return the member behind an account, or None."""
    found = await _members("f.partner_id = ? AND f.account_id = ?", current_partner(), account_id)
    return found[0] if found else None


async def friends(friend_ids: Iterable[UUID]) -> dict[UUID, Friend]:
    """Return several members by id; unknown ids are left out."""
    ids = list(friend_ids)
    if not ids:
        return {}
    where = f"f.partner_id = ? AND f.id IN ({', '.join('?' * len(ids))})"
    return {member.id: member for member in await _members(where, current_partner(), *ids)}


async def members_in(box: Box) -> list[Friend]:
    """Return every member whose home cell lies in `box`, whatever their standing."""
    return await _members(_BOX, current_partner(), box.south, box.north, box.west, box.east)


async def homes_in(box: Box, *, skill: str | None, at: datetime) -> list[Point]:
    """Return the home cells in `box` of members who hold `skill` at this moment (None: of all)."""
    where: tuple[object, ...] = (current_partner(), box.south, box.north, box.west, box.east)
    query = f"SELECT DISTINCT f.lat, f.lon FROM crowd_friend f WHERE {_BOX}"  # noqa: S608 -- constants only
    if skill is not None:
        state = QualificationState.ACTIVE.value
        query = (
            f"SELECT DISTINCT f.lat, f.lon {_JOINED} WHERE {_BOX} AND q.skill = ? AND q.state = ? AND q.valid_until > ?"
        )
        where = (*where, skill, state, at)
    return [Point(row["lat"], row["lon"]) for row in await sql_rows(query, *where)]


async def crowd(*, limit: int = 200) -> list[Friend]:
    """Return members, the newest first, for the console."""
    rows = await models.Friend.all().order_by("-joined_at", "id").limit(limit)
    return await _with_qualifications(rows)


async def page_of_members(*, after: tuple[datetime, UUID] | None, limit: int) -> list[Friend]:
    """Return members, the newest first.

    Args:
        after: moment of joining and id of the last member of the page before.
        limit: most members.
    """
    rows = models.Friend.all()
    if after is not None:
        at, friend_id = after
        rows = rows.filter(Q(joined_at__lt=at) | Q(joined_at=at, id__gt=friend_id))
    return await _with_qualifications(await rows.order_by("-joined_at", "id").limit(limit))


async def joined_at(friend_id: UUID) -> datetime:
    """Return when a member joined.

    Raises:
        NotFound: no such member with this partner.
    """
    row = await models.Friend.get_or_none(id=friend_id)
    if row is None:
        raise NotFound
    return row.joined_at


async def reach() -> tuple[int, int]:
    """Return how many members are ready, and in how many places they live."""
    (found,) = await sql_rows(_REACH, current_partner(), Standing.ACTIVE.value)
    return int(found["members"]), int(found["places"])


async def size() -> int:
    """Return how many members this crowd has."""
    return await models.Friend.all().count()


def furthest_m() -> int:
    """Return the largest radius a member may choose: as far as the partner's farthest wave asks."""
    policy = portal().settings.dispatch
    return max(policy.radius_km, *(wave.radius_km for wave in policy.waves)) * 1000


def radii_km() -> tuple[int, ...]:
    """Return the radii that are offered, in kilometres, the partner's limit last."""
    most = furthest_m() // 1000
    return (*(km for km in _RADII_KM if LEAST_RADIUS_M // 1000 <= km < most), most)


def wanted_place(*, typed: str, place_id: str = "") -> Place | Choice:
    """Return the place of a form, or those that may be meant.

    Args:
        typed: as somebody wrote it.
        place_id: chosen from a list before, or empty.

    Raises:
        Rejected: nothing fits, or it is out of reach, with a sentence at the field `place`.
        PlaceUnknown: `place_id` was on no list.
    """
    known = gazetteer()
    answer = Found(known.place(place_id)) if place_id else known.search(typed)
    if isinstance(answer, Unknown):
        raise Rejected(fields=(place_problem(answer, typed.strip()),))
    return answer if isinstance(answer, Choice) else _in_reach(answer.place)


def area(place_id: str, radius_km: int) -> Area:
    """Return what an address says about where somebody helps.

    Raises:
        PlaceUnknown: there is no such place.
        Rejected: it is out of reach.
    """
    return Area(_in_reach(gazetteer().place(place_id)), min(max(radius_km * 1000, LEAST_RADIUS_M), furthest_m()))


def _in_reach(place: Place) -> Place:
    """Return `place` if somebody who lives there can get to a region of this portal, open or not yet.

    Raises:
        Rejected: nobody there would ever be asked.
    """
    stage = portal().settings.regions.stage
    around = towns_around(snap(place.point), furthest_m())
    if stage(place.region) is None and not any(stage(town.region) for town in around):
        message = _("%(place)s is too far from where this portal helps.")
        raise Rejected(fields=(FieldProblem("/place", "place.out_of_reach", message, (("place", place.label),)),))
    return place


def neighbourhood(home: Point, radius_m: int, language: str) -> DotMap:
    """Return the picture of how far somebody goes; the middle is the 2 km cell of their home."""
    middle, reach = snap(home), radius_m * _AROUND
    towns = towns_around(middle, int(reach))
    names = [(town.point, town.locality_in(language)) for town in towns]
    drawn = _HALF_WIDTH / (reach / 1000)
    known = labels(middle, [one for one in names if len(one[1]) <= _LONGEST_LABEL], reach_km=reach / 1000)
    shown = [one for one in known if one.is_main or abs(one.spot.y) > reach / 1000 * _CLEAR][:_MOST_LABELS]
    return DotMap(
        reach_km=_HALF_WIDTH,
        rings_km=(round(radius_m / 1000 * drawn, 1),),
        towns=path(_scaled(spot(middle, town.point), drawn) for town in towns),
        asked="",
        waiting="",
        labels=tuple(Label(_scaled(one.spot, drawn), one.text, one.is_main) for one in shown),
    )


def _scaled(one: Spot, by: float) -> Spot:
    return Spot(round(one.x * by, 1), round(one.y * by, 1))


async def _with_qualifications(rows: Sequence[models.Friend]) -> list[Friend]:
    held: dict[UUID, list[Qualification]] = {}
    ids = [row.id for row in rows]
    for q in await models.Qualification.filter(friend_id__in=ids) if ids else []:
        held.setdefault(q.friend_id, []).append(Qualification(q.skill, QualificationState(q.state), q.valid_until))
    return [_facts(row, tuple(held.get(row.id, ()))) for row in rows]


def _facts(row: models.Friend, qualifications: tuple[Qualification, ...]) -> Friend:
    return Friend(
        id=row.id,
        account_id=row.account_id,
        person_id=row.person_id,
        kind=Kind(row.kind),
        standing=Standing(row.standing),
        name=row.name,
        home=Point(row.lat, row.lon),
        region=row.region,
        place_label=row.place_label,
        radius_m=row.radius_m,
        hours=int(row.hours, 16),
        languages=frozenset(row.languages),
        licences=frozenset(row.licences),
        qualifications=qualifications,
        rating_count=row.rating_count,
        rating_sum=row.rating_sum,
        jobs_done=row.jobs_done,
        licences_claimed=tuple(row.licences_claimed),
        paused_until=row.paused_until,
    )


async def _members(where: str, *params: object) -> list[Friend]:
    """Return members as facts; every search reads hundreds, so no rows of the ORM are made of them."""
    held: dict[UUID, list[Qualification]] = {}
    for q in await sql_rows(f"SELECT q.friend_id, q.skill, q.state, q.valid_until {_JOINED} WHERE {where}", *params):
        proved = Qualification(q["skill"], QualificationState(q["state"]), a_moment(q["valid_until"]))
        held.setdefault(an_id(q["friend_id"]), []).append(proved)
    found = await sql_rows(f"SELECT {_COLUMNS} FROM crowd_friend f WHERE {where}", *params)  # noqa: S608 -- marks only
    return [_member(row, held.get(an_id(row["id"]), ())) for row in found]


def _member(row: Mapping[str, Any], qualifications: Sequence[Qualification]) -> Friend:
    """Return what `_facts` returns, from the columns of `_COLUMNS`."""
    return Friend(
        id=an_id(row["id"]),
        account_id=an_id(row["account_id"]),
        person_id=an_id(row["person_id"]),
        kind=Kind(row["kind"]),
        standing=Standing(row["standing"]),
        name=row["name"],
        home=Point(row["lat"], row["lon"]),
        region=row["region"],
        place_label=row["place_label"],
        radius_m=row["radius_m"],
        hours=int(row["hours"], 16),
        languages=frozenset(from_json(row["languages"])),
        licences=frozenset(from_json(row["licences"])),
        qualifications=tuple(qualifications),
        rating_count=row["rating_count"],
        rating_sum=row["rating_sum"],
        jobs_done=row["jobs_done"],
        licences_claimed=tuple(from_json(row["licences_claimed"])),
        paused_until=a_moment(row["paused_until"]) if row["paused_until"] else None,
    )
