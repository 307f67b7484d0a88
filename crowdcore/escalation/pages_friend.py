"""Pages for Friends: give a job back before it began, or hand over what is too hard."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base.errors import NotFound, Refusal, Rejected
from crowdcore.completion.queries import ticked
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import Friend
from crowdcore.escalation import service
from crowdcore.i18n.translations import mark as _
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Job, Who
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input, line, paragraph
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, refused

FRIENDS = frozenset({Role.FRIEND})


class GiveBackForm(Input):
    """Why the job cannot be kept."""

    reason: Annotated[str, line(200)]


class HandOverForm(Input):
    """Why it is too hard, and what was found and tried."""

    reason: Annotated[str, Field(max_length=40)]
    note: Annotated[str, paragraph(service.MOST_NOTE)]


async def show_give_back(request: Request, visit: Visit) -> Response:
    """Ask why a job cannot be kept, and say what happens then."""
    _friend, job = await _held(request, visit)
    return _give_back_page(visit, job, empty_form())


async def give_back(request: Request, visit: Visit) -> Response:
    """Give a job back; somebody else is searched for at once."""
    form = await read_form(request, GiveBackForm)

    async def do() -> Job:
        # Not before: whoever sends the form a second time does not hold the job any more.
        friend, job = await _held(request, visit)
        return await service.give_back(job_id=job.id, friend=friend, reason=form.value.reason)

    try:
        return await submit(visit, form, do=do, then=lambda _job: "/friend/jobs")
    except NotFound:
        raise
    except Refusal as refusal:
        _friend, job = await _held(request, visit)
        if isinstance(refusal, Rejected):
            return _give_back_page(visit, job, form.refused(visit, refusal), status=refusal.status)
        return refused(visit, refusal, back=_home(job))


async def show_hand_over(request: Request, visit: Visit) -> Response:
    """Ask what support must know, so that nobody has to ask again; the checklist is written down already."""
    friend, job = await _held(request, visit)
    return _hand_over_page(visit, job, empty_form(note=_tried(visit, job, await ticked(job.id, friend.id))))


async def hand_over(request: Request, visit: Visit) -> Response:
    """Give the job to the partner's support."""
    friend, job = await _held(request, visit)
    form = await read_form(request, HandOverForm)
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.hand_over(
                job_id=job.id, who=Who.FRIEND, reason=typed.reason, note=typed.note, friend_id=friend.id
            ),
            then=lambda _case: _home(job),
        )
    except Rejected as refusal:
        return _hand_over_page(visit, job, form.refused(visit, refusal, at="reason"), status=refusal.status)
    except Refusal as refusal:
        return refused(visit, refusal, back=_home(job))


async def _held(request: Request, visit: Visit) -> tuple[Friend, Job]:
    friend = await friend_of(visit.account_id)
    return friend, await jobs.job_of_friend(read_id(request.path_params["job_id"]), friend.id)


def _tried(visit: Visit, job: Job, done: frozenset[int]) -> str:
    """Return what the ticks say, as a beginning: whoever stands at a customer's should not have to type much."""
    steps = [visit.translator.text(step) for step in job.service.steps]
    parts = (
        (_("Done: %(steps)s"), [step for index, step in enumerate(steps) if index in done]),
        (_("Still open: %(steps)s"), [step for index, step in enumerate(steps) if index not in done]),
    )
    lines = [visit.translator.gettext(said) % {"steps": "; ".join(named)} for said, named in parts if named]
    return "\n".join(lines)[: service.MOST_NOTE]


def _home(job: Job) -> str:
    return f"/friend/jobs/{job.id}"


def _give_back_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "escalation/give_back.html", status=status, job=job, form=form)


def _hand_over_page(visit: Visit, job: Job, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(
        visit,
        "escalation/friend_hand_over.html",
        status=status,
        job=job,
        form=form,
        reasons=list(visit.portal.settings.escalation.values()),
        reply_within=visit.portal.settings.support.reply_within,
    )


ROUTES = (
    PageRoute(method="GET", path="/friend/jobs/{job_id}/give-back", handler=show_give_back, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/give-back", handler=give_back, roles=FRIENDS),
    PageRoute(method="GET", path="/friend/jobs/{job_id}/hand-over", handler=show_hand_over, roles=FRIENDS),
    PageRoute(method="POST", path="/friend/jobs/{job_id}/hand-over", handler=hand_over, roles=FRIENDS),
)
