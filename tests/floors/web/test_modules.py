"""The JavaScript of pages in a real browser: what changes, what is left alone, and what is said about it."""

import json
import shutil

import pytest

from crowdcore.base.folders import shared_folder

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STATIC = shared_folder("themes") / "base" / "static"
HOME = "http://portal.example/page"

#: Stands in for the stream: the test says when it opens, breaks, and what it brings.
STREAM = """
window.EventSource = class {
  static OPEN = 1; static CLOSED = 2;
  constructor(url) { this.url = url; this.readyState = 1; window.stream = this; setTimeout(() => this.onopen(), 0); }
  close() { this.readyState = 2; }
};
window.news = (type) => window.stream.onmessage({ data: JSON.stringify({ type }) });
"""

LIVE = """<!doctype html><html lang="en"><head><title>{title}</title>
<script type="module" src="/live.js"></script></head><body>
<main id="main" tabindex="-1"><p data-stale hidden>Interrupted</p>
<div id="job" data-live data-live-topics="job."><h1>{title}</h1><p id="asked">{asked}</p>
<form id="talk"><input name="words"><input type="hidden" name="_key" value="{asked}"></form>
<form id="pay"><input type="hidden" name="_key" value="k{asked}"><button id="yes">{button}</button></form>
<details><summary>More</summary><p>{asked}</p></details>
<ul>{items}</ul><time data-since="58">0:58</time>
<p>left <time data-until="{until}" data-until-say="60 20">{until} s</time></p></div></main></body></html>"""


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: NO module was tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Served:
    """A page and its module, served to one browser window; the page is what `html` says at the moment."""

    def __init__(self, chromium, html: str, module: str) -> None:
        self.html, self.module, self.asked, self.status, self.errors = html, module, [], 200, []
        self.page = chromium.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.add_init_script(STREAM)
        self.page.route("**/*", self._answer)
        self.page.goto(HOME)

    def _answer(self, route) -> None:
        path = route.request.url.removeprefix("http://portal.example")
        self.asked.append(path)
        if path == f"/{self.module}":
            route.fulfill(body=(STATIC / self.module).read_text(), content_type="text/javascript")
        elif path.startswith("/api/v1/places"):
            route.fulfill(body=json.dumps({"places": self.places(path)}), content_type="application/json")
        else:
            route.fulfill(status=self.status, body=self.html, content_type="text/html")

    def places(self, path: str) -> list[dict[str, str]]:
        if "q=zz" in path:
            return []
        return [
            {"label": f"309{n} Town {n}", "postcode": f"309{n}", "locality": f"Town {n}", "region": "CH-BE"}
            for n in (7, 8)
        ]

    def pages_fetched(self) -> int:
        return self.asked.count("/page")


def page_with(asked: int, *, title: str = "Asking", button: str = "Yes", items: str = "", until: int = 3600) -> str:
    return LIVE.format(asked=asked, title=title, button=button, items=items, until=until)


@pytest.fixture
def live(chromium):
    served = Served(chromium, page_with(1), "live.js")
    served.page.wait_for_selector("html[data-live-open]", state="attached")
    while served.pages_fetched() < 2:  # the look after the stream has opened
        served.page.wait_for_timeout(50)
    yield served
    assert served.errors == []
    served.page.close()


def test_a_page_follows_its_news_and_leaves_alone_what_somebody_uses(live):
    page = live.page
    page.evaluate("document.querySelector('details').open = true; window.heading = document.querySelector('h1')")
    page.fill("[name=words]", "half a sen")
    page.focus("#yes")
    live.html = page_with(2, title="Found", button="Yes, 2", items="<li id='b'>b</li><li id='a'>a</li>")
    page.evaluate("news('job.assigned')")
    page.wait_for_function("document.title === 'Found'")
    assert page.inner_text("#asked") == "2"
    assert page.input_value("[name=words]") == "half a sen"
    assert page.get_attribute("#talk [name=_key]", "value") == "1"
    assert page.get_attribute("#pay [name=_key]", "value") == "k2"
    assert page.evaluate("document.activeElement.id") == "yes"
    assert page.evaluate("document.querySelector('details').open")
    assert page.evaluate("window.heading === document.querySelector('h1')")
    assert page.inner_text("[role=status].p-sr") == "Found"

    page.evaluate("window.a = document.querySelector('#a')")
    live.html = page_with(3, title="Found", items="<li id='a'>a, now first</li><li id='c'>c</li>")
    page.evaluate("news('reload')")
    page.wait_for_function("document.querySelector('#asked').textContent === '3'")
    assert page.evaluate("[...document.querySelectorAll('li')].map(one => one.id)") == ["a", "c"]
    assert page.evaluate("window.a === document.querySelector('#a')")

    before = live.pages_fetched()
    page.evaluate("news('offer.seen')")
    page.wait_for_timeout(600)
    assert live.pages_fetched() == before
    page.evaluate("for (let n = 0; n < 20; n += 1) news('job.milestone')")
    page.wait_for_timeout(1300)
    assert before < live.pages_fetched() <= before + 2


def test_a_lost_connection_is_said_and_taken_back(live):
    page = live.page
    assert not page.is_visible("[data-stale]")
    page.clock.install()
    page.evaluate("stream.onerror()")
    page.clock.run_for(6000)
    assert page.is_visible("[data-stale]")
    page.evaluate("stream.onopen()")
    page.clock.run_for(1000)
    page.wait_for_function("document.querySelector('[data-stale]').hidden")
    page.evaluate("stream.readyState = 2; stream.onerror(); window.old = stream")
    page.clock.run_for(3500)
    page.wait_for_function("window.old !== window.stream")


def test_a_failed_look_changes_nothing(live):
    page = live.page
    live.status, live.html = 500, page_with(9, title="Broken")
    page.evaluate("news('job.assigned')")
    page.wait_for_timeout(700)
    assert page.inner_text("h1") == "Asking"


def test_a_clock_runs_and_speaks_at_its_marks_only(chromium):
    page = Served(chromium, page_with(1, until=62), "live.js").page
    page.wait_for_function("document.querySelector('time').textContent.startsWith('1:0')", timeout=5000)
    said = "document.querySelector('[role=status].p-sr').textContent"
    page.wait_for_function(f"{said}.startsWith('left 0:5') || {said} === 'left 1:00'", timeout=5000)
    page.wait_for_timeout(1100)
    assert page.evaluate(said) != page.inner_text("p:has([data-until])")  # at a mark only, not every second
    page.close()


PLACE = """<!doctype html><html lang="de"><head><script type="module" src="/place.js"></script></head><body>
<form action="/next"><span data-place data-list="Orte" data-none="nichts" data-one="1 Ort" data-many="{n} Orte">
<input id="place" name="place"></span><button>Go</button></form></body></html>"""


def test_a_place_field_is_a_combobox_for_the_keyboard(chromium):
    served = Served(chromium, PLACE, "place.js")
    page = served.page
    field = page.locator("#place")
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("309")
    page.wait_for_selector("[role=option]")
    assert page.inner_text("[role=status]") == "2 Orte"
    assert field.get_attribute("aria-expanded") == "true"
    assert page.get_attribute("[role=listbox]", "aria-label") == "Orte"
    field.press("ArrowDown")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "place-list-1"
    assert page.get_attribute("#place-list-1", "aria-selected") == "true"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "309"
    field.press("ArrowDown")
    page.wait_for_function("document.querySelector('#place').getAttribute('aria-expanded') === 'true'")
    field.press("ArrowUp")
    field.press("Enter")
    assert field.input_value() == "3098 Town 8"
    assert page.url == HOME
    field.fill("zz")
    page.wait_for_function("document.querySelector('[role=status]').textContent === 'nichts'")
    assert field.get_attribute("aria-expanded") == "false"
    field.press("Enter")
    page.wait_for_url("**/next?place=zz")
    assert served.errors == []
    page.close()
