"""Pages for customers: say yes or no to a price."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.accounts.rules import Role
from crowdcore.agreements import service
from crowdcore.base.errors import Refusal
from crowdcore.base.money import Money
from crowdcore.jobs import queries as jobs
from crowdcore.jobs.rules import Who
from crowdcore.web.context import Visit, read_id
from crowdcore.web.fields import Input
from crowdcore.web.forms import read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.respond import refused

SIGNED_IN = frozenset(Role)


class AnswerForm(Input):
    """Yes or no, and the amount in cents that was on the page."""

    amount: Annotated[int, Field(ge=0)]
    answer: Literal["agree", "decline"]


async def answer(request: Request, visit: Visit) -> Response:
    """Agree on a price, or stay with the old one."""
    job = await jobs.job_of_customer(read_id(request.path_params["job_id"]), visit.account_id)
    form = await read_form(request, AnswerForm)
    back = f"/jobs/{job.id}"
    try:
        typed = form.value
        return await submit(
            visit,
            form,
            do=lambda: service.answer_price(
                job_id=job.id,
                who=Who.CUSTOMER,
                amount=Money(typed.amount, job.guide.amount.currency),
                agree=typed.answer == "agree",
                friend_id=None,
            ),
            then=lambda _job: back,
        )
    except Refusal as refusal:
        return refused(visit, refusal, back=back)


ROUTES = (PageRoute(method="POST", path="/jobs/{job_id}/price", handler=answer, roles=SIGNED_IN),)
