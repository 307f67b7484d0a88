"""Pages for everybody: a few questions, one on a page, and what helps."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from crowdcore.advice import queries
from crowdcore.advice.rules import SEPARATOR, Step
from crowdcore.catalog import queries as catalog
from crowdcore.plugin.triage_file import Question
from crowdcore.web.context import Visit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import page, redirect


async def show_start(_request: Request, visit: Visit) -> Response:
    """The first question; a partner that asks none shows what solves problems."""
    if visit.portal.triage is None:
        return redirect(visit, "/services?kind=fix")
    return _step_page(visit, queries.step(()))


async def show_step(request: Request, visit: Visit) -> Response:
    """The next question, or the result; the answers so far are the address, so "back" is the browser's own."""
    return _step_page(visit, queries.step(request.path_params["way"].split(SEPARATOR)))


async def show_solved(_request: Request, visit: Visit) -> Response:
    """It works again: nothing to book, nothing to pay."""
    queries.triage()
    return page(visit, "advice/solved.html")


def _step_page(visit: Visit, step: Step) -> Response:
    back = "/help/" + SEPARATOR.join(one.answer.id for one in step.given[:-1]) if len(step.given) > 1 else "/help"
    if isinstance(step.now, Question):
        return page(visit, "advice/question.html", step=step, back=back if step.given else "/")
    service = catalog.bookable(step.now.service) if step.now.service else None
    return page(
        visit,
        "advice/result.html",
        step=step,
        back=back,
        service=service,
        price=catalog.list_price(service) if service else None,
        channel=visit.portal.settings.channels.get(step.now.channel or ""),
    )


ROUTES = (
    PageRoute(method="GET", path="/help", handler=show_start, public=True),
    PageRoute(method="GET", path="/help/solved", handler=show_solved, public=True),
    PageRoute(method="GET", path="/help/{way}", handler=show_step, public=True),
)
