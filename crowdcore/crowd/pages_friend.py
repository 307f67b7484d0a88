"""Pages for Friends: their profile, and taking a break."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.crowd import queries, service
from crowdcore.crowd.rules import Friend
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input
from crowdcore.web.forms import empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

FRIENDS = frozenset({Role.FRIEND})

HOME = "/friend"


class NothingTyped(Input):
    """A form that is only a button."""


async def show_profile(_request: Request, visit: Visit) -> Response:
    """What the portal knows about a Friend, what they may do, and whether they get offers."""
    friend = await queries.friend_of(visit.account_id)
    titles = {exam.skill: exam.title for exam in visit.portal.exams.values()}
    return page(visit, "crowd/profile.html", friend=friend, titles=titles, now=clock.now(), form=empty_form())


async def pause(request: Request, visit: Visit) -> Response:
    """Get no offers for a while."""
    return await _switch(request, visit, lambda friend: service.pause(friend_id=friend.id))


async def resume(request: Request, visit: Visit) -> Response:
    """Get offers again."""
    return await _switch(request, visit, lambda friend: service.resume(friend_id=friend.id))


async def _switch(request: Request, visit: Visit, verb: Callable[[Friend], Awaitable[None]]) -> Response:
    friend = await queries.friend_of(visit.account_id)
    form = await read_form(request, NothingTyped)
    return await submit(visit, form, do=lambda: verb(friend), then=lambda _done: HOME)


ROUTES = (
    PageRoute(method="GET", path=HOME, handler=show_profile, roles=FRIENDS),
    PageRoute(method="POST", path=f"{HOME}/pause", handler=pause, roles=FRIENDS),
    PageRoute(method="POST", path=f"{HOME}/resume", handler=resume, roles=FRIENDS),
)
