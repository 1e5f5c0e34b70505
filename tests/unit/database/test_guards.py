"""Append-only tables on SQLite: no way SQL knows changes a row, through whatever connection.

Through the program's own connection nothing can be changed that holds the rows either. Must never try an attack without
looking at the rows afterwards: a refusal that comes too late is none.
"""

from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlcipher3 import dbapi2 as sqlcipher

from tests.unit.database.notes import IGNORED, IN_DATA, IN_SCHEMA, KEPT, KEY, ROWS, SEARCH, Site, metadata
from urs_desktop.database.columns import TEXT
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import differences, guard, sqlite_guards


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "notes.sqlite"
    database = Database(sqlite_engine(file, KEY))
    with database.change_schema() as connection:
        metadata.create_all(connection)
        for statement in (*SEARCH, *sqlite_guards(metadata), *ROWS.values()):
            connection.exec_driver_sql(statement)
    database.close()
    return Site(file)


@pytest.mark.parametrize("guarded", [True, False], ids=["own", "any"])
@pytest.mark.parametrize("attack", IN_DATA)
def test_no_row_changes(site: Site, attack: str, guarded: bool) -> None:
    before = site.content()
    connection = site.connection(guarded=guarded)
    with pytest.raises(sqlcipher.DatabaseError, match=r"append-only|not authorized"):
        connection.execute(attack).fetchall()
    connection.close()
    assert site.content() == before


@pytest.mark.parametrize("guarded", [True, False], ids=["own", "any"])
@pytest.mark.parametrize("statement", IGNORED)
def test_a_row_offered_again_is_passed_over(site: Site, statement: str, guarded: bool) -> None:
    before = site.content()
    connection = site.connection(guarded=guarded)
    connection.execute(statement)
    connection.execute("INSERT INTO parked VALUES (4, 'new')")
    connection.close()
    after = site.content()
    assert after["parked"] == [*before["parked"], (4, 4, "new")]


def test_of_many_rows_those_that_are_there_are_passed_over(site: Site) -> None:
    connection = site.connection(guarded=True)
    connection.execute("REPLACE INTO parked VALUES (2, 'new'), (3, 'x'), (4, 'new')")
    connection.close()
    assert [row[1:] for row in site.content()["parked"]] == [(2, "new"), (3, "why"), (4, "new")]


@pytest.mark.parametrize("attack", IN_SCHEMA)
def test_the_programs_own_connection_cannot_touch_what_holds_the_rows(site: Site, attack: str) -> None:
    before = site.content()
    connection = site.connection(guarded=True)
    with pytest.raises(
        sqlcipher.DatabaseError, match=r"not authorized|authorization denied|prohibited|may not be modified"
    ):
        connection.execute(attack).fetchall()
    with pytest.raises(sqlcipher.DatabaseError):
        connection.execute("REPLACE INTO notes VALUES (x'01', 5, 5, 'x')")
    connection.close()
    assert site.content() == before
    assert [each.name for each in site.file.parent.iterdir()] == [site.file.name]


def test_pragmas_in_one_transaction_open_no_door(site: Site) -> None:
    connection = site.connection(guarded=True)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA query_only = OFF")
    for attack in ("UPDATE notes SET text = 'x'", "PRAGMA recursive_triggers = OFF", "DROP TRIGGER notes_no_replace"):
        with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
            connection.execute(attack)
    with pytest.raises(sqlcipher.IntegrityError, match="notes is append-only"):
        connection.execute("REPLACE INTO notes VALUES (x'01', 5, 5, 'x')")
    connection.execute("INSERT INTO notes VALUES (x'09', 9, 9, 'new')")
    connection.execute("COMMIT")
    connection.close()
    assert [row[-1] for row in site.content()["notes"]] == ["one", "two", "three", "new"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notes SET text = 'x' WHERE id = x'99'",
        "DELETE FROM notes WHERE id = x'99'",
        "UPDATE sqlite_master SET sql = sql WHERE name = 'nothing'",
        "DELETE FROM sqlite_master WHERE name = 'nothing'",
    ],
)
def test_the_connection_refuses_before_any_trigger_and_what_it_took_before(site: Site, statement: str) -> None:
    connection = site.connection(guarded=False)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement)
    guard(metadata)(connection)
    with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
        connection.execute(statement)
    connection.close()


def test_views_triggers_and_names_of_a_session_lead_to_no_row(site: Site) -> None:
    before = site.content()
    connection = site.connection(guarded=False)
    for statement in (
        "CREATE TEMP VIEW seen AS SELECT * FROM notes",
        "CREATE TEMP TRIGGER by_view INSTEAD OF UPDATE ON seen BEGIN UPDATE notes SET text = NEW.text; END",
        "CREATE TEMP TRIGGER by_wallet AFTER UPDATE ON wallets BEGIN REPLACE INTO notes VALUES (x'01', 5, 5, 'x'); END",
        "CREATE TEMP TABLE pairs (a, b, text)",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA foreign_keys = OFF",
    ):
        connection.execute(statement)
    for attack in ("UPDATE seen SET text = 'x'", "UPDATE wallets SET points = 0", "UPDATE main.pairs SET text = 'x'"):
        with pytest.raises(sqlcipher.IntegrityError, match="append-only"):
            connection.execute(attack)
    connection.execute("UPDATE pairs SET text = 'x'")
    connection.close()
    assert site.content() == before


def test_a_renamed_table_takes_its_triggers_along(site: Site) -> None:
    connection = site.connection(guarded=False)
    connection.execute("ALTER TABLE notes RENAME TO old_notes")
    for attack in ("UPDATE old_notes SET text = 'x'", "REPLACE INTO old_notes VALUES (x'01', 5, 5, 'x')"):
        with pytest.raises(sqlcipher.IntegrityError, match="append-only"):
            connection.execute(attack)
    connection.close()


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_the_program_does_works(site: Site, in_memory: bool) -> None:
    database = Database(sqlite_engine(None if in_memory else site.file, None if in_memory else KEY, guard(metadata)))
    if in_memory:
        with database.change_schema() as connection:
            metadata.create_all(connection)
            for statement in (*SEARCH, *sqlite_guards(metadata), *ROWS.values()):
                connection.exec_driver_sql(statement)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES (x'09', 9, 9, 'new'), (x'0a', NULL, 9, 'as new')")
        connection.exec_driver_sql("INSERT INTO receipts (key) VALUES ('k9')")
        connection.exec_driver_sql("INSERT INTO wallets VALUES (1, 5) ON CONFLICT DO UPDATE SET points = points + 5")
        connection.exec_driver_sql("INSERT INTO search (rowid, text) VALUES (1, 'green mug')")
        with connection.begin_nested() as savepoint:
            connection.exec_driver_sql("DELETE FROM wallets")
            savepoint.rollback()
        assert connection.exec_driver_sql("SELECT rowid FROM search WHERE search MATCH 'mug'").all() == [(1,)]
        connection.exec_driver_sql("INSERT INTO search (search, rowid, text) VALUES ('delete', 1, 'green mug')")
    cipher = [] if in_memory else ["cipher_integrity_check"]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT points FROM wallets").scalar_one() == 105
        assert connection.exec_driver_sql("SELECT count(*), max(receipt) FROM notes, receipts").one() == (15, 9)
        assert sa.inspect(connection).has_table("notes")
        assert [column["name"] for column in sa.inspect(connection).get_columns("pairs")] == ["a", "b", "text"]
        for question in ("integrity_check", "foreign_key_check", "recursive_triggers", *cipher):
            assert connection.exec_driver_sql(f"PRAGMA {question}").scalar() in ("ok", None, 1)
    database.close()


def test_only_what_changes_the_schema_is_not_held(site: Site) -> None:
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.change_schema() as connection:
        connection.exec_driver_sql("CREATE TABLE later (x INTEGER)")
    for transaction in (database.write, database.read):
        with pytest.raises(sa.exc.DatabaseError, match="not authorized"), transaction() as connection:
            connection.exec_driver_sql("DROP TABLE later")
    database.close()


_BYTE = st.sampled_from(["x'01'", "x'02'", "x'03'", "x'04'", "'1'", "NULL"])
_SMALL = st.sampled_from(["1", "2", "'2'", "1.0", "3", "NULL", "-1"])
_VERBS = st.sampled_from(
    [f"INSERT OR {word}" for word in ("REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK")] + ["INSERT"]
)
_UPSERTS = st.sampled_from(["", "", " ON CONFLICT DO NOTHING", " ON CONFLICT DO UPDATE SET text = 'x', place = 7"])


@given(st.lists(st.tuples(_VERBS, _SMALL | st.none(), _BYTE, _SMALL, _SMALL, _UPSERTS), max_size=25))
def test_no_sequence_of_inserts_changes_a_row(steps: list[tuple[str, str | None, str, str, str, str]]) -> None:
    connection = sqlcipher.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA recursive_triggers = OFF")
    connection.execute(str(sa.schema.CreateTable(metadata.tables["notes"]).compile(dialect=sqlite.dialect())))
    for statement in sqlite_guards(metadata):
        if " notes" in statement:
            connection.execute(statement)
    known: list[tuple[object, ...]] = []
    for number, (verb, rowid, key, place, n, upsert) in enumerate(steps):
        columns, values = ("", "") if rowid is None else ("rowid, ", f"{rowid}, ")
        with suppress(sqlcipher.DatabaseError):
            row = f"{values}{key}, {place}, {n}, '{number}'"
            connection.execute(f"{verb} INTO notes ({columns}id, place, n, text) VALUES ({row}){upsert}")
        now = connection.execute("SELECT rowid, * FROM notes ORDER BY CAST(text AS INTEGER)").fetchall()
        assert now[: len(known)] == known
        known = now
    connection.close()


@pytest.mark.parametrize("part", [True, False], ids=["some rows", "an expression"])
def test_a_key_no_trigger_can_check_is_refused(part: bool) -> None:
    odd = sa.MetaData()
    table = sa.Table("odd", odd, sa.Column("text", TEXT), info=KEPT)
    if part:
        sa.Index("ux_odd", table.c.text, unique=True, sqlite_where=table.c.text != "")
    else:
        sa.Index("ux_odd", sa.func.lower(table.c.text), unique=True)
    with pytest.raises(ValueError, match="ux_odd is unique over"):
        sqlite_guards(odd)


def test_what_was_taken_down_or_put_up_is_named(site: Site) -> None:
    connection = site.connection(guarded=False)
    connection.execute("DROP TRIGGER notes_no_update")
    connection.execute("DROP TRIGGER pairs_no_replace")
    connection.execute("CREATE TRIGGER pairs_no_replace BEFORE INSERT ON pairs BEGIN SELECT 1; END")
    connection.execute("CREATE TRIGGER extra BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END")
    connection.close()
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.read() as reading:
        assert differences(reading, sqlite_guards(metadata)) == ["extra", "notes_no_update", "pairs_no_replace"]
    database.close()


def test_what_stands_as_it_was_made_is_not_named(site: Site) -> None:
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.read() as connection:
        assert differences(connection, sqlite_guards(metadata)) == []
    database.close()
