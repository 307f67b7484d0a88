"""Pages for customers: home, one service, one job from the search to the rating, and calling it off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal, Rejected
from crowdcore.base.geo import distance_m
from crowdcore.bookings import queries as bookings
from crowdcore.bookings.queries import free_cancel_until
from crowdcore.catalog import queries as catalog
from crowdcore.catalog.rules import DOORS, LONGEST_PLACE, is_for_crowd
from crowdcore.dispatch import queries as dispatch
from crowdcore.escalation.queries import reason_name
from crowdcore.jobs import queries as jobs, service as jobs_service
from crowdcore.jobs.rules import NO_SHOW_GRACE, Job, State, Who
from crowdcore.overview import queries
from crowdcore.overview.queries import Overview
from crowdcore.overview.rules import late_since, outlook, search_began, timeline, turn
from crowdcore.plugin.content_catalog import Service
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.prose import prose
from crowdcore.web.rates import limit
from crowdcore.web.respond import download, page, redirect, refused

if TYPE_CHECKING:
    from crowdcore.db.audit import Line

SIGNED_IN = frozenset(Role)

MOST_ON_HOME = 6


class CancelForm(Input):
    """Why a job is called off, which nobody has to say; `again` leads on to a new booking of the same."""

    reason: Annotated[str, paragraph(200)] | None = None
    again: bool = False


async def show_home(_request: Request, visit: Visit) -> Response:
    """The neighbourhood, the doors, what is booked most, and what others say."""
    services = [service for service in catalog.services() if is_for_crowd(service)]
    return page(
        visit,
        "overview/home.html",
        indexable=True,
        modules=("place.js",),
        picture=catalog.picture(),
        has_triage=visit.portal.triage is not None,
        icons={category.id: category.icon for category in catalog.categories()},
        services=catalog.leading(MOST_ON_HOME),
        count=len(services),
        prices={service.id: catalog.list_price(service) for service in services},
        radius_m=visit.portal.settings.dispatch.radius_km * 1000,
        proof=await queries.proof(),
    )


async def show_service(request: Request, visit: Visit) -> Response:
    """One service: what is included, what it costs, who comes; with a place also when somebody is free there."""
    service = catalog.service(request.path_params["service"])
    place = visit.query.get("place", "").strip()[:LONGEST_PLACE]
    meant = bookings.place_meant(place)
    is_open = meant is not None and visit.portal.settings.regions.is_open(meant.region)
    bookable = is_for_crowd(service)
    opening = None
    if meant is not None and is_open and bookable:
        opening = await bookings.opening(service, meant, speaks=visit.language.value)
    return page(
        visit,
        "overview/service.html",
        indexable=not service.retired and not visit.query,
        modules=("place.js",),
        service=service,
        icon_name=visit.portal.catalog.categories[service.category].icon,
        door=next(name for kind, _icon, name, _about in DOORS if kind is service.kind),
        price=catalog.list_price(service),
        pros_at=_pros_at(visit, service),
        free_cancel=visit.portal.settings.booking.free_cancel,
        bookable=bookable,
        more=prose(visit.translator.text(service.long)) if service.long else None,
        place=place,
        meant=meant,
        is_open=is_open,
        opening=opening,
        carry="?" + urlencode({"place": place}) if place else "",
    )


def _pros_at(visit: Visit, service: Service) -> timedelta | None:
    """Return how long after a request Pros are asked as well; None if they are not."""
    if "profi" not in service.channels:
        return None
    return next((wave.at for wave in visit.portal.settings.dispatch.waves if "profi" in wave.kinds), None)


async def show_job(request: Request, visit: Visit) -> Response:
    """Where a job stands, what happened and what comes next."""
    # A Friend or an agent may be a customer too; here only what they booked themselves counts.
    viewer = replace(visit.signed_in, roles=frozenset({Role.CUSTOMER}))
    seen = await queries.overview(viewer, read_id(request.path_params["job_id"]))
    job, now = seen.job, clock.now()
    if job.state is State.DRAFT:
        return redirect(visit, f"/jobs/{job.id}/check")
    history = await jobs.history(job.id)
    is_open = job.state is State.OPEN
    return page(
        visit,
        "overview/customer_search.html" if is_open else "overview/customer_job.html",
        modules=("live.js",),
        job=job,
        seen=seen,
        steps=timeline(history, job.state),
        turn=turn(history),
        free_until=free_cancel_until(job),
        now=now,
        form=empty_form(),
        around=await _while_searching(visit, seen, history) if is_open else _once_found(seen, now),
    )


async def _while_searching(visit: Visit, seen: Overview, history: Sequence[Line]) -> dict[str, object]:
    job = seen.job
    began = search_began(history) or job.created_at
    told = seen.contact.email if seen.contact else ""
    return {
        "began": began,
        "search": outlook(job, visit.portal.settings.dispatch, await dispatch.waves_of(job.id), began),
        "map": await queries.neighbourhood(job, visit.language),
        "writes_to": told or (await accounts.account(job.customer_id)).email,
    }


def _once_found(seen: Overview, now: datetime) -> dict[str, object]:
    job = seen.job
    return {
        "answer": _answer(seen, now),
        "reason": reason_name(seen.case.reason, for_customer=True) if seen.case else None,
        "confirms_at": jobs.confirms_at(job),
        "late_since": late_since(job, now),
        "no_show_at": job.window.end + NO_SHOW_GRACE,
        "distance_m": distance_m(job.place.cell, seen.friend.home) if seen.friend else None,
    }


def _answer(seen: Overview, now: datetime) -> str:
    """Return how support stands to its promise: the answer is ``due``, ``late``, or there is one ("")."""
    if seen.case is not None and now < seen.case.due_at:
        return "due"
    return "" if seen.case is None or seen.messages else "late"


async def show_cancel(request: Request, visit: Visit) -> Response:
    """Ask once more before a job is called off, and say first what it costs."""
    again = {"again": "1"} if visit.query.get("again") == "1" else {}
    return _cancel_page(visit, await _own(request, visit), empty_form(**again))


async def cancel(request: Request, visit: Visit) -> Response:
    """Call a job off."""
    job = await _own(request, visit)
    form = await read_form(request, CancelForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: jobs_service.cancel(job_id=job.id, who=Who.CUSTOMER, reason=form.value.reason or ""),
            then=_book_again if form.value.again else lambda done: f"/jobs/{done.id}",
        )
    except Rejected as refusal:
        return _cancel_page(visit, job, form.refused(visit, refusal), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


async def take_along(_request: Request, visit: Visit) -> Response:
    """Give people what we know about them, as a file."""
    await limit(visit, "export")
    content = json.dumps(await queries.my_data(visit.account_id), ensure_ascii=False, indent=2)
    return download(content.encode(), name=f"{visit.portal.id}-data.json", content_type="application/json")


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


def _book_again(job: Job) -> str:
    return f"/book/{job.service.id}?{urlencode({'place': job.place.label})}"


def _cancel_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "overview/cancel.html",
        status=status,
        job=job,
        form=form,
        free_until=free_cancel_until(job),
    )


ROUTES = (
    PageRoute(method="GET", path="/", handler=show_home, public=True),
    PageRoute(method="GET", path="/s/{service}", handler=show_service, public=True),
    PageRoute(method="GET", path="/account/data.json", handler=take_along, roles=SIGNED_IN),
    PageRoute(method="GET", path="/jobs/{job_id}", handler=show_job, roles=SIGNED_IN),
    PageRoute(method="GET", path="/jobs/{job_id}/cancel", handler=show_cancel, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/cancel", handler=cancel, roles=SIGNED_IN),
)
