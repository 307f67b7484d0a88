"""Pages for Friends: their profile, changing it, and being ready or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.crowd import queries, service
from crowdcore.crowd.rules import (
    BREAKS_DAYS,
    Friend,
    Membership,
    break_end,
    check_membership,
    hour_codes,
    read_hours,
    read_licences,
)
from crowdcore.places.rules import Choice, Place
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input, Phone, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

FRIENDS = frozenset({Role.FRIEND})

HOME = "/friend"
EDIT = f"{HOME}/edit"
_BACK = {"profile": HOME, "offers": "/friend/offers"}


class SwitchForm(Input):
    """A form that is only a button; it says where it stood."""

    back: Literal["profile", "offers"] = "profile"


class PauseForm(SwitchForm):
    """How many days a pause lasts; 0 until they say so."""

    days: Annotated[int, Field(ge=0, le=366)] = 0


class ProfileForm(Input):
    """The whole profile. `place_id` comes from the page that asks which place is meant."""

    name: Annotated[str, line(120)]
    phone: Phone | None = None
    place: Annotated[str, Field(max_length=300)] = ""
    place_id: Annotated[str, Field(max_length=80)] = ""
    radius: Annotated[int, Field(ge=1, le=200)]
    languages: Annotated[tuple[Literal["de", "fr", "en", "it"], ...], Field(max_length=4)] = ()
    hours: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=28)] = ()
    licences: Annotated[str, paragraph(600)] | None = None


async def show_profile(_request: Request, visit: Visit) -> Response:
    """What the portal knows about a Friend, what they may do, and whether they get offers."""
    friend = await queries.friend_of(visit.account_id)
    titles = {exam.skill: exam.title for exam in visit.portal.exams.values()}
    return page(
        visit,
        "crowd/profile.html",
        modules=("live.js",),
        friend=friend,
        titles=titles,
        hours=hour_codes(friend.hours),
        breaks=BREAKS_DAYS,
        map=queries.neighbourhood(friend.home, friend.radius_m, visit.language.value),
        now=clock.now(),
        form=empty_form(),
    )


async def show_edit(_request: Request, visit: Visit) -> Response:
    """The profile as a form."""
    friend = await queries.friend_of(visit.account_id)
    account = await accounts.account(visit.account_id)
    radius = str(friend.radius_m // 1000)
    form = empty_form(name=account.name, phone=account.phone, place=friend.place_label, radius=radius)
    known = {
        "languages": tuple(friend.languages),
        "hours": tuple(hour_codes(friend.hours)),
        "licences": ("\n".join(friend.licences_claimed),),
    }
    return _edit_page(visit, friend, replace(form, typed={**form.typed, **known}))


async def edit(request: Request, visit: Visit) -> Response:
    """Take the profile; a place that may mean several leads to a page that asks which."""
    friend = await queries.friend_of(visit.account_id)
    form = await read_form(request, ProfileForm)
    try:
        typed = form.value
        check_membership(languages=frozenset(typed.languages), hours=read_hours(typed.hours))
        where = _where(friend, typed)
        if isinstance(where, Choice):
            carry = ("name", "phone", "place", "radius", "languages", "hours", "licences")
            return page(visit, "crowd/which_place.html", form=form, choice=where, action=EDIT, carry=carry)
        membership = _membership(typed, friend, where)
        return await submit(
            visit,
            form,
            do=lambda: service.change(
                friend_id=friend.id, name=typed.name, membership=membership, most_radius_m=queries.furthest_m()
            ),
            then=lambda _friend: HOME,
        )
    except Refusal as refusal:
        return _edit_page(visit, friend, form.refused(visit, refusal, at="radius"), status=refusal.status)


async def pause(request: Request, visit: Visit) -> Response:
    """Get no offers for a while, or until they say so."""
    form = await read_form(request, PauseForm)

    async def do(friend: Friend) -> None:
        zone, days = ZoneInfo(visit.portal.settings.time_zone), form.value.days
        await service.pause(friend_id=friend.id, until=break_end(clock.now(), days, zone) if days else None)

    return await _switch(visit, form, do)


async def resume(request: Request, visit: Visit) -> Response:
    """Get offers again."""
    form = await read_form(request, SwitchForm)
    return await _switch(visit, form, lambda friend: service.resume(friend_id=friend.id))


async def _switch(visit: Visit, form: Form[SwitchForm], verb: Callable[[Friend], Awaitable[None]]) -> Response:
    friend = await queries.friend_of(visit.account_id)
    try:
        back = _BACK[form.value.back]
        return await submit(visit, form, do=lambda: verb(friend), then=lambda _done: back)
    except Refusal as refusal:
        return refused(visit, refusal, back=HOME)


def _where(friend: Friend, typed: ProfileForm) -> Place | Choice | None:
    """Return the new home, or the places that may be meant; None for the home as it is, which stands.

    Raises:
        Rejected, PlaceUnknown: as `wanted_place`.
    """
    if not typed.place_id and typed.place.strip() == friend.place_label:
        return None
    return queries.wanted_place(typed=typed.place, place_id=typed.place_id)


def _membership(typed: ProfileForm, friend: Friend, moved: Place | None) -> Membership:
    return Membership(
        home=moved.point if moved else friend.home,
        region=moved.region if moved else friend.region,
        place_label=moved.label if moved else friend.place_label,
        radius_m=typed.radius * 1000,
        languages=frozenset(typed.languages),
        hours=read_hours(typed.hours),
        licences_claimed=read_licences(typed.licences or ""),
        phone=typed.phone or "",
    )


def _edit_page(visit: Visit, friend: Friend, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "crowd/edit.html",
        status=status,
        modules=("place.js",),
        form=form,
        friend=friend,
        radii=sorted({*queries.radii_km(), friend.radius_m // 1000}),
    )


ROUTES = (
    PageRoute(method="GET", path=HOME, handler=show_profile, roles=FRIENDS),
    PageRoute(method="GET", path=EDIT, handler=show_edit, roles=FRIENDS),
    PageRoute(method="POST", path=EDIT, handler=edit, roles=FRIENDS),
    PageRoute(method="POST", path=f"{HOME}/pause", handler=pause, roles=FRIENDS),
    PageRoute(method="POST", path=f"{HOME}/resume", handler=resume, roles=FRIENDS),
)
