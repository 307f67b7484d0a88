"""Pages for staff: the members of the crowd, and one member with what may be decided about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF, Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.crowd.rules import Kind, Standing
from crowdcore.places.regions import region_name
from crowdcore.roster import queries, service
from crowdcore.roster.rules import DECISIONS, MOST_REASON, Sort, Wanted
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, line
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

ADMINS = frozenset({Role.ADMIN})
MOST_PAGES = 10_000
MOST_TYPED = 120


class StandingForm(Input):
    """Why somebody gets no offers any more, or again."""

    change: Literal["suspend", "reinstate"]
    reason: Annotated[str, line(MOST_REASON)]


class SkillForm(Input):
    """A qualification by hand, and why."""

    skill: Annotated[str, Field(max_length=40)]
    what: Literal["grant", "revoke"]
    why: Annotated[str, line(MOST_REASON)]


class LicencesForm(Input):
    """The licences that staff have seen."""

    licence: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=30)] = ()


async def show_members(_request: Request, visit: Visit) -> Response:
    """Members that fit, with their activity."""
    wanted, number = _wanted(visit), _page_number(visit.query.get("page", ""))
    found = await queries.members(wanted, page=number)
    regions = visit.portal.settings.regions
    codes = regions.live | regions.pilot | regions.closed
    named = {code: visit.translator.text(region_name(code)) for code in codes}
    asked = {name: value for name, value in visit.query.items() if name != "page" and value}
    return page(
        visit,
        "roster/list.html",
        found=found,
        wanted=wanted,
        regions=sorted(named.items(), key=lambda pair: pair[1]),
        skills=_skills(visit),
        number=number,
        last=max(1, -(-found.count // queries.PER_PAGE)),
        query=urlencode(asked),
        filtered=bool(asked.keys() - {"sort"}),
        now=clock.now(),
    )


async def show_member(request: Request, visit: Visit) -> Response:
    """One member."""
    return await _member_page(visit, read_id(request.path_params["friend_id"]), empty_form())


async def decide_standing(request: Request, visit: Visit) -> Response:
    """Stop a member's offers, or let them have offers again."""
    form = await read_form(request, StandingForm)

    async def do(friend_id: UUID) -> None:
        verb = service.suspend if form.value.change == "suspend" else service.reinstate
        await verb(friend_id=friend_id, reason=form.value.reason)

    return await _decided(request, visit, form, do)


async def decide_skill(request: Request, visit: Visit) -> Response:
    """Grant a qualification by hand, or take it away."""
    form = await read_form(request, SkillForm)

    async def do(friend_id: UUID) -> None:
        verb = service.grant if form.value.what == "grant" else service.revoke
        await verb(friend_id=friend_id, skill=form.value.skill, reason=form.value.why)

    return await _decided(request, visit, form, do, at="skill")


async def decide_licences(request: Request, visit: Visit) -> Response:
    """Record the licences that staff have seen."""
    form = await read_form(request, LicencesForm)

    async def do(friend_id: UUID) -> None:
        await service.check_licences(friend_id=friend_id, held=frozenset(form.value.licence))

    return await _decided(request, visit, form, do, at="licence")


async def _decided(
    request: Request,
    visit: Visit,
    form: Form[BaseModel],
    do: Callable[[UUID], Awaitable[None]],
    *,
    at: str = "reason",
) -> Response:
    friend_id = read_id(request.path_params["friend_id"])
    here = f"/console/friends/{friend_id}"
    await queries.member(friend_id)
    try:
        return await submit(visit, form, do=lambda: do(friend_id), then=lambda _: here)
    except Rejected as refusal:
        return await _member_page(visit, friend_id, form.refused(visit, refusal, at=at), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=here)


async def _member_page(visit: Visit, friend_id: UUID, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "roster/member.html",
        status=status,
        member=await queries.member(friend_id),
        form=form,
        skills=_skills(visit),
        licences=sorted(queries.licences()),
        decisions=DECISIONS,
        may_decide=visit.has_role(Role.ADMIN),
        region=region_name,
        now=clock.now(),
    )


def _skills(visit: Visit) -> list[tuple[str, str]]:
    return [(exam.skill, visit.translator.text(exam.title)) for exam in visit.portal.exams.values()]


def _wanted(visit: Visit) -> Wanted:
    typed = {name: value[:MOST_TYPED] for name, value in visit.query.items()}
    sort = typed.get("sort", "")
    return Wanted(
        region=typed.get("region", ""),
        skill=typed.get("skill", ""),
        standing=typed.get("standing", "") if typed.get("standing") in set(Standing) else "",
        kind=typed.get("kind", "") if typed.get("kind") in set(Kind) else "",
        search=typed.get("search", "").strip(),
        sort=Sort(sort) if sort in set(Sort) else Sort.NEWEST,
    )


def _page_number(typed: str) -> int:
    return min(int(typed), MOST_PAGES) if typed.isascii() and typed.isdigit() and int(typed[:6]) else 1


ROUTES = (
    PageRoute(method="GET", path="/console/friends", handler=show_members, roles=STAFF),
    PageRoute(method="GET", path="/console/friends/{friend_id}", handler=show_member, roles=STAFF),
    PageRoute(method="POST", path="/console/friends/{friend_id}/standing", handler=decide_standing, roles=ADMINS),
    PageRoute(method="POST", path="/console/friends/{friend_id}/qualification", handler=decide_skill, roles=ADMINS),
    PageRoute(method="POST", path="/console/friends/{friend_id}/licences", handler=decide_licences, roles=ADMINS),
)
