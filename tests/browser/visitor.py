"""Somebody at a screen: opens pages of one portal, fills in forms by the names of their fields, presses buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crowdcore.web.security import session_cookie

HEIGHT = 812
WAIT_MS = 10_000
TRIES = 50


@dataclass
class Visitor:
    """One window.

    Args:
        page: of the browser.
        origin: scheme, host and port of the portal.
        language: first part of the paths.
        errors: what the browser's console complained about.
    """

    page: Any
    origin: str
    language: str
    errors: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, browser: Any, *, origin: str, session: str | None, language: str, width: int, script: bool, scheme: str
    ) -> Visitor:
        """Open a fresh window."""
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=script,
            color_scheme=scheme,
            locale=language,
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MS)
        if session is not None:
            context.add_cookies([{"name": session_cookie(), "value": session, "url": origin}])
        one = cls(context.new_page(), origin, language)
        one.page.on("console", one._said)
        one.page.on("pageerror", lambda error: one.errors.append(str(error)))
        return one

    def _said(self, said: Any) -> None:
        """Keep a complaint of the browser; a form that came back with errors is none."""
        if said.type == "error" and "status of 422" not in said.text:
            self.errors.append(said.text)

    def look(self, *, language: str, width: int, scheme: str) -> None:
        """Look at what is opened next in another way."""
        self.language = language
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)

    def go(self, path: str, *, status: int = 200) -> None:
        """Open a page; `path` has no language."""
        answer = self.page.goto(f"{self.origin}/{self.language}{path}", wait_until="load")
        assert answer.status == status, (path, answer.status)

    def path(self) -> str:
        """Return where we are, without the language."""
        return self.page.url.removeprefix(f"{self.origin}/{self.language}")

    def says(self) -> str:
        """Return what the page says."""
        return " ".join(self.page.inner_text("main").replace("\xa0", " ").replace("\u202f", " ").split())

    def fill(self, **values: str) -> None:
        """Type into fields by their names."""
        for name, value in values.items():
            self.page.fill(f"main [name='{name}']", value)

    def choose(self, **values: str) -> None:
        """Check radios and boxes by name and value; a card around them takes the press."""
        for name, value in values.items():
            self.page.locator(f"main [name='{name}'][value='{value}']").first.check(force=True)

    def send(self, action: str) -> None:
        """Press the first button of the form that is sent to a path ending in `action`."""
        self.press(f"main form[action$='{action}'] button")

    def submit(self) -> None:
        """Press the button of the page's main form that goes on."""
        self.press("#main-form button:not([name])")

    def press(self, selector: str) -> None:
        """Press the first thing that is found, and wait for the page it leads to."""
        button = self.page.locator(selector).first
        with self.page.expect_navigation(wait_until="load"):
            button.click()

    def has(self, selector: str) -> bool:
        """Say whether something is there now."""
        return bool(self.page.locator(selector).count())

    def until(self, path: str, selector: str) -> None:
        """Open a page again and again until something is there; what happens behind the scenes takes a moment."""
        for _attempt in range(TRIES):
            self.go(path)
            if self.has(selector):
                return
            self.page.wait_for_timeout(WAIT_MS / TRIES)
        raise AssertionError(f"{path} never showed {selector}: {self.says()}")

    def follow(self, ending: str) -> None:
        """Follow the first link to a path with this ending."""
        self.press(f"main a[href$='{ending}']")

    def close(self) -> None:
        """Close the window."""
        self.page.context.close()
