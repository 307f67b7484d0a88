"""One running demo for all journeys of a test process."""

from collections.abc import Iterator

import pytest

from tests.journeys.demo import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory, gazetteer_file) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo") / "var", gazetteer_file)
    running.wait()
    yield running
    running.stop()
