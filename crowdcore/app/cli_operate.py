"""Commands for whoever runs an installation: migrate, check, doctor."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import click

from crowdcore.app.cli import INVALID


@click.command()
def migrate() -> None:
    """Apply every missing migration; safe to call from several processes at once."""
    asyncio.run(_migrate())


@click.command()
@click.argument("name")
def makemigration(name: str) -> None:
    """Write a migration called NAME for what changed in the tables (for developers of the kernel)."""
    asyncio.run(_makemigration(name))


@click.command()
@click.option("--quiet-state", is_flag=True, help="Also check the laws of quiet: nothing that is due waits.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def check(*, quiet_state: bool, as_json: bool) -> None:
    """Check the data against every law; ends with 3 if one is broken."""
    found = asyncio.run(_check(quiet=quiet_state))
    if as_json:
        click.echo(json.dumps(found))
    else:
        for row in found:
            examples = ", ".join(list(row["examples"]))
            click.echo(f"{row['id']}: broken: {row['law']} ({row['count']}: {examples})")
        click.echo("every law holds" if not found else f"{len(found)} laws are broken")
    sys.exit(INVALID if found else 0)


@click.command()
def doctor() -> None:
    """Look at everything an installation needs; ends with 3 if something is wrong."""
    from crowdcore.app.examine import Finding, examine

    findings = asyncio.run(examine())
    for finding in findings:
        mark = {Finding.OK: "ok     ", Finding.WARNING: "warning", Finding.WRONG: "WRONG  "}[finding.grade]
        click.echo(f"{mark} {finding.what}" + (f"\n        {finding.remedy}" if finding.remedy else ""))
    sys.exit(INVALID if any(f.grade == Finding.WRONG for f in findings) else 0)


async def _migrate() -> None:
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import migrate as apply
    from crowdcore.settings import settings

    async with open_database(settings()) as context:
        applied: list[str] = []
        await apply(context, settings(), progress=applied.append)
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the schema is up to date")


async def _makemigration(name: str) -> None:
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import make_migration
    from crowdcore.settings import settings

    async with open_database(settings()) as context:
        written = await make_migration(context, settings(), name=name)
    click.echo("\n".join(written) or "nothing has changed")


async def _check(*, quiet: bool) -> list[dict[str, Any]]:
    from crowdcore.app.invariants import violations
    from crowdcore.db.config import open_database
    from crowdcore.settings import settings

    async with open_database(settings()):
        found = await violations(quiet=quiet)
    return [
        {"id": v.invariant.id, "law": v.invariant.law, "count": len(v.ids), "examples": list(v.ids[:5])} for v in found
    ]
