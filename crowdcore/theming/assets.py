"""Static files with addresses that hold their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.plugin.problems import did_you_mean

PREFIX = "/_s"
BRAND = "brand"
"""A partner's own files stand under this name: ``brand/hero.webp``; they never hide a shared file."""


class StaticFiles:
    """The shared files of ``themes/base/static`` and a partner's ``theme/static``."""

    def __init__(self, brand_folder: Path | None = None) -> None:
        """Read all files once; a file that changes needs a new start.

        Args:
            brand_folder: a partner's ``theme/static``; may be missing.
        """
        self._paths = dict(_files(shared_folder("themes") / "base" / "static"))
        if brand_folder is not None and brand_folder.is_dir():
            self._paths |= {f"{BRAND}/{name}": path for name, path in _files(brand_folder)}
        self._urls = {name: f"{PREFIX}/{_hash(path)}/{name}" for name, path in self._paths.items()}
        self._by_url = {url: self._paths[name] for name, url in self._urls.items()}

    def url(self, name: str) -> str:
        """Return the address of ``base.css`` or ``brand/hero.webp``; Fault for a name that is not there."""
        url = self._urls.get(name)
        if url is None:
            hint = did_you_mean(name, self._urls) or f"there are {', '.join(sorted(self._urls))}"
            raise Fault(f"no static file '{name}'; {hint}")
        return url

    def path_of(self, url: str) -> Path | None:
        """Return the file that an address names, or None; an old hash names nothing."""
        return self._by_url.get(url)

    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(self._paths)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
