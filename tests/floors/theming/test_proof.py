"""The contrast proof."""

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.base.folders import shared_folder
from crowdcore.theming.colours import contrast
from crowdcore.theming.contract import MODES, contract
from crowdcore.theming.proof import DERIVED_PAIRS, PAIRS, ROLE_PAIRS, Pair, prove, suggestion, with_tints
from crowdcore.theming.theme import read_theme

PLUGINS = sorted((shared_folder("themes").parent / "plugins").glob("*/theme/theme.toml"))


def test_seventeen_role_pairs_and_thirteen_derived_ones():
    assert (len(ROLE_PAIRS), len(DERIVED_PAIRS)) == (17, 13)
    assert len({(pair.front, pair.ground) for pair in PAIRS}) == 30


def test_text_needs_more_than_graphics():
    needs = {(pair.front, pair.ground): pair.needs for pair in PAIRS}
    assert needs["text_muted", "surface"] == needs["link", "soft"] == needs["on_accent", "accent_hover"] == 4.5
    assert needs["border", "page"] == needs["focus", "surface"] == needs["accent", "page"] == 3.0


@pytest.mark.parametrize("mode", MODES)
def test_the_neutral_values_of_the_contract_pass(mode):
    assert all(measured.passes for measured in prove(mode, contract().neutral(mode)))


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.parent.parent.name)
def test_the_shipped_themes_pass_sixty_of_sixty(path):
    proof = read_theme(path.parent).proof
    assert len(proof) == 60
    assert all(measured.passes for measured in proof)


def test_a_tint_is_mixed_from_its_role():
    palette = with_tints(contract().neutral("light"))
    assert palette["soft"] != palette["page"]
    assert contrast(palette["soft"], palette["page"]) < 1.3


roles = st.sampled_from(["text", "text_muted", "link", "danger", "success", "border", "focus"])
colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


@given(roles, colours, st.sampled_from(MODES))
@settings(max_examples=40, deadline=None)
def test_a_suggestion_repairs_every_pair_of_its_role(role, colour, mode):
    palette = {**contract().neutral(mode), role: colour}
    failing = [
        measured.pair for measured in prove(mode, palette) if not measured.passes and measured.pair.front == role
    ]
    if failing:
        better = suggestion(palette, failing[0])
        assert better is not None
        after = prove(mode, {**palette, role: better})
        assert all(measured.passes for measured in after if measured.pair.front == role)


def test_where_no_colour_can_help_the_one_pair_is_looked_at():
    palette = {**contract().neutral("light"), "page": "#FFFFFF", "surface": "#000000"}
    better = suggestion(palette, Pair("text", "surface", 4.5))
    assert better is not None
    assert contrast(better, "#000000") >= 4.5
