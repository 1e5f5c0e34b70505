"""The counter's store: every transaction sees one book of products, customers, sales, operations and leases.

Opens the encrypted file, brings its schema up to date and hands out transactions. Must never keep a book beyond its
transaction.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.ports import Book
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.catalogue import SqlCatalogue, SqlCustomers, SqlPolicies
from urs_desktop.counter.store.journal import SqlLeases, SqlOperations, SqlSales
from urs_desktop.counter.store.outcomes import SqlOutcomes
from urs_desktop.counter.store.refunds import SqlRefunds
from urs_desktop.counter.values import CounterState, Identity
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import differences, guard, sqlite_guards
from urs_desktop.database.migrations import upgrade
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.chain import genesis

_T = TypeVar("_T")
_FILE = "counter.sqlite"
_MIGRATIONS = Path(__file__).with_name("migrations")

_IDENTITY = select(*(column for column in schema.identity.c if column.name != "id"))
_NEW_IDENTITY = insert(schema.identity)
_PUT_IDENTITY = _NEW_IDENTITY.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _NEW_IDENTITY.excluded[name] for name in ("vendor_name", "category", "location", "central_url")},
)
_MOVE = sa.update(schema.identity).values(central_url=bindparam("url"))
_START_CHAIN = insert(schema.chain).on_conflict_do_nothing()
_GET = select(schema.settings.c.value).where(schema.settings.c.name == bindparam("name"))
_NEW_SETTING = insert(schema.settings)
_PUT = _NEW_SETTING.on_conflict_do_update(index_elements=["name"], set_={"value": _NEW_SETTING.excluded.value})


class SqlSettings:
    """The counter's own facts, as counter.ports.Settings."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection
        self._identity: Identity | None = None

    def identity(self) -> Identity | None:
        """Return who this counter is, or None before enrolment; read once in a transaction."""
        if self._identity is None:
            row = self._connection.execute(_IDENTITY).mappings().one_or_none()
            if row is None:
                return None
            self._identity = Identity(
                **{**row, "category": Category(row["category"]), "currency": currency(row["currency"])}
            )
        return self._identity

    def put_identity(self, identity: Identity) -> None:
        """Store who this counter is and start its chain; later calls update the vendor's particulars only."""
        fields = {name: getattr(identity, name) for name in Identity.__slots__}
        fields |= {"id": 1, "category": identity.category.value, "currency": identity.currency.code}
        self._connection.execute(_PUT_IDENTITY, fields)
        self._identity = None
        start = genesis(identity.device_id, identity.epoch, identity.nonce)
        self._connection.execute(
            _START_CHAIN,
            {
                "id": 1,
                "seq": 0,
                "head": start,
                "hlc": 0,
                "receipt": 0,
                "acknowledged": 0,
                "state": CounterState.OPEN.value,
            },
        )

    def move(self, central_url: str) -> None:
        """Note that the same central store answers at another address now."""
        self._connection.execute(_MOVE, {"url": central_url})
        self._identity = None

    def get(self, name: str) -> str | None:
        """Return a setting."""
        return self._connection.execute(_GET, {"name": name}).scalar_one_or_none()

    def put(self, name: str, value: str) -> None:
        """Store a setting."""
        self._connection.execute(_PUT, {"name": name, "value": value})


class SqlBook:
    """One transaction's view of everything the counter keeps, as counter.ports.Book."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self.catalogue = SqlCatalogue(connection)
        self.customers = SqlCustomers(connection)
        self.policies = SqlPolicies(connection)
        self.sales = SqlSales(connection)
        self.refunds = SqlRefunds(connection)
        self.operations = SqlOperations(connection)
        self.outcomes = SqlOutcomes(connection)
        self.leases = SqlLeases(connection)
        self.settings = SqlSettings(connection)


class SqlStore:
    """The counter's store on SQLite, as counter.ports.Store."""

    def __init__(self, database: Database) -> None:
        """Take a database that has the counter's tables."""
        self.database = database

    def write(self, work: Callable[[Book], _T]) -> _T:
        """Do `work` in the writing transaction: on disk when this returns, or nothing of it is kept."""
        with self.database.write() as connection:
            return work(SqlBook(connection))

    def read(self, work: Callable[[Book], _T]) -> _T:
        """Do `work` in a reading transaction."""
        with self.database.read() as connection:
            return work(SqlBook(connection))

    def check(self) -> list[str]:
        """Return what is wrong with the file itself and what guards its tables, a sentence each; none if sound."""
        with self.database.read() as connection:
            found = [
                finding
                for question in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check")
                for finding in connection.exec_driver_sql(question).scalars()
            ]
            altered = differences(connection, [*schema.SEARCH_TRIGGERS, *sqlite_guards(schema.metadata)])
        return [
            *(f"The file is damaged: {finding}." for finding in found if finding != "ok"),
            *(f"The trigger {name} is not as this program made it." for name in altered),
        ]

    def close(self) -> None:
        """Close all connections."""
        self.database.close()


def open_store(folder: Path, key: bytes) -> SqlStore:
    """Open, or make, the store in a data folder with its 32-byte key and bring its schema up to date.

    Raises DatabaseFileError for a wrong key or damaged file, SchemaError for a schema newer than this program.
    """
    file = folder / _FILE
    database = Database(sqlite_engine(file, key, guard(schema.metadata)))
    upgrade(database, _MIGRATIONS, file)
    return SqlStore(database)


def store_in_memory() -> SqlStore:
    """Return an empty store in memory, for tests and simulations."""
    database = Database(sqlite_engine(None, guard=guard(schema.metadata)))
    with database.change_schema() as connection:
        schema.create_all(connection)
    return SqlStore(database)
