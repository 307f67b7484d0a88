"""Importing a plugin's module as ``crowdcore_plugins.<id>.<module>``, guarded: it cannot stop the others."""

from __future__ import annotations

import ast
import importlib
import sys
import threading
import traceback
from collections.abc import Iterator, Set as AbstractSet
from pathlib import Path
from types import ModuleType

from crowdcore.plugin.problems import ContentError, FileProblem, cut

PACKAGE = "crowdcore_plugins"
IMPORT_LIMIT_S = 10.0

_DOORS = ("crowdcore.plugin", "crowdcore.base")
_RISKY = frozenset({"subprocess", "ctypes", "multiprocessing", "signal", "socket"})


def package_name(plugin_id: str) -> str:
    """Return the package a plugin's modules are imported under."""
    return f"{PACKAGE}.{plugin_id.replace('-', '_')}"


def import_module(folder: Path, plugin_id: str, module: str, *, limit_s: float = IMPORT_LIMIT_S) -> ModuleType:
    """Import ``<folder>/<module>.py``.

    Raises:
        ContentError: ``plugin.import_failed`` with the last own line of the trace,
            ``plugin.import_exit`` or ``plugin.import_timeout``.
    """
    name = f"{_new_package(folder, plugin_id)}.{module}"
    outcome: list[ModuleType | BaseException] = []

    def run() -> None:
        try:
            outcome.append(importlib.import_module(name))
        except BaseException as error:  # noqa: BLE001 -- SystemExit at import is this plugin's failure only
            outcome.append(error)

    thread = threading.Thread(target=run, name=f"import-{plugin_id}", daemon=True)
    thread.start()
    thread.join(limit_s)
    path = folder / f"{module}.py"
    if not outcome:
        _forget(plugin_id)
        message = f"the import took longer than {limit_s:g} s"
        raise ContentError([FileProblem(str(path), 0, 0, "plugin.import_timeout", message)])
    if isinstance(outcome[0], BaseException):
        _forget(plugin_id)
        raise ContentError([_import_problem(outcome[0], folder, path)]) from outcome[0]
    return outcome[0]


def audit(folder: Path, packages: AbstractSet[str]) -> Iterator[FileProblem]:
    """Yield a warning for every import a plugin should do without; a hint for people, not a lock.

    Args:
        folder: the plugin's folder.
        packages: libraries its manifest declares.
    """
    for path in sorted(folder.glob("*.py")):
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (SyntaxError, ValueError):
            continue  # the import itself says it better
        for node in ast.walk(tree):
            for name in _imported(node):
                reason = _objection(name, packages)
                if reason:
                    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1
                    yield FileProblem(str(path), line, column, "plugin.audit", reason, warning=True)


def _new_package(folder: Path, plugin_id: str) -> str:
    """Make an empty package whose modules are the files of `folder`; an older one is forgotten."""
    _forget(plugin_id)
    name = package_name(plugin_id)
    for package, path in ((PACKAGE, []), (name, [str(folder.resolve())])):
        if package not in sys.modules:
            sys.modules[package] = ModuleType(package)
            sys.modules[package].__path__ = path
    importlib.invalidate_caches()
    return name


def _forget(plugin_id: str) -> None:
    name = package_name(plugin_id)
    for module in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[module]


def _import_problem(error: BaseException, folder: Path, path: Path) -> FileProblem:
    code = "plugin.import_exit" if isinstance(error, SystemExit) else "plugin.import_failed"
    message = f"{type(error).__name__}: {cut(str(error))}"
    if isinstance(error, SyntaxError) and error.filename:
        return FileProblem(error.filename, error.lineno or 0, error.offset or 1, code, message)
    own = str(folder.resolve())
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(own):
            shown = folder / Path(frame.filename).relative_to(own)
            return FileProblem(str(shown), frame.lineno or 0, 1, code, message)
    return FileProblem(str(path), 0, 0, code, message)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module


def _objection(name: str, packages: AbstractSet[str]) -> str:
    top = name.partition(".")[0]
    if top == "crowdcore":
        is_door = name in _DOORS or name.startswith("crowdcore.base.")
        return "" if is_door else f"imports {name}: the core's inside changes without notice"
    if top in _RISKY:
        return f"imports {name}: say in the README why"
    if top in sys.stdlib_module_names or top == PACKAGE or top in packages:
        return ""
    return f'imports {name}, which its manifest does not declare: [uses] packages = ["{top}"]'
