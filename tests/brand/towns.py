"""Portals with people and jobs in every state: shipped ones, and if wished the canary beside them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from crowdcore.app.mail import kernel_defaults
from crowdcore.app.routes import MENU
from crowdcore.base.clock import FakeClock, use_clock
from crowdcore.db.config import open_database
from crowdcore.db.scope import partner_scope
from crowdcore.partners.service import open_portals, use_portals
from crowdcore.settings import Settings, use_settings
from crowdcore.web.menu import use_menu
from tests import kit
from tests.brand import canary
from tests.conftest import ROOT, START
from tests.routes import town

WORDS = {"swisscom": "Zwillizk", "energy": "Mrambuk", "electronics": "Gnorbex", canary.ID: "Vulpodo"}
"""What people of each town put into names, streets and notes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Towns:
    """The towns by partner, and the settings and the clock their application runs with."""

    of: Mapping[str, town.Town]
    settings: Settings
    clock: FakeClock

    @property
    def mails(self) -> Path:
        """Where the mails of all lives lie, one folder per partner."""
        return self.settings.var_dir / "mail"


@contextmanager
def opened_towns(
    folder: Path,
    *,
    empty: Settings,
    gazetteer: Path,
    partners: Sequence[str],
    public_port: int = 0,
    newcomers: int = 0,
    quiet: Sequence[str] = (),
) -> Iterator[Towns]:
    """Build the towns of these partners; database, portals, clock and settings are theirs until the end.

    Args:
        folder: where everything is kept.
        empty: an installation with a migrated, empty SQLite file.
        gazetteer: the places.
        partners: whose towns; all portals are open, the canary's too if it is among these.
        public_port: of the addresses that portals write, if they are really served.
        newcomers: so many customers, Friends and learners per town with nothing to do yet.
        quiet: partners in whose towns nothing has happened yet; only an agent and the newcomers live there.
    """
    plugins = [ROOT / "plugins"]
    if canary.ID in partners:
        canary.write(folder / "plugins")
        plugins.append(folder / "plugins")
    chosen = Settings(
        var_dir=folder,
        secret="test",
        plugin_path=os.pathsep.join(map(str, plugins)),
        public_scheme="http",
        public_port=public_port,
        embedded_worker=False,
        rate_limits=False,
    )
    chosen.sqlite_path.write_bytes(empty.sqlite_path.read_bytes())
    chosen.gazetteer_path.write_bytes(gazetteer.read_bytes())
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("CROWDCORE_SWISSCOM_TICKET_URL", "http://tickets.localhost/tickets")
        patch.setitem(kit.BOOKABLE, canary.ID, canary.SERVICE)
        for partner, word in WORDS.items():
            patch.setitem(town.WORDS, partner, word)
        clock = FakeClock(START)
        stack.enter_context(use_clock(clock))
        use_settings(chosen)
        use_menu(MENU)
        open_portals(chosen, defaults=kernel_defaults(chosen))
        yield Towns(asyncio.run(_build(chosen, clock, partners, newcomers, quiet)), chosen, clock)
        use_portals({})
        use_menu(())
        use_settings(None)


async def _build(
    chosen: Settings, clock: FakeClock, partners: Sequence[str], newcomers: int, quiet: Sequence[str]
) -> dict[str, town.Town]:
    async with open_database(chosen), kit.World.open(chosen, clock) as world:
        return {partner: await _town(world, partner, newcomers, is_quiet=partner in quiet) for partner in partners}


async def _town(world: kit.World, partner: str, newcomers: int, *, is_quiet: bool) -> town.Town:
    people: dict[str, kit.Person] = {}
    built = await _quiet(world, partner, people) if is_quiet else await town.build(world, partner)
    for number in range(newcomers):
        people[f"customer{number}"] = await world.customer(partner, name=f"Kim Muster {number}")
        people[f"friend{number}"] = await world.friend(partner, name=f"Robin Muster {number}")
        people[f"learner{number}"] = await world.friend(partner, name=f"Luca Muster {number}", service=None)
    builder = town._Builder(world, partner)
    with partner_scope(partner):
        signed_in = {key: await builder._someone(key, person) for key, person in people.items()}
    return dataclasses.replace(built, people={**built.people, **signed_in})


async def _quiet(world: kit.World, partner: str, people: dict[str, kit.Person]) -> town.Town:
    people["agent"] = await world.agent(partner, name="Agnes Muster")
    return town.Town(partner, WORDS[partner], {}, {"service": kit.BOOKABLE[partner]}, {})
