"""The command line. Each command's module is loaded only when the command is called.

Exit codes: 0 done, 2 typed wrongly, 3 a file or the data is wrong, 5 the environment or storage is wrong,
6 a conflict, 70 a bug.
"""

from __future__ import annotations

import importlib
import sys
from difflib import get_close_matches

import click

INVALID, ENVIRONMENT, CONFLICT, BUG = 3, 5, 6, 70

#: name -> (module and attribute, one line of help); the help stands here so that listing imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("crowdcore.app.cli_operate:check", "Check that the data keeps every law (invariants)."),
    "demo": ("crowdcore.app.cli_demo:demo", "Three portals on this machine, with people and jobs to try."),
    "doctor": ("crowdcore.app.cli_operate:doctor", "Say what is wrong with this installation, and the remedy."),
    "i18n": ("crowdcore.app.cli_i18n:i18n", "Texts in German, French and English: extract, update, check."),
    "makemigration": ("crowdcore.app.cli_operate:makemigration", "Write a migration for changed tables (developers)."),
    "migrate": ("crowdcore.app.cli_operate:migrate", "Bring the database's schema up to date."),
    "places": ("crowdcore.app.cli_places:places", "Build and search the offline gazetteer."),
    "plugin": ("crowdcore.app.cli_plugin:plugin", "List plugins, and say what is wrong with their files."),
    "serve": ("crowdcore.app.cli_serve:serve", "Serve all portals."),
    "staff": ("crowdcore.app.cli_operate:staff", "Give somebody a role in a partner's console."),
    "work": ("crowdcore.app.cli_serve:work", "Run a worker as a process of its own."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        """Load one command, or return None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed, or name the nearest one."""
        typed = args[0]
        if typed not in COMMANDS and not typed.startswith("-"):
            near = get_close_matches(typed, COMMANDS, 1, 0.6)
            ctx.fail(f"No such command '{typed}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crowdcore", prog_name="crowdcore")
def cli() -> None:
    """Branded portals for crowd service: book, dispatch to neighbours, accept, do, rate."""


def main() -> None:
    """Run the command line; a fault is told in one sentence, never as a traceback."""
    from crowdcore.base.errors import Fault, Refusal

    try:
        cli(standalone_mode=True)
    except Fault as fault:
        click.echo(f"crowdcore: {fault}", err=True)
        sys.exit(ENVIRONMENT)
    except Refusal as refusal:
        click.echo(f"crowdcore: {refusal}", err=True)
        sys.exit(CONFLICT)
