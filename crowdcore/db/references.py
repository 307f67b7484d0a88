"""Composite references: a row can only point to a row of its own partner.

The ORM knows no foreign key over two columns. PostgreSQL gets real constraints; SQLite, which cannot
add one to an existing table, gets triggers with the same effect.
"""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.migrations.schema_editor import BaseSchemaEditor

Reference = tuple[str, str, str]
"""(child table, child column, parent table); both sides also compare partner_id."""


async def add_references(editor: BaseSchemaEditor, references: Iterable[Reference]) -> None:
    """Make the database refuse rows that point to another partner's rows, or to nothing."""
    postgres = editor.DIALECT != "sqlite"
    for child, column, parent in references:
        for statement in _constraint(child, column, parent) if postgres else _triggers(child, column, parent):
            await editor.client.execute_query(statement)


async def drop_references(editor: BaseSchemaEditor, references: Iterable[Reference]) -> None:
    """Undo `add_references`."""
    for child, column, parent in references:
        if editor.DIALECT != "sqlite":
            await editor.client.execute_query(f'ALTER TABLE "{child}" DROP CONSTRAINT "fk_{child}_{column}"')
            continue
        for event in ("insert", "update"):
            await editor.client.execute_query(f'DROP TRIGGER "fk_{child}_{column}_{event}"')
        await editor.client.execute_query(f'DROP TRIGGER "fk_{parent}_{child}_{column}_delete"')


def _constraint(child: str, column: str, parent: str) -> list[str]:
    statement = (
        f'ALTER TABLE "{child}" ADD CONSTRAINT "fk_{child}_{column}" '
        f'FOREIGN KEY (partner_id, "{column}") REFERENCES "{parent}" (partner_id, id)'
    )
    return [statement]


def _triggers(child: str, column: str, parent: str) -> list[str]:
    missing = (
        f'WHEN NEW."{column}" IS NOT NULL AND NOT EXISTS '
        f'(SELECT 1 FROM "{parent}" WHERE id = NEW."{column}" AND partner_id = NEW.partner_id)'
    )
    needed = f'WHEN EXISTS (SELECT 1 FROM "{child}" WHERE "{column}" = OLD.id AND partner_id = OLD.partner_id)'
    refuse = f"BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed: {child}.{column}'); END"
    name = f"fk_{child}_{column}"
    return [
        f'CREATE TRIGGER "{name}_insert" BEFORE INSERT ON "{child}" {missing} {refuse}',
        f'CREATE TRIGGER "{name}_update" BEFORE UPDATE OF "{column}", partner_id ON "{child}" {missing} {refuse}',
        f'CREATE TRIGGER "fk_{parent}_{child}_{column}_delete" BEFORE DELETE ON "{parent}" {needed} {refuse}',
    ]
