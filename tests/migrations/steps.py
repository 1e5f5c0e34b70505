"""Bringing a database to a schema it once had, and taking rows from one database to another."""

from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from urs_desktop.database.engine import Database


def upgrade_to(connection: sa.Connection, scripts: Path, revision: str) -> None:
    """Run the scripts up to one of them, in a transaction that Database.change_schema has opened."""
    directory = ScriptDirectory(str(scripts))
    options = {"fn": lambda current, _: directory._upgrade_revs(revision, current), "transactional_ddl": True}
    context = MigrationContext.configure(connection, opts={**options, "transaction_per_migration": False})
    with Operations.context(context):
        context.run_migrations()


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row to a database with the same tables, which are empty."""
    with source.read() as old, target.change_schema() as new:
        tables = sa.MetaData()
        tables.reflect(new)
        for table in tables.sorted_tables:
            rows = [dict(row) for row in old.execute(sa.select(table)).mappings()]
            if rows and table.name != "alembic_version":
                new.execute(sa.insert(table), rows)


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table and view, sorted."""
    with database.read() as connection:
        looked = sa.inspect(connection)
        names = sorted([*looked.get_table_names(), *looked.get_view_names()])
        found = {}
        for name in names:
            columns = ", ".join(f'"{column["name"]}"' for column in looked.get_columns(name))
            rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{name}"')
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found
