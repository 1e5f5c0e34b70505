"""Bringing a database to the schema this program knows, with Alembic, in one transaction.

A newer schema is refused with a plain sentence, an older SQLite file is copied before it is touched. A script is named
like its revision, and they are numbered in their order. Must never leave a database half upgraded.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from urs_desktop.database.engine import Database
from urs_desktop.later import later

if TYPE_CHECKING:
    from alembic import migration, operations, script
else:
    migration, operations, script = (later(f"alembic.{name}") for name in ("migration", "operations", "script"))


class SchemaError(Exception):
    """The database's schema is not one this program can bring up to date; `str` is one sentence."""


def upgrade(database: Database, scripts: Path, file: Path | None = None) -> None:
    """Bring the database to the newest revision under `scripts`.

    `file` is the SQLite file behind it, copied to `<name>.before-<revision>` before an upgrade. Raises SchemaError for
    a schema newer than this program, and what Database.change_schema raises.
    """
    if _is_newest(database, scripts):
        return
    directory = script.ScriptDirectory(str(scripts))
    with database.read() as connection:
        current = _upgradable(connection, directory)
    head = directory.get_current_head()
    if current == head:
        return
    if current is not None and file is not None:
        _copy(database, file.with_name(f"{file.name}.before-{head}"))
    with database.change_schema() as connection:
        _run(connection, directory)


def _is_newest(database: Database, scripts: Path) -> bool:
    """Return whether there is nothing to do, without Alembic, which costs as much of a start as the whole screen."""
    newest = max((each.stem for each in scripts.joinpath("versions").glob("[0-9]*.py")), default="")
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [newest]


def upgrade_within(connection: sa.Connection, scripts: Path) -> None:
    """Bring the database to the newest revision in a transaction that Database.change_schema has opened.

    Raises SchemaError for a schema newer than this program.
    """
    _run(connection, script.ScriptDirectory(str(scripts)))


def check_known(database: Database, scripts: Path) -> None:
    """Raise SchemaError if a database is at a schema newer than this program; changes nothing."""
    with database.read() as connection:
        _upgradable(connection, script.ScriptDirectory(str(scripts)))


def _copy(database: Database, target: Path) -> None:
    """Write a copy of a SQLite database; an older copy is replaced."""
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    database.copy_to(fresh)
    fresh.replace(target)


def _upgradable(connection: sa.Connection, directory: "script.ScriptDirectory") -> str | None:
    """Return the revision the database is at, None for an empty one; raises SchemaError for one not known."""
    current = migration.MigrationContext.configure(connection).get_current_revision()
    known = {each.revision for each in directory.walk_revisions()}
    if current is not None and current not in known:
        message = (
            f"The data was written by a newer version of this program (schema {current}); "
            "nothing was changed. Install that version or a later one."
        )
        raise SchemaError(message)
    return current


def _run(connection: sa.Connection, directory: "script.ScriptDirectory") -> None:
    # Asked again: another program may have changed it while this one waited for its turn.
    if _upgradable(connection, directory) == directory.get_current_head():
        return

    def steps(revision: str, context: "migration.MigrationContext") -> object:
        del context
        return directory._upgrade_revs("head", revision)  # noqa: SLF001 - what alembic.command.upgrade itself calls

    options = {
        "fn": steps,
        "transactional_ddl": True,
        "transaction_per_migration": False,
        "on_version_apply": (_settle,),
    }
    context = migration.MigrationContext.configure(connection, opts=options)
    with operations.Operations.context(context):
        context.run_migrations()


def _settle(ctx: "migration.MigrationContext", **_: object) -> None:
    """Have PostgreSQL check after each step what waits for the commit: until then it lets nobody alter those tables."""
    if ctx.connection is not None and ctx.connection.dialect.name == "postgresql":
        ctx.connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        ctx.connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
