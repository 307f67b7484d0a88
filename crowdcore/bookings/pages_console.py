"""Pages for staff: book for somebody on the phone or at the counter, all on one page, in the caller's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.base import clock
from crowdcore.base.errors import FieldProblem, NotFound, Refusal, Rejected
from crowdcore.base.text import Language
from crowdcore.bookings import queries, service
from crowdcore.bookings.rules import (
    CALL_BACK,
    NOW,
    Booking,
    Caller,
    Chosen,
    NotOnDemand,
    NotServedHere,
    WorkNotAllowed,
    code_of,
)
from crowdcore.catalog import queries as catalog
from crowdcore.catalog.rules import is_for_crowd
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.places.rules import Choice, Place
from crowdcore.plugin import Guide
from crowdcore.plugin.content_catalog import Service
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Email, Input, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page

DAYS = 5
BOOK = "book"
"""Value of the button that books; all others only show the page anew."""

SERVICE_MISSING = FieldProblem("/service", "service.missing", _("Choose what the caller needs."))
CHECKS_UNSEEN = FieldProblem("/work", "work.unseen", _("Ask these questions first; they decide who may do the work."))
CONSENT_MISSING = FieldProblem(
    "/consent", "consent.missing", _("Read the sentence aloud and tick that the caller agrees.")
)

#: What is said on the phone, in the caller's language; placeholders: brand, price, service.
SCRIPT = {
    "greeting": _("Good day, this is %(brand)s. What can we help you with?"),
    "place": _("Where do you need help? A postcode or the name of the place is enough."),
    "when": _("When does it suit you? With three times to choose from we find somebody sooner."),
    "person": _("What number can your Friend reach you on? Would you like the confirmation by e-mail as well?"),
    "price": _(
        "The guide price is %(price)s including travel. You agree the price with your Friend before work starts."
    ),
    "consent": _(
        "The contract is with the Friend, who is self-employed. Asking costs nothing, and so does cancelling until "
        "somebody has accepted. May we pass your name, address and number on to whoever accepts?"
    ),
}
CLOSING = (
    _("Your number is %(number)s. Please write it down."),
    _("We are asking qualified neighbours now. As soon as somebody accepts, your Friend calls you."),
    _("If nobody has accepted within the hour, we contact you. Until then cancelling costs nothing."),
)


class MaskForm(Input):
    """Everything at once.

    `asked` is the text for which the places to choose from were shown, `seen` the service whose questions were.
    """

    service: Annotated[str, Field(max_length=80)] = ""
    seen: Annotated[str, Field(max_length=80)] = ""
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
    consent: Literal["yes"] | None = None
    draft: UUID | None = None
    do: Annotated[str, Field(max_length=10)] = BOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What can be said on the phone about a service at a place.

    Args:
        guide: the guide price there, or the list price while the place is not known.
        place: where; None while it is not known.
        opening: when somebody is free there; None while the place is not known.
        refusal: why it is not possible there, or empty.
    """

    guide: Guide
    place: Place | None
    opening: queries.Opening | None
    refusal: str


async def show_mask(_request: Request, visit: Visit) -> Response:
    """All steps of a booking on one page; ``?service=`` chooses what it is about, ``?draft=`` whose it completes."""
    if visit.query.get("draft"):
        form = await _of_draft(read_id(visit.query["draft"]))
    else:
        form = empty_form(service=visit.query.get("service", ""), speaks=visit.language.value, channel="call_centre")
    return await _page(visit, _shown_anew(form.holding(visit.kept)))


async def book(request: Request, visit: Visit) -> Response:
    """Book; the customer gets an account if they have none. Other buttons only show the page anew."""
    form = await read_form(request, MaskForm)
    if form.first("do") != BOOK:
        return await _page(visit, _shown_anew(form))
    try:
        found, chosen = _checked(form)
        if isinstance(chosen, Choice):
            return await _page(visit, form, places=chosen.places)
        typed = form.value
        booking = _booking(found, chosen, typed)
        caller = Caller(name=typed.name, email=typed.email or "", phone=booking.contact.phone, language=typed.speaks)
        return await submit(
            visit,
            form,
            do=lambda: service.book_for(caller=caller, booking=booking, completes=typed.draft),
            then=lambda job: f"/console/jobs/{job.id}/booked",
        )
    except Refusal as refusal:
        at = _field_of(refusal, _service_of(form))
        return await _page(visit, form.refused(visit, refusal, at=at), status=refusal.status)


async def show_booked(request: Request, visit: Visit) -> Response:
    """What is said before one hangs up: the number, and what happens next, in the caller's language."""
    job = await jobs.job(read_id(request.path_params["job_id"]))
    contact = await jobs.contact(job.id)
    speaker = visit.portal.translators[Language(job.language)]
    return page(
        visit,
        "bookings/console_booked.html",
        job=job,
        contact=contact,
        closing=[speaker.gettext(sentence) % {"number": job.number} for sentence in CLOSING],
    )


async def _of_draft(job_id: UUID) -> Form[BaseModel]:
    """Return the mask with what somebody who waits for a call has said already.

    Raises:
        NotFound: it is no such wish.
    """
    draft = await jobs.job(job_id)
    if draft.channel != CALL_BACK:
        raise NotFound
    told, when = await jobs.contact(job_id), code_of(draft.wishes, queries.zone())
    form = empty_form(
        service=draft.service.id,
        place=draft.place.label,
        when=NOW if draft.urgent else "wish",
        name=told.name,
        phone=told.phone,
        note=told.note,
        speaks=draft.language,
        channel="call_centre",
        draft=str(job_id),
    )
    return replace(form, typed={**form.typed, "wish": () if draft.urgent else tuple(when.split(","))})


def _shown_anew(form: Form[BaseModel]) -> Form[BaseModel]:
    """Return the form as it was typed, with the language of a language button in it and no complaints."""
    do = form.first("do")
    typed = {**form.typed, "seen": (form.first("service"),)}
    if do in set(Language):
        typed["speaks"] = (do,)
    return replace(form, typed=typed, problems=(), errors={})


def _checked(form: Form[MaskForm]) -> tuple[Service, Chosen | Choice]:
    """Return service, place and time of a form that may be booked.

    Raises:
        Rejected: with a sentence at each wrong field.
    """
    problems = list(form.problems)
    found = _service_of(form)
    if found is None:
        problems.insert(0, SERVICE_MISSING)
    elif found.checks and form.first("seen") != found.id:
        problems.append(CHECKS_UNSEEN)
    if not form.first("consent"):
        problems.append(CONSENT_MISSING)
    chosen: Chosen | Choice | None = None
    try:
        place, asked = form.first("place"), form.first("asked")
        chosen = queries.wanted(
            place=place,
            place_id=form.first("place_id") if asked == place else "",
            urgent=form.first("when") == NOW,
            wishes=form.chosen("wish"),
        )
    except Rejected as wrong:
        problems += wrong.fields
    if problems or found is None or chosen is None:
        raise Rejected(fields=tuple(problems))
    return queries.bookable(found.id), chosen


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


def _field_of(refusal: Refusal, found: Service | None) -> str:
    match refusal:
        case NotServedHere():
            return "place"
        case WorkNotAllowed() if found is not None and found.checks:
            return "work"
        case NotOnDemand():
            return "when"
        case _:
            return "name"


def _service_of(form: Form[BaseModel]) -> Service | None:
    return catalog.bookable(form.first("service"))


async def _page(
    visit: Visit,
    form: Form[BaseModel],
    *,
    places: tuple[Place, ...] = (),
    status: int = 200,
) -> Response:
    found = _service_of(form)
    prospect = await _prospect(visit, found, form) if found else None
    speaks = Language(form.first("speaks")) if form.first("speaks") in set(Language) else visit.language
    return page(
        visit,
        "bookings/console_mask.html",
        status=status,
        form=form,
        service=found,
        prospect=prospect,
        categories=[
            (one, [service for service in catalog.services() if service.category == one.id and is_for_crowd(service)])
            for one in catalog.categories()
        ],
        script=_script(visit, speaks, found, prospect),
        speaks=speaks.value,
        days=queries.days(DAYS),
        now=clock.now(),
        places=places,
    )


async def _prospect(visit: Visit, found: Service, form: Form[BaseModel]) -> Prospect:
    listed = Prospect(guide=catalog.list_price(found), place=None, opening=None, refusal="")
    place = queries.place_meant(form.first("place"))
    if place is None:
        return listed
    urgent = form.first("when") == NOW and found.on_demand.allowed
    try:
        quote = await service.quote(service_id=found.id, place_id=place.id, starts_at=None, urgent=urgent)
    except Refusal as refusal:
        return replace(listed, place=place, refusal=visit.formats.refusal(refusal))
    speaks = form.first("speaks") or visit.language.value
    opening = await queries.opening(found, place, speaks=speaks)
    return replace(listed, guide=quote.guide, place=place, opening=opening)


def _script(visit: Visit, speaks: Language, found: Service | None, prospect: Prospect | None) -> dict[str, str]:
    """Return the sentences of the call in the caller's language."""
    speaker = visit.portal.translators[speaks]
    formats = visit.portal.formats[speaks]
    values = {
        "brand": visit.portal.settings.name.brand,
        "service": speaker.text(found.title) if found else "",
        "price": formats.price_range(prospect.guide.low, prospect.guide.high) if prospect else "",
    }
    return {key: speaker.gettext(sentence) % values for key, sentence in SCRIPT.items()}


ROUTES = (
    PageRoute(method="GET", path="/console/book", handler=show_mask, roles=STAFF),
    PageRoute(method="POST", path="/console/book", handler=book, roles=STAFF),
    PageRoute(method="GET", path="/console/jobs/{job_id}/booked", handler=show_booked, roles=STAFF),
)
