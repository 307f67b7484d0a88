"""The order in which tests are given out names folders that are there, and keeps them whole."""

from tests.conftest import ROOT
from tests.turns import FIRST, turn, unit


def test_what_begins_first_is_there():
    assert [one for one in FIRST if not (ROOT / one).exists()] == []


def test_a_folder_stays_together():
    assert unit("tests/routes/test_fuzz.py::test_no_answer_is_a_surprise[positive]") == "tests/routes"
    assert unit("tests/app/test_demo_world.py::test_x") == "tests/app/test_demo_world.py"
    assert unit("tests/rooms/jobs/test_rules.py::test_y[a/b]") == "tests/rooms/jobs"
    assert (
        turn("tests/crash/test_crash.py::test_z") < turn("tests/docs/test_docs.py::test_z") < turn("tests/rooms/a.py")
    )
