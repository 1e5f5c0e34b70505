"""Bringing a database to the schema this program knows, with Alembic, in one transaction.

A newer schema is refused with a plain sentence, an older SQLite file is copied before it is touched. Must never leave a
database half upgraded.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from urs_desktop.database.engine import Database


class SchemaError(Exception):
    """The database's schema is not one this program can bring up to date; `str` is one sentence."""


def upgrade(database: Database, scripts: Path, file: Path | None = None) -> None:
    """Bring the database to the newest revision under `scripts`.

    `file` is the SQLite file behind it, copied to `<name>.before-<revision>` before an upgrade. Raises SchemaError for
    a schema newer than this program.
    """
    directory = ScriptDirectory(str(scripts))
    head = directory.get_current_head()
    with database.read() as connection:
        current = _current(connection)
    if current == head:
        return
    known = {script.revision for script in directory.walk_revisions()}
    if current is not None and current not in known:
        message = (
            f"The data was written by a newer version of this program (schema {current}); "
            "nothing was changed. Install that version or a later one."
        )
        raise SchemaError(message)
    if current is not None and file is not None:
        _copy(database, file.with_name(f"{file.name}.before-{head}"))
    with database.write() as connection:
        _run(connection, directory)


def _copy(database: Database, target: Path) -> None:
    """Write a whole, consistent copy of a SQLite database, encrypted with the same key; an older copy is replaced."""
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    # Not copied as a file: what has been committed may still be in the write-ahead log. VACUUM INTO reads both, but
    # refuses to run inside a transaction, which SQLAlchemy's own connections always are in.
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(fresh),))
    finally:
        connection.close()
    fresh.replace(target)


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _run(connection: sa.Connection, directory: ScriptDirectory) -> None:
    def steps(revision: str, context: MigrationContext) -> object:
        del context
        return directory._upgrade_revs("head", revision)  # noqa: SLF001 - what alembic.command.upgrade itself calls

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transactional_ddl": True, "transaction_per_migration": False}
    )
    with Operations.context(context):
        context.run_migrations()
