"""Tables: nobody reads another partner's rows, and no row can point to one."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tortoise import fields
from tortoise.models import Model

from crowdcore.db import migrations
from crowdcore.db.config import MODEL_MODULES
from crowdcore.db.tables import PartnerOwned, ScopedManager
from tests.house.loaded import modules, subclasses

STEPS = sorted(path.stem for path in Path(migrations.__file__).parent.glob("0*.py"))
REFERENCES = tuple(
    reference
    for step in STEPS
    for reference in getattr(importlib.import_module(f"crowdcore.db.migrations.{step}"), "REFERENCES", ())
)

#: Tables that belong to the platform: table -> why no scope.
UNSCOPED = {
    "accounts_person": "the platform's: one person may stand with several partners",
    "outbox_event": "the worker reads the events of all partners; each row names its own",
    "outbox_delivery": "as outbox_event",
    "timer": "the worker reads the timers of all partners; each row names its own",
}

#: Tables nothing refers to: table -> why they need no key (partner_id, id).
NEVER_REFERRED_TO = {
    "audit_record": "a line is named by object and version",
    "idempotency_key": "a key is named by actor, route and key",
}

#: (table, column) -> why no reference in the database.
NO_REFERENCE = {
    ("accounts_account", "person_id"): "the person is the platform's; its table has no partner",
    ("crowd_friend", "person_id"): "the person is the platform's; its table has no partner",
    ("audit_record", "object_id"): "any kind of object; its history outlives it",
    ("audit_record", "actor_id"): "whoever acted then; the history outlives the account",
    ("jobs_job", "service_id"): "the catalogue is a file",
    ("jobs_job", "place_id"): "the gazetteer is a file",
    ("waiting_entry", "service_id"): "the catalogue is a file",
    ("exams_attempt", "exam_id"): "exams are files",
    ("exams_extra_attempt", "exam_id"): "exams are files",
    ("exams_answer", "question_id"): "exams are files",
    ("escalation_message", "message_id"): "the sender's own id",
}

#: (table, column) -> why it is unique across partners.
UNIQUE_EVERYWHERE = {
    ("accounts_challenge", "link_hash"): "hash of a random secret; a second one means a broken generator",
    ("accounts_session", "secret_hash"): "hash of a random secret; a second one means a broken generator",
    ("accounts_api_token", "secret_hash"): "hash of a random secret; a second one means a broken generator",
}


def tables() -> list[type[Model]]:
    return [model for model in subclasses(Model) if not model._meta.abstract]


def owned() -> list[type[PartnerOwned]]:
    return [model for model in tables() if issubclass(model, PartnerOwned)]


def _named(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: model._meta.db_table)


def breaches(model: type[Model]) -> Iterator[str]:
    meta, table = model._meta, model._meta.db_table
    if not isinstance(meta.manager, ScopedManager):
        yield "its manager is not scoped: a query returns all partners' rows"
    if ("partner_id", "id") not in meta.unique_together and table not in NEVER_REFERRED_TO:
        yield "has no key (partner_id, id) to refer to"
    for key in (*meta.unique_together, *(index.fields for index in meta.indexes if hasattr(index, "fields"))):
        if key[0] != "partner_id" and list(key) != ["at"]:
            yield f"the key {key} does not begin with partner_id"
    for name, column in meta.fields_map.items():
        if name in {"id", "partner_id"}:
            continue
        if column.unique and (table, name) not in UNIQUE_EVERYWHERE:
            yield f"{name} is unique across partners: one partner learns what another has"
        if isinstance(column, fields.UUIDField) or name.endswith("_id"):
            referred = any(child == table and of == name for child, of, _ in REFERENCES)
            if not referred and (table, name) not in NO_REFERENCE:
                yield f"{name} refers to something, but not in the database (REFERENCES of a migration)"


@_named(owned())
def test_a_partners_table_is_scoped_and_refers_safely(model):
    assert list(breaches(model)) == []


@_named([model for model in tables() if not issubclass(model, PartnerOwned)])
def test_a_table_without_a_partner_has_a_reason(model):
    assert model._meta.db_table in UNSCOPED


def test_each_exemption_is_about_a_column_that_is_there():
    columns = {(model._meta.db_table, name) for model in tables() for name in model._meta.fields_map}
    assert NO_REFERENCE.keys() | UNIQUE_EVERYWHERE.keys() <= columns
    assert UNSCOPED.keys() | NEVER_REFERRED_TO.keys() <= {table for table, _ in columns}
    assert not NO_REFERENCE.keys() & {(child, column) for child, column, _ in REFERENCES}


@pytest.mark.parametrize(("child", "column", "parent"), REFERENCES)
def test_a_reference_is_between_two_tables_of_partners(child, column, parent):
    known = {model._meta.db_table: model for model in owned()}
    assert column in known[child]._meta.fields_map
    assert ("partner_id", "id") in known[parent]._meta.unique_together
    assert isinstance(known[child]._meta.fields_map[column], fields.UUIDField)


def test_every_table_is_known_to_the_database_and_listed_in_its_module():
    for module in modules():
        own = [m for m in tables() if m.__module__ == module.__name__]
        if own:
            assert module.__name__ in MODEL_MODULES
            assert set(module.__models__) == set(own), module.__name__
    for name in MODEL_MODULES:
        assert importlib.import_module(name).__models__, name


def test_a_tables_name_begins_with_its_room():
    for model in tables():
        room = model.__module__.split(".")[1]
        assert room == "db" or re.match(rf"{room}_", model._meta.db_table), model._meta.db_table


class Right(PartnerOwned):
    exam = fields.CharField(max_length=10)

    class Meta:
        table = "house_right"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("partner_id", "exam"))


class WithoutManager(PartnerOwned):
    class Meta:
        table = "house_without_manager"
        unique_together = (("partner_id", "id"),)


class WithoutKey(PartnerOwned):
    class Meta:
        table = "house_without_key"
        manager = ScopedManager()


class PointingAnywhere(PartnerOwned):
    job_id = fields.UUIDField()
    author = fields.UUIDField(null=True)
    number = fields.CharField(max_length=10, unique=True)

    class Meta:
        table = "house_pointing_anywhere"
        manager = ScopedManager()
        unique_together = (("partner_id", "id"), ("job_id",))


@pytest.mark.parametrize(("model", "count"), [(Right, 0), (WithoutManager, 1), (WithoutKey, 1), (PointingAnywhere, 4)])
def test_the_law_notices(model, count):
    assert len(list(breaches(model))) == count
