"""The overview room as JSON: my jobs, and one job with everything that I may see of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from crowdcore.accounts.rules import Role
from crowdcore.bookings.queries import free_cancel_until
from crowdcore.crowd.rules import Kind
from crowdcore.escalation.queries import reason_name
from crowdcore.escalation.rules import CaseState, Message
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Contact, Job, Milestone, State, Who
from crowdcore.overview import queries
from crowdcore.overview.queries import Overview, Search
from crowdcore.ratings.rules import Rating
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.context import Visit
from crowdcore.web.fields import GuideOut, MoneyOut, Output, SpanOut
from crowdcore.web.paging import PageQuery, read_mark, write_mark

EVERYBODY = frozenset(Role)

_JOBS = "jobs"


class JobQuery(PageQuery):
    """Which jobs."""

    state: Annotated[tuple[State, ...], Field(max_length=len(State))] = Field(
        default=(), description="Only these; may be given several times."
    )


class JobCard(Output):
    """A job in a list."""

    id: UUID
    number: str = Field(description="What people say on the phone.")
    state: State
    version: int
    service: str
    title: str
    place: str = Field(description="Postcode and town.")
    urgent: bool
    window: SpanOut
    language: str
    guide: GuideOut
    price: MoneyOut = Field(description="What is owed now: the agreed price, else the guide price.")
    created_at: datetime


class JobList(Output):
    """Jobs, the newest first."""

    jobs: list[JobCard]
    next_cursor: str | None


class JobContact(Output):
    """Who and where exactly; for a Friend only while they hold the job."""

    name: str
    street: str
    phone: str
    email: str
    note: str


class JobProposal(Output):
    """A price that waits for the other side."""

    amount: MoneyOut
    reason: str
    by: Who
    at: datetime


class JobSearch(Output):
    """How far the search has got."""

    asked: int
    reached_km: int


class JobFriend(Output):
    """Who has the job, or has done it."""

    id: UUID
    name: str = Field(description="First name.")
    kind: Kind
    rating_mean: float | None = Field(description="From five ratings on.")
    rating_count: int
    jobs_done: int
    phone: str = Field(description="How to reach them, until the work is confirmed; may be empty.")


class JobDoorWords(Output):
    """What is said at the door, so that each side knows the other is the right one."""

    friend_says: str
    customer_answers: str


class JobCaseMessage(Output):
    """What support said."""

    outcome: str
    text: str
    at: datetime


class JobCase(Output):
    """The latest case of the job; it is open unless `state` says closed."""

    id: UUID
    state: CaseState
    reason: str
    ticket_ref: str | None
    due_at: datetime
    outcome: str | None
    messages: list[JobCaseMessage]


class JobRating(Output):
    """What the customer said."""

    stars: int
    book_again: bool
    comment: str


class JobDetail(JobCard):
    """A job with everything that you may see of it."""

    steps: list[str]
    minutes: int
    minutes_max: int
    wishes: list[SpanOut]
    channel: str
    agreed: MoneyOut | None
    proposal: JobProposal | None
    milestones: dict[Milestone, datetime]
    contact: JobContact | None
    search: JobSearch | None
    friend: JobFriend | None
    door_words: JobDoorWords | None = Field(description="Between accept and the end of the work.")
    report: str | None
    case: JobCase | None
    rating: JobRating | None
    actions: list[str] = Field(description="What you may do now: the last part of /jobs/{job_id}/...")
    cancel_free_until: datetime | None = Field(
        description="Once somebody has accepted, cancelling costs nothing until then; null when that time is over."
    )
    confirms_at: datetime | None = Field(description="Without an answer the work counts as confirmed from then on.")
    opened_at: datetime | None
    done_at: datetime | None
    confirmed_at: datetime | None


async def _list(call: Call) -> list[Job]:
    asked = call.query(JobQuery)
    return await jobs.page_of_jobs(
        call.visit.signed_in,
        states=asked.state,
        after=read_mark(_JOBS, asked.cursor),
        limit=asked.limit + 1,
    )


async def _jobs(call: Call, found: list[Job]) -> JobList:
    limit = call.query(JobQuery).limit
    page = found[:limit]
    more = len(found) > limit
    return JobList(
        jobs=[_card(call.visit, job) for job in page],
        next_cursor=write_mark(_JOBS, page[-1].created_at, page[-1].id) if more else None,
    )


async def _find(call: Call) -> Overview:
    return await queries.overview(call.visit.signed_in, call.id("job_id"))


async def _job(call: Call, seen: Overview) -> JobDetail:
    job, text = seen.job, call.visit.translator.text
    return JobDetail(
        **_card(call.visit, job).model_dump(),
        steps=[text(step) for step in job.service.steps],
        minutes=job.service.minutes,
        minutes_max=job.service.minutes_max,
        wishes=[SpanOut(start=wish.start, end=wish.end) for wish in job.wishes],
        channel=job.channel,
        agreed=MoneyOut.of(job.agreed) if job.agreed else None,
        proposal=_proposal(job),
        milestones=job.milestones,
        contact=_contact(seen.contact),
        search=_search(seen.search),
        friend=_friend(seen),
        door_words=JobDoorWords(friend_says=seen.door.asks, customer_answers=seen.door.answers) if seen.door else None,
        report=seen.report,
        case=_case(call.visit, seen),
        rating=_rating(seen.rating),
        actions=list(seen.actions),
        cancel_free_until=free_cancel_until(job),
        confirms_at=jobs.confirms_at(job) if job.state is State.DONE else None,
        opened_at=job.opened_at,
        done_at=job.done_at,
        confirmed_at=job.confirmed_at,
    )


def _card(visit: Visit, job: Job) -> JobCard:
    return JobCard(
        id=job.id,
        number=job.number,
        state=job.state,
        version=job.version,
        service=job.service.id,
        title=visit.translator.text(job.service.title),
        place=job.place.label,
        urgent=job.urgent,
        window=SpanOut(start=job.window.start, end=job.window.end),
        language=job.language,
        guide=GuideOut.of(job.guide, visit.language),
        price=MoneyOut.of(job.price),
        created_at=job.created_at,
    )


def _proposal(job: Job) -> JobProposal | None:
    if job.proposal is None:
        return None
    waiting = job.proposal
    return JobProposal(amount=MoneyOut.of(waiting.amount), reason=waiting.reason, by=waiting.by, at=waiting.at)


def _contact(found: Contact | None) -> JobContact | None:
    if found is None:
        return None
    return JobContact(name=found.name, street=found.street, phone=found.phone, email=found.email, note=found.note)


def _search(found: Search | None) -> JobSearch | None:
    return JobSearch(asked=found.asked, reached_km=found.reached_m // 1000) if found else None


def _friend(seen: Overview) -> JobFriend | None:
    found = seen.friend
    if found is None:
        return None
    return JobFriend(
        id=found.id,
        name=found.name,
        kind=found.kind,
        rating_mean=found.rating_mean(),
        rating_count=found.rating_count,
        jobs_done=found.jobs_done,
        phone=seen.phone,
    )


def _case(visit: Visit, seen: Overview) -> JobCase | None:
    case = seen.case
    if case is None:
        return None
    return JobCase(
        id=case.id,
        state=case.state,
        reason=visit.translator.text(reason_name(case.reason, for_customer=seen.who is Who.CUSTOMER)),
        ticket_ref=case.ticket_ref,
        due_at=case.due_at,
        outcome=case.outcome,
        messages=[_message(one) for one in seen.messages],
    )


def _message(one: Message) -> JobCaseMessage:
    return JobCaseMessage(outcome=one.outcome, text=one.text, at=one.at)


def _rating(found: Rating | None) -> JobRating | None:
    if found is None:
        return None
    return JobRating(stars=found.stars, book_again=found.book_again, comment=found.comment)


ROUTES = (
    ApiRoute(
        method="GET",
        path="/jobs",
        do=_list,
        show=_jobs,
        query=JobQuery,
        answer=JobList,
        roles=EVERYBODY,
        summary="List your jobs; staff see all",
    ),
    ApiRoute(
        method="GET",
        path="/jobs/{job_id}",
        do=_find,
        show=_job,
        answer=JobDetail,
        roles=EVERYBODY,
        summary="Show one job with everything that you may see of it",
    ),
)
