"""Pages for customers: book in three steps - where and when, who, check and order."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import Refusal
from crowdcore.base.money import Money
from crowdcore.bookings import queries, service
from crowdcore.bookings.rules import (
    CALL_BACK,
    NOW,
    BookedBefore,
    Booking,
    Caller,
    Chosen,
    GuideChanged,
    NotOnDemand,
    NotServedHere,
    WorkNotAllowed,
    code_of,
)
from crowdcore.bookings.service import Quote
from crowdcore.catalog import queries as catalog
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, JobStateConflict, State, Who
from crowdcore.places.rules import Choice
from crowdcore.plugin.content_catalog import Service
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Email, Input, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import page, redirect

SIGNED_IN = frozenset(Role)

DAYS, MOST_DAYS = 5, 20


class WhereForm(Input):
    """Step 1. `place_id` comes from the page that asks which place is meant, `more` from a button."""

    place: Annotated[str, Field(max_length=300)] = ""
    place_id: Annotated[str, Field(max_length=80)] = ""
    when: Literal["now", "wish"] | None = None
    wish: Annotated[tuple[Annotated[str, Field(max_length=30)], ...], Field(max_length=60)] = ()
    days: Annotated[int, Field(ge=DAYS, le=MOST_DAYS)] = DAYS
    more: str = ""


class WhoForm(Input):
    """Step 2; place and time come along from step 1."""

    place: Annotated[str, Field(max_length=80)]
    when: Annotated[str, Field(max_length=120)]
    name: Annotated[str, line(120)]
    street: Annotated[str, line(200)]
    phone: Annotated[str, line(40)] | None = None
    email: Email | None = None
    speaks: Literal["de", "fr", "en"]
    work: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=20)] = ()
    note: Annotated[str, paragraph(1000)] | None = None


class CallForm(Input):
    """Step 2 of somebody who is called back: a name and a number, mobile or landline."""

    place: Annotated[str, Field(max_length=80)]
    when: Annotated[str, Field(max_length=120)]
    name: Annotated[str, line(120)]
    phone: Annotated[str, line(40)]
    note: Annotated[str, paragraph(1000)] | None = None


class OrderForm(Input):
    """Step 3: the price that was shown, in cents; `again` if the person was asked and means it."""

    guide: Annotated[int, Field(ge=0)]
    again: bool = False


async def show_where(request: Request, visit: Visit) -> Response:
    """Step 1: where and when, with what was chosen before."""
    found = queries.bookable(request.path_params["service"])
    when = visit.query.get("when", "")[:120]
    wishes = tuple(code for code in when.split(",") if code and code != NOW)
    chosen = NOW if when == NOW else "wish" if wishes else ""
    form = empty_form(place=visit.query.get("place", "")[:300], when=chosen)
    form = replace(form, typed={**form.typed, "wish": wishes})
    return _where_page(visit, found, form.holding(visit.kept))


async def choose_where(request: Request, visit: Visit) -> Response:
    """Take step 1; a place that may mean several leads to a page that asks which."""
    found = queries.bookable(request.path_params["service"])
    form = await read_form(request, WhereForm)
    if form.first("more"):
        return _where_page(visit, found, form)
    try:
        typed = form.value
        chosen = queries.wanted(place=typed.place, place_id=typed.place_id, urgent=typed.when == NOW, wishes=typed.wish)
        if isinstance(chosen, Choice):
            return page(visit, "bookings/which_place.html", service=found, form=form, choice=chosen)
    except Refusal as refusal:
        return _where_page(visit, found, form.refused(visit, refusal, at="place"), status=refusal.status)
    return await _leave_where(visit, found, chosen, form)


async def _leave_where(visit: Visit, found: Service, chosen: Chosen, form: Form[WhereForm]) -> Response:
    """Go on to step 2, or say why nobody comes there: a region that is not open, or a rule of the partner."""
    try:
        await _quote(found, chosen)
    except NotServedHere as refusal:
        if refusal.said is not None:
            return page(
                visit,
                "bookings/not_here.html",
                status=refusal.status,
                service=found,
                place=chosen.place,
                sentence=visit.formats.refusal(refusal),
            )
        return redirect(visit, f"/waiting-list?{urlencode({'place': chosen.place.id, 'service': found.id})}")
    except Refusal as refusal:
        at = "when" if isinstance(refusal, NotOnDemand) else "place"
        return _where_page(visit, found, form.refused(visit, refusal, at=at), status=refusal.status)
    query = urlencode({"place": chosen.place.id, "when": chosen.when})
    return redirect(visit, f"/book/{found.id}/who?{query}")


async def show_who(request: Request, visit: Visit) -> Response:
    """Step 2: who, with what the person told us before; step 1 if its choice is not good any more."""
    found = queries.bookable(request.path_params["service"])
    place, when = visit.asked("place"), visit.asked("when")
    try:
        return await _who_page(visit, found, queries.chosen(place, when), await _known(visit, found))
    except Refusal:
        return redirect(visit, f"/book/{found.id}?{urlencode({'place': place, 'when': when})}")


async def save(request: Request, visit: Visit) -> Response:
    """Take step 2: keep it all as a draft; the same details sent twice are one draft."""
    found = queries.bookable(request.path_params["service"])
    form = await read_form(request, WhoForm)
    chosen = queries.chosen(form.first("place"), form.first("when"))
    try:
        booking = _booking(found, chosen, form.value)
        return await submit(
            visit,
            form,
            do=lambda: service.save_draft(customer_id=visit.account_id, booking=booking),
            then=lambda draft: f"/jobs/{draft.id}/check",
        )
    except Refusal as refusal:
        at = "work" if isinstance(refusal, WorkNotAllowed) and found.checks else "when"
        shown = form.refused(visit, refusal, at=at)
        return await _who_page(visit, found, chosen, shown, status=refusal.status)


async def show_call(request: Request, visit: Visit) -> Response:
    """Step 2 without e-mail: who is to be called; afterwards, that it will happen."""
    found = queries.bookable(request.path_params["service"])
    number = visit.query.get("number", "")
    if number:
        return page(visit, "bookings/called.html", service=found, number=number[:12])
    place, when = visit.asked("place"), visit.asked("when")
    try:
        return await _call_page(visit, found, queries.chosen(place, when), empty_form())
    except Refusal:
        return redirect(visit, f"/book/{found.id}?{urlencode({'place': place, 'when': when})}")


async def ask_for_call(request: Request, visit: Visit) -> Response:
    """Keep the wish and tell support whom to call."""
    found = queries.bookable(request.path_params["service"])
    form = await read_form(request, CallForm)
    chosen = queries.chosen(form.first("place"), form.first("when"))
    try:
        typed = form.value
        booking = _booking_by_call(visit, found, chosen, typed)
        caller = Caller(name=typed.name, email="", phone=booking.contact.phone, language=booking.language)
        return await submit(
            visit,
            form,
            do=lambda: _note_call(visit, caller, booking),
            then=lambda draft: f"/book/{found.id}/call?number={draft.number}",
        )
    except Refusal as refusal:
        return await _call_page(visit, found, chosen, form.refused(visit, refusal, at="phone"), status=refusal.status)


async def show_check(request: Request, visit: Visit) -> Response:
    """Step 3: everything on one page before it is ordered."""
    draft = await _own(request, visit)
    if draft.state is not State.DRAFT:
        return redirect(visit, f"/jobs/{draft.id}")
    return await _check_page(visit, draft, empty_form(guide=str(draft.guide.amount.cents)))


async def order(request: Request, visit: Visit) -> Response:
    """Take step 3: the search begins; a price that moved meanwhile is shown first."""
    draft = await _own(request, visit)
    form = await read_form(request, OrderForm)
    try:
        shown = Money(form.value.guide, draft.guide.amount.currency)
        return await submit(
            visit,
            form,
            do=lambda: _start(visit, draft, shown, ask_twice=not form.value.again),
            then=lambda job: f"/jobs/{job.id}",
        )
    except GuideChanged as refusal:
        again = replace(form, typed={"guide": (str(refusal.guide.cents),)})
        return await _check_page(visit, draft, again.refused(visit, refusal, at="guide"), status=refusal.status)
    except JobStateConflict:
        return redirect(visit, f"/jobs/{draft.id}")
    except BookedBefore as refusal:
        return await _check_page(visit, draft, form, status=refusal.status, before=refusal)
    except Refusal as refusal:
        return await _check_page(visit, draft, form.refused(visit, refusal, at="guide"), status=refusal.status)


async def _note_call(visit: Visit, caller: Caller, booking: Booking) -> Job:
    await limit(visit, "signin", actor=caller.phone)
    return await service.ask_for_call(caller=caller, booking=booking)


async def _start(visit: Visit, draft: Job, shown: Money, *, ask_twice: bool) -> Job:
    """Begin the search; counted here, where a second click does not come."""
    await limit(visit, "book")
    return await service.submit(job_id=draft.id, who=Who.CUSTOMER, expected_guide=shown, ask_twice=ask_twice)


async def _quote(found: Service, chosen: Chosen) -> Quote:
    return await service.quote(
        service_id=found.id, place_id=chosen.place.id, starts_at=chosen.starts_at, urgent=chosen.urgent
    )


def _booking(found: Service, chosen: Chosen, typed: WhoForm) -> Booking:
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
        channel="web",
        declared_work=queries.declared(found, typed.work),
    )


def _booking_by_call(visit: Visit, found: Service, chosen: Chosen, typed: CallForm) -> Booking:
    return Booking(
        service_id=found.id,
        place_id=chosen.place.id,
        contact=queries.contact(
            name=typed.name,
            street="",
            phone=typed.phone,
            email=None,
            note=typed.note,
            country=chosen.place.country,
        ),
        urgent=chosen.urgent,
        wishes=chosen.windows,
        language=visit.language.value,
        channel=CALL_BACK,
    )


async def _known(visit: Visit, found: Service) -> Form[BaseModel]:
    """Return step 2 with what this person told us before: nobody is asked twice."""
    account = await accounts.account(visit.account_id)
    before = await queries.latest(account.id)
    if before is None:
        # A fresh account is called like its address until somebody says how they want to be called.
        name = "" if account.name == account.email.partition("@")[0] else account.name
        return empty_form(name=name, phone=account.phone, email=account.email, speaks=visit.language.value)
    job, told = before
    is_this = job.state in {State.DRAFT, State.CANCELLED} and job.service.id == found.id
    form = empty_form(
        name=told.name,
        street=told.street,
        phone=told.phone or account.phone,
        email=told.email or account.email,
        note=told.note if is_this else "",
        speaks=job.language if is_this else visit.language.value,
    )
    return replace(form, typed={**form.typed, "work": tuple(job.service.safety) if is_this else ()})


def _days_shown(form: Form[BaseModel]) -> int:
    """Return how many days the picker shows: five, and five more for each press of the button."""
    shown = form.first("days")
    count = int(shown) if shown.isdecimal() and len(shown) <= len(str(MOST_DAYS)) else DAYS
    return min(max(count, DAYS) + (DAYS if form.first("more") else 0), MOST_DAYS)


def _where_page(visit: Visit, found: Service, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "bookings/where.html",
        status=status,
        modules=("place.js",),
        form=form,
        service=found,
        price=catalog.list_price(found),
        days=queries.days(_days_shown(form)),
        most_days=MOST_DAYS,
        now=clock.now(),
    )


async def _who_page(
    visit: Visit, found: Service, chosen: Chosen, form: Form[BaseModel], *, status: int = 200
) -> Response:
    quote = await _quote(found, chosen)
    return page(
        visit,
        "bookings/who.html",
        status=status,
        form=form,
        service=found,
        price=quote.guide,
        chosen=chosen,
        back=urlencode({"place": chosen.place.label, "when": chosen.when}),
    )


async def _call_page(
    visit: Visit, found: Service, chosen: Chosen, form: Form[BaseModel], *, status: int = 200
) -> Response:
    quote = await _quote(found, chosen)
    return page(
        visit,
        "bookings/call.html",
        status=status,
        form=form,
        service=found,
        price=quote.guide,
        chosen=chosen,
        back=urlencode({"place": chosen.place.id, "when": chosen.when}),
        reply_within=visit.portal.settings.support.reply_within,
    )


async def _check_page(
    visit: Visit, draft: Job, form: Form[BaseModel], *, status: int = 200, before: BookedBefore | None = None
) -> Response:
    when = code_of(draft.wishes, queries.zone())
    return page(
        visit,
        "bookings/check.html",
        status=status,
        form=form,
        job=draft,
        contact=await jobs.contact(draft.id),
        free_until=queries.free_cancel_until(draft),
        before=visit.formats.refusal(before) if before else "",
        earlier=f"/jobs/{before.params['job']}" if before else "",
        where=urlencode({"place": draft.place.label, "when": when}),
        who=urlencode({"place": draft.place.id, "when": when}),
    )


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


ROUTES = (
    PageRoute(method="GET", path="/book/{service}", handler=show_where, public=True),
    PageRoute(method="POST", path="/book/{service}", handler=choose_where, public=True),
    PageRoute(method="GET", path="/book/{service}/who", handler=show_who, roles=SIGNED_IN, known=catalog.named),
    PageRoute(method="POST", path="/book/{service}/who", handler=save, roles=SIGNED_IN, known=catalog.named),
    PageRoute(method="GET", path="/book/{service}/call", handler=show_call, public=True),
    PageRoute(method="POST", path="/book/{service}/call", handler=ask_for_call, public=True),
    PageRoute(method="GET", path="/jobs/{job_id}/check", handler=show_check, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/check", handler=order, roles=SIGNED_IN),
)
