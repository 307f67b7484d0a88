"""Every page and every form, for every role: as themselves, and as everybody who must not (F19, F38-F40)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest

from crowdcore.accounts.rules import Role
from crowdcore.app.routes import MENU, PAGES
from crowdcore.base.ids import new_secret
from crowdcore.web.menu import use_menu
from crowdcore.web.pages import PageRoute
from tests.kit import World
from tests.routes.checks import (
    AT_ONCE,
    FORM,
    MALFORMED,
    METHODS,
    UNKNOWN_HOST,
    alike,
    is_file,
    is_page,
    leads,
    names_nobody,
)  # fmt: skip
from tests.routes.recipe import Ask, Browser, Client, Sent, filled, form
from tests.routes.recipes_pages import RECIPES
from tests.routes.town import Town
from tests.routes.watch import photo, scrubbed

PATH_NAME = re.compile(r"\{(\w+)\}")


def _name(route: PageRoute) -> str:
    return f"{route.method} {route.path}"


ROUTES = {_name(route): route for route in PAGES}
FORMS = [name for name, route in ROUTES.items() if route.method == "POST"]
KEYED = [name for name in FORMS if name in RECIPES and not RECIPES[name].keyless]
ASKS = [
    pytest.param(name, ask, id=f"{name} {ask.who}")
    for name, recipe in RECIPES.items()
    if name in ROUTES
    for ask in recipe.asks
]


@dataclass(frozen=True, slots=True)
class Surfer:
    """Opens pages and sends forms in all the ways that are tried here."""

    client: Client
    here: Town
    there: Town

    def browser(self, town: Town, who: str) -> Browser:
        """Return somebody's browser; NOBODY's is one that the portal has seen before."""
        person = town.people.get(who)
        return Browser(town.partner, person, person.session) if person else Browser(town.partner)

    async def ask(
        self,
        name: str,
        ask: Ask,
        *,
        town: Town | None = None,
        path_of: Town | None = None,
        body_of: Town | None = None,
        instead: str | None = None,
        host: str = "",
        browser: Browser | None = None,
        fields: dict[str, str] | None = None,
        key: str = "",
        language: str = "en",
        **headers: str,
    ) -> Sent:
        """Send the request `ask`; without further words it is valid, and sent by whom it names.

        Args:
            name: the page or form.
            ask: its valid request.
            town: where it is sent.
            path_of: whose things are in the path, if not the town's.
            body_of: whose things are in query and form, if not the town's.
            instead: stands in the path in place of every thing.
            host: another host.
            browser: another browser.
            fields: fields of the form to be different; `_csrf` and `_key` too.
            key: the key of the form; a fresh one by default.
            language: first part of the path.
            headers: further ones.
        """
        route, town = ROUTES[name], town or self.here
        path, said = filled(route.path, ask, path_of or town, instead=instead)
        path = f"/{language}{path}"
        if ask.query:
            path += f"?{urlencode(ask.query(body_of or town), doseq=True)}"
        sender = browser or self.browser(town, ask.who)
        typed = {}
        content = None
        if path_of is None and instead is None:
            said = ()  # a valid request: whatever comes back was looked up
        if route.method == "POST":
            typed = {"content-type": FORM}
            own = ask.body(body_of or town) if ask.body else {}
            said += tuple(str(value) for value in own.values() if len(str(value)) > 1)
            values = own | {
                "_csrf": sender.csrf,
                "_key": key or new_secret("f"),
                **(fields or {}),
            }
            content = urlencode(values, doseq=True).encode()
        more = {header.replace("_", "-"): value for header, value in headers.items()}
        return await self.client.send(
            route.method,
            path,
            host=host or town.host,
            eyes=sender.who,
            headers={**sender.headers, **typed, **more},
            content=content,
            said=said,
        )


@pytest.fixture(autouse=True)
def menu() -> Iterator[None]:
    use_menu(MENU)
    yield
    use_menu(())


@pytest.fixture
async def surfer(world: World, here: Town, there: Town) -> Surfer:
    return Surfer(await Client.open(world, here, there), here, there)


def test_every_page_has_a_recipe():
    assert sorted(ROUTES.keys() - RECIPES.keys()) == [], "write a recipe in tests/routes/recipes_pages.py"
    assert sorted(RECIPES.keys() - ROUTES.keys()) == [], "these pages are gone; their recipes may go"


# -- as itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "ask"), ASKS)
async def test_a_valid_request_works_and_touches_nobody_else(surfer, watch, name, ask):
    sent = await surfer.ask(name, ask)
    if RECIPES[name].file:
        is_file(sent, RECIPES[name].file)
    elif (ask.status or (303 if name.startswith("POST") else 200)) == 200:
        is_page(sent, 200)
    else:
        leads(sent, surfer.here)
    if name.startswith("GET"):
        head = await surfer.client.http.request("HEAD", sent.response.url, headers=sent.response.request.headers)
        assert (head.status_code, head.content) == (sent.status, b"")
        await watch.nothing_changed()
    assert (await watch.changes())[1] == []


@pytest.mark.parametrize("name", KEYED)
async def test_a_form_sent_twice_has_one_effect_and_leads_to_the_same_page(surfer, watch, name):
    ask, here, there = RECIPES[name].asks[0], surfer.here, surfer.there
    browser = surfer.browser(here, ask.who)
    first = await surfer.ask(name, ask, browser=browser, key="f_once")
    after = await photo(here.partner)
    again = await surfer.ask(name, ask, browser=browser, key="f_once")
    assert leads(first, here) == leads(again, here)
    assert after.changed(await photo(here.partner)) == []

    # The other town is alike: there somebody presses the button many times at one moment.
    browser = surfer.browser(there, ask.who)
    many = await asyncio.gather(
        *(surfer.ask(name, ask, town=there, browser=browser, key="f_once") for _ in range(AT_ONCE))
    )
    assert len({leads(sent, there) for sent in many}) == 1
    assert watch.before[1].effect(await photo(there.partner)) == watch.before[0].effect(after)


# -- as everybody else -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KEYED)
@pytest.mark.usefixtures("untouched")
async def test_a_form_without_its_key_does_nothing(surfer, name):
    for key in (" ", "k" * 300, "ä"):
        is_page(await surfer.ask(name, RECIPES[name].asks[0], fields={"_key": key}), 400)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if not route.public])
@pytest.mark.usefixtures("untouched")
async def test_nobody_and_the_wrong_role_are_refused(surfer, name):
    route, ask, here, there = ROUTES[name], RECIPES[name].asks[0], surfer.here, surfer.there
    foreign = Browser(here.partner, session=there.people[ask.who].session)
    for browser in (Browser(here.partner), Browser(here.partner, session="cs_" + "A" * 43), foreign):
        # Who is not signed in is known by the visitor's cookie, and so is the token of their forms.
        fields = {"_csrf": replace(browser, session=None).csrf}
        answer = await surfer.ask(name, ask, browser=browser, fields=fields)
        if route.method == "GET":
            assert leads(answer, here).startswith("/en/sign-in?next=")
        else:
            is_page(answer, 401)
    for role in Role:
        if role not in route.roles:
            someone = next(one for one in here.people.values() if one.role == role)
            browser = surfer.browser(here, someone.key)
            is_page(await surfer.ask(name, ask, browser=browser), 403)


@pytest.mark.usefixtures("untouched")
async def test_nobody_is_asked_to_sign_in_for_a_page_that_cannot_exist(surfer):
    here, asked = surfer.here, 0
    for route in PAGES:
        known = {name for name in PATH_NAME.findall(route.path) if name.endswith("_id") or name in {"service", "exam"}}
        if route.public or route.method != "GET" or not known:
            continue
        address = "/en" + PATH_NAME.sub(lambda found: "nothing" if found[1] in known else "1", route.path)
        answer = await surfer.client.send("GET", address, host=here.host, eyes=None, headers={})
        is_page(answer, 404)
        asked += 1
    assert asked > 15


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.usefixtures("untouched")
async def test_a_form_from_elsewhere_does_nothing(surfer, name):
    """F40: no token, another browser's, another site, an opaque origin, another kind of body."""
    ask, here, there = RECIPES[name].asks[0], surfer.here, surfer.there
    own = surfer.browser(here, ask.who)
    abroad = surfer.browser(there, ask.who)
    for csrf in ("", "0" * 64, abroad.csrf, Browser(here.partner).csrf, "é"):
        is_page(await surfer.ask(name, ask, browser=own, fields={"_csrf": csrf}), 403)
    for headers in (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"http://{there.host}"},
        {"origin": f"https://{here.host}"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ):
        is_page(await surfer.ask(name, ask, browser=own, **headers), 403)
    is_page(await surfer.ask(name, ask, browser=own, content_type="application/json"), 400)
    is_page(await surfer.ask(name, ask, browser=own, content_type="text/plain"), 400)
    if not ROUTES[name].public:
        bearer = f"Bearer {here.people['cora'].token}"
        is_page(await surfer.ask(name, ask, browser=Browser(here.partner), authorization=bearer), 401)


@pytest.mark.parametrize(("name", "ask"), [one for one in ASKS if one.values[1].path])
@pytest.mark.usefixtures("untouched")
async def test_things_of_others_are_not_there(surfer, name, ask):
    """Foreign, missing, malformed: one answer, whoever asks."""
    here, there, recipe = surfer.here, surfer.there, RECIPES[name]
    browser = surfer.browser(here, ask.who)
    made_up = here.with_made_up_ids()
    missing = await surfer.ask(name, ask, browser=browser, path_of=made_up)
    is_page(missing, recipe.absent)
    alike(missing, *[await surfer.ask(name, ask, browser=browser, instead=bad) for bad in MALFORMED])
    if any(here.ids[thing] != there.ids[thing] for thing in ask.path.values()):
        alike(missing, await surfer.ask(name, ask, browser=browser, path_of=there))
    for stranger in recipe.strangers:
        theirs = surfer.browser(here, stranger)
        real = await surfer.ask(name, ask, browser=theirs, path_of=here)
        none = await surfer.ask(name, ask, browser=theirs, path_of=made_up)
        alike(real, none)
        is_page(real, recipe.absent)


@pytest.mark.parametrize(("name", "ask"), [one for one in ASKS if one.values[1].body])
@pytest.mark.usefixtures("untouched")
async def test_things_of_others_in_the_form_are_not_there(surfer, name, ask):
    here, there = surfer.here, surfer.there
    if "code" in ask.body(here) or ask.body(here) == ask.body(here.with_ids_of(there)):
        return  # there is no id in it; a code is counted as a wrong one
    browser = surfer.browser(here, ask.who)
    foreign = await surfer.ask(name, ask, browser=browser, body_of=here.with_ids_of(there))
    missing = await surfer.ask(name, ask, browser=browser, body_of=here.with_made_up_ids())
    assert 400 <= foreign.status < 500
    said = (*ask.body(here.with_ids_of(there)).values(), *ask.body(here.with_made_up_ids()).values())
    assert scrubbed(foreign.response, map(str, said)) == scrubbed(missing.response, map(str, said))


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.usefixtures("untouched")
async def test_an_unknown_host_or_language_says_nothing(surfer, name):
    ask = RECIPES[name].asks[0]
    answer = await surfer.ask(name, ask, host=UNKNOWN_HOST)
    assert answer.status == 421
    names_nobody(answer, surfer.here)
    assert (await surfer.ask(name, ask, language="it")).status == 404


@pytest.mark.parametrize("path", sorted({route.path for route in PAGES}))
@pytest.mark.usefixtures("untouched")
async def test_other_methods_are_not_understood(surfer, path):
    names = [name for name, route in ROUTES.items() if route.path == path]
    known = {name.split(" ")[0] for name in names}
    known |= {"HEAD"} if "GET" in known else set()
    ask = RECIPES[names[0]].asks[0]
    address, _ = filled(path, ask, surfer.here)
    browser = surfer.browser(surfer.here, ask.who)
    for method in METHODS:
        if method in known:
            continue
        answer = await surfer.client.send(
            method,
            f"/en{address}",
            host=surfer.here.host,
            eyes=surfer.here.people.get(ask.who),
            headers={**browser.headers, "content-type": FORM},
            content=form({}, csrf=browser.csrf),
        )
        assert answer.status == 405
        assert set(answer.response.headers["allow"].split(", ")) == known
