"""Finding plugins: folders on the plugin path and installed distributions; nothing is imported here."""

from __future__ import annotations

import importlib.util
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from crowdcore.base.errors import Fault
from crowdcore.plugin.manifest import MANIFEST, Manifest, read_manifest
from crowdcore.plugin.problems import ContentError, FileProblem

ENTRY_POINT_GROUP = "crowdcore.plugins"
MAX_DATA_FILE = 5_000_000
"""No file of a plugin is larger than five megabytes."""

_PLUGIN_FILES = ("*.toml", "*.py")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A folder that holds a plugin, or should.

    Args:
        folder: where it is.
        manifest: what it says about itself; None when that cannot be read.
        problems: what is wrong with manifest and folder.
    """

    folder: Path
    manifest: Manifest | None
    problems: tuple[FileProblem, ...]

    @property
    def id(self) -> str:
        """The plugin's id, or the folder's name when the manifest does not say."""
        return self.manifest.id if self.manifest else self.folder.name


def find(paths: Sequence[Path]) -> tuple[Candidate, ...]:
    """Return every plugin on `paths` and among the installed distributions, in loading order.

    Args:
        paths: folders that hold plugin folders, or are one.

    Raises:
        Fault: a path is no folder.
    """
    candidates = [_candidate(folder) for folder in _folders(paths)]
    return _ordered(_without_twins(candidates))


def _folders(paths: Sequence[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for folder in (*_on_path(paths), *_installed()):
        if folder.resolve() not in seen:
            seen.add(folder.resolve())
            yield folder


def _on_path(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            raise Fault(f"plugin path {str(path)!r} is no folder; correct CROWDCORE_PLUGIN_PATH")
        if (path / MANIFEST).exists():
            yield path
            continue
        for folder in sorted(path.iterdir()):
            is_hidden = folder.name.startswith((".", "__"))
            if folder.is_dir() and not is_hidden and any(any(folder.glob(p)) for p in _PLUGIN_FILES):
                yield folder


def _installed() -> Iterator[Path]:
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        yield _folder_of(entry_point)


def _folder_of(entry_point: EntryPoint) -> Path:
    """Return the package folder an entry point names (``acme_crowd.portal``), without importing it."""
    top, *rest = entry_point.value.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise Fault(f"entry point {entry_point.name!r} names {entry_point.value!r}, which is no package")
    return Path(spec.submodule_search_locations[0]).joinpath(*rest)


def _candidate(folder: Path) -> Candidate:
    problems = list(_folder_problems(folder))
    try:
        manifest = read_manifest(folder)
    except ContentError as error:
        return Candidate(folder, None, (*error.problems, *problems))
    if manifest.module and not problems:
        problems.extend(_module_problems(folder, manifest))
    return Candidate(folder, manifest, tuple(problems))


def _folder_problems(folder: Path) -> Iterator[FileProblem]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        for name in (*folders, *files):
            path = Path(place, name)
            if path.is_symlink():
                yield FileProblem(str(path), 0, 0, "plugin.symlink", "a plugin has no symbolic links")
            elif path.is_file() and path.stat().st_size > MAX_DATA_FILE:
                message = f"the file has {path.stat().st_size} bytes, at most {MAX_DATA_FILE}"
                yield FileProblem(str(path), 0, 0, "plugin.file_too_large", message)


def _module_problems(folder: Path, manifest: Manifest) -> Iterator[FileProblem]:
    module = str(manifest.module)
    if not (folder / f"{module}.py").is_file() and not (folder / module / "__init__.py").is_file():
        message = f"[code] names module {module!r}, but there is no {module}.py"
        yield FileProblem(str(folder / MANIFEST), 0, 0, "file.not_found", message)


def _without_twins(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Note plugins of one id with each other; none of them is loaded."""
    places: dict[str, list[str]] = defaultdict(list)
    for candidate in candidates:
        if candidate.manifest is not None:
            places[candidate.id].append(str(candidate.folder))
    checked = []
    for candidate in candidates:
        others = [place for place in places[candidate.id] if place != str(candidate.folder)]
        message = f"plugin {candidate.id!r} is also in {', '.join(others)}; none of them is loaded"
        is_twin = candidate.manifest is not None and others
        checked.append(_with(candidate, "plugin.duplicate", message) if is_twin else candidate)
    return checked


def _ordered(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sort by `after` and `before`, ties by id; circles and missing plugins are noted where they belong."""
    manifests = {found.id: found.manifest for found in candidates if found.manifest is not None}
    order, circles = _loading_order(manifests)
    rank = {plugin_id: place for place, plugin_id in enumerate(order)}
    checked = []
    for candidate in candidates:
        needs = candidate.manifest.after if candidate.manifest else frozenset()
        for name in sorted(needs - set(manifests)):
            message = f"plugin {candidate.id!r} comes after {name!r}, which is not there"
            candidate = _with(candidate, "plugin.dependency", message)  # noqa: PLW2901 -- with one more problem
        for circle in circles:
            if candidate.id in circle:
                message = f"the order is a circle: {' -> '.join(circle)}"
                candidate = _with(candidate, "plugin.dependency", message)  # noqa: PLW2901 -- see above
        checked.append(candidate)
    return tuple(sorted(checked, key=lambda found: (rank.get(found.id, len(rank)), found.id)))


def _loading_order(manifests: Mapping[str, Manifest]) -> tuple[list[str], list[list[str]]]:
    """Return the ids in loading order, and the circles that had to be left out of it."""
    needs = {plugin_id: set(manifests[plugin_id].after) & set(manifests) for plugin_id in sorted(manifests)}
    for plugin_id, manifest in manifests.items():
        for later in manifest.before & set(manifests):
            needs[later].add(plugin_id)
    circles: list[list[str]] = []
    while True:
        try:
            return _sorted(needs), circles
        except CycleError as error:
            circle = [str(name) for name in error.args[1]]
            circles.append(circle)
            needs = {name: before - set(circle) for name, before in needs.items() if name not in circle}


def _sorted(needs: Mapping[str, set[str]]) -> list[str]:
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order


def _with(candidate: Candidate, code: str, message: str) -> Candidate:
    problem = FileProblem(str(candidate.folder / MANIFEST), 0, 0, code, message)
    return Candidate(candidate.folder, candidate.manifest, (*candidate.problems, problem))
