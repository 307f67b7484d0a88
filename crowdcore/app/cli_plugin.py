"""`crowdcore plugin`: which plugins there are, and what is wrong with their files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crowdcore.app.cli import INVALID

if TYPE_CHECKING:
    from crowdcore.plugin.loader import Loaded


@click.group()
def plugin() -> None:
    """List plugins, and say what is wrong with their files."""


@plugin.command(name="list")
def list_plugins() -> None:
    """List every plugin found, with version and state."""
    for one in _loaded().plugins:
        click.echo(f"{one.id:<16} {one.state:<14} {one.folder}")


@plugin.command()
@click.argument("plugin_id", required=False)
def check(plugin_id: str | None) -> None:
    """Check the files of PLUGIN_ID, or of all: one line per problem, as path:line:column."""
    loaded = _loaded()
    problems = [p for p in loaded.problems if plugin_id is None or f"/{plugin_id}/" in str(p)]
    for problem in problems:
        click.echo(str(problem))
    wrong = [p for p in problems if not p.warning]
    click.echo(f"{len(wrong)} problems, {len(problems) - len(wrong)} warnings")
    sys.exit(INVALID if wrong else 0)


def _loaded() -> Loaded:
    from crowdcore.plugin.loader import load
    from crowdcore.settings import settings

    return load(settings().plugin_folders)
