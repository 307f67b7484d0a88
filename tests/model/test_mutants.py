"""The mutation gate: every seeded fault is noticed by the harness that it names (README.md).

A quick selection in `make test`; ``CROWDCORE_MUTANTS=all`` (`make mutants`) tries every one. Those that only
a race on PostgreSQL can show are tried where the tests run on PostgreSQL.
"""

import os

import pytest

from tests.conftest import ON_POSTGRES
from tests.model.mutants import MUTANTS
from tests.model.trials import noticed, written

QUICK = frozenset({
    "no_compare_and_set", "revoke_without_lock",  # on PostgreSQL
    "no_overlap_check", "lease_without_fence", "key_after_commit", "no_qualification_check", "no_scope_on_jobs",
    "price_from_live_catalogue", "case_left_open", "unchecked_hand", "address_stays_open", "audit_after_commit",
})  # fmt: skip
TRIED = MUTANTS.keys() if os.environ.get("CROWDCORE_MUTANTS") == "all" else QUICK


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, m in MUTANTS.items() if name in TRIED and (m.killer[0] == "race-postgres") is ON_POSTGRES]
)
def test_the_fault_is_noticed(name):
    assert noticed(*MUTANTS[name].killer, name), f"{MUTANTS[name].killer} does not notice that {MUTANTS[name].what}"


def test_the_table_names_every_fault():
    assert written() == list(MUTANTS)
