"""Pages for customers: the appointment as a file for their calendar."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.jobs import queries as jobs
from crowdcore.notifications.queries import sure_appointment
from crowdcore.web.calendar import calendar_file
from crowdcore.web.context import Visit, read_id
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import download


async def calendar(request: Request, visit: Visit) -> Response:
    """The appointment of an own job; a newer file takes the place of an older one."""
    job = await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)
    found = sure_appointment(job, visit.language)
    return download(calendar_file(found), name=f"{job.number}.ics", content_type=found.content_type)


ROUTES = (PageRoute(method="GET", path="/jobs/{job_id}/calendar.ics", handler=calendar, roles=frozenset(Role)),)
