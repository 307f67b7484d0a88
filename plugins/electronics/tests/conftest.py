"""What the tests of this plugin share: its code, loaded as the core loads it, and facts to feed it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import FriendView, Guide, JobView, PlaceView, ServiceView
from crowdcore.plugin.importing import import_module

FOLDER = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def folder() -> Path:
    """The plugin's folder."""
    return FOLDER


@pytest.fixture(scope="session")
def hooks() -> ModuleType:
    """The plugin's hooks.py, imported as the core imports it."""
    return import_module(FOLDER, "electronics", "hooks")


@pytest.fixture(scope="session")
def place() -> PlaceView:
    return PlaceView("CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42))


@pytest.fixture(scope="session")
def service() -> ServiceView:
    return ServiceView(
        id="tv-setup",
        title=Text.neutral("TV"),
        family="tv",
        kind="install",
        exam="picture-sound",
        safety=frozenset(),
        licence=None,
        minutes=60,
    )


@pytest.fixture(scope="session")
def price() -> Guide:
    """A guide price as the catalogue has them: CHF 79, from 69 to 99."""
    return Guide(Money(79_00, Currency.CHF), Money(69_00, Currency.CHF), Money(99_00, Currency.CHF))


@pytest.fixture(scope="session")
def job(service: ServiceView, place: PlaceView, price: Guide) -> JobView:
    return JobView(
        id=UUID(int=1),
        number="ST-1001",
        service=service,
        place=place,
        starts_at=None,
        urgent=False,
        language="fr",
        guide=price,
    )


@pytest.fixture(scope="session")
def newcomer() -> FriendView:
    """Passed the exam yesterday, speaks the customer's language, nothing done yet."""
    return FriendView(
        id=UUID(int=7),
        kind="friend",
        languages=frozenset({"fr"}),
        licences=frozenset(),
        skills=frozenset({"picture-sound"}),
        rating_mean=None,
        rating_count=0,
        jobs_done=0,
        distance_m=4_000,
        region="CH-BE",
    )
