"""Portals: built from the plugins' files, held as a whole, found by host and by scope."""

import dataclasses
import logging
import shutil

import pytest

from crowdcore.base.errors import Fault, ScopeMissing
from crowdcore.db.scope import partner_scope
from crowdcore.partners import queries
from crowdcore.partners.rules import HostMalformed, UnknownHost
from crowdcore.partners.service import open_portals, use_portals
from crowdcore.settings import Settings
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def opened():
    return dict(open_portals(Settings(plugin_path=str(ROOT / "plugins"), public_scheme="http", public_port=8000)))


@pytest.fixture(autouse=True)
def portals(opened):
    use_portals(opened)
    yield opened
    use_portals({})


def test_every_partner_has_a_portal(portals):
    assert list(queries.portals()) == ["electronics", "energy", "swisscom"]
    portal = queries.portals()["swisscom"]
    assert portal.id == portal.settings.id == "swisscom"
    assert portal.origin == "http://swisscom.localhost:8000"
    assert portal.url("/de/jobs/1") == "http://swisscom.localhost:8000/de/jobs/1"
    assert portal.hosts == {"swisscom.localhost"}
    assert set(portal.translators) == set(portal.formats) == {"de", "fr", "en"}
    assert portal.catalog.bookable()
    assert portal.exams


def test_the_scope_says_whose_portal(portals):
    with partner_scope("energy"):
        assert queries.portal() is portals["energy"]
    with pytest.raises(ScopeMissing):
        queries.portal()
    with partner_scope("nobody"), pytest.raises(Fault, match="'nobody' has no portal here"):
        queries.portal()


def test_the_host_says_whose_portal(portals):
    assert queries.portal_for_host("Energy.LOCALHOST.:8000") is portals["energy"]
    with pytest.raises(UnknownHost):
        queries.portal_for_host("www.energy.localhost")
    with pytest.raises(HostMalformed):
        queries.portal_for_host("energy.localhost, swisscom.localhost")


def test_without_portals_every_host_is_unknown():
    use_portals({})
    assert queries.portals() == {}
    with pytest.raises(UnknownHost):
        queries.portal_for_host("energy.localhost")


def test_two_portals_cannot_share_a_host(portals):
    thief = dataclasses.replace(portals["energy"], hosts=frozenset({"swisscom.localhost"}))
    with pytest.raises(Fault, match=r"'swisscom\.localhost' is claimed by"):
        use_portals({**portals, "energy": thief})
    assert queries.portal_for_host("energy.localhost") is portals["energy"]


def test_portals_cannot_be_changed_one_by_one(portals):
    with pytest.raises(TypeError):
        queries.portals()["swisscom"] = portals["energy"]


def test_a_broken_portal_stays_closed_and_the_others_open(tmp_path, caplog):
    shutil.copytree(ROOT / "plugins", tmp_path / "plugins")
    (tmp_path / "plugins/energy/theme/theme.toml").write_text("schema = 1\n")
    with caplog.at_level(logging.ERROR):
        found = open_portals(Settings(plugin_path=str(tmp_path / "plugins")))
    assert list(found) == ["electronics", "swisscom"]
    assert "the portal of 'energy' is not opened" in caplog.text
    assert "theme.toml" in caplog.text


def test_an_installation_without_any_portal_does_not_start(tmp_path):
    with pytest.raises(Fault, match="no portal opens"):
        open_portals(Settings(plugin_path=str(tmp_path)))
