"""Journeys in Chromium without JavaScript: what a customer and a Friend really see and press."""

import re
import shutil

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(
        not shutil.which("chromium"), reason="Chromium is not installed: NO page was tried in a browser"
    ),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield running
        running.close()


class Person:
    """Somebody at a phone, without JavaScript."""

    def __init__(self, browser, demo, partner: str, role: str, *, width: int = 375, language: str = "de") -> None:
        self._context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
        self.page = self._context.new_page()
        self.base = f"http://{partner}.localhost:{demo.port}/{language}"
        links = re.findall(rf"sign in as {role} +(http://{partner}\S+)", demo.log.read_text())
        self.page.goto(links[-1].replace("/de/", f"/{language}/"))
        self.page.locator("main button").first.click()

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer.status == 200, (path, answer.status)

    def says(self) -> str:
        return self.page.inner_text("main").replace("\xa0", " ")

    def press(self, text: str) -> None:
        self.page.get_by_role("button", name=text).first.click()

    def follow(self, text: str) -> None:
        self.page.get_by_role("link", name=text).first.click()

    def close(self) -> None:
        self._context.close()


def test_booking_to_rating_without_javascript(browser, demo):
    customer = Person(browser, demo, "swisscom", "customer")
    friend = Person(browser, demo, "swisscom", "friend")
    customer.go("/book/tv-box-setup")
    customer.page.fill("[name=place]", "8001 Zürch")
    customer.page.check("[name=when][value=now]")
    customer.press("Weiter")
    customer.page.fill("[name=street]", "Bahnhofstrasse 1")
    customer.page.fill("[name=phone]", "079")
    customer.press("Weiter")
    assert "Beispiel" in customer.says(), "a wrong number is answered with an example"
    assert customer.page.input_value("[name=street]") == "Bahnhofstrasse 1", "nothing typed is lost"
    customer.page.fill("[name=phone]", "+41 79 123 45 67")
    customer.press("Weiter")
    assert "Orientierungspreis" in customer.says()
    customer.press("Jetzt kostenlos anfragen")
    job = customer.page.url.rsplit("/", 1)[1]
    assert "Wir fragen Ihre Nachbarschaft" in customer.says()
    for _ in range(50):
        friend.go("/friend/offers")
        if friend.page.get_by_role("button", name="Annehmen").count():
            break
        friend.page.wait_for_timeout(100)
    assert "Bahnhofstrasse 1" not in friend.says(), "the street is not shown before somebody accepts"
    friend.press("Annehmen")
    assert "Bahnhofstrasse 1" in friend.says()
    friend.page.click("[name=step][value=contacted]")
    friend.page.click("[name=step][value=on_the_way]")
    friend.press("Arbeit beginnen")
    friend.follow("Als erledigt melden")
    friend.page.fill("textarea", "Box läuft, Sender sind geordnet.")
    friend.page.locator("main form button").first.click()
    assert "Bahnhofstrasse 1" not in friend.says(), "the street is gone once the work is done"
    customer.go(f"/jobs/{job}")
    customer.page.locator(f"form[action$='/jobs/{job}/confirm'] button").first.click()
    customer.go(f"/jobs/{job}/rating")
    customer.page.check("[name=stars][value='5']")
    customer.page.check("[name=again][value=yes]")
    customer.page.locator("main form button").first.click()
    customer.go(f"/jobs/{job}")
    assert "5" in customer.says()
    customer.close()
    friend.close()


@pytest.mark.parametrize("partner", ["swisscom", "energy", "electronics"])
@pytest.mark.parametrize("language", ["de", "fr", "en"])
def test_no_page_scrolls_sideways_at_320(browser, demo, partner, language):
    person = Person(browser, demo, partner, "customer", width=320, language=language)
    person.go("/services")
    first = re.search(r"/s/([a-z0-9-]+)", person.page.content())[1]
    for path in ("/", "/services", f"/s/{first}", f"/book/{first}", "/jobs"):
        person.go(path)
        width = person.page.locator("html").bounding_box()["width"]
        assert width <= 320, (partner, language, path, width)
    person.close()
