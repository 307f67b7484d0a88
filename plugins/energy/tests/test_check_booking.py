"""What may be booked: nothing that a layperson may not do, unless it is a Profi service's very purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from crowdcore.base.text import Language
from crowdcore.plugin.results import checked_denied

REGION_OF = {"CH": "CH-BE", "DE": "DE-BW", "AT": "AT-8"}

#: Work id, and a word of the rule cited in each country. Written by hand: this is the law to be met.
CITED = {
    "scorched_parts": ("734.27", "DGUV"),
    "gas": ("SVGW", "NDAV"),
    "bare_wires": ("734.27", "DGUV"),
    "asbestos": ("832.311.141", "TRGS 519"),
    "meter_seal": ("WV-CH", "NAV"),
    "ripple_receiver": ("WV-CH", "EnWG"),
    "open_fuse_box": ("734.27", "NAV"),
    "fixed_wiring": ("734.27", "NAV"),
    "wallbox_mounting": ("734.27", "§ 19"),
    "three_phase_plug": ("Art. 16", "NAV"),
    "fixed_appliance": ("15", "DGUV"),
    "wall_socket": ("16", "DGUV"),
    "light_fitting": ("15 und 16", "DGUV"),
    "solar_dc": ("14", "NAV"),
    "battery_storage": ("14", "NAV"),
    "heat_pump_refrigerant": ("814.81", "ChemKlimaschutzV"),
    "heat_pump_service_level": ("keine Rechtsvorschrift", "keine Rechtsvorschrift"),
    "roof": ("832.311.141", "DGUV"),
    "pipework": ("SVGW", "AVBWasserV"),
}
CASES = [(work, country) for work in CITED for country in ("CH", "DE")]


def test_the_table_is_complete(hooks):
    assert set(hooks.RULEBOOK.works) == set(CITED)
    assert all(set(work.rules) == {"CH", "DE"} for work in hooks.RULEBOOK.works.values())


@pytest.mark.parametrize(("work", "country"), CASES)
def test_declared_work_is_refused_with_the_rule_of_the_country(hooks, booking, work, country):
    denied = hooks.check_booking(booking("thermostat", region=REGION_OF[country], declared={work}))
    assert denied.code == f"energy.{work}"
    assert CITED[work][("CH", "DE").index(country)] in denied.reason.de
    assert checked_denied(denied) == denied


@pytest.mark.parametrize(("work", "country"), CASES)
def test_a_refusal_says_why_and_what_to_do_instead(hooks, booking, work, country):
    row = hooks.RULEBOOK.works[work]
    denied = hooks.check_booking(booking(region=REGION_OF[country], declared={work}))
    for language in Language:
        sentence = denied.reason.in_(language)
        assert row.why.in_(language) in sentence
        assert row.instead.in_(language) in sentence
        assert len(sentence) <= 400
        assert "{" not in sentence


@pytest.mark.parametrize("work", CITED)
def test_a_country_without_a_rule_is_refused_too(hooks, booking, work):
    denied = hooks.check_booking(booking(region=REGION_OF["AT"], declared={work}))
    assert denied.code == f"energy.{work}"
    assert "Grundlage" not in denied.reason.de


@pytest.mark.parametrize(
    ("service_id", "work"),
    [
        ("light-fitting", "light_fitting"),
        ("wall-socket", "wall_socket"),
        ("wallbox-mounting", "wallbox_mounting"),
    ],
)
def test_a_profi_service_may_be_booked_for_its_own_purpose(hooks, booking, service_id, work):
    assert hooks.check_booking(booking(service_id, declared={work}, safety={work})) is None
    assert hooks.check_booking(booking(service_id, safety={work})) is None
    refused = hooks.check_booking(booking(service_id, declared={work, "meter_seal"}, safety={work}))
    assert refused.code == "energy.meter_seal"


def test_a_purpose_nobody_may_do_here_is_refused(hooks, booking):
    assert hooks.check_booking(booking("wall-socket", region="AT-8")).code == "energy.wall_socket"


def test_questions_alone_refuse_nothing(hooks, booking):
    """`safety` also holds the works a service only asks about; what counts is a yes."""
    assert hooks.check_booking(booking("led-lamps", safety={"light_fitting", "roof"})) is None


def test_the_safety_list_is_no_permission(hooks, booking):
    asked = booking("led-lamps", safety={"light_fitting"}, declared={"light_fitting"})
    assert hooks.check_booking(asked).code == "energy.light_fitting"


def test_of_several_works_the_gravest_speaks(hooks, booking):
    declared = {"pipework", "light_fitting", "scorched_parts", "open_fuse_box"}
    assert hooks.check_booking(booking(declared=declared)).code == "energy.scorched_parts"


@pytest.mark.parametrize("declared", [{"open_heart_surgery"}, {"open_heart_surgery", "light_fitting"}])
def test_unknown_work_is_refused(hooks, booking, declared):
    assert hooks.check_booking(booking("light-fitting", declared=declared)).code == "energy.work_unknown"


@given(declared=st.sets(st.sampled_from(sorted(CITED))), region=st.sampled_from(sorted(REGION_OF.values())))
def test_a_friends_service_admits_no_declared_work_at_all(hooks, booking, declared, region):
    denied = hooks.check_booking(booking("energy-check", region=region, declared=declared))
    assert (denied is None) == (not declared)


def test_a_rule_that_names_a_foreign_licence_is_found_when_the_file_is_read(hooks, folder, tmp_path):
    text = (folder / "safety.toml").read_text(encoding="utf-8")
    (tmp_path / "partner.toml").write_text((folder / "partner.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "safety.toml").write_text(
        text.replace('licences = ["ch_gas"]', 'licences = ["de_gas_register"]'), encoding="utf-8"
    )
    with pytest.raises(hooks.Fault, match="'gas' asks for licence 'de_gas_register' in CH"):
        hooks.read_rulebook(tmp_path)


def test_a_rule_can_be_withdrawn_without_opening_the_door(hooks, booking, monkeypatch):
    works = {name: replace(work, rules={}) for name, work in hooks.RULEBOOK.works.items()}
    monkeypatch.setattr(hooks, "RULEBOOK", replace(hooks.RULEBOOK, works=works))
    assert hooks.check_booking(booking(declared={"roof"})).code == "energy.roof"
    assert hooks.check_booking(booking("wall-socket")).code == "energy.wall_socket"
