"""Who may do it: a table of works, countries and kinds of members, and the licences of single services."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from crowdcore.plugin.results import checked_denied

#: Work id, and the licences of which one is enough in Switzerland and in Germany; none means nobody.
#: Written by hand: this is the law to be met, not a copy of what the plugin says.
WHO = {
    "scorched_parts": ((), ()),
    "gas": (("ch_gas",), ("de_gas_register",)),
    "bare_wires": (("ch_niv_installation",), ("de_nav_register", "de_electrician")),
    "asbestos": ((), ()),
    "meter_seal": ((), ()),
    "ripple_receiver": ((), ()),
    "open_fuse_box": (("ch_niv_installation",), ("de_nav_register", "de_electrician")),
    "fixed_wiring": (("ch_niv_installation",), ("de_nav_register",)),
    "wallbox_mounting": (("ch_niv_installation",), ("de_nav_register",)),
    "three_phase_plug": (("ch_niv_installation",), ("de_nav_register", "de_electrician")),
    "fixed_appliance": (("ch_niv_installation", "ch_niv_connection"), ("de_nav_register", "de_electrician")),
    "wall_socket": (("ch_niv_installation",), ("de_nav_register", "de_electrician")),
    "light_fitting": (("ch_niv_installation", "ch_niv_connection"), ("de_nav_register", "de_electrician")),
    "solar_dc": (("ch_niv_installation", "ch_niv_special"), ("de_nav_register",)),
    "battery_storage": (("ch_niv_installation", "ch_niv_special"), ("de_nav_register",)),
    "heat_pump_refrigerant": (("ch_refrigerant",), ("de_refrigerant",)),
    "heat_pump_service_level": (("ch_heat_pump_service",), ("de_heat_pump_service",)),
    "roof": (("ch_height",), ("de_height",)),
    "pipework": (("ch_plumbing",), ("de_plumbing_register",)),
}
REGION_OF = {"CH": "CH-BE", "DE": "DE-BW"}
ALL_LICENCES = {name for both in WHO.values() for licences in both for name in licences}
CASES = list(product(WHO, ("CH", "DE"), ("friend", "profi", "internal")))


@pytest.fixture
def every_work_bookable(hooks, monkeypatch):
    """Give every work a service of its own, so that the whole table can be asked."""
    works = {name: replace(work, services=frozenset({f"do-{name}"})) for name, work in hooks.RULEBOOK.works.items()}
    monkeypatch.setattr(hooks, "RULEBOOK", replace(hooks.RULEBOOK, works=works))
    return hooks


def _code(hooks, job, member):
    denials = hooks.friend_eligibility(job, [member]) or {}
    assert denials.keys() <= {member.id}
    denied = denials.get(member.id)
    assert checked_denied(denied) == denied
    return denied.code if denied else None


def test_the_table_is_complete(hooks):
    assert set(hooks.RULEBOOK.works) == set(WHO)
    assert len(CASES) >= 60


@pytest.mark.parametrize(("work", "country", "kind"), CASES)
def test_only_a_profi_with_a_licence_of_the_country(every_work_bookable, *, job, friend, work, country, kind):
    enough = set(WHO[work][("CH", "DE").index(country)])
    asked = job(f"do-{work}", region=REGION_OF[country])

    expected = "energy.nobody" if not enough else None if kind == "profi" else "energy.profi_only"
    assert _code(every_work_bookable, asked, friend(kind, ALL_LICENCES)) == expected
    for licence in ALL_LICENCES:
        allowed = kind == "profi" and licence in enough
        assert (_code(every_work_bookable, asked, friend(kind, {licence})) is None) == allowed
    assert _code(every_work_bookable, asked, friend(kind)) is not None


@pytest.mark.parametrize("kind", ["friend", "profi", "internal"])
def test_services_without_licence_and_purpose_are_open_to_all(hooks, job, friend, kind):
    assert hooks.friend_eligibility(job("meter-app"), [friend(kind)]) is None


@pytest.mark.parametrize(
    ("kind", "licences", "code"),
    [
        ("friend", {"ch_energy_adviser"}, None),
        ("profi", {"ch_energy_adviser"}, None),
        ("friend", set(), "energy.licence_required"),
        ("profi", {"ch_niv_installation"}, "energy.licence_required"),
    ],
)
def test_a_licence_without_dangerous_work_is_enough_for_friends(hooks, *, job, friend, kind, licences, code):
    asked = job("heating-advice", licence="ch_energy_adviser")
    assert _code(hooks, asked, friend(kind, licences)) == code


def test_a_licence_does_not_cross_the_border(hooks, job, friend):
    asked = job("heating-advice", region="DE-BW", licence="ch_energy_adviser")
    assert _code(hooks, asked, friend("profi", {"ch_energy_adviser"})) == "energy.licence_other_country"


def test_a_licence_nobody_knows_opens_nothing(hooks, job, friend):
    asked = job("heating-advice", licence="ch_rocket_science")
    assert _code(hooks, asked, friend("profi", {"ch_rocket_science"})) == "energy.licence_required"


def test_a_licensed_service_asks_for_licence_and_kind(hooks, job, friend):
    asked = job("wallbox-mounting", licence="ch_niv_installation")
    holder = {"ch_niv_installation"}
    assert _code(hooks, asked, friend("profi", holder)) is None
    assert _code(hooks, asked, friend("friend", holder)) == "energy.profi_only"
    assert _code(hooks, asked, friend("internal", holder)) == "energy.profi_only"
    assert _code(hooks, asked, friend("profi", {"de_nav_register"})) == "energy.licence_required"


def test_the_licence_of_the_service_comes_on_top_of_the_works(hooks, job, friend):
    """A connection licence is enough for the work, but not for a service that asks for more."""
    asked = job("light-fitting", licence="ch_niv_installation")
    assert _code(hooks, asked, friend("profi", {"ch_niv_connection"})) == "energy.licence_required"
    assert _code(hooks, asked, friend("profi", {"ch_niv_installation"})) is None


def test_denials_name_what_is_missing_in_each_language(hooks, job, friend):
    denied = hooks.friend_eligibility(job("light-fitting"), [friend("profi")])[UUID(int=7)]
    assert "Allgemeine Installationsbewilligung / Anschlussbewilligung" in denied.reason.de
    assert "Autorisation de raccorder" in denied.reason.fr
    assert "Connection licence" in denied.reason.en


def test_a_crowd_is_answered_in_one_call(hooks, job, friend):
    crowd = [friend("profi" if number % 2 else "friend", {"ch_niv_installation"}, number) for number in range(1, 201)]
    denials = hooks.friend_eligibility(job("wall-socket", licence="ch_niv_installation"), crowd)
    assert set(denials) == {member.id for member in crowd if member.kind == "friend"}
