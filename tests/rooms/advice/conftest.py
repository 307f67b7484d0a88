"""A partner without questions of its own."""

from dataclasses import replace

import pytest

from crowdcore.partners.queries import portals as opened
from crowdcore.partners.service import use_portals


@pytest.fixture
def without_triage(world):
    before = dict(opened())
    use_portals({**before, "energy": replace(before["energy"], triage=None)})
    yield "energy"
    use_portals(before)
