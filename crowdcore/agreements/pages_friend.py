"""Pages for Friends: the steps from the first call to the door, the appointment, and the price."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.agreements import service
from crowdcore.agreements.rules import PriceNeedsReason
from crowdcore.base import clock
from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.base.money import Money
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import Friend
from crowdcore.i18n.amounts import read_money
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, Milestone, Who, Window
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, line
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

FRIENDS = frozenset({Role.FRIEND})

DAYS_AHEAD = 14
HOURS = tuple(f"{hour:02d}:{minute:02d}" for hour in range(7, 21) for minute in (0, 30))
OTHER = "other"

CHOOSE_TIME = FieldProblem("/when", "when.missing", _("Choose one of the times, or another one with day and hour."))


class StepForm(Input):
    """The step that was reached."""

    step: Literal["contacted", "on_the_way", "arrived"]


class AppointmentForm(Input):
    """One of the customer's wishes by its number, or another time."""

    when: Annotated[str, Field(max_length=10)] = ""
    day: Annotated[str, Field(max_length=10)] = ""
    hour: Annotated[str, Field(max_length=5)] = ""


class PriceForm(Input):
    """A price as people write it, and why."""

    amount: Annotated[str, Field(max_length=40)] = ""
    reason: Annotated[str, line(200)] | None = None


class AnswerForm(Input):
    """Yes or no, and the amount in cents that was on the page."""

    amount: Annotated[int, Field(ge=0)]
    answer: Literal["agree", "decline"]


async def reach(request: Request, visit: Visit) -> Response:
    """Record that the customer was called, or that one is on the way or there."""
    friend, job = await _held(request, visit)
    form = await read_form(request, StepForm)
    back = _home(job)
    try:
        step = Milestone(form.value.step)
        return await submit(
            visit,
            form,
            do=lambda: service.reach(job_id=job.id, milestone=step, friend_id=friend.id),
            then=lambda _job: back,
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=back)


async def show_appointment(request: Request, visit: Visit) -> Response:
    """Ask what Friend and customer agreed on."""
    _friend, job = await _held(request, visit)
    return _appointment_page(visit, job, empty_form())


async def confirm_appointment(request: Request, visit: Visit) -> Response:
    """Record the appointment; it is the time that counts from now on."""
    friend, job = await _held(request, visit)
    form = await read_form(request, AppointmentForm)
    try:
        window = _window(visit, job, form.value)
        return await submit(
            visit,
            form,
            do=lambda: service.contact(job_id=job.id, friend_id=friend.id, appointment=window),
            then=_home,
        )
    except Refusal as refusal:
        return _appointment_page(visit, job, form.refused(visit, refusal, at="when"), status=refusal.status)


async def show_price(request: Request, visit: Visit) -> Response:
    """Ask for the price."""
    _friend, job = await _held(request, visit)
    return _price_page(visit, job, empty_form())


async def propose_price(request: Request, visit: Visit) -> Response:
    """Propose a price; it counts when the customer says yes."""
    friend, job = await _held(request, visit)
    form = await read_form(request, PriceForm)
    try:
        typed = form.value
        amount = read_money(typed.amount, job.guide.amount.currency).rounded()
        return await submit(
            visit,
            form,
            do=lambda: service.propose_price(
                job_id=job.id, who=Who.FRIEND, amount=amount, reason=typed.reason or "", friend_id=friend.id
            ),
            then=_home,
        )
    except Rejected as refusal:
        at = "reason" if isinstance(refusal, PriceNeedsReason) else "amount"
        return _price_page(visit, job, form.refused(visit, refusal, at=at), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(job))


async def answer_price(request: Request, visit: Visit) -> Response:
    """Say yes or no to a price the customer proposed."""
    friend, job = await _held(request, visit)
    form = await read_form(request, AnswerForm)
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.answer_price(
                job_id=job.id,
                who=Who.FRIEND,
                amount=Money(typed.amount, job.guide.amount.currency),
                agree=typed.answer == "agree",
                friend_id=friend.id,
            ),
            then=_home,
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(job))


async def _held(request: Request, visit: Visit) -> tuple[Friend, Job]:
    friend = await friend_of(visit.account_id)
    return friend, await jobs.job_of_friend(read_id(request.path_params["job_id"]), friend.id)


def _home(job: Job) -> str:
    return f"/friend/jobs/{job.id}"


def _window(visit: Visit, job: Job, typed: AppointmentForm) -> Window:
    """Return the time that was chosen; another time is as long as the work takes.

    Raises:
        Rejected: none, or an incomplete one.
    """
    if typed.when.isdecimal() and int(typed.when) < len(job.wishes):
        return job.wishes[int(typed.when)]
    if typed.when != OTHER or typed.hour not in HOURS:
        raise Rejected(fields=(CHOOSE_TIME,))
    try:
        local = datetime.combine(date.fromisoformat(typed.day), time.fromisoformat(typed.hour), visit.formats.zone)
        start = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Rejected(fields=(CHOOSE_TIME,)) from error
    return Window(start, start + timedelta(minutes=job.service.minutes))


def _appointment_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    now = clock.now()
    today = visit.formats.local(now).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    return page(
        visit,
        "agreements/appointment.html",
        status=status,
        job=job,
        form=form,
        wishes=[(str(index), wish) for index, wish in enumerate(job.wishes) if wish.end > now],
        days=[(day.isoformat(), visit.formats.day(day)) for day in days],
        hours=[(hour, hour) for hour in HOURS],
    )


def _price_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "agreements/price.html", status=status, job=job, form=form)


ROUTES = (
    PageRoute(method="POST", path="/friend/jobs/{job_id}/step", handler=reach, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/jobs/{job_id}/appointment", handler=show_appointment, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/appointment", handler=confirm_appointment, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/jobs/{job_id}/price", handler=show_price, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/price", handler=propose_price, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/price/answer", handler=answer_price, roles=FRIENDS),
)
