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
from urs_desktop.counter.store import schema, search, tallies
from urs_desktop.counter.store.analytics import SqlAnalytics
from urs_desktop.counter.store.catalogue import SqlCatalogue, SqlCustomers, SqlPolicies
from urs_desktop.counter.store.epochs import SqlEpochs
from urs_desktop.counter.store.held import SqlHeldSales
from urs_desktop.counter.store.journal import SqlLeases, SqlOperations, SqlSales
from urs_desktop.counter.store.outcomes import SqlOutcomes
from urs_desktop.counter.store.people import SqlPeople
from urs_desktop.counter.store.prints import SqlPrints
from urs_desktop.counter.store.refunds import SqlRefunds
from urs_desktop.counter.store.sentinel import Mark, Sentinel, contradicts, fence
from urs_desktop.counter.store.shifts import SqlShifts
from urs_desktop.counter.store.staff import SqlStaff
from urs_desktop.counter.values import CounterState, Identity
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import differences, guard, sqlite_guards
from urs_desktop.database.migrations import upgrade
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.chain import genesis

_T = TypeVar("_T")
FILE = "counter.sqlite"
"""The name of the database in the data folder."""

SENTINEL = "counter.sentinel"
"""The name of the file beside it that remembers where its chain stood."""

MIGRATIONS = Path(__file__).with_name("migrations")
"""The scripts that bring an older database up to date."""

_IDENTITY = select(*(column for column in schema.identity.c if column.name != "id"))
_NEW_IDENTITY = insert(schema.identity)
_PUT_IDENTITY = _NEW_IDENTITY.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _NEW_IDENTITY.excluded[name] for name in ("vendor_name", "category", "location", "central_url")},
)
_MOVE = sa.update(schema.identity).values(central_url=bindparam("url"))
_START_CHAIN = insert(schema.chain).on_conflict_do_nothing()
_FIRST_EPOCH = insert(schema.epochs)
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
        started = self._connection.execute(
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
        if started.rowcount:
            self._connection.execute(
                _FIRST_EPOCH, {"epoch": identity.epoch, "nonce": identity.nonce, "first_seq": 1, "began_at": 0}
            )

    def forget(self) -> None:
        """Note that another part of the book changed who this counter is in this transaction."""
        self._identity = None

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
        self.held = SqlHeldSales(connection)
        self.staff = SqlStaff(connection)
        self.prints = SqlPrints(connection)
        self.shifts = SqlShifts(connection)
        self.people = SqlPeople(connection)
        self.analytics = SqlAnalytics(connection)
        self.leases = SqlLeases(connection)
        self.settings = SqlSettings(connection)
        self.epochs = SqlEpochs(connection, self._forget)

    def _forget(self) -> None:
        self.operations.forget()
        self.settings.forget()

    def mark(self) -> Mark | None:
        """Return where the chain stands if this transaction moved it, else None."""
        identity = self.settings.identity() if self.operations.moved else None
        if identity is None:
            return None
        head = self.operations.head()
        return Mark(identity.device_id, identity.epoch, head.seq, head.head, head.receipt)


class SqlStore:
    """The counter's store on SQLite, as counter.ports.Store."""

    def __init__(self, database: Database, sentinel: Sentinel | None = None) -> None:
        """Take a database that has the counter's tables, and what remembers its chain outside of it."""
        self.database = database
        self._sentinel = sentinel

    def write(self, work: Callable[[Book], _T]) -> _T:
        """Do `work` in the writing transaction: on disk when this returns, or nothing of it is kept."""
        with self.database.write() as connection:
            book = SqlBook(connection)
            result = work(book)
            mark = book.mark()
        if mark is not None and self._sentinel is not None:
            self._sentinel.write(mark)
        return result

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
            altered = differences(connection, [*search.TRIGGERS, *tallies.TRIGGERS, *sqlite_guards(schema.metadata)])
        return [
            *(f"The file is damaged: {finding}." for finding in found if finding != "ok"),
            *(f"The trigger {name} is not as this program made it." for name in altered),
        ]

    def close(self) -> None:
        """Close all connections."""
        if self._sentinel is not None:
            self._sentinel.close()
        self.database.close()


def open_store(folder: Path, key: bytes) -> SqlStore:
    """Open, or make, the store in a data folder with its 32-byte key and bring its schema up to date.

    A chain that is not the one last seen here, because an older file was put back, fences the counter. Raises
    DatabaseFileError for a wrong key or damaged file, SchemaError for a schema newer than this program.
    """
    sentinel = Sentinel(folder / SENTINEL)
    seen = sentinel.read()  # before the database: another program may move both on in the meantime
    file = folder / FILE
    database = Database(sqlite_engine(file, key, guard(schema.metadata)))
    upgrade(database, MIGRATIONS, file)
    store = SqlStore(database, sentinel)
    fence_if_put_back(store, seen)
    return store


def fence_if_put_back(store: SqlStore, seen: Mark | None) -> None:
    """Fence the counter unless its chain is the one that was last seen here, or goes on from it."""
    if seen is not None and store.read(lambda book: contradicts(book, seen)):
        store.write(lambda book: fence(book, seen))


def store_in_memory() -> SqlStore:
    """Return an empty store in memory, for tests and simulations."""
    database = Database(sqlite_engine(None, guard=guard(schema.metadata)))
    with database.change_schema() as connection:
        schema.create_all(connection)
    return SqlStore(database)
