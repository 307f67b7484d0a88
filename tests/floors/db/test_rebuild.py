"""Altering a table loses nothing: on SQLite that means building the whole table anew.

A throw-away app is migrated here in three steps, with rows in between; the third step alters, adds and
removes columns.
"""

import importlib
import re
import sys
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError

from crowdcore.base.errors import Fault
from crowdcore.db import migrate as module
from crowdcore.db.config import tortoise_config
from crowdcore.db.migrate import migrate
from tests.conftest import ON_POSTGRES

on_sqlite = pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL alters tables in place")

MODELS = """
from tortoise import fields
from tortoise.models import Model

class House(Model):
    id = fields.UUIDField(primary_key=True)
    partner_id = fields.CharField(max_length=10)
    street = fields.CharField(max_length=20)
    number = fields.IntField()
    note = fields.CharField(max_length=20, null=True)
    class Meta:
        table = "house"
        unique_together = (("partner_id", "id"), ("partner_id", "street", "number"))
        indexes = (("street",),)

class Room(Model):
    id = fields.UUIDField(primary_key=True)
    partner_id = fields.CharField(max_length=10)
    house_id = fields.UUIDField()
    owner = fields.ForeignKeyField("throwaway.House", null=True, on_delete=fields.CASCADE)
    name = fields.CharField(max_length=20)
    state = fields.CharField(max_length=10)
    class Meta:
        table = "room"
        unique_together = (("partner_id", "id"),)
        indexes = (("partner_id", "state"),)

__models__ = [House, Room]
"""

HEAD = """
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from crowdcore.db.references import add_references, drop_references
"""

FIRST = """
class Migration(migrations.Migration):
    initial = True
    operations = [
        ops.CreateModel(
            name="House",
            fields=[
                ("id", fields.UUIDField(primary_key=True)),
                ("partner_id", fields.CharField(max_length=10)),
                ("street", fields.CharField(max_length=20)),
                ("number", fields.IntField()),
                ("note", fields.CharField(max_length=20, null=True)),
            ],
            options={"table": "house", "app": "throwaway", "pk_attr": "id", "indexes": [Index(fields=["street"])],
                     "unique_together": (("partner_id", "id"), ("partner_id", "street", "number"))},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Room",
            fields=[
                ("id", fields.UUIDField(primary_key=True)),
                ("partner_id", fields.CharField(max_length=10)),
                ("house_id", fields.UUIDField()),
                ("owner", fields.ForeignKeyField("throwaway.House", source_field="owner_id", null=True,
                          to_field="id", db_constraint=True, on_delete=OnDelete.CASCADE)),
                ("name", fields.CharField(max_length=20)),
                ("state", fields.CharField(max_length=10)),
            ],
            options={"table": "room", "app": "throwaway", "pk_attr": "id",
                     "indexes": [Index(fields=["partner_id", "state"])],
                     "unique_together": (("partner_id", "id"),)},
            bases=["Model"],
        ),
    ]
"""

SECOND = """
async def refer(apps, editor):
    await add_references(editor, [("room", "house_id", "house")])
    await editor.client.execute_query(
        "CREATE UNIQUE INDEX one_live_room ON room (partner_id, name) WHERE state = 'live'")

class Migration(migrations.Migration):
    dependencies = [("throwaway", "0001_first")]
    operations = [ops.RunPython(refer, ops.RunPython.noop)]
"""

THIRD = """
class Migration(migrations.Migration):
    dependencies = [("throwaway", "0002_second")]
    operations = [
        ops.AlterField(model_name="House", name="street", field=fields.CharField(max_length=200)),
        ops.AlterField(model_name="Room", name="name", field=fields.CharField(max_length=200)),
        ops.AddField(model_name="House", name="floors", field=fields.IntField(default=1, db_default=1)),
        ops.RemoveField(model_name="House", name="note"),
        ops.AlterField(model_name="Room", name="state", field=fields.CharField(max_length=30)),
    ]
"""

HOUSE, ROOM, OTHER, VILLA = (UUID(int=n) for n in range(1, 5))


class Throwaway:
    """The app, which gets one migration after the other."""

    def __init__(self, folder, settings, monkeypatch):
        self.settings, self.package = settings, folder / "throwaway"
        (self.package / "migrations").mkdir(parents=True)
        (self.package / "__init__.py").touch()
        (self.package / "migrations/__init__.py").touch()
        (self.package / "models.py").write_text(MODELS)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(module, "tortoise_config", self.config)

    def config(self, settings):
        app = {
            "models": ["throwaway.models"],
            "default_connection": "default",
            "migrations": "throwaway.migrations",
        }
        return {**tortoise_config(settings), "apps": {"throwaway": app}}

    def add(self, name: str, text: str) -> None:
        (self.package / f"migrations/{name}.py").write_text(HEAD + text)
        importlib.invalidate_caches()

    @asynccontextmanager
    async def opened(self):
        self.settings.var_dir.mkdir(exist_ok=True)
        async with TortoiseContext() as context:
            await context.init(config=self.config(self.settings))
            yield context

    async def migrate(self) -> None:
        async with self.opened() as context:
            await migrate(context, self.settings)

    async def run(self, sql: str, *values) -> list[dict]:
        """Run one statement with ``$1`` placeholders (ids as text on SQLite)."""
        async with self.opened() as context:
            if not ON_POSTGRES:
                values = tuple(str(value) if isinstance(value, UUID) else value for value in values)
                sql = re.sub(r"\$(\d)", r"?\1", sql)
            return await context.db().execute_query_dict(sql, list(values))


ADD_HOUSE = "INSERT INTO house (id, partner_id, street, number) VALUES ($1, $2, $3, $4)"
ADD_ROOM = (
    f"INSERT INTO room (id, partner_id, house_id, owner_id, name, state) VALUES ($1, $2, $3, '{VILLA}', $4, 'live')"
)
"""A row under the villa goes when the villa goes: also when SQLite only drops the villa's table to alter it."""


@pytest.fixture
async def app(tmp_path, fresh, monkeypatch):
    """The app after two steps, with a house and a room in it."""
    made = Throwaway(tmp_path / "lib", fresh, monkeypatch)
    made.add("0001_first", FIRST)
    made.add("0002_second", SECOND)
    await made.migrate()
    await made.run(ADD_HOUSE, HOUSE, "a", "Bahnhofstrasse", 1)
    await made.run(ADD_HOUSE, VILLA, "a", "Seestrasse", 2)
    await made.run(ADD_ROOM, ROOM, "a", HOUSE, "kitchen")
    yield made
    for name in [one for one in sys.modules if one.partition(".")[0] == "throwaway"]:
        del sys.modules[name]


async def refuses(app: Throwaway, sql: str, *values) -> bool:
    try:
        await app.run(sql, *values)
    except IntegrityError:
        return True
    return False


async def laws(app: Throwaway) -> dict[str, bool]:
    """Return which laws of the two tables the database keeps by itself."""
    return {
        "a street number is taken once": await refuses(app, ADD_HOUSE, OTHER, "a", "Bahnhofstrasse", 1),
        "a room is of a house": await refuses(app, ADD_ROOM, OTHER, "a", OTHER, "hall"),
        "a room is of its partner's house": await refuses(app, ADD_ROOM, OTHER, "b", HOUSE, "hall"),
        "a live name is taken once": await refuses(app, ADD_ROOM, OTHER, "a", HOUSE, "kitchen"),
        "a house with rooms stays": await refuses(app, "DELETE FROM house WHERE id = $1", HOUSE),
        "a room stays in its house": await refuses(app, "UPDATE room SET house_id = $1 WHERE id = $2", OTHER, ROOM),
    }


async def indexes(app: Throwaway) -> set[tuple[str, ...]]:
    """Return the columns of every index of the two tables."""
    async with app.opened() as context:
        run = context.db().execute_query_dict
        if ON_POSTGRES:
            rows = await run("SELECT indexdef FROM pg_indexes WHERE tablename IN ('house', 'room')")
            found = [re.search(r"\(([^)]*)\)", row["indexdef"])[1].split(", ") for row in rows]
            return {tuple(column.strip('"') for column in columns) for columns in found}
        found = set()
        for table in ("house", "room"):
            for index in await run(f'PRAGMA index_list("{table}")'):
                columns = await run(f'PRAGMA index_info("{index["name"]}")')
                found.add(tuple(column["name"] for column in columns))
        return found


async def test_the_database_keeps_the_laws_before_any_table_is_altered(app):
    assert await laws(app) == dict.fromkeys(await laws(app), True)


async def test_altering_tables_keeps_rows_children_indexes_keys_and_triggers(app):
    before = await indexes(app)
    app.add("0003_third", THIRD)
    await app.migrate()
    assert await app.run("SELECT street, number, floors FROM house ORDER BY number") == [
        {"street": "Bahnhofstrasse", "number": 1, "floors": 1},
        {"street": "Seestrasse", "number": 2, "floors": 1},
    ]
    assert await app.run("SELECT name, state FROM room") == [{"name": "kitchen", "state": "live"}]
    assert await indexes(app) == before
    assert await laws(app) == dict.fromkeys(await laws(app), True)


async def test_an_index_of_a_removed_column_goes_with_it(app):
    app.add(
        "0003_third",
        """
class Migration(migrations.Migration):
    dependencies = [("throwaway", "0002_second")]
    operations = [
        ops.RemoveIndex(model_name="House", fields=["street"]),
        ops.RemoveField(model_name="House", name="note"),
    ]
""",
    )
    await app.migrate()
    assert ("street",) not in await indexes(app)
    assert await app.run("SELECT COUNT(*) AS n FROM room") == [{"n": 1}]


BREAKING = """
async def orphan(apps, editor):
    await editor.client.execute_query("DROP TRIGGER fk_house_room_house_id_delete")
    await editor.client.execute_query("DELETE FROM house")

class Migration(migrations.Migration):
    dependencies = [("throwaway", "0002_second")]
    operations = [ops.RunPython(orphan, ops.RunPython.noop)]
"""


@on_sqlite
async def test_a_migration_that_leaves_orphans_is_a_fault(app):
    app.add("0003_third", BREAKING)
    with pytest.raises(Fault, match="refer to nothing"):
        await app.migrate()


@on_sqlite
async def test_foreign_keys_are_watched_again_after_a_migration_that_failed(app):
    app.add("0003_third", "raise RuntimeError\n")
    async with app.opened() as context:
        with pytest.raises(RuntimeError):
            await migrate(context, app.settings)
        assert await context.db().execute_query_dict("PRAGMA foreign_keys") == [{"foreign_keys": 1}]


async def test_a_step_that_fails_half_way_leaves_nothing_behind(app):
    app.add(
        "0003_third",
        THIRD.replace(
            "    operations = [",
            '    operations = [\n        ops.RunSQL("UPDATE house SET street = \'x\'", ""),',
        ).replace('name="note"', 'name="nothing"'),
    )
    with pytest.raises(Exception, match="nothing"):
        await app.migrate()
    assert await app.run("SELECT street, note FROM house WHERE number = 1") == [
        {"street": "Bahnhofstrasse", "note": None}
    ]
    assert await laws(app) == dict.fromkeys(await laws(app), True)


async def test_a_trigger_is_written_in_one_piece(app):
    """The ORM cuts SQL at every semicolon; a trigger has some inside."""
    if ON_POSTGRES:
        pytest.skip("PostgreSQL has no triggers of this form")
    app.add(
        "0003_third",
        """
SQL = '''
CREATE TABLE log (what TEXT DEFAULT 'a;b'); -- with ; inside
CREATE TRIGGER watch AFTER INSERT ON house BEGIN
    INSERT INTO log VALUES ('one'); INSERT INTO log VALUES ('two;');
END;
'''
class Migration(migrations.Migration):
    dependencies = [("throwaway", "0002_second")]
    operations = [ops.RunSQL(SQL, "DROP TRIGGER watch; DROP TABLE log;")]
""",
    )
    await app.migrate()
    await app.run(ADD_HOUSE, OTHER, "a", "Seestrasse", 3)
    assert await app.run("SELECT what FROM log") == [{"what": "one"}, {"what": "two;"}]
