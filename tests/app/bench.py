"""A small room made for the tests of the application: things that can be made, shown and refused."""

import asyncio
import dataclasses
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import HTMLResponse

from crowdcore.base.errors import Refusal, Rejected
from crowdcore.base.events import Event
from crowdcore.base.ids import new_id
from crowdcore.db import audit, outbox
from crowdcore.db.audit import actor
from crowdcore.db.scope import current_partner
from crowdcore.db.transaction import unit_of_work
from crowdcore.web.api import ApiRoute
from crowdcore.web.context import Viewer, read_id
from crowdcore.web.fields import Input, Moment, MoneyIn, Output, line
from crowdcore.web.forms import empty_form, read_form, submit
from crowdcore.web.pages import PageRoute
from crowdcore.web.paging import PageQuery, read_cursor, write_cursor

ANNA = UUID("11111111-1111-4111-8111-111111111111")
BEAT = UUID("22222222-2222-4222-8222-222222222222")
CARLA = UUID("33333333-3333-4333-8333-333333333333")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ThingMade(Event):
    topic: ClassVar[str] = "thing.made"

    thing_id: UUID
    state: str
    note: str
    account_id: UUID

    def audience(self):
        return (self.account_id,)


class ThingGone(Refusal):
    code = "test.thing_gone"
    status = 410
    message = "The thing of %(owner)s is gone."


class MakeThing(Input):
    title: Annotated[str, line(40)]
    price: MoneyIn | None = None
    at: Moment | None = None
    count: Annotated[int, Field(ge=1, le=10)] = 1


class Things(PageQuery):
    sort: Literal["new", "old"] = "new"


class Thing(Output):
    thing_id: UUID
    title: str
    by: str


class ThingList(Output):
    things: list[Thing]
    next_cursor: str | None


class Bench:
    """What the test verbs may be told: to be slow, to refuse, to break."""

    def __init__(self):
        self.gate = None
        self.error = None
        self.calls = 0
        self._news = asyncio.Event()

    def count(self):
        """Note one more call."""
        self.calls += 1
        self._news.set()

    async def called(self, times):
        """Wait until there were `times` calls."""
        while self.calls < times:
            self._news.clear()
            await self._news.wait()


@unit_of_work
async def make(title, account_id):
    """The verb: one change, one line of history, one event."""
    thing_id = new_id()
    await audit.record(object_kind="thing", object_id=thing_id, version=1, action="make")
    await outbox.publish(ThingMade(thing_id=thing_id, state="made", note=title, account_id=account_id))
    return thing_id, title


def api_routes(bench):
    async def make_thing(call):
        bench.count()
        if bench.gate is not None:
            await bench.gate.wait()
        if bench.error is not None:
            raise bench.error
        return await make(call.body(MakeThing).title, call.visit.account_id)

    async def make_nothing(call):
        return await make("nothing", call.visit.account_id)

    async def without_a_write(_call):
        bench.count()
        return new_id(), "no unit of work"

    async def show_thing(_call, result):
        return Thing(thing_id=result[0], title=result[1], by=actor().kind)

    async def find(call):
        return call.id("thing_id"), "found"

    async def by_name(call):
        return ANNA, call.name("service")

    async def for_staff(_call):
        return ANNA, "for staff"

    async def listing(call):
        asked = call.query(Things)
        return read_cursor("things", asked.cursor) if asked.cursor else ()

    async def show_list(_call, result):
        return ThingList(things=[], next_cursor=write_cursor("things", *result, "next"))

    everybody = frozenset({"customer", "agent"})
    return (
        ApiRoute(
            method="POST",
            path="/things",
            do=make_thing,
            show=show_thing,
            body=MakeThing,
            answer=Thing,
            status=201,
            roles=everybody,
            refusals=(ThingGone,),
            summary="Make a thing",
        ),
        ApiRoute(
            method="GET",
            path="/things",
            do=listing,
            show=show_list,
            query=Things,
            answer=ThingList,
            roles=everybody,
            summary="List things",
        ),
        ApiRoute(
            method="GET",
            path="/things/{thing_id}",
            do=find,
            show=show_thing,
            answer=Thing,
            roles=everybody,
            summary="Show a thing",
        ),
        ApiRoute(
            method="POST",
            path="/things/{thing_id}/touch",
            do=make_nothing,
            show=show_thing,
            answer=Thing,
            roles=everybody,
            summary="Touch a thing",
        ),
        ApiRoute(
            method="POST",
            path="/dry",
            do=without_a_write,
            show=show_thing,
            answer=Thing,
            roles=everybody,
            summary="Write nothing",
        ),
        ApiRoute(
            method="GET",
            path="/services/{service}",
            do=by_name,
            show=show_thing,
            answer=Thing,
            public=True,
            summary="Show a service",
        ),
        ApiRoute(
            method="GET",
            path="/staff",
            do=for_staff,
            show=show_thing,
            answer=Thing,
            roles=frozenset({"admin"}),
            summary="For staff",
        ),
    )


class ThingForm(Input):
    title: Annotated[str, line(10)]
    count: Annotated[int, Field(ge=1, le=10)] = 1
    tags: tuple[str, ...] = ()
    agreed: bool = False


def page_routes(bench):
    def shown(visit, form, status=200):
        errors = " ".join(f"{name}={text}" for name, text in form.errors.items())
        return HTMLResponse(
            f"<p>csrf={visit.csrf}</p><p>key={form.key}</p><p>title={form.first('title')}</p><p>{errors}</p>",
            status_code=status,
        )

    async def ask(_request, visit):
        return shown(visit, empty_form(title="start"))

    async def send(request, visit):
        bench.count()
        form = await read_form(request, ThingForm)
        try:
            return await submit(visit, form, do=lambda: run(form), then=lambda made: f"/made/{made[0]}")
        except Rejected as refusal:
            return shown(visit, form.refused(visit, refusal), refusal.status)

    async def run(form):
        if bench.gate is not None:
            await bench.gate.wait()
        if bench.error is not None:
            raise bench.error
        return await make(form.value.title, ANNA)

    async def where(_request, visit):
        who = visit.viewer.name if visit.viewer else "nobody"
        return HTMLResponse(f"{visit.portal.id} {visit.language} {visit.path} {who} {actor().kind} {visit.network}")

    async def made(request, visit):
        return HTMLResponse(str(read_id(request.path_params["thing_id"])))

    async def broken(_request, _visit):
        raise RuntimeError("secret detail")

    return (
        PageRoute(method="GET", path="/", handler=where, public=True),
        PageRoute(method="GET", path="/thing", handler=ask, public=True),
        PageRoute(method="POST", path="/thing", handler=send, public=True),
        PageRoute(method="GET", path="/made/{thing_id}", handler=made, public=True),
        PageRoute(method="GET", path="/broken", handler=broken, public=True),
        PageRoute(method="GET", path="/mine", handler=where, roles=frozenset({"customer"})),
        PageRoute(method="POST", path="/mine", handler=where, roles=frozenset({"customer"})),
        PageRoute(method="GET", path="/console", handler=where, roles=frozenset({"agent", "admin"})),
    )


async def find_viewer(session, bearer):
    """Anna is a customer, Beat another one, Carla staff; all of them only at swisscom."""
    people = {"anna": (ANNA, "customer"), "beat": (BEAT, "customer"), "carla": (CARLA, "agent")}
    name = (session or bearer).removesuffix("-s").removesuffix("-t")
    if current_partner() != "swisscom" or name not in people:
        if bearer is not None:
            raise _TokenBad
        return None
    account, role = people[name]
    kind = {"session_id": account} if session else {"token_id": account}
    return Viewer(account_id=account, roles=frozenset({role}), name=name.title(), language="fr", **kind)


class _TokenBad(Refusal):
    code = "test.token_bad"
    status = 401
    message = "This token is not valid here."
