"""Arithmetic of colours: contrast as WCAG 2.2 measures it, mixing, and the nearest colour that passes.

A colour is a string ``#RRGGBB`` in capitals. Transparent colours do not exist here, because nobody
can say what they contrast with.
"""

from __future__ import annotations

import re
from collections.abc import Callable

BLACK, WHITE = "#000000", "#FFFFFF"

_HEX = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)
_OKLAB_STEPS = 100
_CHROMA_STEPS = 20
_ROUNDING = 1e-4

Oklab = tuple[float, float, float]


def is_colour(value: str) -> bool:
    """Say whether `value` is written ``#rrggbb``."""
    return _HEX.fullmatch(value) is not None


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 (equal) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, percent: int, ground: str) -> str:
    """Return `percent` hundredths of `colour` in `ground`, as ``color-mix(in srgb)`` does."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _hex(tuple(round((a * percent + b * (100 - percent)) / 100) for a, b in pairs))


def translucent(colour: str, percent: int) -> str:
    """Return a CSS shadow colour of `percent` opacity; only for shadows, never under text."""
    red, green, blue = _channels(colour)
    return f"rgb({red} {green} {blue} / {percent}%)"


def darker(first: str, second: str) -> str:
    """Return the darker of two colours."""
    return min(first, second, key=_luminance)


def readable_on(ground: str) -> str:
    """Return black or white, whichever is read better on `ground`; one of them always reaches 4.58."""
    return max((WHITE, BLACK), key=lambda colour: contrast(colour, ground))


def nearest(colour: str, passes: Callable[[str], bool]) -> str | None:
    """Return the colour most like `colour` for which `passes` is true, or None if no colour passes.

    Searched in OKLab along lightness with the hue kept; chroma is only ever reduced, so that a
    brand's orange becomes a darker orange and not a grey.
    """
    if passes(colour):
        return colour
    lightness, a, b = _oklab(colour)
    chroma = (a * a + b * b) ** 0.5
    candidates: list[tuple[float, float, float]] = []
    for step in range(_OKLAB_STEPS + 1):
        for kept in range(_CHROMA_STEPS + 1):
            level, share = step / _OKLAB_STEPS, kept / _CHROMA_STEPS
            distance = ((level - lightness) ** 2 + (chroma * (1 - share)) ** 2) ** 0.5
            candidates.append((distance, level, share))
    for _distance, level, share in sorted(candidates):
        candidate = _from_oklab((level, a * share, b * share))
        if candidate is not None and passes(candidate):
            return candidate
    return None


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(channels: tuple[int, ...]) -> str:
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 -- sRGB
        for value in (channel / 255 for channel in _channels(colour))
    )
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(colour: str) -> Oklab:
    """Return lightness and the two opponent axes (Ottosson 2020)."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lab: Oklab) -> str | None:
    """Return the colour, or None if no screen can show it."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    if any(not -_ROUNDING <= value <= 1 + _ROUNDING for value in linear):
        return None
    return _hex(tuple(round(_encoded(min(1.0, max(0.0, value))) * 255) for value in linear))


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055  # noqa: PLR2004 -- sRGB
