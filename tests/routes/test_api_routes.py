"""Every operation of the API, for every role: as itself, and as everybody who must not (reliability.md 4.6)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.app.routes import API
from crowdcore.web.api import ApiRoute
from crowdcore.web.openapi import PREFIX, refusals_of
from tests.kit import World
from tests.routes.checks import AT_ONCE, MALFORMED, METHODS, UNKNOWN_HOST, alike, names_nobody, refused
from tests.routes.recipe import NOBODY, Ask, Client, Sent, api_headers, encoded, filled
from tests.routes.recipes_api import RECIPES
from tests.routes.town import Someone, Town
from tests.routes.watch import photo


def _name(route: ApiRoute) -> str:
    return f"{route.method} {route.path}"


def _is_paged(route: ApiRoute) -> bool:
    return route.query is not None and "cursor" in route.query.model_fields


ROUTES = {_name(route): route for route in API}
CHANGING = [name for name, route in ROUTES.items() if route.method != "GET"]
ASKS = [
    pytest.param(name, ask, id=f"{name} {ask.who}")
    for name, recipe in RECIPES.items()
    if name in ROUTES
    for ask in recipe.asks
]


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls operations in all the ways that are tried here."""

    client: Client
    here: Town
    there: Town

    async def call(
        self,
        name: str,
        ask: Ask,
        *,
        town: Town | None = None,
        path_of: Town | None = None,
        body_of: Town | None = None,
        instead: str | None = None,
        host: str = "",
        token: str | None = None,
        eyes: Someone | None = None,
        **headers: str | None,
    ) -> Sent:
        """Send the request `ask`; without further words it is valid, and sent by whom it names.

        Args:
            name: the operation.
            ask: its valid request.
            town: where it is sent.
            path_of: whose things are in the path, if not the town's.
            body_of: whose things are in query and body, if not the town's.
            instead: stands in the path in place of every thing.
            host: another host.
            token: another token; empty for none.
            eyes: who it is known to be.
            headers: further ones; `key` is the idempotency key, or None for none.
        """
        route, town = ROUTES[name], town or self.here
        path, said = filled(PREFIX + route.path, ask, path_of or town, instead=instead)
        query = f"?{urlencode(ask.query(body_of or town), doseq=True)}" if ask.query else ""
        who = town.people.get(ask.who)
        chosen = (who.token if who else None) if token is None else token or None
        body = encoded(ask.body(body_of or town)) if ask.body else None
        typed = {"content_type": "application/json"} if body is not None else {}
        key: dict[str, str | None] = {"key": None} if route.method == "GET" else {}
        return await self.client.send(
            route.method,
            path + query,
            host=host or town.host,
            eyes=eyes if eyes or token is not None else who,
            headers=api_headers(chosen, **{**typed, **key, **headers}),  # type: ignore[arg-type]  # -- recipes are loosely typed
            content=body,
            said=said if path_of or instead is not None else (),
        )


@pytest.fixture
async def caller(world: World, here: Town, there: Town) -> Caller:
    return Caller(await Client.open(world, here, there), here, there)


def test_every_operation_has_a_recipe():
    assert sorted(ROUTES.keys() - RECIPES.keys()) == [], "write a recipe in tests/routes/recipes_api.py"
    assert sorted(RECIPES.keys() - ROUTES.keys()) == [], "these operations are gone; their recipes may go"


@pytest.mark.parametrize("name", ROUTES)
def test_the_recipe_has_a_request_for_every_role(name, here):
    people = [ask.who for ask in RECIPES[name].asks]
    if ROUTES[name].public:
        assert people == [NOBODY]
    else:
        assert {here.people[who].role for who in people} == set(ROUTES[name].roles)


def test_the_towns_are_alike_and_full(watch, here, there):
    """Otherwise all that follows would prove nothing."""
    assert here.ids.keys() == there.ids.keys()
    for town in watch.before:
        assert {table for table, rows in town.tables.items() if not rows} == set()


# -- as itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "ask"), ASKS)
async def test_a_valid_request_works_and_touches_nobody_else(caller, watch, name, ask):
    route = ROUTES[name]
    sent = await caller.call(name, ask)
    assert sent.status == (ask.status or route.status), sent.response.text
    route.answer.model_validate_json(sent.response.text)
    if route.method == "GET":
        head = await caller.client.http.request("HEAD", sent.response.url, headers=sent.response.request.headers)
        assert (head.status_code, head.content) == (sent.status, b"")
        await watch.nothing_changed()
    assert (await watch.changes())[1] == []


@pytest.mark.parametrize("name", CHANGING)
async def test_a_repeated_key_has_one_effect_and_the_same_answer(caller, watch, name):
    ask, here, there = RECIPES[name].asks[0], caller.here, caller.there
    first = await caller.call(name, ask, key="once")
    after = await photo(here.partner)
    again = await caller.call(name, ask, key="once")
    assert first.response.is_success
    assert "idempotency-replayed" not in first.response.headers
    assert (again.status, again.response.content) == (first.status, first.response.content)
    assert again.response.headers["idempotency-replayed"] == "true"
    assert after.changed(await photo(here.partner)) == []

    # The other town is alike: there the same request is sent many times at one moment.
    many = await asyncio.gather(*(caller.call(name, ask, town=there, key="once") for _ in range(AT_ONCE)))
    one = await caller.call(name, ask, town=there, key="once")
    for sent in many:
        if sent.status == 409:
            refused(sent, 409, "idempotency.in_progress")
            assert sent.response.headers["retry-after"] == "1"
        else:
            assert sent.response.content == one.response.content
    assert sum("idempotency-replayed" not in s.response.headers for s in many if s.response.is_success) == 1
    assert watch.before[1].effect(await photo(there.partner)) == watch.before[0].effect(after)


# -- as everybody else -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.usefixtures("untouched")
async def test_without_a_good_key_nothing_happens(caller, name):
    ask = RECIPES[name].asks[0]
    refused(await caller.call(name, ask, key=None), 400, "idempotency.required")
    for bad in ("k" * 300, "a b", "\t", "a\x7fb"):
        refused(await caller.call(name, ask, key=bad), 400, "idempotency.invalid", "idempotency.required")


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if not route.public])
@pytest.mark.usefixtures("untouched")
async def test_nobody_and_the_wrong_role_are_refused(caller, name):
    route, ask, here = ROUTES[name], RECIPES[name].asks[0], caller.here
    none = await caller.call(name, ask, token="")
    refused(none, 401, "auth.missing")
    assert none.response.headers["www-authenticate"] == "Bearer"
    cookie = here.people[ask.who].session
    alike(none, await caller.call(name, ask, token="", cookie=f"s={cookie}"))
    for role in Role:
        if role not in route.roles:
            someone = next(one for one in here.people.values() if one.role == role)
            answer = await caller.call(name, ask, token=someone.token, eyes=someone)
            refused(answer, 403, "auth.scope")
            assert answer.response.json()["needed"] == sorted(route.roles)


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.usefixtures("untouched")
async def test_a_token_is_good_at_its_own_portal_only(caller, name):
    ask, here, there = RECIPES[name].asks[0], caller.here, caller.there
    who = "cora" if ask.who == NOBODY else ask.who
    at_home, abroad = here.people[who].token, there.people[who].token
    answers = [
        await caller.call(name, ask, token=abroad),
        await caller.call(name, ask, token=abroad, path_of=there, body_of=there),
        await caller.call(name, ask, token="cc_" + "A" * 43),
        await caller.call(name, ask, town=there, token=at_home),
        await caller.call(name, ask, town=there, token=at_home, path_of=here, body_of=here),
    ]
    for answer in answers:
        refused(answer, 401, "auth.invalid")
    alike(*answers)


@pytest.mark.parametrize(("name", "ask"), [one for one in ASKS if one.values[1].path])
@pytest.mark.usefixtures("untouched")
async def test_things_of_others_are_not_there(caller, name, ask):
    """Foreign, missing, malformed: one answer, whoever asks."""
    here, there = caller.here, caller.there
    foreign = await caller.call(name, ask, path_of=there)
    refused(foreign, 404)
    others = [
        await caller.call(name, ask, path_of=here.with_made_up_ids()),
        *[await caller.call(name, ask, instead=bad) for bad in MALFORMED],
    ]
    alike(foreign, *others)
    for stranger in RECIPES[name].strangers:
        someone = here.people[stranger]
        if someone.role == here.people[ask.who].role:
            theirs = await caller.call(name, ask, path_of=here, token=someone.token, eyes=someone)
            alike(foreign, theirs)
    assert (foreign.status, foreign.response.json()["code"]) in {
        (refusal.status, refusal.code) for refusal in refusals_of(ROUTES[name])
    }


@pytest.mark.parametrize(("name", "ask"), [one for one in ASKS if one.values[1].body or one.values[1].query])
@pytest.mark.usefixtures("untouched")
async def test_things_of_others_in_the_body_are_not_there(caller, name, ask):
    here, there = caller.here, caller.there
    valid = (ask.body or ask.query)(here)
    if valid == (ask.body or ask.query)(here.with_ids_of(there)):
        return  # there is no id in it
    foreign = await caller.call(name, ask, body_of=here.with_ids_of(there))
    missing = await caller.call(name, ask, body_of=here.with_made_up_ids())
    assert 400 <= foreign.status < 500, foreign.response.text
    alike(foreign, missing)


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.usefixtures("untouched")
async def test_an_unknown_host_says_nothing(caller, name):
    answer = await caller.call(name, RECIPES[name].asks[0], host=UNKNOWN_HOST)
    refused(answer, 421, "host.unknown")
    names_nobody(answer, caller.here)


@pytest.mark.parametrize("path", sorted({route.path for route in API}))
@pytest.mark.usefixtures("untouched")
async def test_other_methods_are_not_understood(caller, path):
    known = {name.split(" ")[0] for name, route in ROUTES.items() if route.path == path}
    known |= {"HEAD"} if "GET" in known else set()
    name, ask = next((n, RECIPES[n].asks[0]) for n, route in ROUTES.items() if route.path == path)
    address, _ = filled(PREFIX + path, ask, caller.here)
    who = caller.here.people.get(ask.who, caller.here.people["admin"])
    for method in METHODS:
        if method in known:
            continue
        answer = await caller.client.send(
            method, address, host=caller.here.host, eyes=who, headers=api_headers(who.token), content=b"{}"
        )
        refused(answer, 405, "method.not_allowed") if method != "HEAD" else None
        assert set(answer.response.headers["allow"].split(", ")) == known, f"{method} {name}"


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if _is_paged(route)])
@pytest.mark.usefixtures("untouched")
async def test_a_cursor_is_good_at_its_own_portal_only(caller, name):
    here, there = caller.here, caller.there
    ask = RECIPES[name].asks[-1]
    one = Ask(who=ask.who, query=lambda _: {"limit": 1})
    cursors = {town.partner: (await caller.call(name, one, town=town)).response.json()["next_cursor"]
               for town in (here, there)}  # fmt: skip
    assert all(cursors.values()), f"{name} has no second page to prove anything with"
    second = Ask(who=ask.who, query=lambda _: {"limit": 1, "cursor": cursors[here.partner]})
    assert (await caller.call(name, second)).status == 200
    foreign = Ask(who=ask.who, query=lambda _: {"limit": 1, "cursor": cursors[there.partner]})
    forged = Ask(who=ask.who, query=lambda _: {"limit": 1, "cursor": cursors[here.partner][:-2] + "AA"})
    answers = [await caller.call(name, bad) for bad in (foreign, forged)]
    for answer in answers:
        refused(answer, 400, "page.cursor")
    alike(*answers)
