"""Pages for Friends: what customers said, and one public reply to each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import RATINGS_SHOWN_FROM
from crowdcore.jobs import queries as jobs
from crowdcore.ratings import queries, service
from crowdcore.ratings.rules import MOST_REPLY
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

FRIENDS = frozenset({Role.FRIEND})

RATINGS = "/friend/ratings"


class ReplyForm(Input):
    """What everybody may read below the rating."""

    text: Annotated[str, paragraph(MOST_REPLY)]


async def show_ratings(_request: Request, visit: Visit) -> Response:
    """All ratings, the newest first."""
    friend = await friend_of(visit.account_id)
    ratings = await queries.ratings_of_friend(friend.id)
    return page(
        visit,
        "ratings/friend_list.html",
        friend=friend,
        ratings=ratings,
        jobs=await jobs.jobs_by_id({rating.job_id for rating in ratings}),
        shown_from=RATINGS_SHOWN_FROM,
    )


async def show_reply(request: Request, visit: Visit) -> Response:
    """Ask for the reply."""
    return await _page(request, visit, empty_form())


async def reply(request: Request, visit: Visit) -> Response:
    """Take the reply; it stands for good."""
    friend = await friend_of(visit.account_id)
    job_id = read_id(request.path_params["job_id"])
    form = await read_form(request, ReplyForm)
    try:
        return await submit(
            visit,
            form,
            do=lambda: service.reply(job_id=job_id, friend_id=friend.id, text=form.value.text),
            then=lambda _rating: RATINGS,
        )
    except Rejected as refusal:
        return await _page(request, visit, form.refused(visit, refusal), status=refusal.status)
    except NotFound:
        raise
    except Refusal as refusal:
        return refused(visit, refusal, back=RATINGS)


async def _page(request: Request, visit: Visit, form: Form[BaseModel], *, status: int = 200) -> Response:
    friend = await friend_of(visit.account_id)
    rating = await queries.rating_for(read_id(request.path_params["job_id"]), friend.id)
    job = await jobs.job(rating.job_id)
    return page(visit, "ratings/friend_reply.html", status=status, rating=rating, job=job, form=form, most=MOST_REPLY)


ROUTES = (
    PageRoute(method="GET", path=RATINGS, handler=show_ratings, roles=FRIENDS),
    PageRoute(method="GET", path=f"{RATINGS}/{{job_id}}", handler=show_reply, roles=FRIENDS),
    PageRoute(method="POST", path=f"{RATINGS}/{{job_id}}", handler=reply, roles=FRIENDS),
)
