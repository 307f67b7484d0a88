"""Migrations run once however many start them, can be taken back, and agree with the models."""

import asyncio
import importlib
import sys
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationTarget

from crowdcore.db import migrations
from crowdcore.db.config import APP, open_database, tortoise_config
from crowdcore.db.migrate import SafeExecutor, make_migration, migrate, pending
from tests.conftest import ON_POSTGRES

ALL_STEPS = sorted(path.stem for path in Path(migrations.__file__).parent.glob("0*.py"))
MODULES = [importlib.import_module(f"crowdcore.db.migrations.{name}") for name in ALL_STEPS]
REFERENCES = [one for step in MODULES for one in getattr(step, "REFERENCES", ())]
UNIQUE_WHILE_LIVE = [one for step in MODULES for one in getattr(step, "UNIQUE_WHILE_LIVE", ())]


async def test_what_is_pending_is_applied_once_and_told(fresh):
    told = []
    async with open_database(fresh) as context:
        assert await pending(context, fresh) == ALL_STEPS
        await migrate(context, fresh, progress=told.append)
        assert told == ALL_STEPS
        assert await pending(context, fresh) == []
        await migrate(context, fresh, progress=told.append)
        assert told == ALL_STEPS


async def test_models_and_migrations_agree(fresh):
    """Somebody changed a table and forgot the migration: `crowdcore db make-migration` would write one."""
    async with open_database(fresh) as context:
        changes = await MigrationAutodetector(context.apps, tortoise_config(fresh)["apps"]).changes()
        assert await make_migration(context, fresh, name="nothing") == []
    assert [one.name for one in changes if one.app_label == APP] == []


async def names(context: TortoiseContext) -> set[str]:
    """Return the names of all constraints, indexes and triggers."""
    if ON_POSTGRES:
        query = "SELECT conname AS name FROM pg_constraint UNION SELECT indexname FROM pg_indexes"
    else:
        query = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
    return {row["name"] for row in await context.db().execute_query_dict(query)}


async def test_every_reference_and_every_live_key_is_in_the_database(fresh):
    async with open_database(fresh) as context:
        await migrate(context, fresh)
        known = await names(context)
    for child, column, parent in REFERENCES:
        if ON_POSTGRES:
            assert f"fk_{child}_{column}" in known
        else:
            assert {f"fk_{child}_{column}_{on}" for on in ("insert", "update")} <= known
            assert f"fk_{parent}_{child}_{column}_delete" in known
    assert {name for name, _, _, _ in UNIQUE_WHILE_LIVE} <= known


async def test_references_can_be_taken_back(fresh):
    async with open_database(fresh) as context:
        await migrate(context, fresh)
        back = MigrationTarget(app_label=APP, name="0001_initial")
        await SafeExecutor(context.db(), tortoise_config(fresh)["apps"]).migrate([back])
        assert not {name for name in await names(context) if name.startswith("fk_")}
        assert await pending(context, fresh) == ALL_STEPS[1:]
        await migrate(context, fresh)
        assert await pending(context, fresh) == []


MIGRATOR = """
import asyncio, sys
from pathlib import Path
from crowdcore.db.config import open_database
from crowdcore.db.migrate import migrate, pending
from crowdcore.settings import Settings, use_settings

async def main():
    settings = Settings(var_dir=Path(sys.argv[1]), database_url=sys.argv[2], secret="test")
    use_settings(settings)
    async with open_database(settings) as context:
        await migrate(context, settings, progress=lambda name: print(name, flush=True))
        assert await pending(context, settings) == []

asyncio.run(main())
"""


async def test_three_processes_that_start_at_once_apply_every_step_once(fresh):
    command = [sys.executable, "-W", "error", "-c", MIGRATOR, str(fresh.var_dir), fresh.database_url]
    pipe = asyncio.subprocess.PIPE
    processes = [await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe) for _ in range(3)]
    outputs = await asyncio.wait_for(asyncio.gather(*(one.communicate() for one in processes)), 60)
    assert [one.returncode for one in processes] == [0, 0, 0], [err for _, err in outputs]
    assert sorted(b"".join(out for out, _ in outputs).decode().split()) == ALL_STEPS
