"""Pages for everybody who wants to join the crowd: where they help, then who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.crowd import queries, service
from crowdcore.crowd.queries import Area
from crowdcore.crowd.rules import DAYS, AlreadyMember, Membership, Part, read_hours, read_licences
from crowdcore.i18n.translations import mark as _
from crowdcore.places.rules import Choice, PlaceUnknown
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input, Phone, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect

SIGNED_IN = frozenset(Role)

JOIN = "/friends/join"
YOU = f"{JOIN}/you"
HOME = "/friend"
WELCOME = "/friend/exams"

SUGGESTED_HOURS = (
    *(f"{day}.{Part.EVENING.value}" for day in DAYS),
    *(f"{day}.{part.value}" for day in DAYS[5:] for part in (Part.MORNING, Part.AFTERNOON)),
)
"""What is ticked at first: evenings and weekends, when most people ask and most helpers are free."""

CONSENT = FieldProblem("/consent", "consent.missing", _("Tick that you have read the duties and agree to them."))


class AreaForm(Input):
    """Step 1. `place_id` comes from the page that asks which place is meant."""

    place: Annotated[str, Field(max_length=300)] = ""
    place_id: Annotated[str, Field(max_length=80)] = ""
    radius: Annotated[int, Field(ge=1, le=200)]


class YouForm(Input):
    """Step 2; place and radius come along from step 1. One licence per line."""

    name: Annotated[str, line(120)]
    phone: Phone | None = None
    languages: Annotated[tuple[Literal["de", "fr", "en", "it"], ...], Field(max_length=4)] = ()
    hours: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=28)] = ()
    licences: Annotated[str, paragraph(600)] | None = None

    place: Annotated[str, Field(max_length=80)]
    radius: Annotated[int, Field(ge=1, le=200)]
    consent: str = ""


def _membership(typed: YouForm, where: Area) -> Membership:
    """Return what a form says about a member.

    Raises:
        Rejected: too many licences.
    """
    return Membership(
        home=where.place.point,
        region=where.place.region,
        place_label=where.place.label,
        radius_m=where.radius_m,
        languages=frozenset(typed.languages),
        hours=read_hours(typed.hours),
        licences_claimed=read_licences(typed.licences or ""),
        phone=typed.phone or "",
    )


async def show_area(_request: Request, visit: Visit) -> Response:
    """Step 1: where somebody lives and how far they go; who is a member already goes to their profile."""
    if visit.viewer is not None and await queries.friend_of_or_none(visit.account_id) is not None:
        return redirect(visit, HOME)
    form = empty_form(place=visit.query.get("place", "")[:300], radius="10")
    return _area_page(visit, form)


async def choose_area(request: Request, visit: Visit) -> Response:
    """Take step 1; a place that may mean several leads to a page that asks which."""
    form = await read_form(request, AreaForm)
    try:
        typed = form.value
        found = queries.wanted_place(typed=typed.place, place_id=typed.place_id)
    except Refusal as refusal:
        return _area_page(visit, form.refused(visit, refusal, at="place"), status=refusal.status)
    if isinstance(found, Choice):
        return page(visit, "crowd/which_place.html", form=form, choice=found, action=JOIN, carry=("radius", "place"))
    return redirect(visit, f"{YOU}?{urlencode({'place': found.id, 'radius': typed.radius})}")


async def show_you(_request: Request, visit: Visit) -> Response:
    """Step 2: who they are and when they can help; step 1 if its choice is not good any more."""
    if await queries.friend_of_or_none(visit.account_id) is not None:
        return redirect(visit, HOME)
    radius = visit.query.get("radius", "")
    try:
        where = queries.area(visit.query.get("place", ""), _number(radius))
    except (PlaceUnknown, Rejected):
        return redirect(visit, JOIN)
    account = await accounts.account(visit.account_id)
    name = account.name if account.name != account.email.partition("@")[0] else ""
    form = empty_form(name=name, phone=account.phone)
    known = {"languages": (visit.language.value,), "hours": SUGGESTED_HOURS}
    return _you_page(visit, where, replace(form, typed={**form.typed, **known}))


async def join(request: Request, visit: Visit) -> Response:
    """Take step 2: they are a member; next comes an exam."""
    form = await read_form(request, YouForm)
    where = queries.area(form.first("place"), _number(form.first("radius")))
    try:
        typed = form.value
        if not typed.consent:
            raise Rejected(fields=(CONSENT,))
        membership = _membership(typed, where)
        return await submit(
            visit,
            form,
            do=lambda: service.enrol(
                account_id=visit.account_id,
                name=typed.name,
                membership=membership,
                most_radius_m=queries.furthest_m(),
            ),
            then=lambda _friend: WELCOME,
        )
    except AlreadyMember:
        return redirect(visit, HOME)
    except Refusal as refusal:
        return _you_page(visit, where, form.refused(visit, refusal, at="name"), status=refusal.status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004 -- kilometres


def _area_page(visit: Visit, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "crowd/join_area.html",
        status=status,
        modules=("place.js",),
        form=form,
        radii=queries.radii_km(),
    )


def _you_page(visit: Visit, where: Area, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "crowd/join_you.html",
        status=status,
        form=form,
        where=where,
        map=queries.neighbourhood(where.place.point, where.radius_m, visit.language.value),
    )


ROUTES = (
    PageRoute(method="GET", path=JOIN, handler=show_area, public=True),
    PageRoute(method="POST", path=JOIN, handler=choose_area, public=True),
    PageRoute(method="GET", path=YOU, handler=show_you, roles=SIGNED_IN),
    PageRoute(method="POST", path=YOU, handler=join, roles=SIGNED_IN),
)
