"""The bookings room as JSON: find the place, ask what it costs, book."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from crowdcore.accounts import queries as accounts
from crowdcore.accounts.rules import Role
from crowdcore.base.errors import FieldProblem, Rejected
from crowdcore.base.text import Language
from crowdcore.bookings import queries, service
from crowdcore.bookings.rules import (
    MOST_WISHES,
    BookedBefore,
    Booking,
    Caller,
    GuideChanged,
    NotOnDemand,
    NotServedHere,
    PortalPaused,
    PreferredUnknown,
    ServiceUnavailable,
    WindowOrder,
    WindowPast,
    WindowTooFar,
    WindowTooShort,
    WishesCount,
    WorkNotAllowed,
    WorkUnknown,
)
from crowdcore.bookings.service import Quote
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs.queries import side_of
from crowdcore.jobs.rules import Contact, Job, JobStateConflict, NotYours, State, Window
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import MAX_LENGTH, Answer, Choice, Found, Place, PlaceUnknown
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import (
    Email,
    GuideOut,
    Input,
    Moment,
    MoneyIn,
    Output,
    Phone,
    SpanIn,
    SpanOut,
    line,
    paragraph,
    wrong,
)
from crowdcore.web.rates import limit

_ASK_TWICE = "Refuse a wish that the same customer booked within the last minutes, so that they can be asked."
BOOKERS = frozenset({Role.CUSTOMER, Role.AGENT})

MOST_SIGNS = 3
"""So many signs of search patterns may be in what a person types by mistake."""
_PATTERN_SIGNS = re.compile(r"[%*?+^$|\\{}\[\]]")

CALLER_MISSING = FieldProblem("/customer", "field.required", _("Please fill in this field."))
CALLER_IS_YOU = FieldProblem(
    "/customer", "booking.caller", _("Customers book for themselves; only support names somebody else.")
)


def _plain_words(typed: str) -> str:
    if len(_PATTERN_SIGNS.findall(typed)) > MOST_SIGNS:
        raise wrong("search.too_complex", _("Type a postcode or a place in plain words, for example 3097 Liebefeld."))
    return typed


class PlaceSearch(Input):
    """What a person types: a postcode, a town, both, or an address."""

    q: Annotated[str, line(MAX_LENGTH), AfterValidator(_plain_words)]
    typing: bool = Field(default=False, description="Still being typed: answer with what it may become.")


class PlaceOut(Output):
    """A place of the gazetteer."""

    id: str
    label: str
    postcode: str
    locality: str
    region: str = Field(description="ISO 3166-2, such as CH-ZH.")
    country: str


class PlacesFound(Output):
    """The one place that is meant, several to choose from, or near misses."""

    kind: Literal["found", "choice", "unknown"]
    reason: str | None = Field(description="Why there is a choice, or nothing.")
    places: list[PlaceOut]


class QuoteQuery(Input):
    """A wish, as far as it sets the price."""

    service: Annotated[str, line(60)]
    place: Annotated[str, line(80)] = Field(description="`id` of a place.")
    starts_at: Moment | None = None
    urgent: bool = False


class NextTime(Output):
    """When somebody nearby, who speaks the language of Accept-Language, is free first."""

    at_once: bool = Field(description="Within the hour; then there is no `span`.")
    span: SpanOut | None
    free: int = Field(description="How many are free then; 0 if nobody is in the next two weeks.")


class QuoteOut(Output):
    """The guide price of a wish, and when help can come there first."""

    service: str
    place: PlaceOut
    guide: GuideOut
    next_time: NextTime
    minutes: int
    minutes_max: int


class CallerIn(Input):
    """Somebody support speaks with."""

    name: Annotated[str, line(120)]
    email: Email | None = None
    phone: Phone | None = None
    language: Language


class BookJob(Input):
    """A wish: what, where, and when."""

    service: Annotated[str, line(60)]
    place: Annotated[str, line(80)] = Field(description="`id` of a place.")
    street: Annotated[str, line(200)] = Field(description="Street and number, for the Friend who comes.")
    name: Annotated[str, line(120)] | None = None
    phone: Phone | None = None
    email: Email | None = None
    note: Annotated[str, paragraph(2000)] | None = None
    urgent: bool = Field(default=False, description="As soon as possible; then there are no wishes.")
    wishes: Annotated[list[SpanIn], Field(max_length=MOST_WISHES, description="The favourite first.")] = []
    language: Language | None = Field(default=None, description="What the Friend should speak.")
    declared_work: Annotated[list[Annotated[str, line(60)]], Field(max_length=20)] = Field(
        default=[], description="`work` of every question of the service that was answered with yes."
    )
    preferred_friend: UUID | None = Field(default=None, description="The Friend who should be asked first.")
    expected_guide: MoneyIn | None = Field(default=None, description="The guide price that was shown.")
    ask_twice: bool = Field(default=False, description=_ASK_TWICE)
    draft: bool = Field(default=False, description="Keep it for 24 hours without searching yet.")
    customer: CallerIn | None = Field(default=None, description="Whom support books for.")


class SubmitJob(Input):
    """Start the search for a draft."""

    expected_guide: MoneyIn | None = None
    ask_twice: bool = Field(default=False, description=_ASK_TWICE)


class Booked(Output):
    """A job as it was booked."""

    id: UUID
    number: str = Field(description="What people say on the phone.")
    state: State
    version: int
    service: str
    place: str
    urgent: bool
    window: SpanOut
    guide: GuideOut


async def _search(call: Call) -> Answer:
    asked = call.query(PlaceSearch)
    if asked.typing:
        return Choice(gazetteer().suggest(asked.q))
    return gazetteer().search(asked.q)


async def _places(_call: Call, found: Answer) -> PlacesFound:
    if isinstance(found, Found):
        return PlacesFound(kind=found.kind, reason=None, places=[_place(found.place)])
    places = found.places if isinstance(found, Choice) else found.suggestions
    return PlacesFound(kind=found.kind, reason=found.reason.value, places=[_place(one) for one in places])


async def _ask_price(call: Call) -> Quote:
    asked = call.query(QuoteQuery)
    if asked.urgent and asked.starts_at is not None:
        raise WishesCount
    return await service.quote(
        service_id=asked.service, place_id=asked.place, starts_at=asked.starts_at, urgent=asked.urgent
    )


async def _quote(call: Call, found: Quote) -> QuoteOut:
    return QuoteOut(
        service=found.service.id,
        place=_place(found.place),
        guide=GuideOut.of(found.guide, call.visit.language),
        next_time=_next_time(await queries.opening(found.service, found.place, speaks=call.visit.language.value)),
        minutes=found.service.minutes.typical,
        minutes_max=found.service.minutes.max,
    )


def _next_time(opening: queries.Opening) -> NextTime:
    window = opening.slot.window if opening.slot else None
    span = SpanOut(start=window.start, end=window.end) if window else None
    return NextTime(at_once=bool(opening.free) and span is None, span=span, free=opening.free)


async def _book(call: Call) -> Job:
    if call.visit.signed_in.is_staff:
        return await _book_for_caller(call)
    sent = call.body(BookJob)
    if sent.customer is not None:
        raise Rejected(fields=(CALLER_IS_YOU,))
    await limit(call.visit, "book")
    me = await accounts.account(call.visit.account_id)
    contact = _contact(sent, name=me.name, phone=me.phone, email=me.email)
    booking = _booking(sent, contact, language=me.language, channel="api")
    if sent.draft:
        return await service.save_draft(customer_id=me.id, booking=booking)
    return await service.book(customer_id=me.id, booking=booking, ask_twice=sent.ask_twice)


async def _book_for_caller(call: Call) -> Job:
    sent = call.body(BookJob)
    if sent.customer is None:
        raise Rejected(fields=(CALLER_MISSING,))
    caller = Caller(
        name=sent.customer.name,
        email=sent.customer.email or "",
        phone=sent.customer.phone or "",
        language=sent.customer.language,
    )
    contact = _contact(sent, name=caller.name, phone=caller.phone, email=caller.email)
    booking = _booking(sent, contact, language=caller.language, channel="call_centre")
    if sent.draft:
        return await service.save_draft_for(caller=caller, booking=booking)
    return await service.book_for(caller=caller, booking=booking)


def _contact(sent: BookJob, *, name: str, phone: str, email: str) -> Contact:
    return Contact(
        name=sent.name or name,
        street=sent.street,
        phone=sent.phone or phone,
        email=sent.email or email,
        note=sent.note or "",
    )


def _booking(sent: BookJob, contact: Contact, *, language: str, channel: str) -> Booking:
    return Booking(
        service_id=sent.service,
        place_id=sent.place,
        contact=contact,
        urgent=sent.urgent,
        wishes=tuple(Window(wish.start, wish.end) for wish in sent.wishes),
        language=sent.language or language,
        channel=channel,
        declared_work=frozenset(sent.declared_work),
        preferred_id=sent.preferred_friend,
        expected_guide=sent.expected_guide.money if sent.expected_guide else None,
    )


async def _submit(call: Call) -> Job:
    side = await side_of(call.visit.signed_in, call.id("job_id"))
    sent = call.body(SubmitJob)
    return await service.submit(
        job_id=side.job.id,
        who=side.who,
        expected_guide=sent.expected_guide.money if sent.expected_guide else None,
        ask_twice=sent.ask_twice,
    )


async def _booked(call: Call, job: Job) -> Booked:
    return Booked(
        id=job.id,
        number=job.number,
        state=job.state,
        version=job.version,
        service=job.service.id,
        place=job.place.label,
        urgent=job.urgent,
        window=SpanOut(start=job.window.start, end=job.window.end),
        guide=GuideOut.of(job.guide, call.visit.language),
    )


def _place(found: Place) -> PlaceOut:
    return PlaceOut(
        id=found.id,
        label=found.label,
        postcode=found.postcode,
        locality=found.locality,
        region=found.region,
        country=found.country,
    )


_PRICED = (ServiceUnavailable, PlaceUnknown, NotServedHere, NotOnDemand, WishesCount)
_WISHED = (BookedBefore, GuideChanged, WindowOrder, WindowTooShort, WindowPast, WindowTooFar)

ROUTES = (
    ApiRoute(
        method="GET",
        path="/places",
        do=_search,
        show=_places,
        query=PlaceSearch,
        answer=PlacesFound,
        public=True,
        summary="Find the place somebody means",
    ),
    ApiRoute(
        method="GET",
        path="/quotes",
        do=_ask_price,
        show=_quote,
        query=QuoteQuery,
        answer=QuoteOut,
        public=True,
        refusals=_PRICED,
        summary="Ask for the guide price of a wish",
    ),
    ApiRoute(
        method="POST",
        path="/jobs",
        do=_book,
        show=_booked,
        body=BookJob,
        answer=Booked,
        status=201,
        roles=BOOKERS,
        refusals=(*_PRICED, *_WISHED, PortalPaused, WorkNotAllowed, WorkUnknown, PreferredUnknown),
        summary="Book a job: the search for somebody nearby begins at once",
    ),
    ApiRoute(
        method="POST",
        path="/jobs/{job_id}/submit",
        do=_submit,
        show=_booked,
        body=SubmitJob,
        answer=Booked,
        roles=BOOKERS,
        refusals=(*_PRICED, *_WISHED, NotYours, JobStateConflict),
        summary="Start the search for a draft",
    ),
)
