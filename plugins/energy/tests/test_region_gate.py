"""Where a service may be had: live regions, the pilot canton, and what waits for a licence pack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crowdcore.plugin.results import checked_denied

PLANNED = "energy.region_planned"
PILOT = "energy.region_pilot"
NO_PACK = "energy.licence_pack_missing"

CASES = [
    # region, service, licence, expected code
    ("CH-BE", "meter-app", None, None),
    ("CH-BE", "wallbox-app", None, None),
    ("CH-BE", "heat-pump-app", None, None),
    ("CH-BE", "wallbox-mounting", "ch_niv_installation", None),
    ("CH-BE", "light-fitting", None, None),
    ("CH-VS", "meter-app", None, None),
    ("CH-VS", "energy-check", None, None),
    ("CH-VS", "thermostat", None, PILOT),
    ("CH-VS", "wallbox-mounting", "ch_niv_installation", PILOT),
    ("CH-GR", "meter-app", None, PLANNED),
    ("DE-BW", "meter-app", None, None),
    ("DE-BY", "thermostat", None, None),
    ("DE-BW", "solar-app", None, None),
    ("DE-BW", "wallbox-app", None, NO_PACK),
    ("DE-BW", "charging-plan", None, NO_PACK),
    ("DE-BY", "heat-pump-app", None, NO_PACK),
    ("DE-BY", "heat-pump-message", None, NO_PACK),
    ("DE-BW", "wallbox-mounting", "ch_niv_installation", NO_PACK),
    ("DE-BW", "heating-advice", "ch_energy_adviser", NO_PACK),
    ("DE-BW", "light-fitting", None, NO_PACK),
    ("DE-HE", "meter-app", None, None),
    ("AT-8", "meter-app", None, None),
]


@pytest.mark.parametrize(("region", "service_id", "licence", "code"), CASES)
def test_stages(hooks, *, places, service, region, service_id, licence, code):
    denied = hooks.region_gate(places[region], service(service_id, licence=licence))
    assert (denied.code if denied else None) == code
    assert checked_denied(denied) == denied


def test_the_gate_follows_partner_toml(hooks, *, folder, places, service, monkeypatch):
    book = hooks.read_rulebook(folder)
    monkeypatch.setattr(hooks, "RULEBOOK", replace(book, planned=book.planned | {"CH-BE"}))
    assert hooks.region_gate(places["CH-BE"], service()).code == PLANNED


def test_a_licence_pack_opens_what_waited_for_it(hooks, places, service, monkeypatch):
    packs = hooks.RULEBOOK.licence_packs | {"DE"}
    monkeypatch.setattr(hooks, "RULEBOOK", replace(hooks.RULEBOOK, licence_packs=packs))
    assert hooks.region_gate(places["DE-BW"], service("wallbox-app")) is None
    assert hooks.region_gate(places["DE-BY"], service("heat-pump-app")) is None


def test_a_swiss_licence_opens_no_service_abroad(hooks, places, service, monkeypatch):
    packs = hooks.RULEBOOK.licence_packs | {"DE"}
    monkeypatch.setattr(hooks, "RULEBOOK", replace(hooks.RULEBOOK, licence_packs=packs))
    asked = service("wallbox-mounting", licence="ch_niv_installation")
    assert hooks.region_gate(places["DE-BW"], asked).code == NO_PACK
    assert hooks.region_gate(places["CH-BE"], asked) is None


def test_a_licence_nobody_knows_opens_no_service(hooks, places, service):
    asked = service("meter-app", licence="ch_rocket_science")
    assert hooks.region_gate(places["CH-BE"], asked).code == NO_PACK


def test_a_swiss_pack_withdrawn_closes_licensed_work(hooks, places, service, monkeypatch):
    monkeypatch.setattr(hooks, "RULEBOOK", replace(hooks.RULEBOOK, licence_packs=frozenset()))
    for asked in (
        service("heating-advice", licence="ch_energy_adviser"),
        service("light-fitting"),
        service("wallbox-app"),
    ):
        assert hooks.region_gate(places["CH-BE"], asked).code == NO_PACK
    assert hooks.region_gate(places["CH-BE"], service("meter-app")) is None


def test_checks_asked_when_booking_do_not_close_a_service(hooks, places, service):
    """The core adds the works of a service's questions to `safety`; only its purpose may gate it."""
    asked = service("led-lamps", safety=("light_fitting", "bare_wires", "roof"))
    assert hooks.region_gate(places["DE-BW"], asked) is None
