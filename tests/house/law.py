"""A law of the house: what it says, how a breach is found, and one line each that must pass and must fail."""

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]

#: Folders that are made, not written.
_MADE = {"__pycache__", "node_modules", "var", "dist", "build", "htmlcov"}
_TEXT = {
    ".py", ".toml", ".html", ".css", ".js", ".mjs", ".md", ".txt", ".po", ".pot", ".svg", ".json", ".jsonl",
    ".cfg", ".yml", ".yaml", ".sh", ".webmanifest", "",
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One file: its path from the root of the project, and what is in it."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def parts(self) -> tuple[str, ...]:
        return PurePosixPath(self.path).parts

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def is_kernel(self) -> bool:
        return self.path.startswith("crowdcore/")

    @property
    def is_plugin_code(self) -> bool:
        """Code of a plugin, its tests apart."""
        return self.path.startswith("plugins/") and self.path.endswith(".py") and "tests" not in self.parts

    @property
    def is_code(self) -> bool:
        """Python that runs in production."""
        return self.path.endswith(".py") and (self.is_kernel or self.is_plugin_code)

    @property
    def is_of_house(self) -> bool:
        """These tests themselves: their samples break every law on purpose."""
        return self.path.startswith("tests/house/")


@dataclass(frozen=True)
class Law:
    """One law.

    Args:
        says: the law in a sentence.
        binds: whether a file is under it.
        breaches: sentences for what is wrong in a file, each beginning with the line.
        good: (path, text) that keep it.
        bad: (path, text) that break it.
        exempt: path -> reason; an exemption that is not needed is a breach too.
    """

    says: str
    binds: Callable[[Page], bool]
    breaches: Callable[[Page], Iterator[str]]
    good: tuple[tuple[str, str], ...]
    bad: tuple[tuple[str, str], ...]
    exempt: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.says


@cache
def pages() -> tuple[Page, ...]:
    """Return every text file of the project that somebody wrote."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in _MADE and not _is_hidden(f) and not f.endswith(".egg-info"))
        for name in sorted(files):
            path = Path(folder) / name
            if path.suffix in _TEXT and (not name.startswith(".") or name == ".gitignore"):
                found.append(Page(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
    return tuple(found)


def _is_hidden(folder: str) -> bool:
    return folder.startswith(".") and folder != ".ci"


def code() -> Iterator[Page]:
    """Yield the Python files of kernel and plugins."""
    return (page for page in pages() if page.is_code)


def where(node: ast.AST) -> str:
    """Return the line a node begins at, as breaches write it."""
    return f"line {getattr(node, 'lineno', 0)}"


def imported(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Yield (statement, dotted name) for everything imported; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
