"""Changing what is stored behind the store's back, as somebody can who owns the machine.

The triggers are as they were afterwards, so that what is found is the change and not the way in.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa

from tests.drivers import driver_of
from tests.postgresql.databases import Databases
from urs_desktop.database.engine import Database

Tampering = Callable[[], AbstractContextManager[sa.Connection]]

_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
_ALWAYS = """
SELECT c.oid::regclass::text, quote_ident(t.tgname) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled = 'A' ORDER BY 1, 2
"""


@contextmanager
def file_owners(database: Database) -> Iterator[sa.Connection]:
    """Give a transaction on a SQLite database in memory in which everything may be changed."""
    driver = driver_of(database)
    driver.set_authorizer(None)
    driver.execute("PRAGMA foreign_keys = OFF")
    with database.write() as connection:
        triggers = connection.exec_driver_sql(_TRIGGERS).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield connection
        for _, statement in triggers:
            connection.exec_driver_sql(statement)


@contextmanager
def server_owners(server: Databases, database: Database) -> Iterator[sa.Connection]:
    """Give a transaction on a PostgreSQL database in which everything may be changed."""
    with server.as_superuser(database) as connection:
        triggers = connection.exec_driver_sql(_ALWAYS).all()
        for table, name in triggers:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        for table, name in triggers:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
