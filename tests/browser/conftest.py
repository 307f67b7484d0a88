"""One Chromium and three portals with people in them, for all tests of this folder."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from crowdcore.settings import Settings
from tests.brand.towns import Towns, opened_towns
from tests.browser.serving import serving
from tests.browser.visitor import Visitor
from tests.conftest import ON_POSTGRES
from tests.crash.processes import free_port
from tests.routes.recipe import NOBODY

IN_FULL = os.environ.get("CROWDCORE_BROWSER") == "full"
"""`make e2e`: every partner in every language, with and without JavaScript, on phone and desk, by day and night."""

PARTNERS = ("swisscom", "energy", "electronics")

NEWCOMERS = 80 if IN_FULL else 10
"""Everybody who lives through a journey does it once."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder need a browser, and take seconds."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True, slots=True)
class Site:
    """The served portals and the browser that looks at them."""

    towns: Towns
    browser: object
    port: int

    def visitor(
        self,
        partner: str,
        who: str = NOBODY,
        *,
        language: str = "de",
        width: int = 375,
        script: bool = True,
        scheme: str = "light",
    ) -> Visitor:
        """Open a browser window of its own for somebody of a partner's town, signed in."""
        someone = self.towns.of[partner].people.get(who)
        return Visitor.open(
            self.browser,
            origin=f"http://{partner}.localhost:{self.port}",
            session=someone.session if someone else None,
            language=language,
            width=width,
            script=script,
            scheme=scheme,
        )

    def program(self, partner: str, who: str) -> httpx2.Client:
        """Return a client of the JSON API for somebody of a partner's town, for what is not shown in the browser."""
        token = self.towns.of[partner].people[who].token
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"host": f"{partner}.localhost:{self.port}", "authorization": f"Bearer {token}"},
        )


@pytest.fixture(scope="package")
def site(empty_database: Settings, gazetteer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three portals on a real port, and Chromium."""
    if ON_POSTGRES:
        pytest.skip("pages are the same on every database")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: NO page was tried in a browser")
    from playwright.sync_api import sync_playwright

    port, folder = free_port(), tmp_path_factory.mktemp("site")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with (
        opened_towns(
            folder,
            empty=empty_database,
            gazetteer=gazetteer_file,
            partners=PARTNERS,
            public_port=port,
            newcomers=NEWCOMERS,
            quiet=() if IN_FULL else PARTNERS[1:],
        ) as towns,
        serving(towns.settings),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield Site(towns, browser, port)
        browser.close()


@pytest.fixture(scope="package")
def newcomers() -> dict[str, Iterator[int]]:
    """Per partner, the numbers of people who have nothing to do yet; nobody lives twice."""
    return {partner: itertools.count() for partner in PARTNERS}
