"""`crowdcore i18n`: finds messages, brings the `.po` files in step, checks that they may ship."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crowdcore.i18n.catalogs import Source


@click.group(name="i18n")
def i18n() -> None:
    """Texts of the kernel and of the plugins, in German, French and English."""


@i18n.command()
@click.argument("plugins", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def extract(plugins: tuple[Path, ...]) -> None:
    """Write all messages into the .pot files (of the kernel and all plugins, or of the PLUGINS named)."""
    from crowdcore.i18n import catalogs

    for source in _sources(plugins):
        if catalogs.extract(source):
            click.echo(f"written: {source.template}")


@i18n.command()
@click.argument("plugins", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def update(plugins: tuple[Path, ...]) -> None:
    """Bring the .po files in step with the .pot files; new messages stay empty."""
    from crowdcore.i18n import catalogs

    for source in _sources(plugins):
        for path in catalogs.update(source):
            click.echo(f"written: {path}")


@i18n.command()
@click.argument("plugins", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(plugins: tuple[Path, ...]) -> None:
    """Say what is missing or wrong, with file and line; fails if there is anything."""
    from crowdcore.i18n import catalogs

    findings = [finding for source in _sources(plugins) for finding in catalogs.check(source)]
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} things to repair")
    click.echo("All texts are complete.")


def _sources(plugins: tuple[Path, ...]) -> list[Source]:
    """Return the sources to work on: those named, else the kernel and every plugin folder found."""
    from crowdcore.i18n.catalogs import core_source, plugin_source
    from crowdcore.settings import settings

    if plugins:
        return [plugin_source(folder.resolve()) for folder in plugins]
    folders = sorted(path.parent for folder in settings().plugin_folders for path in folder.glob("*/plugin.toml"))
    return [core_source(), *(plugin_source(folder.resolve()) for folder in folders)]
