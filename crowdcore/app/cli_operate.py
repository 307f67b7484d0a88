"""Commands for whoever runs an installation: migrate, check, doctor, staff."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import click

from crowdcore.app.cli import INVALID
from crowdcore.base.errors import Fault


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


@click.group()
def staff() -> None:
    """Who works in a partner's console."""


@staff.command()
@click.argument("email")
@click.option("--partner", required=True, help="Partner id, e.g. quartier.")
@click.option("--role", type=click.Choice(["agent", "admin"]), default="agent", show_default=True)
@click.option("--name", default="", help="As colleagues read it.  [default: from the address]")
@click.option("--language", type=click.Choice(["de", "fr", "en"]), default="de", show_default=True)
def add(*, email: str, partner: str, role: str, name: str, language: str) -> None:
    """Give EMAIL a role; the person then signs in with a code sent to that address."""
    asyncio.run(_add_staff(email, partner, role, name, language))
    click.echo(f"{email} is {role} of {partner}; sign in at /{language}/sign-in")


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


async def _add_staff(email: str, partner: str, role: str, name: str, language: str) -> None:
    from crowdcore.accounts.rules import Role
    from crowdcore.accounts.service import open_account
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import require
    from crowdcore.db.scope import partner_scope
    from crowdcore.plugin.loader import load
    from crowdcore.settings import settings

    partners = load(settings().plugin_folders).portals
    if partner not in partners:
        raise Fault(f"there is no partner {partner!r}; there are: {', '.join(partners)}")
    async with open_database(settings()) as database:
        await require(database, settings())
        with partner_scope(partner):
            await open_account(email=email, name=name, language=language, roles=frozenset({Role(role)}))


async def _makemigration(name: str) -> None:
    from crowdcore.db.config import open_database
    from crowdcore.db.migrate import make_migration
    from crowdcore.settings import settings

    async with open_database(settings()) as context:
        written = await make_migration(context, settings(), name=name)
    click.echo("\n".join(written) or "nothing has changed")


async def _check(*, quiet: bool) -> list[dict[str, Any]]:
    from crowdcore.app.invariants import violations
    from crowdcore.db.config import damage, open_database
    from crowdcore.db.migrate import require
    from crowdcore.settings import settings

    async with open_database(settings()) as database:
        if sign := await damage(database, settings()):
            raise Fault(f"{settings().sqlite_path} is damaged ({sign}); restore it from a backup")
        await require(database, settings())
        found = await violations(quiet=quiet)
    return [
        {"id": v.invariant.id, "law": v.invariant.law, "count": len(v.ids), "examples": list(v.ids[:5])} for v in found
    ]
