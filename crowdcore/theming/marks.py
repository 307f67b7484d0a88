"""Marks: a partner's SVG, cleaned to plain shapes, that follows light and dark on the page.

A mark is written into pages, where a script in it would be the portal's own script. So nothing is
filtered out: a file with anything but shapes is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from crowdcore.base.errors import Fault
from crowdcore.theming.proof import Palette

LARGEST = 60_000
"""A mark or logo has at most 60 kB."""

_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_SILENT = {"title", "desc", "metadata"}
_GEOMETRY = {
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"),
    *("viewBox", "d", "points", "transform", "fill-rule", "clip-rule"),
    *("opacity", "fill-opacity", "stroke-opacity", "stroke-width"),
    *("stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray"),
}
_NAMING = {"role", "aria-label", "aria-hidden", "id", "version", "focusable"}
_COLOURS = {"fill", "stroke"}
_PLAIN = re.compile(r"[\w\s.,()#%+-]*")


#: Attribute and colour in, attribute and what to write out.
Paint = Callable[[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A cleaned SVG.

    Args:
        root: the shapes, without names and sizes.
    """

    root: ElementTree.Element

    def inline(self, roles: Palette) -> str:
        """Return the markup for pages; accent and on_accent of the light `roles` follow the mode."""

        def live(name: str, value: str) -> tuple[str, str]:
            if value.upper() == roles["on_accent"]:
                return "class", f"p-mark__{name}"
            return name, "currentColor" if value.upper() == roles["accent"] else value

        root = _painted(self.root, live)
        root.set("aria-hidden", "true")
        return ElementTree.tostring(root, encoding="unicode")

    def fixed(self, roles: Palette, *, size: int | None = None) -> str:
        """Return a file of its own with plain colours, for the browser tab, for mails and for templates.

        Args:
            roles: of the mode it is shown in.
            size: width and height in pixels, where no style sheet gives it any.
        """
        root = _painted(self.root, lambda name, value: (name, roles["accent"] if value == "currentColor" else value))
        root.set("xmlns", "http://www.w3.org/2000/svg")
        if size is not None:
            root.set("width", str(size))
            root.set("height", str(size))
        return ElementTree.tostring(root, encoding="unicode")


def read_drawing(path: Path) -> Drawing:
    """Return the drawing at `path`.

    Raises:
        Fault: missing, too large, no SVG, or anything in it but shapes.
    """
    if not path.is_file():
        raise Fault(f"{path} is missing")
    text = path.read_text(encoding="utf-8")
    if len(text) > LARGEST:
        raise Fault(f"{path} has {len(text)} characters, at most {LARGEST}; simplify the drawing")
    if re.search(r"<!(DOCTYPE|ENTITY)|<\?xml-stylesheet", text, re.IGNORECASE):
        raise Fault(f"{path} declares a document type or a style sheet; save it as plain SVG")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 -- see the import
    except ElementTree.ParseError as error:
        raise Fault(f"{path} is no SVG: {error}") from error
    if root.tag != f"{_SVG}svg" or not root.get("viewBox"):
        raise Fault(f"{path} must be an <svg> in the SVG namespace with a viewBox")
    return Drawing(_cleaned(root, path))


def _cleaned(element: ElementTree.Element, path: Path) -> ElementTree.Element:
    tag = element.tag.removeprefix(_SVG)
    if tag not in _SHAPES:
        raise Fault(f"{path}: <{tag}> is not allowed in a mark; only {', '.join(sorted(_SHAPES))}")
    clean = ElementTree.Element(tag)
    for name, value in element.attrib.items():
        if name in _NAMING or (tag == "svg" and name in {"width", "height"}):
            continue
        if name not in _GEOMETRY | _COLOURS or not _PLAIN.fullmatch(value) or "url" in value.lower():
            raise Fault(f"{path}: {name}={value!r} is not allowed in a mark; use plain shapes and colours")
        clean.set(name, value)
    clean.extend([_cleaned(child, path) for child in element if child.tag.removeprefix(_SVG) not in _SILENT])
    return clean


def _painted(element: ElementTree.Element, paint: Paint) -> ElementTree.Element:
    """Return a copy in which every fill and stroke went through `paint`."""
    copy = ElementTree.Element(element.tag)
    inherited = {"fill": "currentColor"} if element.tag == "svg" else {}
    for name, value in {**inherited, **element.attrib}.items():
        new, painted = paint(name, value) if name in _COLOURS else (name, value)
        before = copy.get(new, "")
        copy.set(new, f"{before} {painted}" if new == "class" and before else painted)
    copy.extend([_painted(child, paint) for child in element])
    return copy
