"""The canary's town beside the shipped portals; in full, towns for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crowdcore.settings import Settings
from tests.brand import canary
from tests.brand.towns import Towns, opened_towns
from tests.brand.visits import IN_FULL
from tests.conftest import ON_POSTGRES

PARTNERS = ("swisscom", "energy", "electronics", canary.ID) if IN_FULL else (canary.ID,)
"""Portals with people; the others are looked at as a stranger sees them."""


@pytest.fixture(scope="package")
def towns(empty_database: Settings, gazetteer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    """The towns; they stay as they are for every test of the folder."""
    if ON_POSTGRES:
        pytest.skip("brands are the same on every database")
    folder = tmp_path_factory.mktemp("brands")
    with opened_towns(folder, empty=empty_database, gazetteer=gazetteer_file, partners=PARTNERS) as found:
        yield found
