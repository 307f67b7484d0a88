"""`crowdcore plugin`: which plugins there are, what is wrong with their files, and how a new one begins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crowdcore.app.cli import INVALID

if TYPE_CHECKING:
    from crowdcore.plugin.loader import Loaded, LoadedPlugin
    from crowdcore.plugin.problems import FileProblem


@click.group()
def plugin() -> None:
    """List plugins, say what is wrong with their files, begin a new one."""


@plugin.command(name="list")
def list_plugins() -> None:
    """List every plugin found, with version and state."""
    for one in _loaded().plugins:
        click.echo(f"{one.id:<16} {one.state:<14} {one.folder}")


@plugin.command()
@click.argument("name", required=False)
def hooks(name: str | None) -> None:
    """List the hooks of this core with their contracts, or explain the one called NAME."""
    from crowdcore.base.errors import Fault
    from crowdcore.plugin.contract import CONTRACTS  # the package declares all hooks when it is imported
    from crowdcore.plugin.problems import did_you_mean

    if name is None:
        click.echo(f"{'hook':<20} {'combine':<8} {'on error':<9} {'limit':>7}  since")
        for one in CONTRACTS.values():
            click.echo(f"{one.name:<20} {one.combine:<8} {one.on_error:<9} {one.limit_s:>5g} s  {one.since}")
        return
    if name not in CONTRACTS:
        raise Fault(f"there is no hook {name!r}; {did_you_mean(name, CONTRACTS) or 'see: crowdcore plugin hooks'}")
    found = CONTRACTS[name]
    click.echo(f"{found.name}({', '.join(found.params)})\n\n{found.doc}")


@plugin.command()
@click.argument("plugin_id", required=False)
def check(plugin_id: str | None) -> None:
    """Check files, looks, words and templates of PLUGIN_ID, or of all: path:line:column of each problem."""
    from crowdcore.base.errors import Fault

    loaded = _loaded()
    if plugin_id is not None and plugin_id not in {one.id for one in loaded.plugins}:
        raise Fault(f"there is no plugin {plugin_id!r}; there are: {', '.join(one.id for one in loaded.plugins)}")
    chosen = [one for one in loaded.plugins if plugin_id in {None, one.id}]
    problems = [problem for one in chosen for problem in (*one.problems, *_faces(one, loaded))]
    for problem in problems:
        click.echo(str(problem))
    wrong = [p for p in problems if not p.warning]
    click.echo(f"{_count(len(wrong), 'problem')}, {_count(len(problems) - len(wrong), 'warning')}")
    sys.exit(INVALID if wrong else 0)


@plugin.command()
@click.argument("plugin_id")
@click.option("--brand", required=True, help="The word customers know the partner by.")
@click.option("--colour", default="#28527A", show_default=True, help="The brand's colour, as #rrggbb.")
@click.option("--host", help="Host name of the portal.  [default: PLUGIN_ID.localhost]")
@click.option("--region", "regions", multiple=True, default=("CH-BE",), show_default=True, help="May be repeated.")
@click.option("--code", is_flag=True, help="With hooks.py and tests, for partners that decide something in code.")
def new(*, plugin_id: str, brand: str, colour: str, host: str | None, regions: tuple[str, ...], code: bool) -> None:
    """Begin a partner: a folder with a whole portal in three languages, in the partner's colour."""
    from crowdcore.app.new_plugin import NewPlugin
    from crowdcore.settings import settings

    folder = settings().plugin_folders[0]
    host = host or f"{plugin_id}.localhost"
    begun = NewPlugin(id=plugin_id, brand=brand, colour=colour, host=host, regions=regions, code=code)
    for path in begun.write(folder):
        click.echo(f"written: {path}")
    click.echo(f"\nCheck it:    crowdcore plugin check {plugin_id}")
    click.echo(f"Look at it:  crowdcore serve, then http://{host}:8000")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")


def _faces(one: LoadedPlugin, loaded: Loaded) -> tuple[FileProblem, ...]:
    """Return what is wrong with looks, words and templates of a plugin that has a portal."""
    from crowdcore.base.errors import Fault
    from crowdcore.base.folders import shared_folder
    from crowdcore.i18n.translations import CORE_DOMAIN, Domain
    from crowdcore.partners.service import build_portal
    from crowdcore.plugin.problems import ContentError, FileProblem
    from crowdcore.settings import settings

    if one.portal is None:
        return ()
    try:
        core = Domain.read(shared_folder("locales"), CORE_DOMAIN)
        return build_portal(one.portal, loaded, core, settings()).theme.warnings
    except ContentError as error:
        return error.problems
    except Fault as fault:
        return (FileProblem(str(one.folder), 0, 0, "portal.fault", str(fault)),)


def _loaded() -> Loaded:
    from crowdcore.plugin.loader import load
    from crowdcore.settings import settings

    return load(settings().plugin_folders)
