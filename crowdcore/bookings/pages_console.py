"""Pages for staff: book for somebody on the phone or at the counter, all on one page."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.bookings import queries, service
from crowdcore.bookings.rules import NOW, Booking, Caller, Chosen, NotOnDemand, NotServedHere, WorkNotAllowed
from crowdcore.catalog import queries as catalog
from crowdcore.catalog.rules import is_for_crowd
from crowdcore.places.rules import Choice, Place
from crowdcore.plugin.content_catalog import Service
from crowdcore.web.context import Visit
from crowdcore.web.fields import Email, Input, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect

DAYS = 5


class MaskForm(Input):
    """Everything at once; `asked` is the text for which the places to choose from were shown."""

    place: Annotated[str, Field(max_length=300)] = ""
    place_id: Annotated[str, Field(max_length=80)] = ""
    asked: Annotated[str, Field(max_length=300)] = ""
    when: Literal["now", "wish"] | None = None
    wish: Annotated[tuple[Annotated[str, Field(max_length=30)], ...], Field(max_length=60)] = ()
    days: int = DAYS
    name: Annotated[str, line(120)]
    street: Annotated[str, line(200)]
    phone: Annotated[str, line(40)] | None = None
    email: Email | None = None
    speaks: Literal["de", "fr", "en"]
    work: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=20)] = ()
    note: Annotated[str, paragraph(1000)] | None = None
    channel: Literal["call_centre", "pos", "support"]


async def show_start(_request: Request, visit: Visit) -> Response:
    """Which service; its questions decide what else is asked."""
    chosen = visit.query.get("service", "")
    if chosen:
        return redirect(visit, f"/console/book/{catalog.service(chosen).id}")
    services = [one for one in catalog.services() if is_for_crowd(one)]
    return page(
        visit,
        "bookings/console_start.html",
        categories=catalog.categories(),
        services=services,
        prices={one.id: catalog.list_price(one) for one in services},
    )


async def show_mask(request: Request, visit: Visit) -> Response:
    """All steps of a booking on one page."""
    found = queries.bookable(request.path_params["service"])
    return _page(visit, found, empty_form(speaks=visit.language.value, channel="call_centre"))


async def book(request: Request, visit: Visit) -> Response:
    """Book; the customer gets an account if they have none."""
    found = queries.bookable(request.path_params["service"])
    form = await read_form(request, MaskForm)
    try:
        typed = form.value
        chosen = queries.wanted(
            place=typed.place,
            place_id=typed.place_id if typed.asked == typed.place else "",
            urgent=typed.when == NOW,
            wishes=typed.wish,
        )
        if isinstance(chosen, Choice):
            return _page(visit, found, form, places=chosen.places)
        booking = _booking(found, chosen, typed)
        caller = Caller(name=typed.name, email=typed.email or "", phone=booking.contact.phone, language=typed.speaks)
        return await submit(
            visit,
            form,
            do=lambda: service.book_for(caller=caller, booking=booking),
            then=lambda job: f"/console/jobs/{job.id}",
        )
    except Refusal as refusal:
        shown = form.refused(visit, refusal, at=_field_of(refusal, found))
        return _page(visit, found, shown, status=refusal.status)


def _booking(found: Service, chosen: Chosen, typed: MaskForm) -> Booking:
    return Booking(
        service_id=found.id,
        place_id=chosen.place.id,
        contact=queries.contact(
            name=typed.name,
            street=typed.street,
            phone=typed.phone,
            email=typed.email,
            note=typed.note,
            country=chosen.place.country,
        ),
        urgent=chosen.urgent,
        wishes=chosen.windows,
        language=typed.speaks,
        channel=typed.channel,
        declared_work=queries.declared(found, typed.work),
    )


def _field_of(refusal: Refusal, found: Service) -> str:
    match refusal:
        case NotServedHere():
            return "place"
        case WorkNotAllowed() if found.checks:
            return "work"
        case NotOnDemand():
            return "when"
        case _:
            return "name"


def _page(
    visit: Visit,
    found: Service,
    form: Form[BaseModel],
    *,
    places: tuple[Place, ...] = (),
    status: int = 200,
) -> Response:
    return page(
        visit,
        "bookings/console_mask.html",
        status=status,
        form=form,
        service=found,
        price=catalog.list_price(found),
        days=queries.days(DAYS),
        now=clock.now(),
        places=places,
    )


ROUTES = (
    PageRoute(method="GET", path="/console/book", handler=show_start, roles=STAFF),
    PageRoute(method="GET", path="/console/book/{service}", handler=show_mask, roles=STAFF),
    PageRoute(method="POST", path="/console/book/{service}", handler=book, roles=STAFF),
)
