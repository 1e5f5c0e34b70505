"""A central store for each test: in memory now, on PostgreSQL beside it once that is a driver."""

from collections.abc import Iterator

import pytest

from tests.contract.central.shop import Shop, empty_shop, open_shop
from urs_desktop.database.engine import Database, sqlite_engine


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of every kind the central store runs on."""
    made = Database(sqlite_engine(None))
    yield made
    made.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """A central store with one medium vendor, its policy and a counter."""
    empty_shop(database)
    return open_shop(database)
