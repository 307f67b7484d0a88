"""Arithmetic of colours."""

import pytest
from hypothesis import given, settings, strategies as st

from crowdcore.theming.colours import BLACK, WHITE, contrast, darker, is_colour, mix, nearest, readable_on

colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


def test_the_ends_of_the_scale():
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)  # the textbook grey


@given(colours, colours)
def test_contrast_has_no_direction_and_lies_between_1_and_21(first, second):
    assert contrast(first, second) == contrast(second, first)
    assert 1 <= contrast(first, second) <= 21.0001


@given(colours)
def test_black_or_white_is_readable_on_everything(ground):
    assert contrast(readable_on(ground), ground) >= 4.58


@given(colours, colours, st.integers(0, 100))
def test_a_mix_lies_between_its_parts(colour, ground, percent):
    mixed = mix(colour, percent, ground)
    assert is_colour(mixed)
    for place in (1, 3, 5):
        low, high = sorted((int(colour[place : place + 2], 16), int(ground[place : place + 2], 16)))
        assert low <= int(mixed[place : place + 2], 16) <= high


def test_mixing_is_what_css_does():
    assert mix("#4030C8", 10, "#FFFFFF") == "#ECEAFA"  # color-mix(in srgb, #4030c8 10%, white)


@given(colours, colours)
@settings(max_examples=60, deadline=None)
def test_the_nearest_colour_passes_and_a_passing_colour_is_its_own_nearest(colour, ground):
    found = nearest(colour, lambda candidate: contrast(candidate, ground) >= 4.5)
    assert found is not None
    assert contrast(found, ground) >= 4.5
    if contrast(colour, ground) >= 4.5:
        assert found == colour


@pytest.mark.parametrize("colour", ["#FF8A00", "#7CB518", "#00A3E0", "#E5B700"])
def test_a_brand_colour_keeps_its_hue(colour):
    found = nearest(colour, lambda candidate: contrast(candidate, WHITE) >= 4.5)
    channels = [int(found[place : place + 2], 16) for place in (1, 3, 5)]
    original = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    assert max(range(3), key=channels.__getitem__) == max(range(3), key=original.__getitem__)
    assert max(channels) - min(channels) > 60, "a brand's orange must not become grey"


def test_no_colour_is_suggested_when_none_passes():
    assert nearest("#777777", lambda _candidate: False) is None


def test_darker():
    assert darker("#FFFFFF", "#222222") == darker("#222222", "#FFFFFF") == "#222222"


@pytest.mark.parametrize(
    "text", ["#12", "redd", "rgb(300,0,0)", "#12345G", "#1234567", "", "#１２３４５６", "#123456\n"]
)
def test_what_is_no_colour(text):
    assert not is_colour(text)
