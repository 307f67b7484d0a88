"""What the tests of this plugin share: its code, loaded as the core loads it, and facts to feed it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from crowdcore.base.geo import Point
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.plugin import BookingView, FriendView, Guide, JobView, PlaceView, ServiceView

FOLDER = Path(__file__).resolve().parents[1]

PLACES = {
    "CH-BE": PlaceView("CH", "CH-BE", "3097", "Liebefeld", Point(46.93, 7.42)),
    "CH-VS": PlaceView("CH", "CH-VS", "1950", "Sion", Point(46.23, 7.36)),
    "CH-GR": PlaceView("CH", "CH-GR", "7000", "Chur", Point(46.85, 9.53)),
    "DE-BW": PlaceView("DE", "DE-BW", "79098", "Freiburg im Breisgau", Point(47.99, 7.85)),
    "DE-BY": PlaceView("DE", "DE-BY", "80331", "München", Point(48.14, 11.57)),
    "DE-HE": PlaceView("DE", "DE-HE", "60311", "Frankfurt am Main", Point(50.11, 8.68)),
    "AT-8": PlaceView("AT", "AT-8", "6900", "Bregenz", Point(47.5, 9.75)),
}


@pytest.fixture(scope="session")
def places() -> dict[str, PlaceView]:
    """One place per region, by ISO 3166-2."""
    return PLACES


@pytest.fixture(scope="session")
def folder() -> Path:
    """The plugin's folder."""
    return FOLDER


@pytest.fixture(scope="session")
def hooks() -> ModuleType:
    """The plugin's hooks.py."""
    name = "energy_hooks_under_test"
    spec = spec_from_file_location(name, FOLDER / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is being run
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def service() -> Callable[..., ServiceView]:
    """Make the service `service_id` as the core shows it to a plugin."""

    def make(service_id="meter-app", *, safety=(), licence=None) -> ServiceView:
        return ServiceView(
            id=service_id,
            title=Text.neutral(service_id),
            family="energy",
            kind="install",
            exam="energy-basics",
            safety=frozenset(safety),
            licence=licence,
            minutes=45,
        )

    return make


@pytest.fixture(scope="session")
def booking(service) -> Callable[..., BookingView]:
    """Make a booking of `service_id` in `region` with the works the customer said yes to."""

    def make(service_id="meter-app", *, region="CH-BE", declared=(), safety=()) -> BookingView:
        return BookingView(
            service=service(service_id, safety=safety),
            place=PLACES[region],
            declared_work=frozenset(declared),
            starts_local=None,
            urgent=False,
            language="de",
            channel="web",
        )

    return make


@pytest.fixture(scope="session")
def job(service) -> Callable[..., JobView]:
    """Make a job of `service_id` in `region`."""
    price = Money(49_00, Currency.CHF)

    def make(service_id="meter-app", *, region="CH-BE", licence=None) -> JobView:
        return JobView(
            id=UUID(int=1),
            number="MK-1001",
            service=service(service_id, licence=licence),
            place=PLACES[region],
            starts_at=None,
            urgent=False,
            language="fr",
            guide=Guide(price, price, price),
        )

    return make


@pytest.fixture(scope="session")
def friend() -> Callable[..., FriendView]:
    """Make a member of `kind` who holds `licences`."""

    def make(kind="friend", licences=(), number=7) -> FriendView:
        return FriendView(
            id=UUID(int=number),
            kind=kind,
            languages=frozenset({"fr"}),
            licences=frozenset(licences),
            skills=frozenset({"energy-basics"}),
            rating_mean=None,
            rating_count=0,
            jobs_done=0,
            distance_m=4_000,
            region="CH-BE",
        )

    return make
