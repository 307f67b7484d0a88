"""Pages for customers: say how it was."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.crowd import queries as crowd
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job
from crowdcore.ratings import queries, service
from crowdcore.ratings.rules import MOST_WORDS, AlreadyRated, check_rateable
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect, refused

SIGNED_IN = frozenset(Role)

STARS = ((5, _("very good")), (4, _("good")), (3, _("all right")), (2, _("poor")), (1, _("bad")))

GIVE_STARS = FieldProblem("/stars", "rating.stars", _("Choose a rating from 1 to 5."))
SAY_AGAIN = FieldProblem("/again", "rating.again", _("Say whether you would book again."))


class RatingForm(Input):
    """How it was."""

    stars: Annotated[int | None, Field(ge=1, le=5)] = None
    again: Literal["yes", "no"] | None = None
    comment: Annotated[str, paragraph(MOST_WORDS)] | None = None


async def show_rating(request: Request, visit: Visit) -> Response:
    """Ask how it was, or show what was said."""
    job = await _own(request, visit)
    try:
        check_rateable(job, clock.now())
    except Refusal as refusal:
        if await queries.rating_of(job.id) is None:
            return refused(visit, refusal, back=f"/jobs/{job.id}")
    return await _page(visit, job, empty_form())


async def rate(request: Request, visit: Visit) -> Response:
    """Take the rating."""
    job = await _own(request, visit)
    form = await read_form(request, RatingForm)
    try:
        stars, again = _answers(form.value)
        return await submit(
            visit,
            form,
            do=lambda: service.rate(
                job_id=job.id,
                customer_id=visit.account_id,
                stars=stars,
                book_again=again,
                comment=form.value.comment or "",
            ),
            then=lambda _rating: f"/jobs/{job.id}/rating",
        )
    except Rejected as refusal:
        return await _page(visit, job, form.refused(visit, refusal, at="stars"), status=refusal.status)
    except AlreadyRated:
        return redirect(visit, f"/jobs/{job.id}/rating")
    except Refusal as refusal:
        return refused(visit, refusal, back=f"/jobs/{job.id}")


def _answers(typed: RatingForm) -> tuple[int, bool]:
    """Return mark and whether they would book again.

    Raises:
        Rejected: one of them is missing.
    """
    missing = ((GIVE_STARS, typed.stars), (SAY_AGAIN, typed.again))
    problems = tuple(problem for problem, value in missing if value is None)
    if typed.stars is None or problems:
        raise Rejected(fields=problems)
    return typed.stars, typed.again == "yes"


async def _own(request: Request, visit: Visit) -> Job:
    return await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)


async def _page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    friend = await crowd.friend(job.done_by_id) if job.done_by_id else None
    return page(
        visit,
        "ratings/rating.html",
        status=status,
        job=job,
        friend=friend,
        form=form,
        marks=STARS,
        rating=await queries.rating_of(job.id),
    )


ROUTES = (
    PageRoute(method="GET", path="/jobs/{job_id}/rating", handler=show_rating, roles=SIGNED_IN),
    PageRoute(method="POST", path="/jobs/{job_id}/rating", handler=rate, roles=SIGNED_IN),
)
