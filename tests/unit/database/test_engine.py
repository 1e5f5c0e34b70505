"""Encrypted files: unreadable without the key, refused when damaged, durable, and one writer at a time.

Must never test encryption on a database in memory.
"""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as sqlcipher

from urs_desktop.database.columns import BYTES, INTEGER, TEXT
from urs_desktop.database.engine import Database, DatabaseFileError, sqlite_engine, trouble_of

KEY, OTHER_KEY = bytes(range(32)), b"k" * 32
MARKER = "MARKER-of-Maria-Lindqvist-4711"

metadata = sa.MetaData()
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", INTEGER, primary_key=True),
    sa.Column("text", TEXT, nullable=False),
    sa.Column("data", BYTES),
    sqlite_strict=True,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes.sqlite"


def opened(file: Path, key: bytes | None = KEY) -> Database:
    return Database(sqlite_engine(file, key))


def filled(file: Path, rows: int = 1) -> Database:
    """Return an open database with a table and some rows."""
    database = opened(file)
    with database.write() as connection:
        metadata.create_all(connection)
        connection.execute(sa.insert(notes), [{"id": n, "text": f"{MARKER} {n}"} for n in range(rows)])
    return database


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one()


def add(connection: sa.Connection, number: int, text: str = "x") -> None:
    connection.execute(sa.insert(notes), {"id": number, "text": text})


def test_what_is_written_is_nowhere_in_the_bytes(file: Path) -> None:
    database = filled(file, rows=500)
    files = sorted(file.parent.iterdir())
    assert [each.name for each in files] == ["notes.sqlite", "notes.sqlite-shm", "notes.sqlite-wal"]
    before = [each.read_bytes() for each in files]
    database.close()
    for data in [*before, file.read_bytes()]:
        assert MARKER.encode() not in data
        assert b"SQLite format 3" not in data
        assert b"CREATE TABLE" not in data


def test_plain_sqlite_cannot_open_it(file: Path) -> None:
    filled(file).close()
    connection = sqlite3.connect(file)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connection.execute("SELECT * FROM notes")
    connection.close()


@pytest.mark.parametrize("key", [OTHER_KEY, KEY[:-1] + b"\x00", None])
def test_another_key_is_refused_and_changes_nothing(file: Path, key: bytes | None) -> None:
    filled(file).close()
    before = file.read_bytes()
    database = opened(file, key)
    with pytest.raises(DatabaseFileError, match="cannot be opened"), database.read():
        pass
    with pytest.raises(DatabaseFileError, match="cannot be opened"), database.write():
        pass
    database.close()
    assert file.read_bytes() == before
    again = opened(file)
    assert count(again) == 1
    again.close()


@pytest.mark.parametrize("key", [b"", KEY[:31], KEY + b"x"])
def test_a_key_of_another_length_is_a_bug(file: Path, key: bytes) -> None:
    database = opened(file, key)
    with pytest.raises(ValueError, match="32 bytes"), database.read():
        pass
    database.close()


def test_a_place_that_is_no_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "folder.sqlite", tmp_path):
        database = opened(path)
        with pytest.raises(DatabaseFileError, match="cannot be opened"), database.read():
            pass
        database.close()


@pytest.mark.parametrize("place", [0, 20, 100, 4000, 4095])
def test_a_flipped_bit_in_the_first_page_is_refused_at_the_door(file: Path, place: int) -> None:
    filled(file, rows=200).close()
    flip(file, place)
    database = opened(file)
    with pytest.raises(DatabaseFileError, match="damaged"), database.read():
        pass
    database.close()


def test_a_flipped_bit_in_any_page_is_never_read_as_data(file: Path) -> None:
    filled(file, rows=200).close()
    for page in range(1, file.stat().st_size // 4096):
        flip(file, page * 4096 + 1000)
        database = opened(file)
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA cipher_integrity_check").all()
        with pytest.raises(DBAPIError) as caught:
            read_everything(database)
        trouble = trouble_of(caught.value)
        assert trouble is not None
        assert "damaged" in trouble
        database.close()
        flip(file, page * 4096 + 1000)


def test_a_bug_of_ours_is_not_blamed_on_the_machine(file: Path) -> None:
    database = filled(file)
    with pytest.raises(DBAPIError) as caught, database.write() as connection:
        add(connection, 0)
    assert trouble_of(caught.value) is None
    assert trouble_of(KeyError("x")) is None
    database.close()


def read_everything(database: Database) -> None:
    with database.read() as connection:
        connection.execute(sa.select(notes)).all()
        connection.exec_driver_sql("PRAGMA integrity_check").all()


def flip(file: Path, place: int) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("temp_store", 2),
        ("recursive_triggers", 1),
        ("cache_size", -65_536),
    ],
)
def test_every_connection_is_set_up(file: Path, pragma: str, value: object) -> None:
    database = filled(file)
    with database.write() as one, database.read() as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    database.close()


def test_an_exception_keeps_nothing(file: Path) -> None:
    database = filled(file)

    def fail() -> None:
        with database.write() as connection:
            add(connection, 100)
            raise KeyError("anything")

    with pytest.raises(KeyError):
        fail()
    assert count(database) == 1
    with database.write() as connection:
        add(connection, 100)
    assert count(database) == 2
    database.close()


def test_a_second_writer_waits_for_the_first(file: Path) -> None:
    database = filled(file)
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with database.write() as connection:
            order.append("second has the lock")
            add(connection, 2)

    thread = threading.Thread(target=second)
    with database.write() as connection:
        thread.start()
        begun.wait()
        add(connection, 1)
        order.append("first is about to commit")
    thread.join()
    assert order == ["first is about to commit", "second has the lock"]
    assert count(database) == 3
    database.close()


def test_no_increment_of_many_threads_is_lost(file: Path) -> None:
    database = filled(file)

    def work() -> None:
        for _ in range(25):
            with database.write() as connection:
                highest = connection.execute(sa.select(sa.func.max(notes.c.id))).scalar_one()
                add(connection, highest + 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 101
    database.close()


def test_a_reader_sees_one_state(file: Path) -> None:
    database = filled(file)
    with database.read() as reader:
        before = reader.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one()
        with database.write() as connection:
            add(connection, 7)
        assert reader.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one() == before
    assert count(database) == before + 1
    database.close()


@pytest.mark.parametrize("in_memory", [True, False])
def test_writing_in_a_reading_transaction_is_an_error(file: Path, in_memory: bool) -> None:
    database = Database(sqlite_engine(None)) if in_memory else opened(file)
    with database.write() as connection:
        metadata.create_all(connection)
    with pytest.raises(DBAPIError, match="readonly"), database.read() as connection:
        add(connection, 7)
    with database.write() as connection:
        add(connection, 7)
    assert count(database) == 1
    database.close()


def test_a_database_in_memory_serves_one_transaction_at_a_time() -> None:
    database = Database(sqlite_engine(None))
    with database.write() as connection:
        metadata.create_all(connection)

    def work(first: int) -> None:
        for number in range(first, first + 20):
            with database.write() as connection:
                add(connection, number)
            assert count(database) > 0

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 60
    database.close()


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_an_integer_no_column_holds_is_an_error_not_another_number(file: Path, value: int) -> None:
    database = filled(file)
    with pytest.raises((OverflowError, DBAPIError)), database.write() as connection:
        add(connection, value)
    assert count(database) == 1
    with database.write() as connection:
        add(connection, 2**63 - 1)
        connection.execute(sa.insert(notes), {"id": 5, "text": "x", "data": b"\x00\xff"})
    database.close()


def test_a_strict_table_takes_no_fraction_for_a_number(file: Path) -> None:
    database = filled(file)
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (id, text) VALUES (9, ?)", (b"\x01",))
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (id, text) VALUES (1.5, 'x')")
    database.close()


class TestSchemaChanges:
    """A change of the schema has a connection of its own, on which nothing is guarded and tables can be rebuilt."""

    @pytest.fixture(params=[True, False], ids=["in memory", "file"])
    def guarded(self, request: pytest.FixtureRequest, file: Path) -> Iterator[Database]:
        """A database whose ordinary connections may make and drop nothing."""
        database = Database(sqlite_engine(None if request.param else file, None if request.param else KEY, no_schema))
        with database.change_schema() as connection:
            connection.exec_driver_sql("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("CREATE TABLE children (parent INTEGER REFERENCES parents (id))")
            connection.exec_driver_sql("INSERT INTO parents VALUES (1)")
            connection.exec_driver_sql("INSERT INTO children VALUES (1)")
        yield database
        database.close()

    def names(self, database: Database) -> list[str]:
        with database.read() as connection:
            return list(connection.exec_driver_sql("SELECT name FROM sqlite_master ORDER BY name").scalars())

    def test_only_there(self, guarded: Database) -> None:
        for _ in range(2):
            for transaction in (guarded.write, guarded.read):
                with pytest.raises(DBAPIError, match="not authorized"), transaction() as connection:
                    connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
            with guarded.change_schema() as connection:
                connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
                connection.exec_driver_sql("DROP TABLE more")
        assert self.names(guarded) == ["children", "parents"]

    def test_a_table_others_refer_to_can_be_rebuilt(self, guarded: Database) -> None:
        with guarded.change_schema() as connection:
            connection.exec_driver_sql("CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT)")
            connection.exec_driver_sql("INSERT INTO fresh SELECT id, 'one' FROM parents")
            connection.exec_driver_sql("DROP TABLE parents")
            connection.exec_driver_sql("ALTER TABLE fresh RENAME TO parents")
        with guarded.read() as connection:
            assert connection.exec_driver_sql("SELECT * FROM parents JOIN children ON parent = id").all() == [
                (1, "one", 1)
            ]

    def test_a_row_that_refers_to_none_undoes_it_all(self, guarded: Database) -> None:
        def break_it() -> None:
            with guarded.change_schema() as connection:
                connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
                connection.exec_driver_sql("DELETE FROM parents")

        with pytest.raises(DatabaseFileError, match="A row of children would refer to a row of parents"):
            break_it()
        assert self.names(guarded) == ["children", "parents"]

    def test_references_are_kept_again_afterwards(self, guarded: Database) -> None:
        with pytest.raises(sa.exc.IntegrityError), guarded.write() as connection:
            connection.exec_driver_sql("INSERT INTO children VALUES (2)")

    def test_an_error_undoes_it_all(self, guarded: Database) -> None:
        def fail() -> None:
            with guarded.change_schema() as connection:
                connection.exec_driver_sql("DROP TABLE children")
                raise KeyError("anything")

        with pytest.raises(KeyError):
            fail()
        assert self.names(guarded) == ["children", "parents"]

    def test_a_guarded_database_can_be_copied(self, guarded: Database, tmp_path: Path) -> None:
        target = tmp_path / "copy.sqlite"
        guarded.copy_to(target)
        copy = Database(sqlite_engine(target, None if isinstance(guarded.engine.pool, StaticPool) else KEY))
        assert self.names(copy) == ["children", "parents"]
        copy.close()


def no_schema(connection: Any) -> None:  # noqa: ANN401 - sqlcipher3 ships no types
    """Let a connection make and drop no table."""
    denied = {sqlcipher.SQLITE_CREATE_TABLE, sqlcipher.SQLITE_DROP_TABLE}
    connection.set_authorizer(lambda action, *_: sqlcipher.SQLITE_DENY if action in denied else sqlcipher.SQLITE_OK)
