"""Every component in a real browser: no sideways scroll at 320 px, no violation of WCAG, nothing inline."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlparse

import pytest

from crowdcore.base.folders import shared_folder
from crowdcore.base.money import Currency, Money
from crowdcore.theming import AccountView, Link, Page, StaticFiles, Templates, read_theme
from tests.floors.theming.conftest import LOOK
from tests.floors.theming.test_macros import Step

pytestmark = pytest.mark.browser

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'"
THEMES = [shared_folder("themes") / "plain"]
THEMES += [path.parent for path in sorted((THEMES[0].parent.parent / "plugins").glob("*/theme/theme.toml"))]

SITE = """{% extends "layout.html" %}{% import "macros.html" as p with context %}
{% block title %}Components{% endblock %}
{% block main %}<div class="p-wrap p-page">{{ p.stepper(["Where and when", "Details", "Check"], 2) }}
<div class="p-split p-split--side"><form class="p-stack" method="post">{{ p.csrf("k") }}
{{ p.error_summary([("place", "Enter a postcode or place, for example 3097 Liebefeld")]) }}
<h1>Where and when?</h1>
{{ p.field("place", "Where?", hint="Postcode or place", error="Enter a postcode", icon="pin") }}
{{ p.choices("when", "When?", [("now", "Now", "In 10 minutes"), ("slot", "Later")], "slot", columns=2) }}
{{ p.select("region", "Region", [("a", "Bern"), ("b", "Zug")], "b") }}
{{ p.textarea("text", "Message") }}
{{ p.switch("ready", "Ready", true) }}
{% call p.buttons() %}{{ p.button("Continue") }}{{ p.button("Cancel for CHF 20", kind="danger") }}
{{ p.button("Decline", kind="secondary") }}{{ p.link_button("Back", "/", kind="quiet") }}{% endcall %}
<h2>What happened</h2>{{ p.timeline(steps) }}</form>
<aside class="p-stack">{% call p.card("Your booking", kind="surface", id="b") %}{{ p.price(low, high) }}
{{ p.facts([("Guide price", "CHF 59–79"), ("Total", "CHF 84.00")], sum=true) }}
{% call p.note() %}You pay after the visit.{% endcall %}{% endcall %}
{% call p.card(kind="soft") %}<p class="p-row">{{ p.tag("Accepted", "good", "check") }}
{{ p.tag("Late", "bad") }}
{{ p.tag("New") }}{{ p.tag("Best", "accent") }}</p>{{ p.bar(40) }}{{ p.avatar("Demo Friend") }}{% endcall %}
{% call p.note(kind="bad", icon="wifi") %}<b>Outage.</b> <a href="#">Tell me</a>{% endcall %}
{{ p.empty("No jobs", "Nobody within 30 km is asking.", label="See exams", path="/exams") }}
{% call p.ask("How is the price set?") %}<p>By you both.</p>{% endcall %}
<ul class="p-grid">{{ p.service_card("TV box", "/s/tv", "Connect", "tv", "CHF 59–79", 45) }}</ul></aside>
</div></div>{% endblock %}"""

FRIEND = """{% extends "friend.html" %}{% block title %}Offers{% endblock %}
{% block main %}<div class="p-wrap p-page"><h1>1 new request</h1></div>{% endblock %}"""

CONSOLE = """{% extends "console.html" %}{% block title %}Live{% endblock %}
{% block main %}<h1>3 of 4 goals reached.</h1>
<div class="p-board" tabindex="0" role="region" aria-label="Open jobs">{% for name in ["Asked", "Done"] %}
<section class="p-column"><h2 class="p-h">{{ name }}</h2></section>{% endfor %}</div>{% endblock %}"""


STATIC = [path for path in (shared_folder("themes") / "base/static").iterdir() if path.suffix in {".css", ".js"}]
TYPES = {".css": "text/css", ".js": "text/javascript"}
PATHS = ("/site", "/friend", "/console")


def pages_of(folder, formats, translations):
    """Return path -> (content type, text) of everything a browser asks for."""
    theme, static = read_theme(folder), StaticFiles()
    templates = Templates(portal=LOOK, theme=theme, formats=formats, static=static)
    links = tuple(Link(path=f"/{n}", text=f"Menu item {n}", icon="bolt", current=n == 0, wide=True) for n in range(4))
    context = {
        "page": Page(navigation=links, legal=links),
        "account": AccountView(name="Demo Friend", roles=frozenset({"friend"}), path="/account"),
        "translator": translations.translator("de"),
        "formats": formats["de"],
        "low": Money(5900, Currency.CHF),
        "high": Money(7900, Currency.CHF),
        "steps": [Step(s, s, datetime(2026, 11, 23, 9, tzinfo=UTC)) for s in ("done", "now", "next", "undone")],
    }
    html = "text/html; charset=utf-8"
    environment = templates._environment
    return {
        "/site": (html, environment.from_string(SITE).render(context)),
        "/friend": (html, environment.from_string(FRIEND).render(context)),
        "/console": (html, environment.from_string(CONSOLE).render(context)),
        **{static.url(path.name): (TYPES[path.suffix], path.read_text(encoding="utf-8")) for path in STATIC},
        **{theme.url(name): file for name, file in theme.files.items()},
    }


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


class Visitor:
    """A browser that asks for the pages of one theme and keeps what it complains about."""

    def __init__(self, chromium, files, *, mode, bypass_csp=False):
        self.files, self.complaints = files, []
        self.page = chromium.new_context(color_scheme=mode, bypass_csp=bypass_csp).new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.route("**/*", self.answer)

    def answer(self, route):
        content_type, body = self.files.get(urlparse(route.request.url).path, ("text/plain", ""))
        headers = {"content-type": content_type, "content-security-policy": POLICY}
        route.fulfill(status=200, headers=headers, body=body)

    def visit(self, path, width):
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(f"http://portal.test{path}")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_page_fits_and_obeys_the_policy(browser, mode, formats, translations):
    visitor = Visitor(browser, pages_of(THEMES[0], formats, translations), mode=mode)
    for path in PATHS:
        for width in (320, 375, 768, 1280):
            visitor.visit(path, width)
            wider = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{path} scrolls sideways at {width} px"
    assert visitor.complaints == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("folder", THEMES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_components_are_accessible_in_every_theme(browser, folder, mode, formats, translations):
    axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")
    visitor = Visitor(browser, pages_of(folder, formats, translations), mode=mode, bypass_csp=True)
    for path in PATHS if folder == THEMES[0] else PATHS[:1]:
        visitor.visit(path, 375)
        result = axe_api.Axe().run(visitor.page)
        assert result.violations_count == 0, result.generate_report()
