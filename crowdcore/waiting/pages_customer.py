"""Pages for everybody: wait for a region that is not open yet."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crowdcore.base.errors import NotFound, Refusal
from crowdcore.places.gazetteer import gazetteer
from crowdcore.places.rules import Place
from crowdcore.waiting import service
from crowdcore.waiting.rules import ConsentMissing
from crowdcore.web.context import Visit
from crowdcore.web.fields import Email, Input
from crowdcore.web.forms import Form, empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import page, redirect

PATH = "/waiting-list"


class WaitForm(Input):
    """Whom to write to, about which place; the box is not ticked beforehand."""

    place: Annotated[str, Field(max_length=80)]
    service: Annotated[str, Field(max_length=60)] = ""
    email: Email
    consent: bool = False


async def show_form(_request: Request, visit: Visit) -> Response:
    """Say honestly that we are not there yet, and ask whether we may write once."""
    place = gazetteer().place(visit.query.get("place", ""))
    if visit.query.get("done") == "1":
        return page(visit, "waiting/done.html", place=place)
    if visit.portal.settings.regions.is_open(place.region):
        return redirect(visit, f"/services?{urlencode({'place': place.label})}")
    return _form_page(visit, place, empty_form(place=place.id, service=visit.query.get("service", "")))


async def wait(request: Request, visit: Visit) -> Response:
    """Put an address on the list."""
    form = await read_form(request, WaitForm)
    place = gazetteer().place(form.first("place"))
    try:
        typed = form.value
        known = typed.service if typed.service in visit.portal.catalog.services else ""
        return await submit(
            visit,
            form,
            do=lambda: _wait(visit, typed, place, service_id=known),
            then=lambda found: f"{PATH}?{urlencode({'place': found.id, 'done': '1'})}",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        at = "consent" if isinstance(refusal, ConsentMissing) else "email"
        return _form_page(visit, place, form.refused(visit, refusal, at=at), status=refusal.status)


async def _wait(visit: Visit, typed: WaitForm, place: Place, *, service_id: str) -> Place:
    await limit(visit, "signin", actor=typed.email)
    return await service.wait(
        email=typed.email,
        language=visit.language.value,
        place_id=place.id,
        service_id=service_id,
        consent=typed.consent,
    )


def _form_page(visit: Visit, place: Place, form: Form[BaseModel], *, status: int = 200) -> Response:
    planned = visit.portal.settings.regions.stage(place.region) == "planned"
    return page(visit, "waiting/form.html", status=status, form=form, place=place, planned=planned)


ROUTES = (
    PageRoute(method="GET", path=PATH, handler=show_form, public=True),
    PageRoute(method="POST", path=PATH, handler=wait, public=True),
)
