"""The contrast proof: 30 colour pairs per mode that must be readable before a theme may load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crowdcore.theming.colours import contrast, mix, nearest

TEXT = 4.5
"""WCAG 2.2, 1.4.3: text against what lies behind it."""

GRAPHIC = 3.0
"""WCAG 2.2, 1.4.11: borders, icons and focus rings against what lies behind them."""

Palette = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours that meet on a page."""

    front: str
    ground: str
    needs: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One pair of one mode, measured."""

    mode: str
    pair: Pair
    ratio: float

    @property
    def passes(self) -> bool:
        """Say whether the pair is readable."""
        return self.ratio >= self.pair.needs


_GROUNDS = ("page", "surface")

#: What the roles of a theme promise each other.
ROLE_PAIRS = (
    *(Pair(front, ground, TEXT) for front in ("text", "text_muted", "link") for ground in _GROUNDS),
    Pair("on_accent", "accent", TEXT),
    Pair("on_danger", "danger", TEXT),
    Pair("on_success", "success", TEXT),
    Pair("danger", "page", TEXT),
    Pair("success", "page", TEXT),
    *(Pair(front, ground, GRAPHIC) for front in ("accent", "border", "focus") for ground in _GROUNDS),
)

#: What the tints made from them must hold. Accent carries icons and lines, never small text.
DERIVED_PAIRS = (
    *(
        Pair(front, ground, TEXT)
        for front in ("text", "text_muted")
        for ground in ("soft", "soft_danger", "soft_success")
    ),
    Pair("accent", "soft", GRAPHIC),
    Pair("danger", "soft_danger", TEXT),
    Pair("success", "soft_success", TEXT),
    Pair("link", "soft", TEXT),
    Pair("danger", "surface", TEXT),
    Pair("success", "surface", TEXT),
    Pair("on_accent", "accent_hover", TEXT),
)

PAIRS = ROLE_PAIRS + DERIVED_PAIRS


def with_tints(roles: Palette) -> dict[str, str]:
    """Return the roles and the tints made from them, as plain colours."""
    return {
        **roles,
        "soft": mix(roles["accent"], 10, roles["page"]),
        "soft_danger": mix(roles["danger"], 10, roles["page"]),
        "soft_success": mix(roles["success"], 10, roles["page"]),
        "hair": mix(roles["border"], 34, roles["page"]),
        "accent_hover": mix(roles["accent"], 86, roles["text"]),
    }


def prove(mode: str, roles: Palette) -> tuple[Measured, ...]:
    """Return every pair of one mode (``light`` or ``dark``), measured."""
    palette = with_tints(roles)
    return tuple(Measured(mode, pair, contrast(palette[pair.front], palette[pair.ground])) for pair in PAIRS)


def suggestion(roles: Palette, pair: Pair) -> str | None:
    """Return the colour nearest to a failing pair's front colour that passes, or None.

    It passes every pair the role stands in front of, so that one repair does not cause the next;
    only if there is no such colour is this one pair looked at.
    """
    fronts = [other for other in PAIRS if other.front == pair.front]
    return _nearest_for(roles, pair.front, fronts) or _nearest_for(roles, pair.front, [pair])


def _nearest_for(roles: Palette, role: str, pairs: list[Pair]) -> str | None:
    def passes(candidate: str) -> bool:
        palette = with_tints({**roles, role: candidate})
        return all(contrast(candidate, palette[pair.ground]) >= pair.needs for pair in pairs)

    return nearest(roles[role], passes)
