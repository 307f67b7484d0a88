"""Page for staff: the map of where the crowd can keep its promise, and the stage of every region."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import STAFF
from crowdcore.coverage import queries
from crowdcore.coverage.rules import GOOD, REACH_KM, THIN, Cover
from crowdcore.places.regions import region_name
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page


async def show_coverage(_request: Request, visit: Visit) -> Response:
    """The map, and beside it each region with its Friends, its figures and who waits for it."""
    skills = {exam.skill: visit.translator.text(exam.title) for exam in visit.portal.exams.values()}
    wanted = visit.query.get("skill", "")
    skill = wanted if wanted in skills else ""
    found = await queries.coverage(skill=skill)
    return page(
        visit,
        "coverage/map.html",
        coverage=found,
        names={region.code: region_name(region.code) for region in found.regions},
        skills=sorted(skills.items(), key=lambda pair: pair[1]),
        skill=skill,
        kinds=list(Cover),
        good=GOOD,
        thin=THIN,
        reach_km=int(REACH_KM),
    )


ROUTES = (PageRoute(method="GET", path="/console/coverage", handler=show_coverage, roles=STAFF),)
