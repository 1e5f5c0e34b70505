"""A central store for each test, once on SQLite in memory and once on PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing
from typing import cast

import pytest

from tests.contract.central.busy import BusyStores
from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.tampering import Tampering, file_owners, server_owners
from tests.drivers import driver_of
from tests.postgresql.databases import Databases
from urs_desktop.central.schema import METADATA
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import guard


@pytest.fixture(scope="session")
def pristine() -> Iterator[Database]:
    """A database in memory with all tables and no rows, to be copied."""
    with closing(Database(sqlite_engine(None, guard=guard(METADATA)))) as made:
        empty_shop(made)
        yield made


@pytest.fixture(scope="session")
def empty_databases() -> list[Database]:
    """Databases in memory that no test uses any more."""
    return []


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, pristine: Database, empty_databases: list[Database]) -> Iterator[Database]:
    """A database of every kind the central store runs on, with all tables and no rows, as the program opens it."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql_database")
        return
    made = empty_databases.pop() if empty_databases else Database(sqlite_engine(None, guard=guard(METADATA)))
    driver_of(pristine).backup(driver_of(made))
    yield made
    made.close()  # with all that was done to its connection
    empty_databases.append(made)  # its engine has compiled the program's statements


@pytest.fixture
def shop(database: Database) -> Shop:
    """A central store with one medium vendor, its policy and a counter."""
    return open_shop(database)


@pytest.fixture(scope="session")
def busy_stores(request: pytest.FixtureRequest) -> Iterator[BusyStores]:
    """Stores in which everything has happened, of each kind one that is made once and copied."""
    with closing(BusyStores(lambda: cast("Databases", request.getfixturevalue("postgresql")))) as stores:
        yield stores


@pytest.fixture
def busy(database: Database, busy_stores: BusyStores) -> Shop:
    """A store in which everything has happened."""
    return busy_stores.copy_to(database)


@pytest.fixture
def tampering(request: pytest.FixtureRequest, database: Database) -> Tampering:
    """What gives a transaction of somebody who owns the machine: no right, trigger or reference holds it back."""
    if database.is_sqlite:
        return lambda: file_owners(database)
    server: Databases = request.getfixturevalue("postgresql")
    return lambda: server_owners(server, database)
