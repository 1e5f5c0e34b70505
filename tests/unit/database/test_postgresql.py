"""Transactions on a PostgreSQL server: what they see, what they refuse, and what is said when the server fails.

Must never test what SQLite does: test_engine.py does.
"""

import threading
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.postgresql.databases import PASSWORD, Databases
from urs_desktop.database.columns import BYTES, INTEGER, TEXT, storable
from urs_desktop.database.engine import Database, postgresql_engine, reason_of, sqlite_engine, trouble_of

metadata = sa.MetaData()
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", INTEGER, primary_key=True),
    sa.Column("text", TEXT, nullable=False, unique=True),
    sa.Column("data", BYTES),
    sqlite_strict=True,
)
WORDS = ["Zebra", "apple", "\u00e4pfel", "Apple", "_", "10", "9", "\U0001f600", "\uffff"]


@pytest.fixture
def database(postgresql: Databases) -> Iterator[Database]:
    """A database of the administrator's with one table."""
    with postgresql.empty() as url:
        opened = Database(postgresql_engine(url))
        with opened.change_schema() as connection:
            metadata.create_all(connection)
        yield opened
        opened.close()


def add(connection: sa.Connection, number: int, text: str | None = None) -> None:
    connection.execute(sa.insert(notes), {"id": number, "text": text or str(number)})


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one()


def test_an_exception_keeps_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            add(connection, 1)
            raise KeyError("anything")

    with pytest.raises(KeyError):
        fail()
    assert count(database) == 0


def test_a_reader_sees_one_state(database: Database) -> None:
    with database.read() as reader:
        assert reader.execute(sa.select(notes)).all() == []
        with database.write() as connection:
            add(connection, 1)
        assert reader.execute(sa.select(notes)).all() == []
    assert count(database) == 1


def test_a_writer_sees_what_others_have_committed(database: Database) -> None:
    with database.write() as writer:
        assert writer.execute(sa.select(notes)).all() == []
        with database.write() as connection:
            add(connection, 1)
        assert len(writer.execute(sa.select(notes)).all()) == 1


def test_writing_in_a_reading_transaction_is_an_error(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only") as caught, database.read() as connection:
        add(connection, 1)
    assert trouble_of(caught.value) is None
    with database.write() as connection:
        add(connection, 1)
    assert count(database) == 1


def test_a_connection_keeps_nothing_of_the_transaction_before(database: Database) -> None:
    def state(connection: sa.Connection) -> tuple[str, str]:
        names = ("transaction_isolation", "transaction_read_only")
        isolation, read_only = (connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names)
        return isolation, read_only

    for _ in range(3):
        with database.write() as connection:
            assert state(connection) == ("read committed", "off")
        with database.read() as connection:
            assert state(connection) == ("repeatable read", "on")
        with database.change_schema() as connection:
            assert state(connection) == ("read committed", "off")


def test_who_hangs_in_a_transaction_holds_nobody_up_for_ever(database: Database) -> None:
    with database.read() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one() == "1min"


def test_sums_are_integers(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.insert(notes), [{"id": n, "text": str(n)} for n in (2**62, 2**62 + 1, -5)])
        total = connection.execute(sa.select(sa.func.sum(notes.c.id))).scalar_one()
        assert (type(total), total) == (int, 2**63 - 4)
        assert connection.execute(sa.select(sa.func.sum(notes.c.id)).where(notes.c.id == 0)).scalar() is None


@pytest.mark.parametrize("number", ["1.5", "0.10", "'NaN'::numeric", "'Infinity'::numeric"])
def test_a_fraction_is_no_number_of_ours(database: Database, number: str) -> None:
    with database.read() as connection, pytest.raises(ValueError, match="invalid literal"):
        connection.exec_driver_sql(f"SELECT {number}").scalar_one()


def test_text_has_the_same_order_on_both(database: Database) -> None:
    on_sqlite = Database(sqlite_engine(None))
    with on_sqlite.change_schema() as connection:
        metadata.create_all(connection)
    orders = []
    for each in (database, on_sqlite):
        with each.write() as connection:
            connection.execute(sa.insert(notes), [{"id": n, "text": text} for n, text in enumerate(WORDS)])
            orders.append(connection.execute(sa.select(notes.c.text).order_by(notes.c.text)).scalars().all())
            above = sa.select(sa.func.count()).select_from(notes).where(notes.c.text > "a")
            orders[-1] = [*orders[-1], str(connection.execute(above).scalar_one())]
    on_sqlite.close()
    assert orders[0] == orders[1] == [*sorted(WORDS, key=str.encode), "4"]
    with database.read() as connection:
        [column] = [c for c in sa.inspect(connection).get_columns("notes") if c["name"] == "text"]
        assert column["type"].collation == "C"  # type: ignore[attr-defined]


def test_a_text_no_server_can_hold_is_stored_all_the_same(database: Database) -> None:
    with database.write() as connection:
        add(connection, 1, "a\x00b")
        assert connection.execute(sa.select(notes.c.text).where(notes.c.text == "a\x00b")).scalar_one() == "a\ufffdb"
    assert storable("a\x00b") == "a\ufffdb"
    assert storable("plain") == "plain"


def test_bytes_and_the_largest_integers(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.insert(notes), {"id": 2**63 - 1, "text": "x", "data": bytes(range(256))})
        assert connection.execute(sa.select(notes.c.id, notes.c.data)).one() == (2**63 - 1, bytes(range(256)))
    with pytest.raises(DBAPIError) as caught, database.write() as connection:
        add(connection, 2**63)
    assert trouble_of(caught.value) is None


def test_one_changes_the_schema_at_a_time(database: Database) -> None:
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with database.change_schema():
            order.append("second")

    thread = threading.Thread(target=second)
    with database.change_schema() as connection:
        thread.start()
        begun.wait()
        connection.exec_driver_sql("CREATE TABLE more (id bigint)")
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_connection_the_server_has_closed_is_replaced(database: Database, postgresql: Databases) -> None:
    assert count(database) == 0
    name = database.engine.url.database
    ended = postgresql.server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", values=(name,)
    )
    assert ended
    assert count(database) == 0


class TestTroubles:
    """The machine's faults are one sentence, ours are none."""

    def said(self, error: BaseException) -> str:
        sentence = trouble_of(error)
        assert sentence is not None
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return sentence

    @pytest.mark.parametrize("port", [1, 2])
    def test_no_server(self, port: int) -> None:
        database = Database(postgresql_engine(f"postgresql://user:geheim@127.0.0.1:{port}/urs"))
        with pytest.raises(DBAPIError) as caught, database.read():
            pass
        assert "did not answer" in self.said(caught.value)
        assert "geheim" not in self.said(caught.value)

    def test_a_wrong_password_and_a_database_that_is_not_there(self, database: Database) -> None:
        for changed in ({"password": "wrong"}, {"database": "nowhere"}):
            other = Database(postgresql_engine(database.engine.url.set(**changed)))  # type: ignore[arg-type]
            with pytest.raises(DBAPIError) as caught, other.read():
                pass
            assert "FATAL" in self.said(caught.value)
            assert PASSWORD not in self.said(caught.value)

    def test_two_that_wait_for_each_other(self, database: Database) -> None:
        with database.write() as connection:
            for number in (1, 2):
                add(connection, number)
        both = threading.Barrier(2)
        errors: list[DBAPIError] = []

        def change(first: int, second: int) -> None:
            try:
                with database.write() as connection:
                    connection.execute(sa.update(notes).where(notes.c.id == first).values(data=b""))
                    both.wait()
                    connection.execute(sa.update(notes).where(notes.c.id == second).values(data=b""))
            except DBAPIError as error:
                errors.append(error)

        threads = [threading.Thread(target=change, args=order) for order in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [error] = errors
        assert "same moment" in self.said(error)

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (psycopg.errors.DiskFull, "disk of the database server is full"),
            (psycopg.errors.TooManyConnections, "no more connections"),
            (psycopg.errors.OutOfMemory, "short of something"),
            (psycopg.errors.SerializationFailure, "same moment"),
            (psycopg.errors.AdminShutdown, "did not answer"),
            (psycopg.errors.QueryCanceled, "did not answer"),
            (psycopg.errors.IoError, "machine failed"),
            (psycopg.errors.DataCorrupted, "damaged"),
        ],
    )
    def test_the_servers_own_troubles(self, error: type[psycopg.Error], words: str) -> None:
        assert words in self.said(wrapped(error("it said so\nDETAIL: a row")))
        assert "DETAIL" not in self.said(wrapped(error("it said so\nDETAIL: a row")))

    @pytest.mark.parametrize(
        "error",
        [
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.UndefinedTable,
            psycopg.errors.NumericValueOutOfRange,
            psycopg.errors.CheckViolation,
            psycopg.errors.InFailedSqlTransaction,
            psycopg.errors.ReadOnlySqlTransaction,
            psycopg.errors.FeatureNotSupported,
        ],
    )
    def test_bugs(self, error: type[psycopg.Error]) -> None:
        assert trouble_of(wrapped(error("it said so"))) is None

    def test_no_row_is_repeated(self, database: Database) -> None:
        with database.write() as connection:
            add(connection, 1, "Maria Lindqvist")
        with pytest.raises(sa.exc.IntegrityError) as caught, database.write() as connection:
            add(connection, 2, "Maria Lindqvist")
        assert "Lindqvist" in str(caught.value.orig)
        assert "Lindqvist" not in reason_of(caught.value)
        assert "duplicate key" in reason_of(caught.value)


def wrapped(error: psycopg.Error) -> DBAPIError:
    """Return an error of the driver as SQLAlchemy raises it."""
    made = DBAPIError.instance(
        "SELECT 1", {}, error, psycopg.Error, dialect=postgresql_engine("postgresql://h/d").dialect
    )
    assert isinstance(made, DBAPIError)
    return made
