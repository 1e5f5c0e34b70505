"""Nobody changes what the counter has written: every attack in SQL on its encrypted file fails.

Through the store's own connection nothing can be changed that holds the rows either; whoever has the key can take the
triggers down, and is found out. Must never take a refusal's word for it: the rows are compared.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import attacks
from tests.builders import COUNTER_KEY, make_counter
from tests.drivers import driver_of
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore, open_store
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import REPEATS_IGNORED, append_only

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
KEY = bytes(range(32))
KEPT = append_only(schema.metadata)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    """A store with one row in every table that is only ever added to."""
    with store.database.write() as connection:
        for table in attacks.concerned(schema.metadata):
            connection.execute(sa.insert(table), attacks.row(table, {}))
    return store


@pytest.fixture(params=["program", "owner"])
def attacker(request: pytest.FixtureRequest, filled: SqlStore, tmp_path: Path) -> Transaction:
    """What gives a transaction on the store's own connection, or on one of somebody who has the key."""
    return filled.database.write if request.param == "program" else lambda: owner(tmp_path)


@contextmanager
def owner(folder: Path) -> Iterator[sa.Connection]:
    database = Database(sqlite_engine(folder / "counter.sqlite", KEY))
    driver = driver_of(database)
    for pragma in ("recursive_triggers", "foreign_keys"):
        driver.execute(f"PRAGMA {pragma} = OFF")
    with database.write() as connection:
        yield connection
    database.close()


@pytest.mark.parametrize("table", KEPT, ids=str)
def test_no_row_of_any_table_changes(attacker: Transaction, table: sa.Table) -> None:
    with attacker() as connection:
        tried = attacks.in_data(table, connection.dialect)
        through = attacks.not_refused(connection, schema.metadata, tried)
    ignored = [each for each in tried if each.startswith(("INSERT", "REPLACE")) and "DO UPDATE" not in each]
    if table.info.get(REPEATS_IGNORED):
        assert set(ignored) <= set(through)
        through = [each for each in through if not each.startswith("INSERT") and each not in ignored]
    assert through == []


def test_its_own_connection_changes_nothing_that_holds_the_rows(filled: SqlStore) -> None:
    tried = [
        *(f"DROP TABLE {table.name}" for table in KEPT),
        *(f"ALTER TABLE {table.name} RENAME TO more" for table in KEPT),
        *(f"DROP TRIGGER {table.name}_no_{what}" for table in KEPT for what in ("update", "delete", "replace")),
        "CREATE TEMP TABLE operations (seq, body)",
        "CREATE TEMP TRIGGER more BEFORE INSERT ON operations BEGIN SELECT RAISE(IGNORE); END",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA rekey = 'x'",
        "ATTACH 'more.sqlite' AS more",
        "UPDATE alembic_version SET version_num = '0000'",
    ]
    with filled.database.write() as connection:
        assert attacks.not_refused(connection, schema.metadata, tried) == []
    assert filled.check() == []


def test_triggers_taken_down_are_named(filled: SqlStore, tmp_path: Path) -> None:
    with owner(tmp_path) as connection:
        connection.exec_driver_sql("DROP TRIGGER sales_no_update")
        connection.exec_driver_sql("UPDATE sales SET total = 0")
        connection.exec_driver_sql("CREATE TRIGGER more BEFORE INSERT ON sales BEGIN SELECT RAISE(IGNORE); END")
    assert filled.check() == [
        f"The trigger {name} is not as this program made it." for name in ("more", "sales_no_update")
    ]


def test_a_body_written_past_all_triggers_is_named(store: SqlStore) -> None:
    counter = make_counter(store)
    counter.sell()
    raw = store.database.engine.raw_connection()
    driver: Any = raw.driver_connection
    with driver.open_blob("operations", "body", 1) as blob:
        blob.write(b"[")
    raw.close()
    assert store.check() == []
    assert "Operation 1 was changed: its hash does not fit its content." in verify(store, COUNTER_KEY.public_key)
