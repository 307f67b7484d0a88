"""Pages for Friends: one job, from the first call to the confirmation."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.base import clock
from crowdcore.base.text import Language
from crowdcore.completion.queries import ticked
from crowdcore.crowd.queries import friend_of
from crowdcore.crowd.rules import Friend
from crowdcore.escalation.queries import reason_name
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import START_TOLERANCE, Job
from crowdcore.offers.rules import pay
from crowdcore.overview import queries
from crowdcore.overview.rules import timeline
from crowdcore.ratings.queries import rating_of
from crowdcore.web.context import Visit, read_id
from crowdcore.web.forms import empty_form
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import keep_offline, page

FRIENDS = frozenset({Role.FRIEND})


async def show_job(request: Request, visit: Visit) -> Response:
    """What is to be done next; name and address only while the job is the Friend's."""
    viewer = replace(visit.signed_in, roles=FRIENDS)
    seen = await queries.overview(viewer, read_id(request.path_params["job_id"]))
    job, friend = seen.job, await friend_of(visit.account_id)
    did_it = job.done_by_id == friend.id
    now, holds = clock.now(), job.assignee_id == friend.id
    response = page(
        visit,
        "overview/friend_job.html",
        modules=("live.js", "checklist.js"),
        job=job,
        seen=seen,
        mine=holds,
        steps=timeline(await jobs.history(job.id), job.state),
        reason=reason_name(seen.case.reason) if seen.case else None,
        starts_from=job.window.start - START_TOLERANCE,
        confirms_at=jobs.confirms_at(job),
        friend=friend,
        briefing=visit.portal.briefing,
        greeting=_greeting(visit, friend, job),
        ticked=await ticked(job.id, friend.id),
        pay=pay(job, visit.portal.settings.platform_percent),
        rating=await rating_of(job.id) if did_it else None,
        now=now,
        form=empty_form(),
    )
    is_today = visit.formats.local(job.window.start).date() <= visit.formats.local(now).date()
    return keep_offline(response, visit) if holds and is_today else response


def _greeting(visit: Visit, friend: Friend, job: Job) -> str:
    """Return what the Friend says at the door, in the customer's language if the portal speaks it."""
    speaks = Language(job.language) if job.language in visit.portal.settings.languages.offered else visit.language
    sentence = visit.portal.briefing.greeting.in_(speaks)
    return sentence.format(name=friend.name, service=job.service.title.in_(speaks))


ROUTES = (PageRoute(method="GET", path="/friend/jobs/{job_id}", handler=show_job, roles=FRIENDS),)
