"""Templates: every one compiles for every portal, and no portal is left out because its files are wrong."""

import pytest

from crowdcore.base.errors import Fault
from crowdcore.partners import queries
from crowdcore.theming import Templates
from tests.house.law import ROOT

BASE = ROOT / "themes/base/templates"


@pytest.fixture
def opened(portals):
    return queries.portals()


def test_every_partner_that_ships_opens(opened):
    assert opened.keys() == {path.parent.name for path in ROOT.glob("plugins/*/partner.toml")}


def test_every_template_compiles_for_every_portal(opened):
    """A portal's environment compiles all it can find when it is made; did it find all?"""
    shared = {path.relative_to(BASE).as_posix() for path in BASE.rglob("*") if path.is_file()}
    for portal in opened.values():
        assert shared <= set(portal.templates.names())


def test_a_template_that_does_not_compile_opens_no_portal(opened, tmp_path):
    portal = next(iter(opened.values()))
    broken = tmp_path / "theme/templates/jobs/job.html"
    broken.parent.mkdir(parents=True)
    look = portal.templates._environment.globals["portal"]
    for text, fine in (("{% if x %}a{% endif %}", True), ("{% if x %}a", False)):
        broken.write_text(text, encoding="utf-8")
        arguments = {
            "portal": look,
            "theme": portal.theme,
            "formats": portal.formats,
            "plugin_folder": tmp_path,
        }
        if fine:
            assert "jobs/job.html" in Templates(**arguments).names()
        else:
            with pytest.raises(Fault, match=r"job\.html:1"):
                Templates(**arguments)
