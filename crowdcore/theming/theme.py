"""Theme: one partner's look, proved readable, as style sheet, plain colours for mails, and icon."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.plugin.problems import FileProblem
from crowdcore.theming.colours import darker, translucent
from crowdcore.theming.marks import Drawing, read_drawing
from crowdcore.theming.pixels import png
from crowdcore.theming.proof import Measured, Palette, with_tints
from crowdcore.theming.reader import THEME_FILE, ThemeReader


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture of the mark for a home screen.

    Args:
        size: width and height in pixels.
        inset: free border on each side, as a part of the size.
        filled: stands on the colour of the page; otherwise transparent.
        purpose: what the manifest says it is for; "" for one that is not listed there.
    """

    size: int
    inset: float = 0.0
    filled: bool = False
    purpose: str = ""


ICONS: Mapping[str, Icon] = MappingProxyType(
    {
        "icon-192.png": Icon(192, purpose="any"),
        "icon-512.png": Icon(512, purpose="any"),
        "icon-maskable-512.png": Icon(512, inset=0.2, filled=True, purpose="maskable"),
        "icon-apple-180.png": Icon(180, inset=0.12, filled=True),
    }
)
"""What is drawn from a mark; masks cut off up to a tenth on each side, so a maskable one stays well inside."""

_STEPS = range(1, 7)
_BROWSER_SIZE_PX = 16
_MAIL_MARK_PX = 32

#: Token -> custom property, where the names differ or the value is written another way.
_PROPERTIES = {
    "shape.radius": "--radius",
    "shape.border_width": "--border-width",
    "type.body": "--font-body",
    "type.heading": "--font-heading",
    "type.heading_weight": "--heading-weight",
    "type.heading_track": "--heading-track",
    "type.line_height": "--line-height",
    "space.unit": "--unit",
    "space.touch_target": "--touch",
    "motion.fast": "--fast",
}


@dataclass(frozen=True)
class Theme:
    """A partner's look.

    Args:
        name: of the theme.
        light: role or tint -> colour.
        dark: the same for dark mode.
        tokens: ``shape.radius`` -> value.
        proof: every contrast pair, measured; all of them pass.
        mark: the square mark, or None for a portal with its name only.
        logos: file name (``logo.svg``, ``logo-dark.svg``) -> drawing.
        warnings: what its author should look at.
    """

    name: str
    light: Palette
    dark: Palette
    tokens: Mapping[str, str]
    proof: tuple[Measured, ...]
    mark: Drawing | None
    logos: Mapping[str, Drawing]
    warnings: tuple[FileProblem, ...] = ()

    def css(self) -> str:
        """Return the custom properties that ``base.css`` is written in, for light and dark."""
        fixed = {_PROPERTIES[name]: value for name, value in self.tokens.items() if name in _PROPERTIES}
        light = {"color-scheme": "light dark", **_colour_properties(self.light), **fixed, **self._sizes()}
        dark = _declarations(_colour_properties(self.dark), indent="    ")
        return (
            f":root {{\n{_declarations(light, indent='  ')}}}\n"
            f"@media (prefers-color-scheme: dark) {{\n  :root {{\n{dark}  }}\n}}\n"
        )

    @cached_property
    def version(self) -> str:
        """A hash of everything that is sent to browsers; addresses with it never change their content."""
        content = "\0".join((self.css(), self.icon_svg(), *(self._logo(name) for name in self.logos)))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @cached_property
    def files(self) -> Mapping[str, tuple[str, str]]:
        """What lies under ``/_t/<version>/``: name -> (content type, text); immutable."""
        logos = {name: ("image/svg+xml", self._logo(name)) for name in self.logos}
        return {
            "theme.css": ("text/css; charset=utf-8", self.css()),
            "icon.svg": ("image/svg+xml", self.icon_svg()),
            **logos,
        }

    def icon_png(self, name: str) -> bytes:
        """Return one of `ICONS`; drawing takes about a second, so whoever serves it keeps it.

        Raises:
            Fault: the mark has a colour that cannot be drawn.
        """
        icon = ICONS[name]
        background = self.light["page"] if icon.filled else None
        return png(self.icon_svg(), size=icon.size, inset=icon.inset, background=background)

    def url(self, name: str) -> str:
        """Return the address of one of `files` or `ICONS`; Fault for a name that is not there."""
        if name not in self.files and name not in ICONS:
            raise Fault(f"theme '{self.name}' has no file '{name}'; it has {', '.join(self.files)}")
        return f"/_t/{self.version}/{name}"

    @cached_property
    def mark_markup(self) -> Markup | None:
        """The mark as it stands in the header, or None."""
        if self.mark is None:
            return None
        return Markup(self.mark.inline(self.light))  # noqa: S704 -- marks.py lets nothing but shapes through

    def mail_mark(self, mode: str) -> Markup:
        """Return the mark as it stands in mails, which know no custom properties; nothing for a name only.

        Args:
            mode: ``light`` or ``dark``.
        """
        if self.mark is None:
            return Markup()
        drawn = self.mark.fixed(self.dark if mode == "dark" else self.light, size=_MAIL_MARK_PX)
        return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S704 -- as above

    def icon_svg(self) -> str:
        """Return the icon of the browser tab: the mark, or a plain square in the accent."""
        if self.mark is not None:
            return self.mark.fixed(self.light)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34">'
            f'<rect width="34" height="34" rx="8" fill="{self.light["accent"]}"/></svg>'
        )

    def _logo(self, name: str) -> str:
        return self.logos[name].fixed(self.dark if name == "logo-dark.svg" else self.light)

    def _sizes(self) -> dict[str, str]:
        """Return font sizes: steps in rem, the root in percent so that a reader's own size counts."""
        ratio = float(self.tokens["type.scale"])
        base = float(self.tokens["type.base_size"].removesuffix("px"))
        steps = {f"--step-{step}": f"{round(ratio**step, 4)}rem" for step in _STEPS}
        return {"--root-size": f"{base / _BROWSER_SIZE_PX:.2%}", **steps}


def read_theme(folder: Path) -> Theme:
    """Return the theme in a plugin's ``theme`` folder.

    Raises:
        ContentError: everything wrong with ``theme.toml`` and its pictures, with line and column.
    """
    reader = ThemeReader(folder / THEME_FILE)
    modes, tokens, proof = reader.read()
    mark = _drawing(reader, folder, "mark")
    logos = {
        "logo.svg": _drawing(reader, folder, "logo", "light"),
        "logo-dark.svg": _drawing(reader, folder, "logo", "dark"),
    }
    warnings = reader.finish()
    return Theme(
        reader.name,
        with_tints(modes["light"]),
        with_tints(modes["dark"]),
        tokens,
        proof,
        mark,
        {name: drawing for name, drawing in logos.items() if drawing is not None},
        warnings,
    )


def plain_theme() -> Theme:
    """Return the brandless look, for pages without a portal and for tests."""
    return read_theme(shared_folder("themes") / "plain")


def _drawing(reader: ThemeReader, folder: Path, *way: str) -> Drawing | None:
    name = reader.asset(*way)
    if name is None:
        return None
    try:
        return read_drawing(folder / name)
    except Fault as fault:
        reader.note(("assets", *way), "theme.asset", str(fault))
        return None


def _colour_properties(palette: Palette) -> dict[str, str]:
    colours = {f"--{name.replace('_', '-')}": colour for name, colour in palette.items()}
    shade = darker(palette["text"], palette["page"])  # light text would make a glow, not a shadow
    return {
        **colours,
        "--lift": f"0 1px 2px {translucent(shade, 8)}, 0 12px 32px -12px {translucent(shade, 22)}",
        "--veil": translucent(shade, 55),
    }


def _declarations(properties: Mapping[str, str], *, indent: str) -> str:
    return "".join(f"{indent}{name}: {value};\n" for name, value in properties.items())
