"""Makes a new partner's folder from the starter: a whole portal in three languages, in the partner's colour."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crowdcore.base.errors import Fault
from crowdcore.plugin.fields import HOST, known_regions
from crowdcore.plugin.manifest import is_plugin_id
from crowdcore.plugin.problems import did_you_mean
from crowdcore.theming.colours import is_colour, nearest, readable_on
from crowdcore.theming.contract import contract
from crowdcore.theming.proof import Palette, prove
from crowdcore.theming.theme import plain_theme

STARTER = Path(__file__).parent / "starter"

_BRAND = re.compile(r"[^\W_][\w .&’+-]{0,38}[^\W_]")
_CODE_FILES = ("hooks.py", "pytest.ini", "tests")
_CODE_TABLES = '\n[code]\nmodule = "hooks"\n\n[uses]\nhooks = ["guide_price"]'


@dataclass(frozen=True, slots=True)
class _Country:
    currency: str
    time_zone: str
    formats: str
    phone: str


_SWISS = '{ de = "de-CH", fr = "fr-CH", en = "en-CH" }'
_COUNTRIES = {
    "CH": _Country("CHF", "Europe/Zurich", _SWISS, "+41 800 000 099"),
    "LI": _Country("CHF", "Europe/Zurich", _SWISS, "+41 800 000 099"),
    "AT": _Country("EUR", "Europe/Vienna", '{ de = "de-AT", fr = "fr-FR", en = "en-GB" }', "+43 800 000 099"),
    "DE": _Country("EUR", "Europe/Berlin", '{ de = "de-DE", fr = "fr-FR", en = "en-GB" }', "+49 800 000 0099"),
}


@dataclass(frozen=True, slots=True)
class NewPlugin:
    """What is asked about a new partner.

    Args:
        id: of plugin and partner, and name of the folder.
        brand: the word customers know it by.
        colour: the brand's colour, ``#rrggbb``.
        host: where the portal answers.
        regions: where it is open (``CH-BE``), all in one country.
        code: whether `hooks.py` and its tests are made too.
    """

    id: str
    brand: str
    colour: str
    host: str
    regions: Sequence[str]
    code: bool

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the partner's folder below `folder` and return its files.

        Raises:
            Fault: an answer cannot be used, or the folder is there already.
        """
        values = self._values()
        target = folder / self.id
        if target.exists():
            raise Fault(f"{target} is there already; choose another name or remove it first")
        written = []
        for source in sorted(path for path in STARTER.rglob("*") if path.is_file()):
            name = source.relative_to(STARTER).as_posix().removesuffix(".txt")
            if not self.code and name.startswith(_CODE_FILES):
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled(source.read_text(encoding="utf-8"), values), encoding="utf-8")
            written.append(path)
        return tuple(written)

    def _values(self) -> Mapping[str, str]:
        self._check()
        country = self.regions[0][:2]
        light, dark = palettes(self.colour)
        there = _COUNTRIES[country]
        return {
            "id": self.id,
            "brand": self.brand,
            "host": self.host,
            "country": country,
            "region": self.regions[0],
            "regions": "[" + ", ".join(f'"{code}"' for code in self.regions) + "]",
            "currency": there.currency,
            "time_zone": there.time_zone,
            "formats": there.formats,
            "phone": there.phone,
            "light": _roles(light),
            "dark": _roles(dark),
            "on_accent": light["on_accent"],
            "code": _CODE_TABLES if self.code else "",
        }

    def _check(self) -> None:
        if not is_plugin_id(self.id):
            raise Fault(f"{self.id!r} is no name for a plugin: small letters, digits and single hyphens, 2 to 40")
        if not _BRAND.fullmatch(self.brand):
            raise Fault(f"the brand {self.brand!r} must be 2 to 40 letters, digits, spaces or one of . & ’ + -")
        if not is_colour(self.colour):
            raise Fault(f"the colour {self.colour!r} is not written #rrggbb, like #0A5FD9")
        if not HOST.fullmatch(self.host):
            raise Fault(f"{self.host!r} is no host name: small letters, digits, hyphens and points, no port")
        for code in self.regions:
            known = frozenset(known_regions(code))
            if code not in known:
                hint = did_you_mean(code, known) or "ISO 3166-2 of CH, LI, AT or DE, like CH-BE"
                raise Fault(f"{code!r} is no region; {hint}")
        if len({code[:2] for code in self.regions}) != 1:
            raise Fault("name regions of one country; more countries go into partner.toml, with their currency")


def palettes(colour: str) -> tuple[Palette, Palette]:
    """Return the roles of light and dark mode around a brand's colour; every pair of both is readable."""
    plain = plain_theme()
    return _around(colour, "light", plain.light), _around(colour, "dark", plain.dark)


def _around(colour: str, mode: str, neutral: Palette) -> Palette:
    roles = {name: neutral[name] for name in contract().roles}
    for role in ("accent", "link", "focus"):
        roles = _with(roles, role, nearest(colour, partial(_is_readable_as, role, mode, roles)))
    return roles


def _with(roles: Palette, role: str, colour: str | None) -> dict[str, str]:
    if colour is None:
        return dict(roles)  # no shade of it can be read there; the neutral one can
    return {**roles, role: colour, **({"on_accent": readable_on(colour)} if role == "accent" else {})}


def _is_readable_as(role: str, mode: str, roles: Palette, tried: str) -> bool:
    return all(measured.passes for measured in prove(mode, _with(roles, role, tried)))


def _roles(roles: Palette) -> str:
    return "\n".join(f'{name} = "{colour}"' for name, colour in roles.items())


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.rstrip() + "\n"
