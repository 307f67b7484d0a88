"""A partner that nobody has heard of: the example plugin under a name, colours and a host of its own.

It stands beside the shipped partners. A word of it on one of their pages, or one of theirs on its pages, came
from somewhere it should not have.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.conftest import ROOT

ID = "zyxqa"
BRAND = "Zyxqa"
HOST = f"{ID}.localhost"
SERVICE = "tv-setup"
COLOURS = {"#1D4E89": "#0B6B47", "#7FB0FF": "#63D3A4", "#16202C": "#14201B", "#F2F5FB": "#F1FAF5"}
"""Colours of the example -> colours that no other theme has."""

PHONE = "+41 800 000 077"
MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34"><path fill="currentColor" '
    'd="M4 4h26v7L15 23h15v7H4v-7l15-12H4z"/></svg>'
)
_TEXT_FILES = {".toml", ".md", ".po", ".html", ".svg", ".txt"}


def write(folder: Path) -> Path:
    """Write the canary's plugin below `folder` and return its folder."""
    target = folder / ID
    shutil.copytree(ROOT / "tests/plugin/example_plugin", target)
    for path in target.rglob("*"):
        if path.suffix in _TEXT_FILES:
            path.write_text(_renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    theme = target / "theme"
    (theme / "mark.svg").write_text(MARK)
    file = theme / "theme.toml"
    file.write_text(
        file.read_text().replace('parent = "base"\n', 'parent = "base"\n\n[assets]\nmark = "mark.svg"\n', 1)
    )
    return target


def _renamed(text: str) -> str:
    text = re.sub(r"\bbeispiel(?=[.\"/@-])", ID, text)
    text = text.replace("Beispiel", BRAND).replace("+41 800 000 099", PHONE)
    for old, new in COLOURS.items():
        text = text.replace(old, new)
    return text
