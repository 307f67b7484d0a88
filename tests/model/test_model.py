"""The model test itself; ``make model`` looks longer (CROWDCORE_MODEL_EXAMPLES)."""

from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Crowdcore, budget


def test_every_way_through_the_services_obeys_the_model():
    run_state_machine_as_test(Crowdcore, settings=budget())
