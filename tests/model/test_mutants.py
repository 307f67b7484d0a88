"""The mutation gate: the model notices every seeded fault."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Crowdcore, budget
from tests.model.mutants import MUTANTS


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_the_model_notices(mutant, monkeypatch):
    mutant(monkeypatch)
    with pytest.raises(BaseException) as noticed:  # noqa: PT011 -- any failure of the machine is a kill
        run_state_machine_as_test(Crowdcore, settings=budget(shrink=False))
    assert not isinstance(noticed.value, KeyboardInterrupt | SystemExit)
