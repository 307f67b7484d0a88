"""Where the shared files lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from crowdcore.base.errors import Fault

PACKAGE = Path(__file__).resolve().parent.parent

SharedName = Literal["themes", "locales"]


@cache
def shared_folder(name: SharedName) -> Path:
    """Return the folder `name` that all portals share.

    A wheel carries it as ``crowdcore/_themes``; an editable install does not map it, so the folder
    beside the package is looked at next.

    Raises:
        Fault: neither place has it; the installation is incomplete.
    """
    places = (PACKAGE / f"_{name}", PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise Fault(f"the folder '{name}' is missing (looked at {looked}); install crowdcore again")


def checkout() -> Path:
    """Return the root of the source checkout this process runs from.

    Raises:
        Fault: crowdcore is installed as a package, so there are no sources to write to.
    """
    root = PACKAGE.parent
    if (root / "pyproject.toml").is_file() and (root / "locales").is_dir():
        return root
    raise Fault("this command changes source files; run it in a checkout of crowdcore")
