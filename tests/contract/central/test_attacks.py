"""Nobody changes what the ledger holds: every attack in SQL fails on both databases.

The attackers are the program itself (on SQLite its own connection, on PostgreSQL its own role) and the owner: on SQLite
a connection on which nobody set anything up, on PostgreSQL a superuser who stops every ordinary trigger. Must never
take a refusal's word for it: the rows are compared.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.attacks import in_data
from tests.contract.central.attacks import BALANCED, KEPT, content, fill, not_refused, row, write_entry
from tests.drivers import driver_of
from tests.postgresql.databases import Databases
from urs_desktop.central.schema import entries, lot_moves, postings
from urs_desktop.central.schema.guards import guards
from urs_desktop.database.engine import Database
from urs_desktop.database.guards import differences

Transaction = Callable[[], AbstractContextManager[sa.Connection]]
LARGE = 2**62


@pytest.fixture
def books(database: Database) -> Database:
    """A store with one row in each table that counts, opened as the program opens it."""
    with database.write() as connection:
        fill(connection)
    return database


@pytest.fixture(params=["program", "owner"])
def attacker(request: pytest.FixtureRequest, books: Database) -> Transaction:
    """What gives a transaction of the program's, or of an owner's who stops what he can."""
    if request.param == "program":
        return books.write
    if books.is_sqlite:
        return lambda: file_owner(books)
    server: Databases = request.getfixturevalue("postgresql")
    return lambda: server_owner(server, books)


@contextmanager
def file_owner(database: Database) -> Iterator[sa.Connection]:
    driver = driver_of(database)
    driver.set_authorizer(None)
    for pragma in ("recursive_triggers = OFF", "ignore_check_constraints = ON", "query_only = OFF"):
        driver.execute(f"PRAGMA {pragma}")
    with database.write() as connection:
        yield connection


@contextmanager
def server_owner(server: Databases, database: Database) -> Iterator[sa.Connection]:
    with server.as_superuser(database) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection


@pytest.fixture
def on_postgresql(books: Database) -> Database:
    """The same store where it is on PostgreSQL, for what only that has."""
    return pytest.skip("only PostgreSQL has this") if books.is_sqlite else books


@pytest.fixture
def on_sqlite(books: Database) -> Database:
    """The same store where it is on SQLite, for what only that has."""
    return books if books.is_sqlite else pytest.skip("only SQLite has this")


def stored(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return content(connection)


@pytest.mark.parametrize("table", KEPT, ids=str)
def test_no_row_of_any_table_changes(books: Database, attacker: Transaction, table: sa.Table) -> None:
    held = stored(books)
    with attacker() as connection:
        assert not_refused(connection, *in_data(table, books.engine.dialect)) == []
    assert stored(books) == held


def test_truncating_what_the_ledger_refers_to_takes_nothing_along(
    on_postgresql: Database, attacker: Transaction
) -> None:
    parents = ("vendors", "counters", "customer_records", "operators", "lots", "operations, vendors, operators")
    with attacker() as connection:
        assert not_refused(connection, *(f"TRUNCATE {parent} CASCADE" for parent in parents)) == []


def test_the_programs_connection_changes_nothing_that_holds_the_ledger(on_sqlite: Database) -> None:
    attacks = [
        *(f"DROP TABLE {table.name}" for table in KEPT),
        *(f"ALTER TABLE {table.name} RENAME TO more" for table in KEPT),
        *(f"DROP TRIGGER {name}" for name in ("entries_balanced", "entries_posted", "postings_open", "lot_moves_open")),
        "CREATE TEMP TABLE entries (entry_id, kind)",
        "CREATE TEMP TRIGGER more BEFORE INSERT ON postings BEGIN SELECT RAISE(IGNORE); END",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA writable_schema = ON",
        "ATTACH ':memory:' AS more",
    ]
    with on_sqlite.write() as connection:
        assert not_refused(connection, *attacks) == []
        assert differences(connection, guards("sqlite")) == []


@pytest.mark.parametrize(("kind", "amounts"), [("EARN", BALANCED), ("LATE", ()), ("UNLATE", ())])
def test_an_entry_that_balances_is_written(books: Database, kind: str, amounts: Sequence[tuple[str, int]]) -> None:
    with books.write() as connection, connection.begin_nested():
        write_entry(connection, kind, amounts)
    assert len(stored(books)["entries"]) == 2


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        ("EARN", [("points", 5)]),
        ("EARN", [("points", 5), ("points", -4)]),
        ("EARN", [("points", 5), ("money", -5)]),
        ("EARN", [*BALANCED, ("money", 1)]),
        ("EARN", [("points", LARGE)] * 4),
        ("EARN", []),
        ("SETTLE", []),
        ("LATE", BALANCED),
        ("UNLATE", [("points", 5)]),
    ],
)
def test_any_other_entry_is_refused(
    books: Database, attacker: Transaction, kind: str, amounts: Sequence[tuple[str, int]]
) -> None:
    held = stored(books)
    with pytest.raises(DBAPIError, match=r"sums to zero|has postings, but|overflow"), attacker() as connection:
        write_entry(connection, kind, amounts)
    assert stored(books) == held


def test_postings_without_their_entry_do_not_last(books: Database, attacker: Transaction) -> None:
    held = stored(books)
    for table in (postings, lot_moves):
        with pytest.raises(IntegrityError), attacker() as connection:
            connection.execute(sa.insert(table), row(table, entry_id=b"none"))
    assert stored(books) == held


LATE = [row(postings, n=n, amount=amount) for n, amount in ((8, 5), (9, -5))]


@pytest.mark.parametrize(
    ("table", "rows"), [(postings, LATE[:1]), (postings, LATE), (lot_moves, [row(lot_moves, lot_id=b"another")])]
)
@pytest.mark.parametrize("same_transaction", [True, False])
def test_nothing_joins_an_entry_that_is_closed(
    books: Database, attacker: Transaction, table: sa.Table, rows: list[dict[str, object]], same_transaction: bool
) -> None:
    def join() -> None:
        with attacker() as connection:
            if same_transaction:
                write_entry(connection, "EARN", BALANCED)
            entry_id = b"another" if same_transaction else b"entry_id"
            connection.execute(sa.insert(table), [{**each, "entry_id": entry_id} for each in rows])

    held = stored(books)
    with pytest.raises(IntegrityError, match="the entry is closed"):
        join()
    assert stored(books) == held


def test_an_entry_without_postings_does_not_take_the_place_of_another(on_sqlite: Database) -> None:
    attack = (
        "INSERT OR REPLACE INTO entries (rowid, entry_id, kind, points, created_at, seal)"
        " SELECT rowid, x'00', 'LATE', 1, 1, x'' FROM entries"
    )
    with file_owner(on_sqlite) as connection:
        assert not_refused(connection, attack) == []


def test_a_posting_not_closed_yet_cannot_be_replaced_either(on_sqlite: Database) -> None:
    def write() -> None:
        with file_owner(on_sqlite) as connection:
            connection.execute(sa.insert(postings), row(postings, entry_id=b"another", n=1, amount=5))
            again = sa.insert(postings).prefix_with("OR REPLACE")
            connection.execute(again, row(postings, entry_id=b"another", n=1, amount=4))

    with pytest.raises(IntegrityError, match="append-only"):
        write()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("table", [postings, lot_moves], ids=str)
def test_a_row_written_beside_another_transaction_does_not_join_its_entry(
    on_postgresql: Database, attacker: Transaction, table: sa.Table, before: bool
) -> None:
    def write() -> None:
        with attacker() as connection:
            if before:
                connection.execute(sa.insert(table), row(table, entry_id=b"another", **key))
            else:
                stored(on_postgresql)
            with on_postgresql.write() as other, other.begin_nested():
                write_entry(other, "EARN", BALANCED)
            if not before:
                connection.execute(sa.insert(table), row(table, entry_id=b"another", **key))

    key = {"n": 9, "amount": 5} if table is postings else {}
    held = stored(on_postgresql)
    with pytest.raises(IntegrityError, match="the entry is closed"):
        write()
    added = {name: len(rows) - len(held[name]) for name, rows in stored(on_postgresql).items()}
    assert {name: number for name, number in added.items() if number} == {"entries": 1, "postings": len(BALANCED)}


@pytest.mark.parametrize(
    ("shadow", "attack"),
    [
        ("entries", sa.insert(postings).values(row(postings, n=9, amount=5))),
        ("entries", sa.insert(lot_moves).values(row(lot_moves, lot_id=b"another"))),
        ("postings", sa.insert(entries).values(row(entries, entry_id=b"another"))),
    ],
)
def test_a_table_of_the_session_does_not_stand_for_the_ledgers(
    on_postgresql: Database, postgresql: Databases, shadow: str, attack: sa.Insert
) -> None:
    name = attack.table.name

    def write() -> None:
        with postgresql.as_superuser(on_postgresql) as connection:
            schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {shadow} (LIKE {shadow}) ON COMMIT DROP")
            if shadow == "postings":
                connection.execute(sa.insert(postings), row(postings, entry_id=b"another"))
            compiled = attack.compile(connection)
            qualified = str(compiled).replace(f"INTO {name} ", f"INTO {schema}.{name} ")
            connection.exec_driver_sql(qualified, compiled.params)

    held = stored(on_postgresql)
    with pytest.raises(IntegrityError, match=r"is closed|has postings, but"):
        write()
    assert stored(on_postgresql) == held


def test_one_statement_does_not_close_an_entry_and_add_to_it(on_postgresql: Database) -> None:
    columns = ", ".join(column.name for column in postings.columns)
    header = "INSERT INTO entries (entry_id, kind, points, created_at, seal) VALUES ('x', 'LATE', 1, 1, '') RETURNING 1"
    attack = (
        f"WITH header AS ({header}) INSERT INTO postings ({columns}) "
        "SELECT 'x', n, 'AVAIL', 'o', '', 'points', 5, '' FROM generate_series(1, 2) AS n, header"
    )
    with on_postgresql.write() as connection:
        assert not_refused(connection, attack) == []


def test_an_owner_who_takes_the_triggers_down_is_seen(on_postgresql: Database, postgresql: Databases) -> None:
    with postgresql.as_superuser(on_postgresql) as connection:
        assert differences(connection, guards("postgresql")) == []
        connection.exec_driver_sql("ALTER TABLE postings DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE postings SET amount = amount * 2")
        connection.exec_driver_sql("DROP TRIGGER entries_close ON entries")
        connection.exec_driver_sql("ALTER TABLE entries ENABLE REPLICA TRIGGER entries_append_only")
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION urs_entry_open() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER more BEFORE INSERT ON vendors FOR EACH ROW EXECUTE FUNCTION urs_entry_open()"
        )
    with on_postgresql.read() as connection:
        found = differences(connection, guards("postgresql"))
    of_postings = [f"postings_{name}" for name in ("append_only", "closed_here", "no_truncate", "open")]
    assert found == ["entries_append_only", "entries_close", "more", *of_postings, "urs_entry_open"]
