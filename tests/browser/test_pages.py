"""Every page of a portal in a real browser: readable for everybody, nothing sideways, nothing inline, light enough."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from crowdcore.app.routes import PAGES
from tests.brand.pseudo import speaking_pseudo
from tests.browser.conftest import IN_FULL, PARTNERS, Site
from tests.browser.visitor import HEIGHT, Visitor
from tests.routes.recipe import NOBODY, filled
from tests.routes.recipes_pages import RECIPES
from tests.routes.town import Town

NARROW, PHONE, DESK = 320, 375, 1280
MOST_KB = 100
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
INLINE = "style, script:not([src]), [style], [onclick], [onload], [onsubmit], [onchange]"
WIDE = """limit => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > limit + 1 && !e.closest('.p-scroll, .p-board, [data-scroll]'))
    .slice(0, 3).map(e => `${e.tagName}.${e.className}: ${(e.textContent || '').trim().slice(0, 40)}`)"""

#: What one window is like: language, width, scheme; the pages of a portal take turns.
LOOKS = [(language, *window) for language in ("de", "fr", "en") for window in ((PHONE, "light"), (DESK, "dark"))] + [
    ("de", PHONE, "dark"),
    ("de", DESK, "light"),
]
TURNS = [
    ("de", PHONE, "light"),
    ("fr", DESK, "dark"),
    ("en", PHONE, "dark"),
    ("fr", PHONE, "light"),
    ("en", DESK, "light"),
]


@dataclass(frozen=True, slots=True)
class Stop:
    """One page as one person sees it."""

    who: str
    path: str


def stops(town: Town) -> Iterator[Stop]:
    """Yield every page once, as the first person whom its recipe names; where nobody lives, the main ones."""
    if "cora" not in town.people:
        service = town.ids["service"]
        yield from (Stop(NOBODY, path) for path in ("/", "/services", f"/s/{service}", f"/book/{service}", "/friends"))
        yield from (Stop("customer0", "/jobs"), Stop("friend0", "/friend/offers"), Stop("agent", "/console"))
        return
    known = {route.path for route in PAGES}
    for name, recipe in RECIPES.items():
        method, _, template = name.partition(" ")
        ask = recipe.asks[0]
        if method == "GET" and not recipe.file and template in known:
            path, _ = filled(template, ask, town)
            query = f"?{urlencode(ask.query(town), doseq=True)}" if ask.query else ""
            yield Stop(ask.who, path + query)


@cache
def _axe() -> str:
    return AXE_FILE_PATH.read_text(encoding="utf-8")


def violations(visitor: Visitor) -> Iterator[str]:
    """Yield what axe finds on the page that is open: what people who read differently could not use."""
    page = visitor.page
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({**page.viewport_size, "height": height})  # nothing waits under a bar at the bottom
    page.evaluate(_axe())
    found = page.evaluate("options => axe.run(document, options)", RULES)
    for violation in found["violations"]:
        for node in violation["nodes"][:2]:
            yield f"{violation['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:160]}"


def faults(visitor: Visitor) -> Iterator[str]:
    """Yield what else is wrong with it: wider than 320 pixels, inline code, complaints of the browser."""
    page = visitor.page
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
        yield f"{width} px wide at {NARROW}: {page.evaluate(WIDE, NARROW)}"
    inline = page.locator(INLINE)
    if inline.count():
        yield f"inline: {inline.first.evaluate('e => e.outerHTML')[:120]}"
    yield from (f"console: {error}" for error in visitor.errors)
    visitor.errors.clear()


@pytest.mark.parametrize("partner", PARTNERS)
def test_every_page_can_be_read_by_everybody(site: Site, partner: str):
    """axe, sideways scroll at 320 px, inline code, complaints of the browser: none on any page.

    In short, every page is opened in one look, and axe looks at every second one.
    """
    town, found, windows = site.towns.of[partner], [], {}
    for number, stop in enumerate(stops(town)):
        if stop.who not in windows:
            windows[stop.who] = site.visitor(partner, stop.who)
        visitor = windows[stop.who]
        for language, width, scheme in LOOKS if IN_FULL else [TURNS[number % len(TURNS)]]:
            visitor.look(language=language, width=width, scheme=scheme)
            visitor.go(stop.path)
            wrong = [*(violations(visitor) if IN_FULL or number % 2 == 0 else ()), *faults(visitor)]
            found += [f"{stop.path} {language} {width} {scheme}: {fault}" for fault in wrong]
    for window in windows.values():
        window.close()
    assert not found, "\n".join(found)


def test_the_first_page_is_light(site: Site):
    """HTML, style and script of the first page, compressed as they are sent or could be."""
    for partner in PARTNERS:
        visitor, sizes = site.visitor(partner), {}

        def keep(answer, sizes=sizes) -> None:
            kind = answer.headers.get("content-type", "").split(";")[0]
            if kind in {"text/html", "text/css", "text/javascript"}:
                sizes[answer.url] = len(gzip.compress(answer.body()))

        visitor.page.on("response", keep)
        visitor.go("/")
        visitor.page.wait_for_load_state("networkidle") if not visitor.page.locator("[data-live]").count() else None
        visitor.close()
        assert 0 < sum(sizes.values()) <= MOST_KB * 1000, (partner, sizes)


def test_the_policy_has_no_exception(site: Site):
    """Nothing inline, nothing from elsewhere, on pages and on errors."""
    visitor = site.visitor("swisscom")
    for path, status in (("/", 200), ("/nothing", 404), ("/jobs", 200)):
        answer = visitor.page.goto(f"{visitor.origin}/de{path}")
        policy = answer.headers["content-security-policy"]
        assert answer.status == status
        assert "unsafe" not in policy
        assert "*" not in policy
        assert "http" not in policy
        assert "default-src 'none'" in policy
        assert "server" not in answer.headers
    visitor.close()


def test_the_language_switch_keeps_the_page(site: Site):
    """Every page in every language: same path, same query."""
    town = site.towns.of["swisscom"]
    visitor = site.visitor("swisscom", "cora")
    for path in (f"/jobs/{town.ids['job:assigned']}", f"/book/{town.ids['service']}/who?place=CH-8001-zurich&when=now"):
        visitor.go(path)
        for language in ("fr", "en", "de"):
            visitor.page.locator(f".p-lang [lang={language}], .p-lang [value={language}]").first.click()
            visitor.page.wait_for_load_state("load")
            visitor.language = language
            assert visitor.path() == path
            assert visitor.page.locator("html").get_attribute("lang") == language
    visitor.close()


def test_nobody_is_left_out_of_the_walk(site: Site):
    """The pages that are looked at are all there are."""
    people = {stop.who for stop in stops(site.towns.of["swisscom"])}
    assert {NOBODY, "cora", "anna", "agent"} <= people
    assert len(list(stops(site.towns.of["swisscom"]))) > 40


def test_a_language_a_third_longer_still_fits(site: Site):
    """At 320 pixels, in a language that nobody speaks with words longer than ours, no page scrolls sideways."""
    town, found, windows = site.towns.of["swisscom"], [], {}
    with speaking_pseudo():
        for stop in list(stops(town))[:: 1 if IN_FULL else 3]:
            if stop.who not in windows:
                windows[stop.who] = site.visitor("swisscom", stop.who, width=NARROW)
            windows[stop.who].go(stop.path)
            page = windows[stop.who].page
            if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW:
                found.append(f"{stop.path}: {width} px wide: {page.evaluate(WIDE, NARROW)}")
    for window in windows.values():
        window.close()
    assert not found, "\n".join(found)
